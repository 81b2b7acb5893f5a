"""Cohorts and the balance that every one must keep: R = Du + Dl + P + N + X + U + W + O.

R counts the requests *sent* in the period, once per person and corridor, less those withdrawn before
receipt. At the cut-off each falls into exactly one category. A published table that does not balance
is wrong by a known number: ``Balance.missing`` says by how many requests.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from passerelle.kernel.canonical import Json
    from passerelle.procedures.counting.cases import Case

__all__ = ["CONTRACT_VERSION", "Balance", "Category", "Cohort", "balance", "classify", "select"]

CONTRACT_VERSION = 1
"""Version of the definitions; raised with any change of a formula or a category."""


class Category(StrEnum):
    """Where a request stands at the cut-off; exactly one applies."""

    ISSUED_USEFUL = "Du"
    ISSUED_LATE = "Dl"
    PENDING = "P"
    NOT_NATIONAL = "N"
    REFUSED = "X"
    UNANSWERED = "U"
    PAUSED = "W"
    OPEN = "O"


@dataclass(frozen=True, slots=True)
class Cohort:
    """Name the requests counted: a corridor, a period of sending, a cut-off.

    Parameters
    ----------
    corridor
        Corridor.
    sent_from, sent_to
        First and last day of sending.
    cut_off
        Last day of which anything is known; not before ``sent_to``.
    """

    corridor: str
    sent_from: date
    sent_to: date
    cut_off: date

    def __post_init__(self) -> None:
        if not self.sent_from <= self.sent_to <= self.cut_off:
            raise ValueError(
                f"Expected sent_from <= sent_to <= cut_off, got {self.sent_from}, "
                f"{self.sent_to}, {self.cut_off}."
            )

    def overlaps(self, other: Cohort) -> bool:
        """Tell whether two cohorts share a day of sending without being the same period."""
        is_same = (self.sent_from, self.sent_to) == (other.sent_from, other.sent_to)
        is_apart = self.sent_to < other.sent_from or other.sent_to < self.sent_from
        return self.corridor == other.corridor and not is_same and not is_apart

    def to_json(self) -> dict[str, Json]:
        """Return the cohort as plain data."""
        return {
            "corridor": self.corridor,
            "sent_from": self.sent_from.isoformat(),
            "sent_to": self.sent_to.isoformat(),
            "cut_off": self.cut_off.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Balance:
    """Hold the requests of a cohort and how many stand in each category.

    Parameters
    ----------
    requests
        R.
    counts
        Requests by category; a category left out counts zero.
    """

    requests: int
    counts: Mapping[Category, int]

    def __getitem__(self, category: Category) -> int:
        return self.counts.get(category, 0)

    @property
    def missing(self) -> int:
        """R less the sum of the categories: 0 when the table balances."""
        return self.requests - sum(self.counts.values())

    @property
    def issued(self) -> int:
        """D = Du + Dl."""
        return self[Category.ISSUED_USEFUL] + self[Category.ISSUED_LATE]

    @property
    def answers(self) -> int:
        """D + P + N + X."""
        others = (Category.PENDING, Category.NOT_NATIONAL, Category.REFUSED)
        return self.issued + sum(self[one] for one in others)


def select(cohort: Cohort, cases: Iterable[Case]) -> tuple[Case, ...]:
    """Return the cases of a cohort, each person once, the first sending kept.

    Parameters
    ----------
    cohort
        The cohort.
    cases
        Cases as known at the cut-off, in any order.
    """
    inside = [
        case
        for case in cases
        if case.corridor == cohort.corridor
        and cohort.sent_from <= case.sent_on <= cohort.sent_to
        and not (case.is_paused and case.received_on is None)
    ]
    first: dict[str, Case] = {}
    for case in sorted(inside, key=lambda one: (one.sent_on, one.subject, repr(one))):
        first.setdefault(case.subject, case)
    return tuple(first.values())


def classify(case: Case, cut_off: date) -> Category:
    """Return the one category of a case at a cut-off."""
    if case.document_on is not None:
        return Category.ISSUED_USEFUL if case.is_useful else Category.ISSUED_LATE
    if case.is_paused:
        return Category.PAUSED
    answered = {
        "recognised": Category.PENDING,
        "not-national": Category.NOT_NATIONAL,
        "other": Category.REFUSED,
    }.get(case.answer)
    if answered is not None:
        return answered
    is_over = case.due_on is not None and case.due_on < cut_off
    return Category.UNANSWERED if is_over else Category.OPEN


def balance(cohort: Cohort, cases: Iterable[Case]) -> Balance:
    """Count a cohort; the result always balances."""
    chosen = select(cohort, cases)
    counts = dict.fromkeys(Category, 0)
    for case in chosen:
        counts[classify(case, cohort.cut_off)] += 1
    return Balance(len(chosen), counts)
