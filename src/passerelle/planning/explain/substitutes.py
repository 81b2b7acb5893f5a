"""Rank who could take over a duty, with the reason why each is worse than the one before.

Crews are asked line by line: those who rest that day, those who stand where more stand than are
wanted, those who would leave a post short, and last those whom a rule blocks, with its name. A
substitute costs what the plan would lose (work, travel, cover at the post that is left); the crew that
is replaced is taken out first.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from passerelle.planning.explain.what_if import what_if
from passerelle.planning.roster.check import check_line

if TYPE_CHECKING:
    from passerelle.planning.repair import Published
    from passerelle.planning.roster.instance import Group
    from passerelle.planning.roster.plan import Duty

__all__ = ["Reason", "Substitute", "substitutes"]

_DAY = 1440


class Reason(StrEnum):
    """What stands in the way of a substitute, the best first."""

    RESTS = "rests"
    TRAVELS = "travels"
    SPARE = "spare"
    LEAVES_SHORT = "leaves-short"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Substitute:
    """Hold crews that could take a duty.

    Parameters
    ----------
    group
        Code of the group.
    crews
        Crews to which this applies.
    leaves
        The duty that they would leave that day; ``None`` when they rest.
    points
        What the plan loses, compared with the crew that works the duty now.
    reason
        Why they are no better.
    detail
        Minutes of travel, the post left short, or the rule that blocks them, in words.
    """

    group: str
    crews: int
    leaves: Duty | None
    points: float
    reason: Reason
    detail: str


def substitutes(
    published: Published, group: str, duty: Duty, *, most: int = 20
) -> tuple[Substitute, ...]:
    """Rank the substitutes for one crew of a group on a duty.

    Parameters
    ----------
    published
        The plan, made ready.
    group
        Code of the group whose crew works the duty now.
    duty
        The duty.
    most
        Most entries returned.

    Raises
    ------
    ValueError
        When no crew of the group works the duty.
    """
    lines: dict[str, dict[tuple[Duty, ...], int]] = {g.code: {} for g in published.instance.groups}
    for line in published.plan.lines:
        known = lines[line.group]
        known[line.duties] = known.get(line.duties, 0) + line.crews
    worked = next((line for line in lines.get(group, {}) if duty in line), None)
    if worked is None:
        raise ValueError(f"Expected a crew of {group!r} on the duty.")
    saved = what_if(published, group, worked, duty, None)
    found: list[Substitute] = []
    for own in published.instance.groups:
        if duty.capability not in own.capabilities or not own.strength:
            continue
        if own.sites is not None and duty.site not in own.sites:
            continue
        mine = dict(lines[own.code])
        idle = own.strength - sum(mine.values())
        if idle > 0:
            mine[()] = mine.get((), 0) + idle
        found += _of_group(published, own, mine, duty, saved.work)
    order = list(Reason)
    found.sort(key=lambda s: (s.reason is Reason.BLOCKED, s.points, order.index(s.reason), s.group))
    return tuple(_joined(found)[:most])


def _of_group(
    published: Published,
    group: Group,
    lines: dict[tuple[Duty, ...], int],
    duty: Duty,
    saved: float,
) -> list[Substitute]:
    """Return the substitutes of one group."""
    instance = published.instance
    travel = instance.travel[group.base].get(duty.site)
    if travel is None:
        return []
    day = (duty.start_min - travel) // _DAY
    found = []
    for line, crews in lines.items():
        if duty in line:
            continue
        leaves = next(
            (
                d
                for d in line
                if (d.start_min - instance.travel[group.base].get(d.site, 0)) // _DAY == day
            ),
            None,
        )
        new = tuple(sorted([*(d for d in line if d != leaves), duty]))
        broken = next(check_line(instance, group, new), None)
        if broken is not None:
            detail = f"{broken.rule}: expected {broken.expected}, found {broken.found}"
            found.append(Substitute(group.code, crews, leaves, 0.0, Reason.BLOCKED, detail))
            continue
        answer = what_if(published, group.code, line, leaves, duty)
        if answer.violations:
            first = answer.violations[0]
            detail = f"{first.rule}: expected {first.expected}, found {first.found}"
            found.append(Substitute(group.code, crews, leaves, 0.0, Reason.BLOCKED, detail))
            continue
        worse = [
            c for c in answer.covers if c.points > 0 and not c.track.startswith(f"{duty.site}/")
        ]
        points = answer.work + saved + sum(c.points for c in worse)
        reason, detail = Reason.RESTS, ""
        if worse:
            reason, detail = Reason.LEAVES_SHORT, worse[0].track
        elif leaves is not None:
            reason = Reason.SPARE
        elif travel:
            reason, detail = Reason.TRAVELS, f"{travel} min each way"
        found.append(Substitute(group.code, crews, leaves, round(points, 3), reason, detail))
    return found


def _joined(found: list[Substitute]) -> list[Substitute]:
    """Add up equal entries, the order kept."""
    joined: dict[tuple[object, ...], Substitute] = {}
    for item in found:
        key = (item.group, item.leaves, item.points, item.reason, item.detail)
        old = joined.get(key)
        crews = item.crews + (old.crews if old else 0)
        joined[key] = Substitute(
            item.group, crews, item.leaves, item.points, item.reason, item.detail
        )
    return list(joined.values())
