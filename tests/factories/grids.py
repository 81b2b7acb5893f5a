"""Small day grids for tests, hand made or drawn from a seed."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from passerelle.planning.roster.named.instance import Contract, DayGrid
from passerelle.planning.roster.named.rules import RULES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from passerelle.planning.roster.named.rules.breach import Row

__all__ = ["legal_rows", "optimum", "random_grid", "simple_grid"]


def simple_grid(
    *,
    contract: Contract | None = None,
    people: int = 2,
    days: int = 7,
    minutes: tuple[int, ...] = (480,),
    need: int = 1,
) -> DayGrid:
    """Return a grid without wishes in which every day needs ``need`` people of every type."""
    types = len(minutes)
    contract = contract or Contract(0, 480 * days, 1, days, 1, 9)
    return DayGrid(
        name="simple",
        type_ids=tuple("ABCDEF"[:types]),
        type_minutes=np.array(minutes, dtype=np.int64),
        banned=np.zeros((types, types), dtype=np.bool_),
        person_ids=tuple(f"P{p}" for p in range(people)),
        contracts=(contract,) * people,
        type_cap=np.full((people, types), days, dtype=np.int64),
        closed=np.zeros((people, days), dtype=np.bool_),
        wish=np.zeros((people, days, types), dtype=np.int32),
        wish_constant=0,
        need=np.full((days, types), need, dtype=np.int64),
        under=np.full((days, types), 100, dtype=np.int64),
        over=np.ones((days, types), dtype=np.int64),
    )


def random_grid(seed: int, *, people: int = 2, days: int = 6, types: int = 2) -> DayGrid:
    """Return a random small grid; some have no legal roster."""
    rng = np.random.default_rng(seed)
    lengths = rng.choice([480, 600, 720], types)
    contracts = []
    for _ in range(people):
        run = int(rng.integers(1, 4))
        least = int(rng.integers(0, days // 2 + 1)) * 480
        contracts.append(
            Contract(
                min_minutes=least,
                max_minutes=least + int(rng.integers(1, 5)) * 480,
                min_run=run,
                max_run=run + int(rng.integers(0, 3)),
                min_rest=int(rng.integers(1, 4)),
                max_weekends=int(rng.integers(0, 3)),
            )
        )
    banned = rng.random((types, types)) < 0.25
    wish = np.where(
        rng.random((people, days, types)) < 0.4, rng.integers(-3, 4, (people, days, types)), 0
    )
    return DayGrid(
        name=f"random-{seed}",
        type_ids=tuple("ABCDEF"[:types]),
        type_minutes=lengths.astype(np.int64),
        banned=banned,
        person_ids=tuple(f"P{p}" for p in range(people)),
        contracts=tuple(contracts),
        type_cap=rng.integers(0, 5, (people, types)),
        closed=rng.random((people, days)) < 0.1,
        wish=wish.astype(np.int32),
        wish_constant=int(-wish[wish < 0].sum()),
        need=rng.integers(0, people + 1, (days, types)),
        under=rng.choice([7, 20], (days, types)),
        over=rng.integers(0, 3, (days, types)),
        first_weekday=int(rng.integers(0, 7)),
    )


def is_legal(grid: DayGrid, person: int, row: Row) -> bool:
    """Tell whether no rule is broken."""
    return not any(True for rule in RULES for _ in rule.breaches(grid, person, row))


def legal_rows(grid: DayGrid, person: int) -> NDArray[np.int16]:
    """List every legal roster of a person by trying all."""
    every = product(range(-1, grid.n_types), repeat=grid.n_days)
    rows = [
        row for row in (np.array(c, dtype=np.int16) for c in every) if is_legal(grid, person, row)
    ]
    return np.array(rows, dtype=np.int16).reshape(-1, grid.n_days)


def optimum(grid: DayGrid) -> int | None:
    """Find the least cost by trying every combination; None when somebody has no roster."""
    everybody = [legal_rows(grid, p) for p in range(grid.n_people)]
    if any(len(rows) == 0 for rows in everybody):
        return None
    cells = [
        (rows[:, :, None] == np.arange(grid.n_types)).reshape(len(rows), -1) for rows in everybody
    ]
    costs = [(cell * grid.wish[p].reshape(-1)).sum(axis=1) for p, cell in enumerate(cells)]
    need, under, over = (x.reshape(-1) for x in (grid.need, grid.under, grid.over))
    counts = np.zeros((1, need.size), dtype=np.int64)
    wishes = np.zeros(1, dtype=np.int64)
    for cell, cost in zip(cells, costs, strict=True):
        counts = (counts[:, None, :] + cell[None, :, :]).reshape(-1, need.size)
        wishes = (wishes[:, None] + cost[None, :]).reshape(-1)
    gap = need - counts
    cover = (np.maximum(gap, 0) * under + np.maximum(-gap, 0) * over).sum(axis=1)
    return int((cover + wishes).min()) + grid.wish_constant
