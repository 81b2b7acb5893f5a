"""The compiled loops give the same result as the plain functions that they are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.factories.tiny import tiny_instance

from passerelle.planning.roster.engine import _kernels
from passerelle.planning.roster.engine.lines import Lines
from passerelle.planning.roster.engine.tables import compile_tables


@pytest.mark.parametrize("seed", range(6))
def test_best_line_is_the_same_without_the_compiler(seed: int) -> None:
    tables = compile_tables(tiny_instance(seed))
    rng = np.random.default_rng(seed)
    value = rng.normal(0.0, 10.0, (tables.n_steps, tables.longest + 1))
    for kind in Lines(tables)._rules:
        compiled = _both(_kernels.best_line_exact, _kernels.best_line, kind, value)
        plain = _both(_kernels.best_line_exact.py_func, _kernels.best_line.py_func, kind, value)

        assert compiled == plain
        assert compiled[0][0] >= compiled[1][0] - 1e-9


def _both(exact: Any, near: Any, kind: Any, value: Any) -> tuple[Any, Any, Any]:
    """Run the exact and the quick search; return their answers and the line of the exact one."""
    arguments = (value, kind.night, kind.ends, kind.tile, kind.spec)
    starts, lengths = (np.zeros(len(value), np.int32) for _ in range(2))
    quick = near(*arguments, True, kind.work_most, starts, lengths)
    found = exact(*arguments, kind.work_most, 100_000, starts, lengths)
    return found, quick, starts[: found[1]].tolist()
