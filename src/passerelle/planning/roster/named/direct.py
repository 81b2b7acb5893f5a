"""Solve a day grid as one direct integer programme in HiGHS or CP-SAT, to compare with.

One binary variable a person, day and type; runs, rests and weekends as rows. This is what a general
solver is given; it serves as a yardstick in benchmarks and as an oracle in tests, never in the product.

References
----------
.. [1] T. Curtois, R. Qu (2014), "Computational results on new staff scheduling benchmark instances",
   section 2: the integer programme.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from passerelle.planning.roster.direct.rows import Rows
from passerelle.planning.roster.direct.solvers import SOLVERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from passerelle.planning.roster.named.instance import DayGrid

__all__ = ["solve_direct"]


def solve_direct(
    grid: DayGrid, seconds: float, *, threads: int = 1, solver: str = "highs"
) -> tuple[NDArray[np.int16] | None, float]:
    """Solve with a general solver; the two cannot live in one process.

    Parameters
    ----------
    grid
        The instance.
    seconds
        Time limit.
    threads
        Threads of the solver.
    solver
        ``highs`` or ``cp-sat``.

    Returns
    -------
    tuple[NDArray[np.int16] | None, float]
        Best roster or None, and the bound proved.
    """
    if grid.soft is not None or grid.spare is not None:
        raise ValueError("Expected a grid whose limits are all hard and whose need has no floor.")
    model = Rows()
    variables = _variables(grid, model)
    for p in range(grid.n_people):
        _person_rows(grid, model, p, variables[p])
    for d in range(grid.n_days):
        for t in range(grid.n_types):
            if grid.under[d, t] or grid.over[d, t]:
                need = float(grid.need[d, t])
                missing = model.column(float(grid.under[d, t]), need)
                surplus = model.column(float(grid.over[d, t]), grid.n_people)
                terms = [(int(v), 1.0) for v in variables[:, d, t] if v >= 0]
                model.row(need, need, [*terms, (missing, 1.0), (surplus, -1.0)])
    solution, least = SOLVERS[solver](model, seconds, threads)
    bound = least + grid.wish_constant
    if solution is None:
        return None, bound
    roster = grid.empty_roster()
    for p, d, t in np.argwhere(variables >= 0):
        if solution[variables[p, d, t]] > 0.5:
            roster[p, d] = t
    return roster, bound


def _variables(grid: DayGrid, model: Rows) -> NDArray[np.int64]:
    """Add a variable for each shift that a person may work; -1 elsewhere."""
    variables = np.full(grid.wish.shape, -1, dtype=np.int64)
    open_ = ~grid.closed[:, :, None] & (grid.type_cap > 0)[:, None, :]
    for p, d, t in np.argwhere(open_):
        variables[p, d, t] = model.column(float(grid.wish[p, d, t]), 1.0)
    return variables


def _person_rows(grid: DayGrid, model: Rows, p: int, own: NDArray[np.int64]) -> None:
    """Add the rules of one person."""
    contract, days = grid.contracts[p], grid.n_days
    work = [[(int(v), 1.0) for v in own[d] if v >= 0] for d in range(days)]
    for d in range(days):
        model.row(0, 1, work[d])
        for t in range(grid.n_types):
            followers = (
                [int(own[d + 1, u]) for u in np.flatnonzero(grid.banned[t])] if d + 1 < days else []
            )
            terms = [(v, 1.0) for v in followers if v >= 0]
            if own[d, t] >= 0 and terms:
                model.row(0, 1, [(int(own[d, t]), 1.0), *terms])
    minutes = [
        (int(own[d, t]), float(grid.type_minutes[t]))
        for d in range(days)
        for t in range(grid.n_types)
        if own[d, t] >= 0
    ]
    model.row(contract.min_minutes, contract.max_minutes, minutes)
    for t in range(grid.n_types):
        if 0 < grid.type_cap[p, t] < days:
            model.row(0, float(grid.type_cap[p, t]), [(int(v), 1.0) for v in own[:, t] if v >= 0])
    for d in range(days - contract.max_run):
        model.row(
            0, contract.max_run, list(chain.from_iterable(work[d : d + contract.max_run + 1]))
        )
    _least_runs(model, work, contract.min_run, contract.min_rest)
    weekends = []
    for saturday in grid.saturdays():
        column = model.column(0.0, 1.0)
        weekends.append((column, 1.0))
        for d in (saturday, saturday + 1):
            if 0 <= d < days:
                model.row(-1, 0, [*work[d], (column, -1.0)])
    model.row(0, contract.max_weekends, weekends)


def _least_runs(
    model: Rows, work: list[list[tuple[int, float]]], min_run: int, min_rest: int
) -> None:
    """Forbid runs of work and of rest that are too short inside the horizon."""
    days = len(work)
    negative = [[(v, -1.0) for v, _ in terms] for terms in work]
    for length in range(1, min_run):
        for d in range(days - length - 1):
            inside = chain.from_iterable(negative[d + 1 : d + 1 + length])
            model.row(1 - length, np.inf, [*work[d], *inside, *work[d + 1 + length]])
    for length in range(1, min_rest):
        for d in range(days - length - 1):
            inside = chain.from_iterable(work[d + 1 : d + 1 + length])
            model.row(-1, np.inf, [*negative[d], *inside, *negative[d + 1 + length]])
