"""Read the files of the second international nurse rostering competition.

A problem is a scenario, a history and some week files, a solution one file a week. A fault ends the reading
with the file, the line and what was expected there.

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
    from collections.abc import Collection, Sequence
    from pathlib import Path

__all__ = [
    "ANY", "DAYS", "NOTHING", "Assignment", "Contract", "History", "Nurse", "Range", "Scenario", "Week",
    "read_history", "read_scenario", "read_solution", "read_week",
]  # fmt: skip

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_PAIR: Final = re.compile(r"\((\d+),(\d+)\)")

ANY: Final = "Any"
"""What a wish says when it means every shift."""
NOTHING: Final = "None"
"""What a history says of a nurse who did not work on the last day."""

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
    name
        Of the instance; names its files.
    weeks
        Length of the horizon.
    skills
        In order.
    shifts
        Range of runs of each shift type.
    banned
        Shift types that may not follow on the next day.
    contracts, nurses
        By name.
    """

    name: str
    weeks: int
    skills: tuple[str, ...]
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
        found = [(int(p[1]), int(p[2])) for p in pairs if p]
        if any(least > most for least, most in found):
            raise self.fault("pairs (least,most) with least <= most", " ".join(words))
        return found

    def sized(self, words: list[str], least: int) -> list[str]:
        """Check the number of words."""
        if len(words) < least:
            raise self.fault(f"at least {least} words", " ".join(words))
        return words

    def known(self, word: str, names: Collection[str], what: str) -> str:
        """Check that a name was defined before."""
        if word not in names:
            raise self.fault(f"{what}: one of {', '.join(names)}", word)
        return word

    def fresh(self, word: str, names: Collection[str], what: str) -> str:
        """Check that a name is new."""
        if word in names:
            raise self.fault(f"{what} named once", word)
        return word


def _open(path: Path) -> _Lines:
    """Open a file; an absent one and one that is no text are refused."""
    try:
        return _Lines(path)
    except FileNotFoundError:
        raise _refused(path, f"the file {path.name}", "no such file") from None
    except UnicodeDecodeError:
        raise _refused(path, "text in UTF-8", "other bytes") from None


def _refused(path: Path, expected: str, found: str) -> InputError:
    return InputError([Issue(path.name, 0, "", "inrc2.file", expected, found)])


def read_scenario(path: Path) -> Scenario:
    """Read a scenario file."""
    lines = _open(path)
    name = lines.sized(lines.seek("SCENARIO"), 3)[2]
    weeks = lines.count(lines.seek("WEEKS"))
    skills = [lines.next("a skill")[0] for _ in range(lines.count(lines.seek("SKILLS")))]
    shifts: dict[str, Range] = {}
    for _ in range(lines.count(lines.seek("SHIFT_TYPES"))):
        words = lines.sized(lines.next("a shift type"), 2)
        shifts[lines.fresh(words[0], shifts, "a shift type")] = lines.ranges(words[1:2])[0]
    lines.seek("FORBIDDEN_SHIFT_TYPES_SUCCESSIONS")
    banned = dict.fromkeys(shifts, frozenset[str]())
    for _ in shifts:
        words = lines.sized(lines.next("a succession"), 2)
        followers = [lines.known(word, shifts, "a shift type") for word in words[2:]]
        if lines.numbers(words[1:2])[0] != len(followers):
            raise lines.fault(f"{words[1]} shift types after {words[0]}", " ".join(words[2:]))
        banned[lines.known(words[0], shifts, "a shift type")] = frozenset(followers)
    contracts = {}
    for _ in range(lines.count(lines.seek("CONTRACTS"))):
        words = lines.sized(lines.next("a contract"), 6)
        total, work, rest = lines.ranges(words[1:4])
        weekends, complete = lines.numbers(words[4:6])
        contracts[words[0]] = Contract(total, work, rest, weekends, bool(complete))
    nurses: dict[str, Nurse] = {}
    for _ in range(lines.count(lines.seek("NURSES"))):
        words = lines.sized(lines.next("a nurse"), 4)
        lines.known(words[1], contracts, "a contract")
        own = frozenset(lines.known(word, skills, "a skill") for word in words[3:])
        if lines.numbers(words[2:3])[0] != len(own):
            raise lines.fault(f"{words[2]} different skills of {words[0]}", " ".join(words[3:]))
        nurses[lines.fresh(words[0], nurses, "a nurse")] = Nurse(words[0], words[1], own)
    if not (weeks > 0 and skills and shifts and nurses):
        raise lines.fault("at least one week, skill, shift type and nurse")
    return Scenario(name, weeks, tuple(skills), shifts, banned, contracts, nurses)


def read_history(path: Path, scenario: Scenario) -> dict[str, History]:
    """Read a history file; every nurse of the scenario stands there once."""
    lines = _open(path)
    lines.seek("NURSE_HISTORY")
    found: dict[str, History] = {}
    for _ in scenario.nurses:
        words = lines.sized(lines.next("the history of a nurse"), 7)
        name = lines.known(words[0], scenario.nurses, "a nurse")
        last = lines.known(words[3], (*scenario.shifts, NOTHING), "a shift type")
        total, weekends, same, work, rest = lines.numbers([*words[1:3], *words[4:7]])
        before = History(total, weekends, last, same, work, rest)
        worked = 1 <= same <= work and rest == 0
        rested = same == work == 0 <= rest
        if min(total, weekends) < 0 or not (rested if last == NOTHING else worked):
            raise lines.fault("runs that fit the last shift", " ".join(words))
        found[lines.fresh(name, found, "a nurse")] = before
    return found


def read_week(path: Path, scenario: Scenario) -> Week:
    """Read a week file."""
    lines = _open(path)
    lines.seek("REQUIREMENTS")
    need: dict[tuple[str, str, int], Range] = {}
    wishes = []
    words = lines.next("requirements")
    while words[0] != "SHIFT_OFF_REQUESTS":
        shift, skill = lines.sized(words, 9)[:2]
        lines.known(shift, scenario.shifts, "a shift type")
        lines.known(skill, scenario.skills, "a skill")
        able = sum(skill in nurse.skills for nurse in scenario.nurses.values())
        for day, pair in enumerate(lines.ranges(words[2:9])):
            if pair[0] > able:
                wanted = f"at most {able} nurses, who have the skill {skill}"
                raise lines.fault(wanted, f"{pair[0]} on {DAYS[day]}")
            need[shift, skill, day] = pair
        words = lines.next("SHIFT_OFF_REQUESTS")
    for _ in range(lines.count(words)):
        nurse, shift, day_name = lines.sized(lines.next("a wish"), 3)[:3]
        lines.known(nurse, scenario.nurses, "a nurse")
        lines.known(shift, (*scenario.shifts, ANY), "a shift type")
        wishes.append((nurse, shift, DAYS.index(lines.known(day_name, DAYS, "a day"))))
    return Week(need, tuple(wishes))


def read_solution(path: Path, scenario: Scenario, week: int) -> list[Assignment]:
    """Read the solution of one week; ``week`` counts from 0."""
    lines = _open(path)
    found = []
    for _ in range(lines.count(lines.seek("ASSIGNMENTS"))):
        nurse, day, shift, skill = lines.sized(lines.next("an assignment"), 4)[:4]
        lines.known(nurse, scenario.nurses, "a nurse")
        lines.known(shift, scenario.shifts, "a shift type")
        lines.known(skill, scenario.skills, "a skill")
        place = DAYS.index(lines.known(day, DAYS, "a day"))
        found.append(Assignment(nurse, 7 * week + place, shift, skill))
    return found
