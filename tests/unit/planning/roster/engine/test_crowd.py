"""Crews planned in shares and made whole keep every rule, at the cost that is claimed."""

from __future__ import annotations

import numpy as np
import pytest
from tests.factories.tiny import tiny_instance

from passerelle.planning.roster.check import check
from passerelle.planning.roster.engine import build_up
from passerelle.planning.roster.engine.board import Board
from passerelle.planning.roster.engine.catalogue import list_postings
from passerelle.planning.roster.engine.crowd import Crowd
from passerelle.planning.roster.engine.lines import Lines
from passerelle.planning.roster.engine.outcome import plan_of
from passerelle.planning.roster.engine.tables import compile_tables
from passerelle.planning.roster.solve import SolveParams, solve
from passerelle.planning.roster.stop import Stop

SEEDS = range(24)


def board_of(seed: int) -> Board:
    tables = compile_tables(tiny_instance(seed))
    board = Board(tables, Lines(tables))
    build_up.post_locked(board)
    return board


def planned(seed: int, chunks: int = 3, visits: int = 60) -> Crowd:
    crowd = Crowd(board_of(seed))
    rng = np.random.default_rng(seed)
    if crowd.spread.kinds:
        crowd.share(seed, lambda done: done / chunks)
        crowd.improve(rng, lambda done: done / visits, lambda: None)
        crowd.keep_rules(rng, lambda: False)
    return crowd


@pytest.mark.parametrize("seed", SEEDS)
def test_the_catalogue_lists_each_posting_once_under_its_window(seed: int) -> None:
    board = board_of(seed)
    tables = board.tables
    found = list_postings(tables, board.pricing)

    listed = []
    for cls in range(len(tables.class_people)):
        for w in range(found.of_class[cls], found.of_class[cls + 1]):
            assert found.places[cls, found.starts[w], found.lengths[w]] == w
            for d in range(found.of_window[w], found.of_window[w + 1]):
                option = tables.options[found.option[d]]
                assert option.cls == cls
                assert found.first[d] - option.ext == found.starts[w]
                assert found.last[d] - found.first[d] + 2 * option.ext == found.lengths[w]
                listed.append((int(found.option[d]), int(found.first[d]), int(found.last[d])))
    expected = {
        (index, first, last)
        for index, option in enumerate(tables.options)
        for first in option.marks
        for last in option.marks
        if option.least <= last - first <= option.most
        and first >= option.ext
        and last + option.ext <= tables.n_steps
    }
    assert len(listed) == len(set(listed))
    assert set(listed) == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_no_crew_is_lost_in_shares_or_when_made_whole(seed: int) -> None:
    crowd = planned(seed)
    lists = crowd.spread.lists

    for kind in crowd.spread.kinds:
        crews = lists.crews[lists.of_kind[kind] : lists.of_kind[kind] + lists.used[kind]]
        assert crews.sum() == crowd.board.tables.kinds[kind].strength
        assert (crews == np.rint(crews)).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_plan_costs_what_the_spread_says_and_passes_the_checker(seed: int) -> None:
    crowd = planned(seed)
    claimed, is_broken = crowd.spread.cost, crowd.spread.is_broken

    crowd.write()

    report = check(
        crowd.board.tables.instance, plan_of(crowd.board.tables, crowd.board.copy_lines())
    )
    assert not report.violations
    if not is_broken:
        assert report.value == pytest.approx(claimed)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_visit_gains_exactly_what_it_says(seed: int) -> None:
    crowd = Crowd(board_of(seed))
    if not crowd.spread.kinds:
        pytest.skip("all crews of this instance are locked")
    crowd.share(seed, lambda done: done / 2)
    crowd.spread.make_whole()
    rng = np.random.default_rng(seed)

    for _ in range(20):
        before = crowd.spread.cost
        gained = crowd.spread.improve_whole(rng)

        assert gained >= 0
        assert crowd.spread.cost == pytest.approx(before - gained, abs=1e-3)


def test_the_same_seed_gives_the_same_plan() -> None:
    first, second = planned(5), planned(5)

    first.write()
    second.write()

    assert first.board.worked == second.board.worked


@pytest.mark.parametrize("seed", SEEDS)
def test_a_crowd_never_costs_less_than_the_bound(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("passerelle.planning.roster.engine.crowd._CROWD", 0)
    params = SolveParams(threads=1, chunks=2, visits=40)

    result = solve(tiny_instance(seed), Stop(iterations=40), seed=seed, params=params)

    assert result.value >= result.bound - 1e-6


def test_a_plan_to_start_with_is_kept_or_made_better(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("passerelle.planning.roster.engine.crowd._CROWD", 0)
    instance = tiny_instance(5)
    params = SolveParams(threads=1, chunks=2, visits=40)
    first = solve(instance, Stop(iterations=40), params=params)

    again = solve(instance, Stop(iterations=40), params=params, start=first.plan)

    assert again.value <= first.value + 1e-6
    assert again.iterations["rounds"] > 0


def test_a_stop_that_is_over_still_leaves_a_valid_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("passerelle.planning.roster.engine.crowd._CROWD", 0)
    stop = Stop()
    stop.cancelled.set()

    result = solve(tiny_instance(3), stop, params=SolveParams(threads=1))

    assert not check(tiny_instance(3), result.plan).violations
