"""The part of the cost that a kind can change moves as the whole cost does."""

from __future__ import annotations

import numpy as np
import pytest
from tests.factories.tiny import tiny_instance

from passerelle.planning.roster.engine import build_up
from passerelle.planning.roster.engine.board import Board
from passerelle.planning.roster.engine.lines import Lines
from passerelle.planning.roster.engine.tables import compile_tables


def board_of(seed: int) -> Board:
    tables = compile_tables(tiny_instance(seed))
    return Board(tables, Lines(tables))


@pytest.mark.parametrize("seed", range(12))
def test_posting_a_crew_changes_the_cost_around_its_kind_as_the_whole(seed: int) -> None:
    board = board_of(seed)

    for kind in range(len(board.free)):
        _, line = board.best_insertion(kind, 1)
        whole, around = board.cost, board.cost_around(kind)
        board.add(kind, line, 1)

        assert board.cost - whole == pytest.approx(board.cost_around(kind) - around)


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 6, 7, 8, 10])
def test_chances_are_a_distribution_and_every_kind_has_one(seed: int) -> None:
    board = board_of(seed)

    kinds = list(range(len(board.free)))
    assert kinds
    found = build_up.chances(board, kinds)

    assert found.sum() == pytest.approx(1.0)
    assert (found > 0).all()


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 6, 7, 8, 10])
def test_a_step_never_makes_the_plan_dearer(seed: int) -> None:
    board = board_of(seed)
    build_up.first_plan(board, is_over=lambda: False)
    rng, kinds = np.random.default_rng(seed), list(range(len(board.free)))

    for _ in range(20):
        before = board.cost
        gained = build_up.improve(
            board, rng, kinds, is_over=lambda: False, weights=build_up.chances(board, kinds)
        )

        assert gained >= 0
        assert board.cost == pytest.approx(before - gained)
