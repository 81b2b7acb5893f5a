"""Merging of two laws: the person is never worse off than under either."""

from __future__ import annotations

import pytest

from passerelle.planning.force import ArrangementRules, HourWindow, more_protective


def test_more_protective_takes_the_better_of_each_rule() -> None:
    host = ArrangementRules(id="fr", daily_rest_min=660, max_duty_days_in_row=6, needs_escort=False)
    sender = ArrangementRules(
        id="ma",
        daily_rest_min=540,
        max_duty_days_in_row=5,
        max_nights=3,
        hour_windows=(HourWindow(7, 3600), HourWindow(14, 6000)),
        may_carry_weapon=False,
        needs_escort=True,
    )

    merged = more_protective(host, sender)

    assert merged == ArrangementRules(
        id="fr+ma",
        daily_rest_min=660,
        max_duty_days_in_row=5,
        max_nights=3,
        hour_windows=(HourWindow(7, 3600), HourWindow(14, 6000)),
        may_carry_weapon=False,
        needs_escort=True,
    )


def test_more_protective_of_a_law_with_itself_is_that_law() -> None:
    rules = ArrangementRules(id="fr", max_weekends=2)

    assert more_protective(rules, rules) == rules


def test_rules_refuse_a_negative_rest() -> None:
    with pytest.raises(ValueError, match="Expected daily_rest_min >= 0, got -30"):
        ArrangementRules(id="x", daily_rest_min=-30)
