"""Indicators I1 to I16 and G1 to G6 under the counting contract (casework, section 6).

A rate is two whole numbers, never a float: the percentage is for the eye. Results are written as
canonical JSON, so that both sides compare bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from passerelle.kernel.canonical import canonical_bytes
from passerelle.procedures.counting.cohorts import (
    CONTRACT_VERSION,
    Balance,
    Category,
    balance,
    classify,
    select,
)
from passerelle.procedures.counting.survival import Duration, quantile_days
from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from passerelle.kernel.canonical import Json
    from passerelle.procedures.counting.cases import Case
    from passerelle.procedures.counting.cohorts import Cohort

__all__ = ["INDICATORS", "Rate", "export", "rates_of", "results_bytes", "results_of", "waits"]

INDICATORS: Final[Mapping[str, str]] = {
    "I1": "issuance in useful time: Du / R",
    "I2": "issuance, all: D / R",
    "I3": "issuance among answers: D / (D + P + N + X)",
    "I4": "recognition among answers: (D + P) / (D + P + N + X)",
    "I5": "reply: answers / R; on time: answers within the limit / R",
    "I6": "reply time: median and 90th percentile, open files censored",
    "I7": "requester quality: complete at first sending / R",
    "I8": "not nationals: N / answers",
    "I9": "expired unused: documents expired unused / D",
    "I10": "requests per decision: R / enforceable decisions (another base)",
    "I11": "Visa Code 25a counts: decisions; forced returns / decisions; accepted / submitted; no score",
    "I12": "dormancy: days since last adopted minutes / agreed period",
    "I13": "minutes: days from meeting to adoption",
    "I14": "follow-up: actions done by date / actions due",
    "I15": "contested: commitments with differing status / all",
    "I16": "judicial: median days to acknowledge, decide, execute; refusals by code",
    "G1": "notice before sending: must be 100 %",
    "G2": "messages sent under hold: must be 0",
    "G3": "corrections acknowledged, deletions certified in time",
    "G4": "outcomes with named decider and reasons: must be 100 %",
    "G5": "interviews with lawyer informed in time: must be 100 %",
    "G6": "rights requests in time",
}
"""Every indicator and its formula in words."""


@dataclass(frozen=True, slots=True)
class Rate:
    """State a rate with everything that makes it one (S40).

    Parameters
    ----------
    id
        Number of the indicator, with a suffix where it has parts: ``I5-on-time``.
    numerator, denominator
        Whole numbers.
    """

    id: str
    numerator: int
    denominator: int

    def __post_init__(self) -> None:
        if self.id.split("-")[0] not in INDICATORS:
            raise ValueError(f"Expected an indicator of the contract, got {self.id!r}.")
        if self.numerator < 0 or self.denominator < 0:
            raise ValueError("Expected whole numbers >= 0.")

    @property
    def percent(self) -> str | None:
        """The percentage with two decimals; ``None`` when the base is empty.

        Examples
        --------
        >>> Rate("I1", 20, 27).percent
        '74.07'
        """
        if not self.denominator:
            return None
        exact = Decimal(100 * self.numerator) / Decimal(self.denominator)
        return str(exact.quantize(Decimal("0.01"), ROUND_HALF_EVEN))

    def to_json(self) -> dict[str, Json]:
        """Return the rate as plain data."""
        return {
            "id": self.id,
            "definition": INDICATORS[self.id.split("-")[0]],
            "version": CONTRACT_VERSION,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "percent": self.percent,
        }


def rates_of(found: Balance) -> tuple[Rate, ...]:
    """Compute the rates that follow from a balance alone: I1 to I4 and I8."""
    pending = found.issued + found[Category.PENDING]
    return (
        Rate("I1", found[Category.ISSUED_USEFUL], found.requests),
        Rate("I2", found.issued, found.requests),
        Rate("I3", found.issued, found.answers),
        Rate("I4", pending, found.answers),
        Rate("I5", found.answers, found.requests),
        Rate("I8", found[Category.NOT_NATIONAL], found.answers),
    )


def results_of(cohort: Cohort, cases: Iterable[Case], n_decisions: int | None = None) -> Json:
    """Compute the balance and indicators I1 to I10 of a cohort as plain data.

    Parameters
    ----------
    cohort
        The cohort.
    cases
        Cases as known at the cut-off.
    n_decisions
        Enforceable decisions of the period, for I10; ``None`` leaves it out.
    """
    chosen = select(cohort, cases)
    found = balance(cohort, chosen)
    on_time = sum(
        case.answered_on is not None and case.due_on is not None and case.answered_on <= case.due_on
        for case in chosen
        if classify(case, cohort.cut_off) is not Category.PAUSED
    )
    expired = sum(bool(case.expired_by) for case in chosen)
    rates = [
        *rates_of(found),
        Rate("I5-on-time", on_time, found.requests),
        Rate("I7", sum(case.is_complete_first for case in chosen), found.requests),
        Rate("I9", expired, found.issued),
    ]
    if n_decisions is not None:
        rates.append(Rate("I10", found.requests, n_decisions))
    waited = waits(cohort, chosen)
    return {
        "contract": CONTRACT_VERSION,
        "cohort": cohort.to_json(),
        "requests": found.requests,
        "categories": {one.value: found[one] for one in Category},
        "missing": found.missing,
        "rates": [rate.to_json() for rate in sorted(rates, key=lambda rate: rate.id)],
        "reply_days": {
            "median": quantile_days(waited, Fraction(1, 2)),
            "p90": quantile_days(waited, Fraction(9, 10)),
            "open": sum(one.is_open for one in waited),
        },
        "expired_unused_by": {
            who: sum(case.expired_by == who for case in chosen)
            for who in sorted({case.expired_by for case in chosen} - {""})
        },
    }


def results_bytes(cohort: Cohort, cases: Iterable[Case], n_decisions: int | None = None) -> bytes:
    """Write the results as canonical JSON: the same bytes on both sides."""
    return canonical_bytes(results_of(cohort, cases, n_decisions))


def export(own: Rate, other: Rate | None, cohort: Cohort | None) -> dict[str, Json] | Refusal:
    """Return a rate ready for publication, or a refusal when something of it is missing (S40).

    Parameters
    ----------
    own
        Our value.
    other
        The other side's value.
    cohort
        The cohort and cut-off.
    """
    if other is None or cohort is None or other.id != own.id or not own.denominator:
        return Refusal("statistics.incomplete", {"id": own.id})
    return {
        **own.to_json(),
        "cohort": cohort.to_json(),
        "other_side": other.to_json(),
        "is_agreed": own == other,
    }


def waits(cohort: Cohort, cases: Iterable[Case]) -> tuple[Duration, ...]:
    """Return how long each request of a cohort waited for its answer, open ones censored."""
    found = []
    for case in cases:
        end = cohort.cut_off if case.answered_on is None else case.answered_on
        days = max((end - case.sent_on).days, 0)
        found.append(Duration(days, case.answered_on is None))
    return tuple(found)
