"""List what crews could do to fill what is missing: one move is a crew, a day and a new duty.

Only duties of the sites concerned are tried, and of them only those that neither begin nor end with
time in which nothing is missing, unless the shortest duty asks for it. Crews who may make a move are
those that rest that day, those that have lost their duty, and those that stand where more stand than
are wanted. Lines that may make the same moves on a day are one entry.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from passerelle.planning.roster.plan import Duty

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from passerelle.planning.repair.ground import Donors, Ground
    from passerelle.planning.repair.lines import CrewLine
    from passerelle.planning.repair.owed import Block
    from passerelle.planning.repair.rulebook import RuleBook
    from passerelle.planning.roster.engine.tables import Option

__all__ = ["Move", "Offered", "list_moves", "useful_duties"]

_DAY: Final = 1440
_TIMES: Final = 3


@dataclass(frozen=True, slots=True)
class Offered:
    """Hold a duty that could help, for crews of one class.

    Parameters
    ----------
    option
        The option that it is of.
    duty
        The duty, on site.
    start_min, end_min
        Door to door.
    blocks
        Indices of the blocks of need in which it helps.
    """

    option: Option
    duty: Duty
    start_min: int
    end_min: int
    blocks: tuple[int, ...]

    @property
    def day(self) -> int:
        """Local day of its start."""
        return self.start_min // _DAY


@dataclass(frozen=True, slots=True)
class Move:
    """Let crews of some lines take a duty on its day.

    Parameters
    ----------
    group
        Index of their group.
    offered
        The new duty; ``None`` when the present one is only given up.
    day
        Local day.
    lines
        Lines that may make it.
    leaves
        The duty that they give up; ``None`` when they have none that day.
    is_free
        Whether their published duty of the day is lost, so that they are told anyway.
    """

    group: int
    offered: Offered | None
    day: int
    lines: tuple[CrewLine, ...]
    leaves: Duty | None
    is_free: bool

    @property
    def crews(self) -> int:
        """How many crews may make it."""
        return sum(line.crews for line in self.lines)


def useful_duties(
    ground: Ground, blocks: Sequence[Block], now_min: int, *, trimmed: bool = True
) -> dict[int, list[Offered]]:
    """Return the duties that help somewhere, by class.

    Parameters
    ----------
    ground
        The sites concerned.
    blocks
        Where something is missing.
    now_min
        Duties begin later than this.
    trimmed
        Whether to leave out duties with idle time at their ends.
    """
    t = ground.tables
    step = ground.instance.step_min
    missing = np.zeros((len(t.minimum), t.n_steps + 1), dtype=np.int32)
    of_track: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for i, block in enumerate(blocks):
        missing[block.track, block.first + 1 : block.last + 1] = 1
        of_track[block.track].append((block.first, block.last, i))
    sums = missing.cumsum(axis=1)
    found: dict[int, list[Offered]] = defaultdict(list)
    for option in t.options:
        tracks = [
            track
            for track, coef in zip(option.tracks, option.coefs, strict=True)
            if coef > 0 and of_track.get(track)
        ]
        if not tracks:
            continue
        total = sums[tracks].sum(axis=0)
        for first, last in _spans(option, total, trimmed=trimmed):
            start = (first - option.ext) * step
            if start < now_min:
                continue
            helped = tuple(
                i for track in tracks for a, b, i in of_track[track] if first <= a and b <= last
            )
            if helped:
                duty = Duty(first * step, last * step, option.site, option.capability)
                found[option.cls].append(
                    Offered(option, duty, start, (last + option.ext) * step, helped)
                )
    return dict(found)


def _spans(option: Option, total: np.ndarray, *, trimmed: bool) -> Iterator[tuple[int, int]]:
    """Yield start and end steps of the duties of an option that meet something missing."""
    marks = option.marks
    for i, first in enumerate(marks):
        for j in range(i + 1, len(marks)):
            last = marks[j]
            size = last - first
            if size > option.most:
                break
            if size < option.least or total[last] == total[first]:
                continue
            if trimmed:
                idle_head = total[marks[i + 1]] == total[first]
                idle_tail = total[marks[j - 1]] == total[last]
                if idle_head and last - marks[i + 1] >= option.least:
                    continue
                if idle_tail and marks[j - 1] - first >= option.least:
                    continue
            yield first, last


def list_moves(  # noqa: PLR0917 - what moves depend on
    ground: Ground,
    book: RuleBook,
    lines: Sequence[CrewLine],
    duties: dict[int, list[Offered]],
    blocks: Sequence[Block],
    donors: Donors | None,
) -> list[Move]:
    """Return every move.

    Parameters
    ----------
    ground
        The sites concerned.
    book
        Rules of the groups.
    lines
        All lines.
    duties
        Duties that help, by class.
    blocks
        Where something is missing.
    donors
        Where crews can be spared; ``None`` to ask only those who rest or have lost their duty.
    """
    by_group: dict[int, list[CrewLine]] = defaultdict(list)
    for line in lines:
        if line.crews:
            by_group[line.group].append(line)
    found = []
    spared = set() if donors is None else _spared(ground, by_group, duties, blocks, donors)
    for group, mine in sorted(by_group.items()):
        wanted = duties.get(ground.class_of.get(group, -1))
        if not wanted or ground.instance.groups[group].locked:
            continue
        matrix = book.fits(group, mine, [(o.start_min, o.end_min) for o in wanted])
        for row_of, line in [item for item in enumerate(mine) if item[1].away]:
            for c, offered in enumerate(wanted):
                matrix[row_of, c] &= not line.is_away(offered.start_min, offered.end_min)
        by_day: dict[int, list[int]] = defaultdict(list)
        for c, offered in enumerate(wanted):
            by_day[offered.day].append(c)
        for day, candidates in by_day.items():
            alike: dict[tuple[bytes, Duty | None, bool], list[CrewLine]] = defaultdict(list)
            rows = matrix[:, candidates]
            for i in np.flatnonzero(rows.any(axis=1)).tolist():
                line = mine[i]
                present = line.duties.get(day)
                if present is not None and (
                    line.published.get(day) != present or (day, present) not in spared
                ):
                    continue
                key = (rows[i].tobytes(), present, day in line.lost)
                alike[key].append(line)
            for (bits, present, lost), members in alike.items():
                row = np.frombuffer(bits, dtype=np.bool_)
                found += [
                    Move(group, wanted[c], day, tuple(members), present, lost)
                    for c, is_lawful in zip(candidates, row, strict=True)
                    if is_lawful and wanted[c].duty != present
                ]
    return found


def _spared(
    ground: Ground,
    by_group: dict[int, list[CrewLine]],
    duties: dict[int, list[Offered]],
    blocks: Sequence[Block],
    donors: Donors,
) -> set[tuple[int, Duty]]:
    """Choose the published duties from which crews may come.

    Of the duties of one site, capability and day, the one with most crews to spare; of all of a day,
    those with most, until they hold three times what is missing.
    """
    days = {offered.day for found in duties.values() for offered in found}
    per_day = 1440 // ground.instance.step_min
    wanted: dict[int, int] = defaultdict(int)
    for block in blocks:
        day = block.first // per_day
        wanted[day] = max(wanted[day], block.short)
    best: dict[tuple[int, str, str], tuple[int, Duty]] = {}
    for group, lines in by_group.items():
        if ground.class_of.get(group, -1) not in duties:
            continue
        seen: set[Duty] = set()
        for line in lines:
            for day in days & line.duties.keys():
                duty = line.duties[day]
                if duty in seen or line.published.get(day) != duty:
                    continue
                seen.add(duty)
                spare = donors.spare(group, duty)
                key = (day, duty.site, duty.capability)
                if spare > best.get(key, (0, duty))[0]:
                    best[key] = (spare, duty)
    chosen: set[tuple[int, Duty]] = set()
    held: dict[int, int] = defaultdict(int)
    for (day, _, _), (spare, duty) in sorted(best.items(), key=lambda i: (-i[1][0], i[0])):
        most = max(wanted[day - 1], wanted[day], wanted[day + 1])
        if held[day] < _TIMES * most:
            held[day] += spare
            chosen.add((day, duty))
    return chosen
