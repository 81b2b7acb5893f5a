"""Say which limits of a person may be broken at a price, and what was before the first day.

The limits are those of the second international nurse rostering competition: shifts and weekends worked over
the whole horizon, days of work, of rest and on the same shift in a row, weekends worked whole. A day or
a shift outside a range costs its price, each. The run that is open on the last day is not too short yet;
days over the limit that lie before the first day were paid by the past. Horizons are whole weeks from Monday.

What is kept here are facts. The rules read them (:mod:`.rules`), the pricing compiles them
(:mod:`.automaton`), the checker and the certificate read them again with code of their own.

References
----------
.. [1] S. Ceschia, N. Dang, P. De Causmaecker, S. Haspeslagh, A. Schaerf (2015), "Second international
   nurse rostering competition (INRC-II): problem description and rules", arXiv 1501.04177, section 3.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from passerelle.planning.roster.named.soft import _kernels as kernels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from passerelle.planning.roster.named.instance import DayGrid, IntArray

__all__ = ["NO_SHIFT", "Past", "Prices", "SoftContract", "SoftRules", "Span"]

NO_SHIFT = -1
_WEEK = 7


class Span(NamedTuple):
    """Bound a number from both sides."""

    least: int
    most: int


class Prices(NamedTuple):
    """Hold what one unit outside each limit costs; the competition's figures by default.

    Parameters
    ----------
    assignment
        A shift over the horizon too few or too many.
    same
        A day of a run on one shift too few or too many.
    work, rest
        A day of a run of work or of rest too few or too many.
    weekend
        A weekend worked too many.
    whole
        A weekend worked on one of its days only.
    """

    assignment: int = 20
    same: int = 15
    work: int = 30
    rest: int = 30
    weekend: int = 30
    whole: int = 30


_COMPETITION: Final = Prices()


class SoftContract(NamedTuple):
    """Hold the soft limits of one person.

    Parameters
    ----------
    assignments
        Shifts over the whole horizon, those of the past included.
    work, rest
        Days in a row.
    most_weekends
        Weekends with work, those of the past included.
    whole_weekends
        A weekend is worked on both days or not at all.
    """

    assignments: Span
    work: Span
    rest: Span
    most_weekends: int
    whole_weekends: bool


class Past(NamedTuple):
    """Hold what a person did before the first day.

    Parameters
    ----------
    assignments, weekends
        Worked so far.
    shift
        Shift worked on the day before the first one, :data:`NO_SHIFT` for none.
    same, work, rest
        Days of the runs that are open; all 0 when nothing is known.
    """

    assignments: int = 0
    weekends: int = 0
    shift: int = NO_SHIFT
    same: int = 0
    work: int = 0
    rest: int = 0

    def fault(self, n_shifts: int) -> str | None:
        """Say what is contradictory, or nothing."""
        if min(self.assignments, self.weekends, self.same, self.work, self.rest) < 0:
            return "Expected numbers >= 0 in a past."
        if not NO_SHIFT <= self.shift < n_shifts:
            return f"Expected a shift below {n_shifts} in a past, got {self.shift}."
        worked = self.shift != NO_SHIFT
        if worked and not 1 <= self.same <= self.work:
            return f"Expected 1 <= same <= work after a shift, got {self.same} and {self.work}."
        if not worked and (self.same or self.work):
            return f"Expected no run of work after rest, got {self.same} and {self.work}."
        if worked and self.rest:
            return f"Expected no run of rest after a shift, got {self.rest}."
        return None


@dataclass(frozen=True, slots=True)
class SoftRules:
    """Hold the soft limits of all persons of a grid.

    Parameters
    ----------
    shift_of
        Shift of each type; types of one shift differ in the skill.
    same
        Days in a row on each shift.
    contracts, pasts
        One a person.
    prices
        What a unit outside costs.
    """

    shift_of: tuple[int, ...]
    same: tuple[Span, ...]
    contracts: tuple[SoftContract, ...]
    pasts: tuple[Past, ...]
    prices: Prices = _COMPETITION
    _limits: IntArray = field(init=False, repr=False, compare=False)
    _spans: IntArray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if sorted(set(self.shift_of)) != list(range(len(self.same))):
            raise ValueError(f"Expected types of the shifts 0 to {len(self.same) - 1}, each one.")
        spans = [*self.same, *(s for c in self.contracts for s in (c.assignments, c.work, c.rest))]
        for span in spans:
            if not 0 <= span.least <= span.most:
                raise ValueError(f"Expected 0 <= least <= most, got {span.least} and {span.most}.")
        if min((c.most_weekends for c in self.contracts), default=0) < 0:
            raise ValueError("Expected most_weekends >= 0.")
        if min(self.prices) < 0:
            raise ValueError(f"Expected prices >= 0, got {min(self.prices)}.")
        for fault in (past.fault(len(self.same)) for past in self.pasts):
            if fault is not None:
                raise ValueError(fault)
        if len(self.pasts) != len(self.contracts):
            raise ValueError(f"Expected {len(self.contracts)} pasts, got {len(self.pasts)}.")
        limits = [
            (*c.assignments, *c.work, *c.rest, c.most_weekends, int(c.whole_weekends), *past)
            for c, past in zip(self.contracts, self.pasts, strict=True)
        ]
        shape = (len(limits), kernels.N_LIMITS)
        object.__setattr__(self, "_limits", np.array(limits, dtype=np.int64).reshape(shape))
        object.__setattr__(self, "_spans", np.array(self.same, dtype=np.int64).reshape(-1, 2))

    def check_against(self, grid: DayGrid) -> None:
        """Refuse a grid that these rules do not fit."""
        if grid.first_weekday != 0 or grid.n_days % _WEEK:
            raise ValueError(f"Expected whole weeks from Monday, got {grid.n_days} days.")
        if len(self.contracts) != grid.n_people or len(self.shift_of) != grid.n_types:
            found = (len(self.contracts), len(self.shift_of))
            raise ValueError(f"Expected {(grid.n_people, grid.n_types)} soft rules, got {found}.")
        free = type(grid.contracts[0]).unlimited(grid.n_days) if grid.contracts else None
        if any(contract != free for contract in grid.contracts) or (grid.type_minutes != 1).any():
            raise ValueError("Expected contracts without limits and types of one minute.")
        if ((grid.type_cap > 0) & (grid.type_cap < grid.n_days)).any():
            raise ValueError("Expected shift types without limits or never, with soft rules.")
        shift_of = np.array(self.shift_of)
        first = [self.shift_of.index(s) for s in range(len(self.same))]
        by_shift = grid.banned[np.ix_(first, first)]
        if (grid.banned != by_shift[np.ix_(shift_of, shift_of)]).any():
            raise ValueError("Expected successions banned between shifts, whatever the skill.")

    def dearest(self, n_days: int) -> float:
        """Bound what the soft limits may cost in a horizon."""
        longest = max((max(p.same, p.work, p.rest) for p in self.pasts), default=0) + n_days
        widest = max(
            (s.most for c in self.contracts for s in (c.assignments, c.work, c.rest)), default=0
        )
        widest = max(widest, longest, *(span.most for span in self.same))
        return float(sum(self.prices)) * len(self.contracts) * (n_days + 1) * widest

    def costs(self, people: IntArray, rosters: NDArray[np.int16] | IntArray) -> NDArray[np.float64]:
        """Return what rosters pay for soft limits.

        Parameters
        ----------
        people
            Person of each roster.
        rosters
            Types worked or -1, shape ``(n, n_days)``.
        """
        # The last place answers for -1.
        shifts = np.array([*self.shift_of, NO_SHIFT], dtype=np.int64)[rosters]
        out = np.zeros(len(rosters))
        prices = np.array(self.prices, dtype=np.int64)
        kernels.row_costs(shifts, self._limits[people], self._spans, prices, out)
        return out

    def past_after(self, person: int, row: NDArray[np.int16]) -> Past:
        """Return what a person has behind after some whole weeks of a roster."""
        shifts = [self.shift_of[t] if t >= 0 else NO_SHIFT for t in row]
        assignments, weekends, last, same, work, rest = self.pasts[person]
        for day, shift in enumerate(shifts):
            on_sunday = day % _WEEK == _WEEK - 1
            if shift == NO_SHIFT:
                same, work, rest = 0, 0, rest + 1
            else:
                weekends += day % _WEEK == _WEEK - 2 or (on_sunday and work == 0)
                same = same + 1 if shift == last else 1
                assignments, work, rest = assignments + 1, work + 1, 0
            last = shift
        return Past(assignments, weekends, last, same, work, rest)
