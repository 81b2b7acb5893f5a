"""Read the files of the second international nurse rostering competition and score a solution.

A problem is a scenario, a history and some week files, a solution one file a week. Scoring follows the
paper: four hard constraints are counted, seven soft ones are paid. A run that is still open on the last
day is not too short yet; what lies before the first day comes from the history.

References
----------
.. [1] S. Ceschia, N. Dang, P. De Causmaecker, S. Haspeslagh, A. Schaerf (2015), "Second international
   nurse rostering competition (INRC-II): problem description and rules", arXiv 1501.04177.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from passerelle.kernel.problems import InputError, Issue

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = [
    "DAYS", "Assignment", "Contract", "Costs", "History", "Nurse", "Scenario", "Week",
    "read_history", "read_scenario", "read_solution", "read_week", "score",
]  # fmt: skip

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_PAIR: Final = re.compile(r"\((\d+),(\d+)\)")
_OPTIMAL, _RUN_OF_SHIFT, _RUN, _WISH, _WEEKEND, _TOTAL = 30, 15, 30, 10, 30, 20

Range = tuple[int, int]


class Contract(NamedTuple):
    """Hold the soft limits of a contract: ranges of totals and runs, weekends, complete weekends."""

    total: Range
    work: Range
    rest: Range
    weekends: int
    complete: bool


class Nurse(NamedTuple):
    """Hold a nurse: contract and skills."""

    name: str
    contract: str
    skills: frozenset[str]


@dataclass(frozen=True, slots=True)
class Scenario:
    """Hold what all weeks share.

    Parameters
    ----------
    weeks
        Length of the horizon.
    shifts
        Range of runs of each shift type.
    banned
        Shift types that may not follow on the next day.
    contracts, nurses
        By name.
    """

    weeks: int
    shifts: dict[str, Range]
    banned: dict[str, frozenset[str]]
    contracts: dict[str, Contract]
    nurses: dict[str, Nurse]


class History(NamedTuple):
    """Hold what a nurse did before: assignments, weekends, last shift and open runs."""

    total: int
    weekends: int
    last: str
    same_shift: int
    work: int
    rest: int


@dataclass(frozen=True, slots=True)
class Week:
    """Hold a week.

    Parameters
    ----------
    need
        Least and best number by shift, skill and day.
    wishes
        Nurse, shift (or ``Any``) and day that she wants off.
    """

    need: dict[tuple[str, str, int], Range]
    wishes: tuple[tuple[str, str, int], ...]


class Assignment(NamedTuple):
    """Put a nurse on a shift with a skill on a day, counted from the first day of the horizon."""

    nurse: str
    day: int
    shift: str
    skill: str


@dataclass(frozen=True, slots=True)
class Costs:
    """Hold the score: hard violations and the cost of each soft constraint.

    Parameters
    ----------
    hard
        Violations of single assignment, least cover, succession and skill together.
    total, runs, rests, wishes, weekends, complete, optimal
        Costs in the order of the official validator.
    """

    hard: int
    total: int
    runs: int
    rests: int
    wishes: int
    weekends: int
    complete: int
    optimal: int

    @property
    def value(self) -> int:
        """Sum of all soft costs."""
        soft = (self.total, self.runs, self.rests, self.wishes, self.weekends)
        return sum(soft) + self.complete + self.optimal


class _Lines:
    """Walk over the lines of a file; every fault ends the reading with its line."""

    def __init__(self, path: Path) -> None:
        self.file = path.name
        self.rows = path.read_text(encoding="utf-8").splitlines()
        self.at = 0

    def fault(self, expected: str, found: str = "") -> InputError:
        """Make the error for the current line."""
        return InputError([Issue(self.file, self.at, "", "inrc2.line", expected, found)])

    def next(self, expected: str) -> list[str]:
        """Return the words of the next line that is not empty."""
        while self.at < len(self.rows):
            self.at += 1
            words = self.rows[self.at - 1].split()
            if words:
                return words
        raise self.fault(f"{expected} before the end of the file")

    def seek(self, word: str) -> list[str]:
        """Skip to the line that begins with a word."""
        while True:
            words = self.next(word)
            if words[0] == word:
                return words

    def numbers(self, words: Sequence[str]) -> list[int]:
        """Read whole numbers."""
        try:
            return [int(word) for word in words]
        except ValueError:
            raise self.fault("whole numbers", " ".join(words)) from None

    def count(self, words: Sequence[str]) -> int:
        """Read the number at the end of ``NAME = NUMBER``."""
        return self.numbers(words[-1:])[0]

    def ranges(self, words: Sequence[str]) -> list[Range]:
        """Read ``(least,most)`` pairs."""
        pairs = [_PAIR.fullmatch(word) for word in words]
        if not all(pairs):
            raise self.fault("pairs (least,most)", " ".join(words))
        return [(int(p[1]), int(p[2])) for p in pairs if p]

    def sized(self, words: list[str], least: int) -> list[str]:
        """Check the number of words."""
        if len(words) < least:
            raise self.fault(f"at least {least} words", " ".join(words))
        return words


def read_scenario(path: Path) -> Scenario:
    """Read a scenario file."""
    lines = _Lines(path)
    weeks = lines.count(lines.seek("WEEKS"))
    shifts: dict[str, Range] = {}
    for _ in range(lines.count(lines.seek("SHIFT_TYPES"))):
        words = lines.sized(lines.next("a shift type"), 2)
        shifts[words[0]] = lines.ranges(words[1:2])[0]
    lines.seek("FORBIDDEN_SHIFT_TYPES_SUCCESSIONS")
    banned = {}
    for _ in shifts:
        words = lines.sized(lines.next("a succession"), 2)
        banned[words[0]] = frozenset(words[2:])
    contracts = {}
    for _ in range(lines.count(lines.seek("CONTRACTS"))):
        words = lines.sized(lines.next("a contract"), 6)
        total, work, rest = lines.ranges(words[1:4])
        weekends, complete = lines.numbers(words[4:6])
        contracts[words[0]] = Contract(total, work, rest, weekends, bool(complete))
    nurses = {}
    for _ in range(lines.count(lines.seek("NURSES"))):
        words = lines.sized(lines.next("a nurse"), 4)
        if words[1] not in contracts:
            raise lines.fault("a contract defined above", words[1])
        nurses[words[0]] = Nurse(words[0], words[1], frozenset(words[3:]))
    return Scenario(weeks, shifts, banned, contracts, nurses)


def read_history(path: Path, scenario: Scenario) -> dict[str, History]:
    """Read a history file."""
    lines = _Lines(path)
    lines.seek("NURSE_HISTORY")
    found = {}
    for _ in scenario.nurses:
        words = lines.sized(lines.next("the history of a nurse"), 7)
        total, weekends = lines.numbers(words[1:3])
        found[words[0]] = History(total, weekends, words[3], *lines.numbers(words[4:7]))
    return found


def read_week(path: Path) -> Week:
    """Read a week file."""
    lines = _Lines(path)
    lines.seek("REQUIREMENTS")
    need: dict[tuple[str, str, int], Range] = {}
    wishes = []
    words = lines.next("requirements")
    while words[0] != "SHIFT_OFF_REQUESTS":
        shift, skill = lines.sized(words, 9)[:2]
        for day, pair in enumerate(lines.ranges(words[2:9])):
            need[shift, skill, day] = pair
        words = lines.next("SHIFT_OFF_REQUESTS")
    for _ in range(lines.count(words)):
        words = lines.sized(lines.next("a wish"), 3)
        wishes.append((words[0], words[1], DAYS.index(words[2])))
    return Week(need, tuple(wishes))


def read_solution(path: Path, scenario: Scenario, week: int) -> list[Assignment]:
    """Read the solution of one week; ``week`` counts from 0."""
    lines = _Lines(path)
    found = []
    for _ in range(lines.count(lines.seek("ASSIGNMENTS"))):
        nurse, day, shift, skill = lines.sized(lines.next("an assignment"), 4)[:4]
        if nurse not in scenario.nurses or day not in DAYS or shift not in scenario.shifts:
            raise lines.fault(
                "a nurse, a day and a shift of the scenario", f"{nurse} {day} {shift}"
            )
        found.append(Assignment(nurse, 7 * week + DAYS.index(day), shift, skill))
    return found


def score(
    scenario: Scenario,
    history: dict[str, History],
    weeks: Sequence[Week],
    solution: Sequence[Assignment],
) -> Costs:
    """Score a solution of the whole horizon.

    Parameters
    ----------
    scenario, history
        Of the problem.
    weeks
        One a week, in order.
    solution
        Assignments of all weeks.

    Returns
    -------
    Costs
        As the official validator counts.
    """
    days = 7 * len(weeks)
    rows: dict[str, list[str | None]] = {name: [None] * days for name in scenario.nurses}
    hard = 0
    staffed: dict[tuple[str, str, int], int] = {}
    for nurse, day, shift, skill in solution:
        hard += rows[nurse][day] is not None
        hard += skill not in scenario.nurses[nurse].skills
        rows[nurse][day] = shift
        staffed[shift, skill, day] = staffed.get((shift, skill, day), 0) + 1
    optimal = wishes = 0
    for number, week in enumerate(weeks):
        for (shift, skill, day), (least, best) in week.need.items():
            here = staffed.get((shift, skill, 7 * number + day), 0)
            hard += max(least - here, 0)
            optimal += _OPTIMAL * max(best - here, 0)
        for nurse, shift, day in week.wishes:
            worked = rows[nurse][7 * number + day]
            wishes += _WISH * (worked is not None and shift in ("Any", worked))
    totals = [0, 0, 0, 0, 0]
    for name, row in rows.items():
        contract = scenario.contracts[scenario.nurses[name].contract]
        hard += _successions(scenario, history[name].last, row)
        for k, cost in enumerate(_personal(scenario, contract, history[name], row)):
            totals[k] += cost
    total, runs, rests, weekends, complete = totals
    return Costs(hard, total, runs, rests, wishes, weekends, complete, optimal)


def _successions(scenario: Scenario, last: str, row: Sequence[str | None]) -> int:
    """Count banned successions, from the last shift of the history on."""
    before: str | None = last if last in scenario.banned else None
    count = 0
    for shift in row:
        count += before is not None and shift in scenario.banned[before]
        before = shift
    return count


def _personal(
    scenario: Scenario, contract: Contract, before: History, row: Sequence[str | None]
) -> tuple[int, int, int, int, int]:
    """Return the costs of totals, runs, rests, weekends and complete weekends of one nurse."""
    work = [shift is not None for shift in row]
    assigned = before.total + sum(work)
    total = _TOTAL * _outside(assigned, contract.total)
    runs = _RUN * _misfit(work, contract.work, before.work)
    for shift, limits in scenario.shifts.items():
        same = [worked == shift for worked in row]
        earlier = before.same_shift if before.last == shift else 0
        runs += _RUN_OF_SHIFT * _misfit(same, limits, earlier)
    rests = _RUN * _misfit([not worked for worked in work], contract.rest, before.rest)
    pairs = [(work[d], work[d + 1]) for d in range(5, len(work), 7)]
    weekends = before.weekends + sum(any(pair) for pair in pairs)
    over = _WEEKEND * max(weekends - contract.weekends, 0)
    broken = sum(any(pair) and not all(pair) for pair in pairs)
    return total, runs, rests, over, _WEEKEND * broken * contract.complete


def _outside(value: int, limits: Range) -> int:
    """Count the units outside a range."""
    return max(limits[0] - value, 0) + max(value - limits[1], 0)


def _misfit(marks: Sequence[bool], limits: Range, before: int) -> int:
    """Count the days by which runs are too short or too long; a run from before goes on."""
    least, most = limits
    cost = 0
    for start, length in _runs(marks):
        earlier = before if start == 0 else 0
        # Days before the first one were paid by the past.
        cost += max(earlier + length - most, 0) - max(earlier - most, 0)
        if start + length < len(marks):
            cost += max(least - earlier - length, 0)
    if before and not (marks and marks[0]):
        cost += max(least - before, 0)
    return cost


def _runs(marks: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield first day and length of every run of marks."""
    start = 0
    for day, mark in enumerate([*marks, False]):
        if not mark:
            if day > start:
                yield start, day - start
            start = day + 1
