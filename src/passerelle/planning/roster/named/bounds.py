"""Re-verify a bound from its certificate, without the solver's code.

A certificate is a set of leaves. Together they hold every roster, because they come from splits "a whole
sum is at most k, or at least k + 1" and "this person works one of these types on this day, or none". In each leaf, for any prices,

    cost >= prices · need + bounds of sums + slack at its worst + cheapest roster of each person,

and the cheapest roster is found here by a plain walk over days and states in dictionaries, another
algorithm than the one of the solver. It is slow: seconds a person for four weeks.

References
----------
.. [1] A. Geoffrion (1974), "Lagrangean relaxation for integer programming", section 3.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from passerelle.planning.roster.named.instance import DAYS_PER_WEEK, SATURDAY
from passerelle.planning.roster.named.soft import walk as soft_walk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from passerelle.planning.roster.named.branch import Fixing, Leaf
    from passerelle.planning.roster.named.instance import DayGrid
    from passerelle.planning.roster.named.master import Sum

    Walk = Callable[[DayGrid, int, NDArray[np.float64]], float]

__all__ = ["Certificate", "cheapest_cost", "check_certificate", "proved_bound"]

_ROUNDING: Final = 1e-4
_FORBIDDEN: Final = 1e7
"""Price of a shift that a leaf forbids. Any price proves a bound; a high one proves most."""

_State = tuple[int, int, int, int, tuple[int, ...]]
"""Run (work > 0, rest < 0), last type, minutes, weekends, shifts of each capped type."""


class Certificate(NamedTuple):
    """Hold what proves a bound.

    Parameters
    ----------
    bound
        What is claimed, a whole number.
    leaves
        Parts of the space with prices.
    sums
        The sums that the leaves bound.
    """

    bound: float
    leaves: tuple[Leaf, ...]
    sums: tuple[Sum, ...]


def proved_bound(grid: DayGrid, certificate: Certificate, walk: Walk | None = None) -> float:
    """Return the bound that a certificate proves, whatever it claims.

    Parameters
    ----------
    grid
        The instance.
    certificate
        Prices; the claim is not looked at.
    walk
        Another walk than :func:`cheapest_cost`, such as a faster one.

    Returns
    -------
    float
        A whole number, or minus infinity when the leaves do not hold every roster.
    """
    if not _holds_everything(certificate.leaves, 0):
        return -math.inf
    walk = walk or cheapest_cost
    known: dict[bytes, float] = {}
    bounds = [_leaf_bound(grid, leaf, certificate.sums, walk, known) for leaf in certificate.leaves]
    least = min(bounds)
    return grid.round_up(least, _ROUNDING) if math.isfinite(least) else least


def check_certificate(
    grid: DayGrid, certificate: Certificate, walk: Walk | None = None
) -> list[str]:
    """List what is wrong with a certificate; an empty list means that the bound is proved.

    Parameters
    ----------
    grid
        The instance.
    certificate
        Claim and prices.
    walk
        Another walk than :func:`cheapest_cost`.

    Returns
    -------
    list[str]
        Sentences in English.
    """
    faults = []
    known: dict[bytes, float] = {}
    if not _holds_everything(certificate.leaves, 0):
        faults.append("The leaves do not hold every roster together.")
    for number, leaf in enumerate(certificate.leaves):
        bound = _leaf_bound(grid, leaf, certificate.sums, walk or cheapest_cost, known)
        if not math.isfinite(bound) or grid.round_up(bound, _ROUNDING) < certificate.bound:
            faults.append(f"Leaf {number} proves {bound:.4f}, claimed {certificate.bound}.")
    return faults


def _holds_everything(leaves: Sequence[Leaf], depth: int) -> bool:
    """Check that the leaves are those of a tree of complementary splits."""
    if len(leaves) == 1:
        return len(leaves[0].limits) == depth and not leaves[0].fixings
    if not any(leaf.limits for leaf in leaves):
        return _persons_hold_everything(leaves, 0)
    low: list[Leaf] = []
    high: list[Leaf] = []
    splits = set()
    for leaf in leaves:
        if len(leaf.limits) <= depth:
            return False
        number, least, most = leaf.limits[depth]
        if math.isinf(least) and not math.isinf(most):
            low.append(leaf)
            splits.add((number, most))
        elif math.isinf(most) and not math.isinf(least):
            high.append(leaf)
            splits.add((number, least - 1))
        else:
            return False
    if len(splits) != 1 or not low or not high:
        return False
    return _holds_everything(low, depth + 1) and _holds_everything(high, depth + 1)


def _persons_hold_everything(leaves: Sequence[Leaf], depth: int) -> bool:
    """Check the same of leaves that differ in what persons do on days."""
    if len(leaves) == 1:
        return len(leaves[0].fixings) == depth
    if any(len(leaf.fixings) <= depth for leaf in leaves):
        return False
    splits = {leaf.fixings[depth][:3] for leaf in leaves}
    halves = [[leaf for leaf in leaves if leaf.fixings[depth].works == w] for w in (True, False)]
    if len(splits) != 1 or not all(halves):
        return False
    return all(_persons_hold_everything(half, depth + 1) for half in halves)


def _with_fixings(
    cost: NDArray[np.float64], fixings: Sequence[Fixing]
) -> tuple[NDArray[np.float64], float]:
    """Put a price on what is fixed for one person: rosters that disagree cost more than any bound.

    Returns the costs of shifts and what the prices are worth to every roster.
    """
    cost, worth = cost.copy(), 0.0
    for fixing in fixings:
        cost[fixing.day, list(fixing.types)] += -_FORBIDDEN if fixing.works else _FORBIDDEN
        worth += _FORBIDDEN if fixing.works else 0.0
    return cost, worth


def _leaf_bound(
    grid: DayGrid, leaf: Leaf, sums: Sequence[Sum], walk: Walk, known: dict[bytes, float]
) -> float:
    """Recompute the bound of one leaf; ``known`` keeps the sum over persons for prices met before."""
    if leaf.prices is None:
        return -math.inf
    prices = leaf.prices
    on_sum = np.zeros(len(sums))
    if leaf.sums is not None:
        on_sum[: len(leaf.sums)] = leaf.sums
    missing = grid.under - prices
    surplus = grid.over + prices
    total = float((prices * grid.need).sum()) + grid.wish_constant
    for number, price in enumerate(on_sum):
        if price == 0:
            continue
        least = max((low for k, low, _ in leaf.limits if k == number), default=-math.inf)
        most = min((high for k, _, high in leaf.limits if k == number), default=math.inf)
        end = least if price > 0 else most
        if math.isinf(end):
            # A price without a limit behind it, such as the rounding of an LP leaves, proves nothing.
            continue
        total += float(price * end)
        if sums[number].is_surplus:
            surplus = surplus - price * sums[number].cells
        else:
            missing = missing - price * sums[number].cells
    # Slack of negative price is taken as far as it can go.
    spare = grid.need if grid.spare is None else grid.spare
    total += float((np.minimum(missing, 0) * spare).sum())
    total += float((np.minimum(missing + grid.grave, 0) * (grid.need - spare)).sum())
    total += float((np.minimum(surplus, 0) * grid.n_people).sum())
    for p in range(grid.n_people):
        fixings = [fixing for fixing in leaf.fixings if fixing.person == p]
        cost, worth = _with_fixings(grid.wish[p] - prices, fixings)
        key = p.to_bytes(4) + cost.tobytes()
        if key not in known:
            known[key] = walk(grid, p, cost)
        total += known[key] + worth
    return total


def cheapest_cost(grid: DayGrid, person: int, cost: NDArray[np.float64]) -> float:
    """Find the cost of the cheapest legal roster of a person, by a plain walk over days.

    Parameters
    ----------
    grid
        The instance.
    person
        Place of the person.
    cost
        Cost of each shift, shape ``(n_days, n_types)``.

    Returns
    -------
    float
        Infinite when there is no legal roster.
    """
    if grid.soft is not None:
        return soft_walk.cheapest_cost(grid, person, cost)
    contract = grid.contracts[person]
    capped = [t for t in range(grid.n_types) if 0 < grid.type_cap[person, t] < grid.n_days]
    start: _State = (0, -1, 0, 0, (0,) * len(capped))
    states: dict[_State, float] = {start: 0.0}
    for day in range(grid.n_days):
        after: dict[_State, float] = {}
        for state, value in states.items():
            for target, price in _moves(grid, person, day, state, capped=capped, cost=cost):
                total = value + price
                if total < after.get(target, math.inf):
                    after[target] = total
        states = after
    return min((v for s, v in states.items() if s[2] >= contract.min_minutes), default=math.inf)


def _moves(
    grid: DayGrid,
    person: int,
    day: int,
    state: _State,
    *,
    capped: list[int],
    cost: NDArray[np.float64],
) -> list[tuple[_State, float]]:
    """List what a person may do on a day."""
    contract = grid.contracts[person]
    run, last, minutes, weekends, counts = state
    moves: list[tuple[_State, float]] = []
    # A run as long as the days gone by began on day 0: what was before is unknown.
    if run <= 0 or run >= contract.min_run or run == day:
        off = min(run, 0) - 1
        if -off > contract.min_rest and -off != day + 1:
            off = -contract.min_rest
        moves.append(((off, -1, minutes, weekends, counts), 0.0))
    may_begin = run < 0 and (-run >= contract.min_rest or -run == day)
    if grid.closed[person, day] or not (run == 0 or may_begin or 0 < run < contract.max_run):
        return moves
    weekday = (grid.first_weekday + day) % DAYS_PER_WEEK
    is_new = weekday == SATURDAY or (weekday == SATURDAY + 1 and run <= 0)
    weekends += is_new
    if weekends > contract.max_weekends:
        return moves
    for t in range(grid.n_types):
        total = minutes + int(grid.type_minutes[t])
        if total > contract.max_minutes or (run > 0 and grid.banned[last, t]):
            continue
        used = tuple(c + (k == t) for k, c in zip(capped, counts, strict=True))
        within = all(c <= grid.type_cap[person, k] for k, c in zip(capped, used, strict=True))
        if grid.type_cap[person, t] > 0 and within:
            moves.append(((max(run, 0) + 1, t, total, weekends, used), float(cost[day, t])))
    return moves
