"""Flows of crews: a relaxation of the plan, whose whole crews keep every rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.factories.staffed import broken_by, no_prices, solved, staffing_of
from tests.factories.tiny import brute_force, tiny_instance

from passerelle.planning.roster.engine import build_up
from passerelle.planning.roster.engine.bounding import Bounding
from passerelle.planning.roster.engine.choice import pick

if TYPE_CHECKING:
    from passerelle.planning.roster.engine.staffing import Staffing

SEEDS = range(40)


def post_all_parts(staffing: Staffing) -> None:
    for index in range(len(staffing.parts)):
        staffing.post(index, solved(staffing, index))


@pytest.mark.parametrize("seed", SEEDS)
def test_every_kind_whose_rules_fit_is_planned_in_one_part(seed: int) -> None:
    staffing = staffing_of(tiny_instance(seed))

    planned = [kind for part in staffing.parts for kind in part.kinds]

    fitting = [
        i
        for i, kind in enumerate(staffing.tables.kinds)
        if not kind.group.locked and kind.group.rules.run_least <= 1
    ]
    assert len(planned) == len(set(planned))
    assert set(planned) <= set(fitting)
    reached = {o.cls for o in staffing.tables.options if o.tracks}
    assert {k for k in fitting if staffing.tables.kinds[k].cls in reached} <= set(planned)


@pytest.mark.parametrize("seed", SEEDS)
def test_whole_crews_keep_every_rule_of_a_crew(seed: int) -> None:
    staffing = staffing_of(tiny_instance(seed))

    post_all_parts(staffing)

    assert all(n >= 0 for n in staffing.board.free)
    assert not broken_by(staffing)


@pytest.mark.parametrize("seed", SEEDS)
def test_posting_a_part_never_makes_the_board_dearer(seed: int) -> None:
    staffing = staffing_of(tiny_instance(seed))
    board = staffing.board
    for kind in range(len(board.tables.kinds)):
        build_up.fill(board, kind, is_over=lambda: False, parts=4)

    for index in range(len(staffing.parts)):
        before, worked = staffing.cost, board.copy_lines()
        is_cheaper = staffing.post(index, solved(staffing, index))

        assert staffing.cost <= before + 1e-6
        assert is_cheaper or board.worked == worked


@pytest.mark.parametrize("seed", SEEDS)
def test_a_flow_of_all_crews_costs_no_more_than_the_best_plan(seed: int) -> None:
    staffing = staffing_of(tiny_instance(seed))
    if len(staffing.parts) != 1 or len(staffing.parts[0].kinds) != len(staffing.tables.kinds):
        pytest.skip("crews of several parts")
    best = brute_force(tiny_instance(seed))
    if best is None:
        pytest.skip("too large to enumerate")

    found = solved(staffing, 0)

    assert found.value <= best * (1.0 + 2e-3) + 0.1


@pytest.mark.parametrize("seed", SEEDS)
def test_prices_of_a_flow_prove_a_bound(seed: int) -> None:
    staffing = staffing_of(tiny_instance(seed))
    best = brute_force(tiny_instance(seed))
    if best is None:
        pytest.skip("too large to enumerate")
    bounding = Bounding(staffing.tables, staffing.pricing)
    for index in range(len(staffing.parts)):
        found = solved(staffing, index)
        bounding.prices.cover[found.tracks] = found.prices.cover[found.tracks]
        bounding.prove()

    assert bounding.bound <= best + 1e-6


def test_large_classes_keep_all_their_postings_and_others_the_best() -> None:
    large, small = np.arange(1000.0), np.arange(1000.0)[::-1]

    kept_large, kept_small = pick([large, small], [500, 3], 1300)

    assert kept_large.all()
    assert np.flatnonzero(kept_small).tolist() == list(range(700, 1000))


def test_what_no_line_can_reach_is_neverpick() -> None:
    loss = np.array([1.0, np.inf, 2.0])

    (kept,) = pick([loss], [3], 10)

    assert kept.tolist() == [True, False, True]


@pytest.mark.parametrize("seed", SEEDS)
def test_parts_of_two_turns_keep_every_rule_too(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("passerelle.planning.roster.engine.parts._WIDEST", 0)
    staffing = staffing_of(tiny_instance(seed))

    post_all_parts(staffing)

    planned = [kind for part in staffing.parts for kind in part.kinds]
    assert len(planned) == len(set(planned))
    assert not broken_by(staffing)


def test_programme_gives_up_between_two_iterations_when_it_is_told_to() -> None:
    staffing = staffing_of(tiny_instance(0))
    asked = []

    def is_over() -> bool:
        asked.append(1)
        return True

    found = staffing.solve(
        0, no_prices(staffing), staffing.standing(0), staffing.postings(0), 60.0, is_over=is_over
    )

    assert asked
    assert found is None
