"""Acts that crossed on the way: neither side had seen the other's when it spoke.

Which counts first is decided by the definition's priorities, on both sides alike; here it is only
said, so that a page can explain why an acceptance met an offer that was already withdrawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from passerelle.procedures.dossier import Dossier
    from passerelle.procedures.values import Act, Refusal

__all__ = ["Crossing", "crossings"]

_ABOUT_OFFERS: Final = frozenset(
    {
        "amend", "withdraw", "offer", "extend-offer", "withdraw-offer", "decline", "decline-all",
        "accept", "refuse-offer", "commit",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Crossing:
    """State that two acts crossed.

    Parameters
    ----------
    first, second
        In the order in which they count.
    refusal
        Why the second was refused; ``None`` when both stand.
    """

    first: Act
    second: Act
    refusal: Refusal | None


def crossings(dossier: Dossier) -> tuple[Crossing, ...]:
    """Return the acts about offers that crossed, in the order in which they count."""
    refusals = {one.act.id: one.refusal for one in dossier.refused}
    taken = [step.act for step in dossier.steps]
    acts = [*taken, *(one.act for one in dossier.refused)]
    mine = [act for act in acts if act.name in _ABOUT_OFFERS]
    found = []
    for place, first in enumerate(mine):
        for second in mine[place + 1 :]:
            crossed = first.index >= second.seen and second.index >= first.seen
            if first.side != second.side and crossed:
                found.append(Crossing(first, second, refusals.get(second.id)))
    return tuple(found)
