"""A roster over a grid of days: who works which shift type on which day.

The case: one site, whole days, at most one shift a person and day, every person a group of one with
an own contract, own closed days and own wishes. It is case (b) and (c) of the planner: named rosters
and the public shift-scheduling instances. Nothing is known about the days before the first and after
the last one; therefore a run of work or rest that touches either border is never too short.

Two things are optional. A need may have a *floor* below which a missing person is grave, and limits may be
*soft*: broken at a price, with the days before the first one known (:mod:`.soft.values`). Where limits are
soft the contracts hold none, and a shift type is a shift worked with a skill.

What is kept here are facts only. The rules read them (:mod:`.rules`), the pricing compiles them
(:mod:`.pricing`), the checker reads them again with code of its own (:mod:`.checker`).

Axes: ``p`` person, ``d`` day (0 is ``first_weekday``), ``t`` shift type.

References
----------
.. [1] T. Curtois, R. Qu (2014), "Computational results on new staff scheduling benchmark instances",
   University of Nottingham. The meaning of every field follows it.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.planning.roster.named.soft.values import SoftRules

__all__ = [
    "DAYS_PER_WEEK",
    "MOST_COST",
    "OFF",
    "SATURDAY",
    "BoolArray",
    "Contract",
    "DayGrid",
    "IntArray",
]

type_error_text: Final = "Expected {name} with shape {expected}, got {found}."
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

DAYS_PER_WEEK: Final = 7
SATURDAY: Final = 5
MOST_COST: Final = 10**13
"""Highest sum of all costs: above it whole costs are lost in the rounding of prices."""
OFF: Final = -1
"""What stands in a roster on a day without work."""


@dataclass(frozen=True, slots=True)
class Contract:
    """Hold the limits of one person over the whole horizon.

    Parameters
    ----------
    min_minutes, max_minutes
        Least and most minutes worked.
    min_run, max_run
        Least and most days worked in a row.
    min_rest
        Least days off in a row.
    max_weekends
        Most weekends with work on their Saturday or Sunday.
    """

    min_minutes: int
    max_minutes: int
    min_run: int
    max_run: int
    min_rest: int
    max_weekends: int

    def __post_init__(self) -> None:
        for name in ("min_minutes", "max_minutes", "max_weekends"):
            value = getattr(self, name)
            if value < 0:
                raise ValueError(f"Expected {name} >= 0, got {value}.")
        for name in ("min_run", "max_run", "min_rest"):
            value = getattr(self, name)
            if value < 1:
                raise ValueError(f"Expected {name} >= 1, got {value}.")

    @classmethod
    def unlimited(cls, n_days: int) -> Contract:
        """Return the contract that forbids nothing to types of one minute."""
        return cls(0, n_days, 1, max(n_days, 1), 1, n_days)


@dataclass(frozen=True, slots=True, eq=False)
class DayGrid:
    """Hold everything that a day-grid roster must obey and what it pays for.

    Parameters
    ----------
    name
        For people; not part of the hash.
    type_ids
        Shift types, in order.
    type_minutes
        Minutes of each type, shape ``(n_types,)``, each > 0.
    banned
        ``banned[t, u]``: type ``u`` may not be worked on the day after type ``t``.
    person_ids
        Persons, in order.
    contracts
        One contract a person.
    type_cap
        Most shifts of each type, shape ``(n_people, n_types)``; 0 means never.
    closed
        ``closed[p, d]``: the person may not work on the day.
    wish
        Cost (or gain, negative) of a shift for its person, shape ``(n_people, n_days, n_types)``.
    wish_constant
        Cost when no shift at all is worked: the weight of all shifts asked for.
    need, under, over
        People wanted, cost a missing and a surplus person, shape ``(n_days, n_types)``.
    first_weekday
        Weekday of day 0, Monday is 0.
    spare, grave
        The floor: of the need of each cell so many may be missing at the cost ``under``, each further
        one costs ``grave`` more; shape ``(n_days, n_types)``, None without a floor.
    soft
        Limits that may be broken at a price; None when all stand in the contracts.
    """

    name: str
    type_ids: tuple[str, ...]
    type_minutes: IntArray
    banned: BoolArray
    person_ids: tuple[str, ...]
    contracts: tuple[Contract, ...]
    type_cap: IntArray
    closed: BoolArray
    wish: NDArray[np.int32]
    wish_constant: int
    need: IntArray
    under: IntArray
    over: IntArray
    first_weekday: int = 0
    spare: IntArray | None = None
    grave: int = 0
    soft: SoftRules | None = None

    def __post_init__(self) -> None:
        people, types = len(self.person_ids), len(self.type_ids)
        days = self.need.shape[0]
        shapes = {
            "type_minutes": (types,),
            "banned": (types, types),
            "type_cap": (people, types),
            "closed": (people, days),
            "wish": (people, days, types),
            "need": (days, types),
            "under": (days, types),
            "over": (days, types),
        }
        for name, expected in shapes.items():
            found = getattr(self, name).shape
            if found != expected:
                raise ValueError(type_error_text.format(name=name, expected=expected, found=found))
        if len(self.contracts) != people:
            raise ValueError(f"Expected {people} contracts, got {len(self.contracts)}.")
        if not types:
            raise ValueError("Expected at least one shift type.")
        if int(self.type_minutes.min()) <= 0:
            raise ValueError("Expected every shift type to last longer than 0 minutes.")
        for name in ("type_cap", "need", "under", "over"):
            values = getattr(self, name)
            if values.size and int(values.min()) < 0:
                raise ValueError(f"Expected {name} >= 0, got {int(values.min())}.")
        self._check_floor()
        if self.soft is not None:
            self.soft.check_against(self)
        if self.dearest > MOST_COST:
            text = "Expected weights, needs and wishes that cost at most {} together, got {:.0f}."
            raise ValueError(text.format(MOST_COST, self.dearest))
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)

    def _check_floor(self) -> None:
        """Refuse a floor that does not fit the need."""
        if self.grave < 0:
            raise ValueError(f"Expected grave >= 0, got {self.grave}.")
        if self.spare is None:
            return
        if self.spare.shape != self.need.shape:
            text = type_error_text.format(
                name="spare", expected=self.need.shape, found=self.spare.shape
            )
            raise ValueError(text)
        if ((self.spare < 0) | (self.spare > self.need)).any():
            raise ValueError("Expected spare between 0 and need in every cell.")

    @property
    def dearest(self) -> float:
        """Bound what any roster may cost or gain."""
        missing = (self.need.astype(np.float64) * self.under).sum()
        surplus = len(self.person_ids) * self.over.astype(np.float64).sum()
        wishes = np.abs(self.wish.astype(np.float64)).sum()
        short = 0.0 if self.spare is None else float((self.need - self.spare).sum()) * self.grave
        habits = 0.0 if self.soft is None else float(self.soft.dearest(self.n_days))
        return float(missing + surplus + wishes) + short + habits

    @property
    def top(self) -> IntArray:
        """Cost of the first missing person of a cell, the highest price that cover can have."""
        return self.missing_price(np.zeros_like(self.need))

    @property
    def unit(self) -> int:
        """Return what every cost is a multiple of; looked for only where limits are soft."""
        if self.soft is None:
            return 1
        costs = (self.wish, self.under, self.over)
        parts = [int(np.gcd.reduce(np.abs(array), axis=None)) for array in costs if array.size]
        return math.gcd(*parts, self.grave, self.wish_constant, *self.soft.prices) or 1

    @property
    def n_people(self) -> int:
        """Count the persons."""
        return len(self.person_ids)

    @property
    def n_days(self) -> int:
        """Count the days of the horizon."""
        return int(self.need.shape[0])

    @property
    def n_types(self) -> int:
        """Count the shift types."""
        return len(self.type_ids)

    @property
    def digest(self) -> str:
        """Name the instance by its content: SHA-256 over all facts but the name."""
        state = hashlib.sha256()
        for item in fields(self):
            value = getattr(self, item.name)
            # What a grid does not have leaves no trace: hashes of older certificates stay good.
            absent = value is None or (item.name == "grave" and self.spare is None)
            if item.name == "name" or absent:
                continue
            state.update(item.name.encode())
            if isinstance(value, np.ndarray):
                state.update(str((value.shape, value.dtype.kind)).encode())
                state.update(np.ascontiguousarray(value, dtype=np.int64).tobytes())
            else:
                state.update(repr(value).encode())
        return state.hexdigest()

    def saturdays(self) -> Iterator[int]:
        """Yield the days that are Saturdays, from -1 when the horizon begins on a Sunday."""
        first = (SATURDAY - self.first_weekday) % DAYS_PER_WEEK
        if first == DAYS_PER_WEEK - 1:
            first = -1
        yield from range(first, self.n_days, DAYS_PER_WEEK)

    def empty_roster(self) -> NDArray[np.int16]:
        """Return a roster in which nobody works, shape ``(n_people, n_days)``."""
        return np.full((self.n_people, self.n_days), OFF, dtype=np.int16)

    def cover(self, roster: NDArray[np.int16]) -> IntArray:
        """Count who works each type on each day, shape ``(n_days, n_types)``."""
        counts = np.zeros(self.need.shape, dtype=np.int64)
        people, days = np.nonzero(roster >= 0)
        np.add.at(counts, (days, roster[people, days]), 1)
        del people
        return counts

    def cover_cost(self, counts: IntArray) -> int:
        """Sum the cost of missing and of surplus people."""
        return int(self.gap_cost(self.need - counts).sum())

    def gap_cost(self, gap: IntArray) -> IntArray:
        """Return what so many missing people (negative: surplus) cost, cell by cell."""
        missing: IntArray = np.maximum(gap, 0)
        surplus: IntArray = np.maximum(-gap, 0)
        cost: IntArray = missing * self.under
        cost += surplus * self.over
        if self.spare is not None:
            cost += self.grave * np.maximum(gap - self.spare, 0)
        return cost

    def missing_price(self, counts: IntArray) -> IntArray:
        """Return what one more person saves, beside so many, in a cell that lacks one."""
        if self.spare is None:
            return self.under
        return self.under + self.grave * (self.need - counts > self.spare)

    def short(self, roster: NDArray[np.int16]) -> int:
        """Count the people missing below the floor."""
        if self.spare is None:
            return 0
        return int(np.maximum(self.need - self.cover(roster) - self.spare, 0).sum())

    def round_up(self, bound: float, tolerance: float) -> float:
        """Return the least cost that a roster with this lower bound can have."""
        return math.ceil((bound - tolerance) / self.unit) * self.unit

    def wish_cost(self, roster: NDArray[np.int16]) -> int:
        """Sum the cost of wishes not met."""
        people, days = np.nonzero(roster >= 0)
        met = self.wish[people, days, roster[people, days]].astype(np.int64)
        return self.wish_constant + int(met.sum())

    def value(self, roster: NDArray[np.int16]) -> int:
        """Return the cost of a roster: wishes, soft limits, cover; legality is not looked at."""
        habits = 0
        if self.soft is not None:
            habits = int(self.soft.costs(np.arange(self.n_people), roster).sum())
        return self.wish_cost(roster) + habits + self.cover_cost(self.cover(roster))
