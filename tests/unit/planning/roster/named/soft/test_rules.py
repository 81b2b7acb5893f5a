"""Each soft rule on a row small enough to be counted by hand; prices are those of the competition."""

from __future__ import annotations

import numpy as np
import pytest

from passerelle.planning.roster.named.soft.rules import SOFT_RULES
from passerelle.planning.roster.named.soft.values import (
    NO_SHIFT,
    Past,
    SoftContract,
    SoftRules,
    Span,
)

EASY = SoftContract(Span(0, 99), Span(0, 99), Span(0, 99), 9, whole_weekends=False)
ANY_LENGTH = (Span(0, 99), Span(0, 99))


def paid(
    row: str,
    contract: SoftContract = EASY,
    past: Past = Past(),  # noqa: B008 - a value, never changed
    same: tuple[Span, ...] = ANY_LENGTH,
) -> dict[str, int]:
    """Return what a row such as ``EE-NN--`` pays, rule by rule."""
    soft = SoftRules((0, 1), same, (contract,), (past,))
    types = np.array([{"E": 0, "N": 1, "-": -1}[letter] for letter in row], dtype=np.int16)
    found: dict[str, int] = {}
    for rule in SOFT_RULES:
        for payment in rule.payments(soft, 0, types):
            found[rule.code] = found.get(rule.code, 0) + payment.cost
    # The kernel that the solver uses agrees.
    assert soft.costs(np.array([0]), types[None])[0] == sum(found.values())
    return found


@pytest.mark.parametrize(
    ("row", "past", "cost"),
    [
        ("EE-----", Past(rest=1), 30),  # one day short of three
        ("---EE-E", Past(rest=1), 30),  # the run open on Sunday may go on
        ("EEEEEE-", Past(rest=1), 30),  # six days, at most five
        ("E------", Past(shift=0, same=1, work=1), 30),  # two with the past
        ("-------", Past(shift=0, same=1, work=1), 60),  # the past alone was too short
        ("EE-----", Past(shift=0, same=7, work=7), 60),  # days of the past are not paid again
    ],
)
def test_runs_of_work_pay_each_day_outside(row: str, past: Past, cost: int) -> None:
    assert paid(row, EASY._replace(work=Span(3, 5)), past) == {"soft-work-runs": cost}


def test_runs_of_rest_pay_each_day_outside() -> None:
    assert paid("E-EEEEE", EASY._replace(rest=Span(2, 3))) == {"soft-rest-runs": 30}
    assert paid("----EEE", EASY._replace(rest=Span(2, 3)), Past(rest=1)) == {"soft-rest-runs": 60}


def test_runs_on_one_shift_end_where_the_shift_changes() -> None:
    spans = (Span(2, 3), Span(1, 9))

    assert paid("ENNEEEE", same=spans, past=Past(rest=1)) == {"soft-same-runs": 15 + 15}


def test_totals_count_the_past() -> None:
    contract = EASY._replace(assignments=Span(6, 8))

    assert paid("EE-----", contract, Past(assignments=2)) == {"soft-shifts": 40}
    assert paid("EE-----", contract, Past(assignments=8)) == {"soft-shifts": 40}
    assert paid("EE-----", contract, Past(assignments=5)) == {}


def test_weekends_are_counted_once_and_broken_ones_pay() -> None:
    contract = EASY._replace(most_weekends=1, whole_weekends=True)
    row = "-----E-" + "-----NN"

    assert paid(row, contract, Past(weekends=0)) == {
        "soft-weekends": 30, "soft-whole-weekends": 30,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("past", "text"),
    [
        (Past(shift=0, same=2, work=1), "1 <= same <= work"),
        (Past(shift=NO_SHIFT, work=1), "no run of work after rest"),
        (Past(shift=1, same=1, work=1, rest=1), "no run of rest after a shift"),
        (Past(shift=5, same=1, work=1), "a shift below 2"),
    ],
)
def test_a_contradictory_past_is_refused(past: Past, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        SoftRules((0, 1), ANY_LENGTH, (EASY,), (past,))
