"""Plan an event crew by crew: post, prove, improve; solutions of the relaxation are made whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from passerelle.planning.roster.engine import build_up
from passerelle.planning.roster.engine.rounding import rounded
from passerelle.planning.roster.result import OPTIMAL_GAP, relative_gap

if TYPE_CHECKING:
    from passerelle.planning.roster.engine.relax import Solved
    from passerelle.planning.roster.engine.run import Run

__all__ = ["plan_crew_by_crew"]

_WEIGHED: Final = 100
"""Steps of improvement between two weighings of the kinds."""
_PARTS: Final = 40


def plan_crew_by_crew(run: Run) -> None:
    """Post crew after crew and improve, beside or after the proof."""
    build_up.first_plan(run.board, is_over=lambda: run.is_over, parts=_PARTS)
    build_up.drop_violations(run.board)
    run.keep("first")
    _prove(run)
    _improve(run)


def _prove(run: Run) -> None:
    """Let the helper prove, or prove here and now."""
    lines, costs = run.board.copy_lines(), run.board.track_costs()
    if run.helper is not None:
        run.helper.begin(lines, costs)
        return
    for piece, solved in run.bounding.run(
        lines, costs, tolerance=run.params.tolerance, most_rounds=run.params.rounds,
        is_over=lambda: run.is_over, seconds=lambda: run.left,
    ):  # fmt: skip
        _take_over(run, piece.kinds, solved)


def _improve(run: Run) -> None:
    rng = np.random.default_rng(run.seed)
    kinds = [k for k, kind in enumerate(run.tables.kinds) if not kind.group.locked]
    weights = None
    while kinds and not run.is_over and not run.stop.is_over(run.steps):
        if run.steps % _WEIGHED == 0:
            weights = build_up.chances(run.board, kinds)
        build_up.improve(run.board, rng, kinds, is_over=lambda: False, weights=weights)
        run.steps += 1
        if run.steps % 20 == 0:
            for news in run.listen():
                if news.solved is not None and run.stop.left > 0:
                    _take_over(run, news.kinds, news.solved)
            run.keep("improve")
            if relative_gap(run.value, run.bound) <= max(run.stop.gap, OPTIMAL_GAP):
                break
        if not run.is_timed and run.stop.iterations is None:
            break
    run.keep("improve")


def _take_over(run: Run, kinds: tuple[int, ...], solved: Solved) -> None:
    """Round a solution of the relaxation; keep it when it is cheaper."""
    board = run.board
    free = [k for k in kinds if not run.tables.kinds[k].group.locked]
    before, old = board.copy_lines(), board.cost
    found = rounded(board, solved)
    for kind in free:
        board.exchange(kind, found.get(kind, {}))
    for kind in free:
        build_up.fill(board, kind, is_over=lambda: run.stop.left <= 0, parts=_PARTS)
    if build_up.is_broken(board):
        build_up.drop_violations(board)
        for kind, crews in enumerate(board.free):
            if crews and not run.tables.kinds[kind].group.locked:
                build_up.fill(board, kind, is_over=lambda: run.stop.left <= 0, parts=_PARTS)
    if board.cost >= old:
        board.reset(before)
    run.keep("round")
