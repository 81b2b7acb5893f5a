"""Stack the rules of all kinds into the tables that compiled loops read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from passerelle.planning.roster.engine._spread_kernels import Laws

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.planning.roster.engine.lines import Lines
    from passerelle.planning.roster.engine.tables import Tables

__all__ = ["make_laws"]

IntArray = npt.NDArray[np.int32]


def make_laws(tables: Tables, lines: Lines) -> Laws:
    """Return the rules of all kinds, one row a kind."""
    rules = [lines.rules_of(kind) for kind in range(len(tables.kinds))]
    widest = max((len(r.work_most) for r in rules), default=1)
    work_most = np.full((len(rules), widest), 1 << 29, dtype=np.int32)
    for row, found in zip(work_most, rules, strict=True):
        row[: len(found.work_most)] = found.work_most
    return Laws(
        cls=np.array([kind.cls for kind in tables.kinds], dtype=np.int32),
        night=tables.night,
        ends=_stacked([r.ends for r in rules]),
        tile=_stacked([r.tile for r in rules]),
        spec=_stacked([r.spec for r in rules]),
        work_most=work_most,
        use_cost=np.array([r.use_cost for r in rules], dtype=np.float64),
    )


def _stacked(rows: Sequence[IntArray]) -> IntArray:
    return np.stack(rows) if rows else np.zeros((0, 1), dtype=np.int32)
