"""Prices moved along subgradients only ever prove more, and never more than a plan costs."""

from __future__ import annotations

import numpy as np
import pytest
from tests.factories.tiny import tiny_instance

from passerelle.planning.roster.engine import _climb_kernels, _kernels
from passerelle.planning.roster.engine.ascent import Ascent
from passerelle.planning.roster.engine.bounding import Bounding
from passerelle.planning.roster.engine.lines import Lines
from passerelle.planning.roster.engine.pieces import joined, pieces_of
from passerelle.planning.roster.engine.tables import compile_tables
from passerelle.planning.roster.solve import SolveParams, solve
from passerelle.planning.roster.stop import Stop

SEEDS = [s for s in range(24) if s not in {5, 15, 23}]


def bounding_of(seed: int) -> Bounding:
    tables = compile_tables(tiny_instance(seed))
    bounding = Bounding(tables, Lines(tables))
    bounding.prove()
    return bounding


@pytest.mark.parametrize("seed", SEEDS)
def test_pieces_share_no_track_and_no_kind(seed: int) -> None:
    bounding = bounding_of(seed)

    for pieces in (
        joined(bounding.tables, bounding.pricing),
        pieces_of(bounding.tables, bounding.pricing),
    ):
        kinds = [k for piece in pieces for k in piece.kinds]
        owned = np.sum([piece.owned.astype(int) for piece in pieces], axis=0)

        assert sorted(kinds) == list(range(len(bounding.tables.kinds)))
        assert (owned <= 1).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_subgradient_bounds_every_change_of_the_bound(seed: int) -> None:
    bounding = bounding_of(seed)
    rng = np.random.default_rng(seed)

    for piece in joined(bounding.tables, bounding.pricing):
        climb = Ascent(bounding, piece)
        prices = bounding.prices.cover
        prefix = np.zeros((len(prices), prices.shape[1] + 1))
        prefix[:, 1:] = np.cumsum(prices, axis=1)
        here = rng.uniform(0.1, 5.0, prices[climb.rows].shape)
        there = rng.uniform(0.1, 5.0, here.shape)
        value, slope = climb.evaluate(here, prefix)
        other, _ = climb.evaluate(there, prefix)

        alive = (climb._below > 0) | (climb._short > 0) | (climb._above > 0)
        assert other <= value + (slope * (there - here))[alive].sum() + _unpriced(
            climb, here, there, alive
        )


def _unpriced(climb: Ascent, here: np.ndarray, there: np.ndarray, alive: np.ndarray) -> float:
    """What lines may earn on steps without any cost, whose price is no variable."""
    crews = sum(climb.bounding.tables.kinds[k].strength for k in climb.piece.kinds)
    coef = max((abs(c) for o in climb.bounding.tables.options for c in o.coefs), default=1)
    return float(crews * coef * np.abs(there - here)[~alive].sum()) + 1e-6


@pytest.mark.parametrize("seed", SEEDS)
def test_climbing_never_lowers_the_bound_of_a_piece(seed: int) -> None:
    bounding = bounding_of(seed)

    for piece in joined(bounding.tables, bounding.pricing):
        assert Ascent(bounding, piece).climb(30, lambda: False) >= 0.0


@pytest.mark.parametrize("seed", SEEDS)
def test_the_raised_bound_stays_below_the_best_plan(seed: int) -> None:
    bounding = bounding_of(seed)
    before = bounding.bound
    plan = solve(tiny_instance(seed), Stop(iterations=60), params=SolveParams(threads=1))

    for _ in bounding.ascend(most_visits=3, is_over=lambda: False):
        pass

    assert before <= bounding.bound <= plan.value + 1e-6


@pytest.mark.parametrize("seed", SEEDS)
def test_the_swift_search_finds_what_the_plain_one_finds(seed: int) -> None:
    bounding = bounding_of(seed)
    rng = np.random.default_rng(seed)
    tables = bounding.tables
    starts, lengths = (np.empty(tables.n_steps, dtype=np.int32) for _ in range(2))
    compared = 0

    for index, kind in enumerate(tables.kinds):
        rules = bounding.pricing.rules_of(index)
        if rules.locked or rules.spec[3] > 1:
            continue
        prefix = np.zeros((len(tables.minimum), tables.n_steps + 1))
        prefix[:, 1:] = np.cumsum(rng.uniform(-1.0, 9.0, tables.minimum.shape), axis=1)
        start_price = bounding.start_price(kind.cls)
        value = bounding.pricing.window_values(kind.cls, prefix, start_price).value
        plain, _ = _kernels.best_line(
            value, rules.night, rules.ends, rules.tile, rules.spec, False, rules.work_most,
            starts, lengths,
        )  # fmt: skip
        swift, n = _climb_kernels.swift_line(
            value, rules.night, rules.ends, rules.spec, starts, lengths
        )
        worked = sum(value[starts[i], lengths[i]] for i in range(n))

        assert swift == pytest.approx(plain)
        assert worked == pytest.approx(swift)
        compared += 1

    assert compared or all(k.group.locked or k.group.rules.run_least > 1 for k in tables.kinds)


@pytest.mark.parametrize("seed", SEEDS)
def test_settling_a_track_never_lowers_the_bound(seed: int) -> None:
    bounding = bounding_of(seed)

    for piece in joined(bounding.tables, bounding.pricing):
        climb = Ascent(bounding, piece)
        prices = bounding.prices.cover
        prefix = np.zeros((len(prices), prices.shape[1] + 1))
        prefix[:, 1:] = np.cumsum(prices, axis=1)
        here, _ = climb.evaluate(prices[climb.rows], prefix)

        _, there = climb._settle(prices[climb.rows], here, prefix, lambda: False)

        assert there >= here
