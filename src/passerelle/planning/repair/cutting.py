"""Take crews away from a plan: groups of which only some are meant are split, duties under way end."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from passerelle.planning.repair.lines import CrewLine, door_day
from passerelle.planning.roster.locks import APART

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from passerelle.planning.repair.apply import Cut
    from passerelle.planning.repair.lines import Roll
    from passerelle.planning.roster.instance import Group, Instance
    from passerelle.planning.roster.plan import Duty

__all__ = ["cut_groups", "spans_without"]


def cut_groups(
    roll: Roll, cuts: Sequence[Cut], now_min: int
) -> tuple[tuple[Group, ...], list[CrewLine]]:
    """Split groups of which only some crews are cut, and give every line to its group.

    Parameters
    ----------
    roll
        The lines before the change.
    cuts
        Who is taken away.
    now_min
        The present; duties that have begun are finished.

    Returns
    -------
    tuple
        The groups after the change and the published lines, none lost yet; resting crews have a line
        without duties.
    """
    instance = roll.instance
    concerned = {cut.group for cut in cuts}
    codes = {group.code for group in instance.groups}
    groups: list[Group] = []
    lines: list[CrewLine] = []
    for group, known in zip(instance.groups, roll.of_group, strict=True):
        if group.code not in concerned:
            index = len(groups)
            groups.append(group)  # the same object: its lines are known to be lawful
            lines += [
                CrewLine(
                    index, line.crews, line.published, line.published,
                    source=line.source, row=line.row,
                )
                for line in known
            ]  # fmt: skip
            continue
        mine = [cut for cut in cuts if cut.group == group.code]
        worked: _Counted = [
            (line.crews, line.source.duties if line.source else ()) for line in known
        ]
        for code, part, cut_to, found in _parts(group, worked, mine, codes):
            windows = _with_begun(instance, group, cut_to, found, mine, now_min)
            if not found and code != group.code:
                continue
            index = len(groups)
            strength = sum(crews for crews, _ in found)
            groups.append(replace(group, code=code, windows=windows, strength=strength))
            for crews, duties in found:
                days = {door_day(instance, group, duty): duty for duty in duties}
                lines.append(CrewLine(index, crews, days, days, away=_away(mine, part)))
    return tuple(groups), lines


def _away(cuts: Sequence[Cut], part: int) -> tuple[tuple[int, int], ...]:
    """Return when a part of a group cannot work: the whole, or the part that a cut split off."""
    return tuple(
        (cut.start_min, cut.end_min)
        for number, cut in enumerate(cuts, 1)
        if cut.crews is None or number == part
    )


def _with_begun(  # noqa: PLR0917 - a group, its cuts and the present
    instance: Instance,
    group: Group,
    windows: _Windows,
    lines: _Counted,
    cuts: Sequence[Cut],
    now_min: int,
) -> _Windows:
    """Let duties that have begun and run into a cut be finished."""
    travel = instance.travel[group.base]
    for cut in cuts:
        ends = [
            duty.end_min + travel.get(duty.site, 0)
            for _, duties in lines
            for duty in duties
            if duty.start_min - travel.get(duty.site, 0) < min(now_min, cut.start_min)
        ]
        last = max(ends, default=0)
        if last > cut.start_min and any(a <= cut.start_min <= b for a, b in group.windows):
            grown = [(a, last) if b == cut.start_min else (a, b) for a, b in windows]
            windows = _joined(grown)
    return windows


def _joined(windows: Sequence[tuple[int, int]]) -> _Windows:
    found: list[tuple[int, int]] = []
    for a, b in sorted(windows):
        if found and a <= found[-1][1]:
            found[-1] = (found[-1][0], max(b, found[-1][1]))
        else:
            found.append((a, b))
    return tuple(found)


_Windows = tuple[tuple[int, int], ...]
_Counted = list[tuple[int, tuple["Duty", ...]]]


def _parts(
    group: Group, lines: _Counted, cuts: Iterable[Cut], codes: set[str]
) -> list[tuple[str, int, _Windows, _Counted]]:
    """Return code, number of the cut, windows and lines of each part of a group after its cuts.

    Codes of new parts are added to ``codes``.
    """
    parts: list[tuple[str, int, _Windows, _Counted]] = [(group.code, 0, group.windows, lines)]
    base = group.code.partition(APART)[0]
    for number, cut in enumerate(cuts, 1):
        if cut.crews is None:
            parts = [
                (code, part, spans_without(windows, cut.start_min, cut.end_min), found)
                for code, part, windows, found in parts
            ]
            continue
        code, part, windows, found = parts[0]
        taken, kept = _choose(found, cut)
        parts[0] = (code, part, windows, kept)
        away = spans_without(windows, cut.start_min, cut.end_min)
        new = next(c for n in count(1) if (c := f"{base}{APART}{n}") not in codes)
        codes.add(new)
        parts.append((new, number, away, taken))
    return parts


def _choose(lines: _Counted, cut: Cut) -> tuple[_Counted, _Counted]:
    """Choose the crews of a cut: the one of that number, or those with most or fewest duties."""

    def inside(duties: tuple[Duty, ...]) -> int:
        return sum(d.end_min > cut.start_min and d.start_min < cut.end_min for d in duties)

    order = list(range(len(lines)))
    if cut.crew:
        passed, hit = 0, 0
        for i, (crews, _) in enumerate(lines):
            if passed < cut.crew <= passed + crews:
                hit = i
            passed += crews
        order.remove(hit)
        order.insert(0, hit)
    else:
        sign = -1 if cut.prefers_busy else 1
        order.sort(key=lambda i: (sign * inside(lines[i][1]), i))
    left = cut.crews or 0
    taken: _Counted = []
    rest = dict(enumerate(lines))
    for i in order:
        crews, duties = lines[i]
        now = min(left, crews)
        if now:
            taken.append((now, duties))
            rest[i] = (crews - now, duties)
            left -= now
    return taken, [item for _, item in sorted(rest.items()) if item[0]]


def spans_without(windows: _Windows, start: int, end: int) -> _Windows:
    """Return spans of time less one, sorted."""
    found: list[tuple[int, int]] = []
    for a, b in windows:
        found += [(a, min(b, start)), (max(a, end), b)]
    return tuple((a, b) for a, b in sorted(found) if a < b)
