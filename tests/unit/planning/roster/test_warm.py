"""Warming leaves nothing to compile for a solve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.factories.roster import big_event

from passerelle.planning.roster.engine import _kernels, _moves, _spread_kernels
from passerelle.planning.roster.solve import SolveParams, solve
from passerelle.planning.roster.stop import Stop
from passerelle.planning.roster.warm import forget, is_compiled, warm

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

LOOPS: tuple[ModuleType, ...] = (_kernels, _moves, _spread_kernels)


def _compiled() -> dict[str, int]:
    """Return how many versions of each loop are in this process."""
    return {
        f"{module.__name__}.{name}": len(found.signatures)
        for module in LOOPS
        for name, found in vars(module).items()
        if hasattr(found, "signatures")
    }


@pytest.mark.slow
def test_after_warming_a_solve_compiles_nothing() -> None:
    warm()
    before = _compiled()

    for scale in (0.1, 1.0):
        event = big_event(sites=6, posts=4, days=10, scale=scale)
        solve(event, Stop(iterations=30), params=SolveParams(threads=1, rounds=3, chunks=5))

    assert _compiled() == before
    assert is_compiled()


def test_what_is_compiled_already_is_not_announced() -> None:
    warm()
    told = []

    warm(lambda: told.append(1))

    assert told == []


def test_loops_of_other_sources_are_forgotten_with_their_marks_and_nothing_else(
    tmp_path: Path,
) -> None:
    # A loop of ``_moves`` keeps the ``best_line`` with which it was compiled.
    stale = ("_moves.move-1.py311.nbi", "_moves.move-1.py311.1.nbc", "passerelle-0.compiled")
    kept = ("climb.step-1.py311.nbi", "passerelle-0.lock")
    for name in (*stale, *kept):
        (tmp_path / name).touch()

    forget(tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(kept)
