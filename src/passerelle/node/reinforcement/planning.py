"""Feed the planner: preview the forces computed from commitments, take them in as a new revision.

Nothing of the event is lost: the packed folder is copied, ``contingents.csv`` is written anew, rules of
arrangements are added to ``event.toml``, and the result passes the same checks as any import.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.events import domain as events
from passerelle.node.events.folders import unpack
from passerelle.node.events.models import EventRevision
from passerelle.node.events.queries import latest_revision, limits, planned
from passerelle.node.reinforcement.forces import committed_force, committed_of
from passerelle.planning.formats.event_folder.write import contingents_csv, rules_toml

if TYPE_CHECKING:
    from passerelle.kernel.clock import Clock
    from passerelle.node.accounts.actor import Actor
    from passerelle.node.events.models import Event
    from passerelle.node.planner import Planned
    from passerelle.node.reinforcement.forces import Committed, ForceParams
    from passerelle.planning.force import CrewGroup, Force

__all__ = ["Change", "ForceChange", "changes", "preview", "take_forces", "write_forces"]


_MOST_PREVIEWS: Final = 8
_PREVIEWS: Final[dict[object, tuple[list[Committed], Force, tuple[ForceChange, ...]]]] = {}
"""Previews by revision and folds; the folds are held so that their ids stay their own."""


class Change(StrEnum):
    """What happens to a group."""

    NEW = "new"
    GONE = "gone"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class ForceChange:
    """State what changes for one group.

    Parameters
    ----------
    change
        What happens.
    before, after
        The group; ``None`` on the side where it is not.
    fields
        What differs: ``crews``, ``dates``, ``sites``, ``languages``, ``certificates``, ``rules``.
    """

    change: Change
    before: CrewGroup | None
    after: CrewGroup | None
    fields: tuple[str, ...] = ()

    @property
    def group(self) -> CrewGroup:
        """The group as it will be, or as it was when it goes."""
        found = self.after or self.before
        assert found is not None
        return found


def preview(event: Event, params: ForceParams) -> tuple[Force, Force, tuple[ForceChange, ...]]:
    """Return the forces as they stand, as commitments make them, and what changes."""
    revision = latest_revision(event).pk
    now, committed = planned(revision), committed_of(event.code)
    if params.is_forecast:  # rests on the record of partners as well
        after = committed_force(now, committed, params)
        return now.force, after, changes(now.force, after)
    key = (revision, params, tuple((one.row.case, id(one.value)) for one in committed))
    if key not in _PREVIEWS:
        if len(_PREVIEWS) >= _MOST_PREVIEWS:
            _PREVIEWS.clear()
        after = committed_force(now, committed, params)
        _PREVIEWS[key] = (committed, after, changes(now.force, after))
    _, after, found = _PREVIEWS[key]
    return now.force, after, found


def changes(before: Force, after: Force) -> tuple[ForceChange, ...]:
    """List what changes from one force to another, by group."""
    old = {group.id: group for group in before.groups}
    new = {group.id: group for group in after.groups}
    found = []
    for code in sorted(old.keys() | new.keys()):
        one, other = old.get(code), new.get(code)
        if one is None:
            found.append(ForceChange(Change.NEW, None, other))
        elif other is None:
            found.append(ForceChange(Change.GONE, one, None))
        elif fields := _differing(one, other):
            found.append(ForceChange(Change.CHANGED, one, other, fields))
    return tuple(found)


def take_forces(event: Event, params: ForceParams, *, actor: Actor, clock: Clock) -> EventRevision:
    """Take the computed forces in as a new revision of the event, and compute its need.

    Raises
    ------
    RefusedError
        When the actor may not import, or nothing changes.
    InputError
        When the folder would not be sound; nothing is taken in.
    """
    actor.require(Action.IMPORT_EVENT)
    _, after, found = preview(event, params)
    if not found:
        raise RefusedError("Nothing changes: the forces stand as committed.", code="forces.same")
    newest = latest_revision(event)
    packed = EventRevision.objects.values_list("folder", flat=True).get(pk=newest.pk)
    with tempfile.TemporaryDirectory(prefix="passerelle-forces-") as place:
        folder = write_forces(Path(place), event.code, bytes(packed), planned(newest.pk), after)
        revision = events.import_event(folder, actor=actor, clock=clock)
    events.compute_need(revision, actor=actor, clock=clock)
    return revision


def write_forces(place: Path, name: str, packed: bytes, source: Planned, force: Force) -> Path:
    """Lay a packed event folder out below ``place`` with other contingents; return the folder."""
    _, files = unpack(packed, limits())
    folder = place / name
    folder.mkdir()
    for file, content in files.items():
        (folder / file).write_bytes(content)
    (folder / "contingents.csv").write_text(contingents_csv(force), "utf-8", newline="")
    _add_rules(folder / "event.toml", force, {rule.id for rule in source.force.rules})
    return folder


def _add_rules(path: Path, force: Force, known: set[str]) -> None:
    """Append the rules of arrangements that the folder does not have yet."""
    new = [rule for rule in force.rules if rule.id not in known and "+" not in rule.id]
    if new:
        text = path.read_text("utf-8") if path.exists() else ""
        more = "\n".join(rules_toml(rule) for rule in new)
        path.write_text(f"{text.rstrip()}\n\n{more}", "utf-8", newline="")


def _differing(one: CrewGroup, other: CrewGroup) -> tuple[str, ...]:
    pairs = {
        "crews": (one.crews, other.crews),
        "dates": (one.available, other.available),
        "sites": (one.allowed_site_ids, other.allowed_site_ids),
        "languages": (one.languages, other.languages),
        "certificates": (one.certificates, other.certificates),
        "rules": (one.rules_id, other.rules_id),
        "people": (one.source, other.source),
    }
    return tuple(name for name, (before, after) in pairs.items() if before != after)
