"""Where each step of the story can be seen on this node, and how the other node calls it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from passerelle.node.configuration import configuration
from passerelle.node.dossiers.models import Dossier
from passerelle.node.exchange import store
from passerelle.node.exercise.queries import exercise_instant
from passerelle.node.story.plot import plot

if TYPE_CHECKING:
    from collections.abc import Collection

    from passerelle.node.story.plot import Step

__all__ = ["Scene", "has_story", "other_node", "scenes"]

_SIDES: Final = {"fr": "ma", "ma": "fr"}


@dataclass(frozen=True, slots=True)
class Scene:
    """Show one step as it stands on this node.

    Parameters
    ----------
    step
        The step.
    is_played
        Whether its day has come and a dossier of it is here, where it has any.
    dossiers
        Its dossiers that are here.
    """

    step: Step
    is_played: bool
    dossiers: tuple[Dossier, ...]


def has_story() -> bool:
    """Tell whether this node plays the story of the demonstration."""
    settings = configuration()
    return settings.exercise.startswith("paris-2024:") and settings.node in _SIDES


def other_node() -> tuple[str, str]:
    """Return the name and the address of the other node of the story; empty when not known."""
    name = _SIDES.get(configuration().node, "")
    record = store.find_peer(name) if name else None
    card = None if record is None else record.trust.card
    return name, card.endpoints[0].rstrip("/") if card is not None and card.endpoints else ""


def scenes(procedures: Collection[str]) -> tuple[Scene, ...]:
    """Return every step with the dossiers of these procedures that are here: two queries."""
    now = exercise_instant()
    wanted = {case for step in plot() for _, case in step.cases}
    rows = Dossier.objects.select_related("corridor").filter(
        case__in=wanted, procedure__in=procedures
    )
    known = {row.case: row for row in rows}
    found = []
    for step in plot():
        here = tuple(known[case] for _, case in step.cases if case in known)
        has_come = now is not None and now.date() >= step.on
        found.append(Scene(step, has_come and bool(here or not step.cases), here))
    return tuple(found)
