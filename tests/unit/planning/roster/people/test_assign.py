from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

import numpy as np
import pytest

from passerelle.planning.roster.instance import Base, Group, Instance
from passerelle.planning.roster.people._kernels import match_rows
from passerelle.planning.roster.people.assign import FairnessParams, assign_officers
from passerelle.planning.roster.people.officer import Load, Officer
from passerelle.planning.roster.plan import Duty, Line, Plan

DAY = 1440


def event(*, groups: tuple[str, ...] = ("G",), people: int = 1) -> Instance:
    return Instance(
        name="week",
        start=datetime(2024, 7, 22, tzinfo=UTC),
        days=14,
        step_min=60,
        bases=(Base("B", {"STE": 0}),),
        groups=tuple(
            Group(code, "FR", ("patrol",), 99, people, "B", ((0, 14 * DAY),)) for code in groups
        ),
        cells=(),
        shifts=(),
    )


def night(day: int) -> Duty:
    return Duty(day * DAY, day * DAY + 360, "STE", "patrol")


def early(day: int) -> Duty:
    return Duty(day * DAY + 480, day * DAY + 840, "STE", "patrol")


def lines_of(named: list) -> dict[str, tuple[Duty, ...]]:
    return {item.officer: item.line.duties if item.line else () for item in named}


def test_the_officer_with_fewer_nights_so_far_takes_the_nights() -> None:
    plan = Plan("", (Line("G", 1, (night(1), night(2))), Line("G", 1, (early(1), early(2)))))
    officers = [Officer("a", "G", Load(nights=4)), Officer("b", "G", Load(nights=0))]

    named, vacancies = assign_officers(event(), plan, officers)

    assert lines_of(named) == {"a": (early(1), early(2)), "b": (night(1), night(2))}
    assert (named[1].load, vacancies) == (Load(2, 0, 720), [])


def test_weekends_are_shared_and_the_third_officer_rests() -> None:
    plan = Plan("", (Line("G", 1, (early(5), early(6))), Line("G", 1, (early(7), early(8)))))
    officers = [
        Officer("a", "G", Load(weekends=3)),
        Officer("b", "G"),
        Officer("c", "G", Load(0, 0, 9600)),
    ]

    named, _ = assign_officers(event(), plan, officers)

    assert lines_of(named) == {"a": (early(7), early(8)), "b": (early(5), early(6)), "c": ()}
    assert named[1].load == Load(0, 1, 720)


def test_leave_and_certificates_forbid_and_an_empty_seat_says_why() -> None:
    plan = Plan("", (Line("G", 1, (early(1),)),))
    officers = [
        Officer("a", "G", leave=((DAY, 2 * DAY),)),
        Officer("b", "G", certificates={"patrol": DAY}),
    ]

    named, vacancies = assign_officers(event(), plan, officers)

    assert lines_of(named) == {"a": (), "b": ()}
    assert [v.blocked for v in vacancies] == [{"leave": 1, "certificate": 1}]


def test_a_wish_is_met_when_that_costs_nobody_more() -> None:
    plan = Plan("", (Line("G", 1, (early(1),)), Line("G", 1, (early(2),))))
    officers = [Officer("a", "G", unwanted=((DAY, 2 * DAY, 1),)), Officer("b", "G")]

    named, _ = assign_officers(event(), plan, officers)

    assert lines_of(named) == {"a": (early(2),), "b": (early(1),)}


def test_a_crew_of_two_takes_two_officers() -> None:
    plan = Plan("", (Line("G", 1, (early(1),)),))
    officers = [Officer(code, "G") for code in "abc"]

    named, vacancies = assign_officers(event(people=2), plan, officers)

    assert sorted(len(item.line.duties) if item.line else 0 for item in named) == [0, 1, 1]
    assert vacancies == []


def test_officers_too_few_leave_seats_empty() -> None:
    plan = Plan("", (Line("G", 3, (early(1),)),))

    named, vacancies = assign_officers(event(), plan, [Officer("a", "G")])

    assert lines_of(named) == {"a": (early(1),)}
    assert [v.blocked for v in vacancies] == [{"nobody-left": 1}] * 2


@pytest.mark.parametrize("seed", range(30))
def test_matching_equals_the_best_of_all_permutations(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, columns = 4, int(rng.integers(4, 7))
    cost = rng.integers(0, 9, (rows, columns)).astype(np.float64)

    chosen = match_rows(cost)

    best = min(
        sum(cost[i, k] for i, k in enumerate(choice))
        for choice in permutations(range(columns), rows)
    )
    assert len(set(chosen.tolist())) == rows
    assert sum(cost[i, k] for i, k in enumerate(chosen)) == best


def test_weights_below_zero_are_refused() -> None:
    with pytest.raises(ValueError, match="weights >= 0"):
        FairnessParams(nights=-1)
