"""Name one problem of the competition, read it, and turn it into a day grid and back.

A problem is a folder with a scenario, one of its histories and as many of its week files as the scenario
has weeks, written ``H0 1-2-3-3``. In the grid a type is a shift worked with a skill; the least cover is the
floor of the need, the best cover the need; everything else is soft.

References
----------
.. [1] S. Ceschia, N. Dang, P. De Causmaecker, S. Haspeslagh, A. Schaerf (2015), "Second international
   nurse rostering competition (INRC-II): problem description and rules", arXiv 1501.04177.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np

from passerelle.kernel.problems import InputError, Issue
from passerelle.planning.formats.inrc2.files import (
    ANY,
    DAYS,
    NOTHING,
    Assignment,
    read_history,
    read_scenario,
    read_week,
)
from passerelle.planning.roster.named.instance import Contract, DayGrid
from passerelle.planning.roster.named.soft.values import (
    NO_SHIFT,
    Past,
    SoftContract,
    SoftRules,
    Span,
)

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from passerelle.planning.formats.inrc2.files import History, Scenario, Week

__all__ = ["GRAVE", "Case", "assignments_of", "day_grid", "read_case", "write_solution"]

GRAVE: Final = 1000
"""What a person missing below the least cover costs more than the 30 of the best cover.

The competition forbids it. A price leaves every search a roster to begin with; a bound stays valid, because
allowing more can only lower it.
"""
_OPTIMAL, _WISH = 30, 10
_WEEK: Final = len(DAYS)
_HISTORY: Final = re.compile(r"H?(\d+)")
_WEEKS: Final = re.compile(r"\d+(-\d+)*")


@dataclass(frozen=True, slots=True)
class Case:
    """Hold one problem.

    Parameters
    ----------
    scenario, history, weeks
        As read.
    history_number, week_numbers
        Numbers of the files.
    """

    scenario: Scenario
    history: dict[str, History]
    weeks: tuple[Week, ...]
    history_number: int
    week_numbers: tuple[int, ...]

    @property
    def name(self) -> str:
        """Name of the problem in the notation of the competition."""
        weeks = "-".join(map(str, self.week_numbers))
        return f"{self.scenario.name}_{self.history_number}_{weeks}"


def read_case(folder: Path, history: str, weeks: str) -> Case:
    """Read a problem.

    Parameters
    ----------
    folder
        With ``Sc-NAME.txt``, ``H0-NAME-N.txt`` and ``WD-NAME-N.txt``.
    history
        Number of the history, ``H0`` or ``0``.
    weeks
        Numbers of the week files, ``1-2-3-3``.

    Returns
    -------
    Case
        Checked completely.
    """
    scenarios = sorted(folder.glob("Sc-*.txt"))
    if len(scenarios) != 1:
        found = ", ".join(path.name for path in scenarios) or "none"
        raise _refused(folder.name, "scenario", "one file Sc-NAME.txt in the folder", found)
    scenario = read_scenario(scenarios[0])
    number = _HISTORY.fullmatch(history)
    if number is None:
        raise _refused("--history", "notation", "a number such as H0", history)
    if _WEEKS.fullmatch(weeks) is None:
        raise _refused("--weeks", "notation", "numbers such as 1-2-3-3", weeks)
    week_numbers = tuple(int(part) for part in weeks.split("-"))
    if len(week_numbers) != scenario.weeks:
        wanted = f"{scenario.weeks} weeks, as {scenarios[0].name} says"
        raise _refused("--weeks", "notation", wanted, f"{len(week_numbers)} in {weeks}")
    before = read_history(_numbered(folder, "H0", scenario.name, int(number[1])), scenario)
    read = {
        week: read_week(_numbered(folder, "WD", scenario.name, week), scenario)
        for week in dict.fromkeys(week_numbers)
    }
    chosen = tuple(read[week] for week in week_numbers)
    return Case(scenario, before, chosen, int(number[1]), week_numbers)


def _refused(place: str, reason: str, expected: str, found: str) -> InputError:
    return InputError([Issue(place, 0, "", f"inrc2.{reason}", expected, found)])


def _numbered(folder: Path, kind: str, name: str, number: int) -> Path:
    """Return the path of a numbered file; say which numbers there are when it is absent."""
    path = folder / f"{kind}-{name}-{number}.txt"
    if path.is_file():
        return path
    stems = (other.stem.rpartition("-")[2] for other in folder.glob(f"{kind}-{name}-*.txt"))
    there = sorted(int(stem) for stem in stems if stem.isdigit())
    expected = f"{kind} files of {name} with numbers {', '.join(map(str, there)) or '(none)'}"
    raise _refused(path.name, "absent", expected, str(number))


def day_grid(case: Case) -> DayGrid:
    """Turn a problem into a day grid with soft rules."""
    scenario = case.scenario
    shifts, skills = list(scenario.shifts), list(scenario.skills)
    types = list(product(shifts, skills))
    place = {pair: t for t, pair in enumerate(types)}
    nurses = list(scenario.nurses.values())
    row = {nurse.name: p for p, nurse in enumerate(nurses)}
    days = _WEEK * len(case.weeks)
    need, spare = (np.zeros((days, len(types)), dtype=np.int64) for _ in range(2))
    wish = np.zeros((len(nurses), days, len(types)), dtype=np.int32)
    for number, week in enumerate(case.weeks):
        for (shift, skill, day), (least, best) in week.need.items():
            need[_WEEK * number + day, place[shift, skill]] = best
            spare[_WEEK * number + day, place[shift, skill]] = best - least
        for nurse, shift, day in week.wishes:
            for t, (other, _) in enumerate(types):
                if shift in (ANY, other):
                    wish[row[nurse], _WEEK * number + day, t] += _WISH
    has_skill = np.array([[skill in nurse.skills for _, skill in types] for nurse in nurses])
    return DayGrid(
        name=case.name,
        type_ids=tuple(f"{shift}/{skill}" for shift, skill in types),
        type_minutes=np.ones(len(types), dtype=np.int64),
        banned=np.array([[u in scenario.banned[s] for u, _ in types] for s, _ in types]),
        person_ids=tuple(row),
        contracts=(Contract.unlimited(days),) * len(nurses),
        type_cap=np.where(has_skill, days, 0).astype(np.int64),
        closed=np.zeros((len(nurses), days), dtype=np.bool_),
        wish=wish,
        wish_constant=0,
        need=need,
        under=np.where(need > 0, _OPTIMAL, 0).astype(np.int64),
        over=np.zeros_like(need),
        spare=spare,
        grave=GRAVE,
        soft=_soft_rules(case, tuple(shifts.index(shift) for shift, _ in types)),
    )


def _soft_rules(case: Case, shift_of: tuple[int, ...]) -> SoftRules:
    """Gather the soft limits and the history of everybody."""
    scenario = case.scenario
    shifts = [*scenario.shifts]
    contracts, pasts = [], []
    for nurse in scenario.nurses.values():
        own, before = scenario.contracts[nurse.contract], case.history[nurse.name]
        contracts.append(
            SoftContract(
                Span(*own.total), Span(*own.work), Span(*own.rest), own.weekends, own.complete
            )
        )
        last = NO_SHIFT if before.last == NOTHING else shifts.index(before.last)
        pasts.append(
            Past(before.total, before.weekends, last, before.same_shift, before.work, before.rest)
        )
    spans = tuple(Span(*limits) for limits in scenario.shifts.values())
    return SoftRules(shift_of, spans, tuple(contracts), tuple(pasts))


def assignments_of(case: Case, roster: NDArray[np.int16]) -> list[Assignment]:
    """List the assignments of a roster of the case's grid, nurse by nurse."""
    types = list(product(case.scenario.shifts, case.scenario.skills))
    return [
        Assignment(name, day, *types[int(t)])
        for name, row in zip(case.scenario.nurses, roster, strict=True)
        for day, t in enumerate(row)
        if t >= 0
    ]


def write_solution(folder: Path, case: Case, roster: NDArray[np.int16]) -> list[Path]:
    """Write a roster in the competition's format: ``Sol-NAME-WEEKFILE-WEEK.txt`` for each week.

    Parameters
    ----------
    folder
        Made when it is absent.
    case
        The problem.
    roster
        Of the case's grid.

    Returns
    -------
    list[Path]
        The files, in order of weeks.
    """
    folder.mkdir(parents=True, exist_ok=True)
    everything = assignments_of(case, roster)
    paths = []
    for week, number in enumerate(case.week_numbers):
        mine = [one for one in everything if one.day // _WEEK == week]
        lines = ["SOLUTION", f"{week} {case.scenario.name}", "", f"ASSIGNMENTS = {len(mine)}"]
        lines += [f"{a.nurse} {DAYS[a.day % _WEEK]} {a.shift} {a.skill}" for a in mine]
        path = folder / f"Sol-{case.scenario.name}-{number}-{week}.txt"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        paths.append(path)
    return paths
