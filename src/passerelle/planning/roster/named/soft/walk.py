"""Find the cheapest roster of a person with soft limits by a plain walk, to check bounds.

States lie in dictionaries, shifts and weekends are counted to the end and paid there; nothing is shared with
the automaton and its kernels. A run is counted one day past its limits, because longer ones pay the same.

References
----------
.. [1] S. Ceschia, N. Dang, P. De Causmaecker, S. Haspeslagh, A. Schaerf (2015), arXiv 1501.04177.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from passerelle.planning.roster.named.instance import DayGrid
    from passerelle.planning.roster.named.soft.values import SoftRules, Span

__all__ = ["cheapest_cost"]

_OFF = -1


class _State(NamedTuple):
    """Hold what the next days must know."""

    last: int
    same: int
    run: int
    """Days of work in a row, or of rest when ``last`` is -1."""
    shifts: int
    weekends: int


def cheapest_cost(grid: DayGrid, person: int, cost: NDArray[np.float64]) -> float:
    """Find the cost of the cheapest roster of a person.

    Parameters
    ----------
    grid
        The instance, with soft rules.
    person
        Place of the person.
    cost
        Cost of each shift, shape ``(n_days, n_types)``.

    Returns
    -------
    float
        Soft limits are paid beside the cost.
    """
    soft = grid.soft
    assert soft is not None
    contract, past = soft.contracts[person], soft.pasts[person]
    start = _State(past.shift, past.same, past.work or past.rest, past.assignments, past.weekends)
    states = {start: 0.0}
    for day in range(grid.n_days):
        after: dict[_State, float] = {}
        offers = list(_offers(grid, person, day, cost))
        for state, value in states.items():
            for shift, price in offers:
                if _is_banned(grid, soft, state.last, shift):
                    continue
                target, paid = _next(soft, person, state, shift, day)
                total = value + price + paid
                if total < after.get(target, math.inf):
                    after[target] = total
        states = after
    return min(
        value
        + soft.prices.assignment * _outside(state.shifts, contract.assignments)
        + soft.prices.weekend * max(state.weekends - contract.most_weekends, 0)
        for state, value in states.items()
    )


def _offers(
    grid: DayGrid, person: int, day: int, cost: NDArray[np.float64]
) -> Iterator[tuple[int, float]]:
    """Yield rest and each shift that is open, at the price of its cheapest skill."""
    assert grid.soft is not None
    yield _OFF, 0.0
    if grid.closed[person, day]:
        return
    for shift in range(len(grid.soft.same)):
        types = [t for t, s in enumerate(grid.soft.shift_of) if s == shift]
        prices = [float(cost[day, t]) for t in types if grid.type_cap[person, t] > 0]
        if prices:
            yield shift, min(prices)


def _is_banned(grid: DayGrid, soft: SoftRules, last: int, shift: int) -> bool:
    if _OFF in (last, shift):
        return False
    return bool(grid.banned[soft.shift_of.index(last), soft.shift_of.index(shift)])


def _next(
    soft: SoftRules, person: int, state: _State, shift: int, day: int
) -> tuple[_State, float]:
    """Return the state after a day and what is paid for it."""
    contract, prices = soft.contracts[person], soft.prices
    works, worked = shift != _OFF, state.last != _OFF
    span = contract.work if worked else contract.rest
    price = prices.work if worked else prices.rest
    paid = 0
    # The run that is open goes on, or it ends and may have been too short.
    if works == worked:
        run = state.run + 1
        paid += price * (run > span.most)
    else:
        run = 1
        other = prices.work if works else prices.rest
        if state.run:
            paid += price * max(span.least - state.run, 0)
        paid += other * ((contract.work if works else contract.rest).most < 1)
    same = state.same + 1 if shift == state.last else 1
    if works:
        paid += prices.same * (same > soft.same[shift].most)
    if worked and shift != state.last:
        paid += prices.same * max(soft.same[state.last].least - state.same, 0)
    weekday = day % 7
    new_weekend = works and (weekday == 5 or (weekday == 6 and not worked))
    if weekday == 6 and works != worked and contract.whole_weekends:
        paid += prices.whole
    kept = _State(
        shift,
        min(same, max(soft.same[shift]) + 1) if works else 0,
        min(run, max(contract.work if works else contract.rest) + 1),
        state.shifts + works,
        state.weekends + new_weekend,
    )
    return kept, float(paid)


def _outside(number: int, span: Span) -> int:
    """Count what is outside a range."""
    return max(span.least - number, 0) + max(number - span.most, 0)
