"""Bound what is still to come of a roster, with prices on its minutes and weekends, compiled.

The long programme of pricing has a state for every sum of minutes and count of weekends. Without them
a walk back over days costs next to nothing, but its cost to go is far too low wherever the contract
binds. A price ``a`` a unit of minutes and ``b`` a weekend makes it nearly exact: for every state

    cost so far + a * units + b * weekends + go_ab[day] - a * limit - b * cap

is a lower bound on the rosters through it, because ``a * (units - limit) <= 0`` and
``b * (weekends - cap) <= 0`` for every legal roster (``limit`` is the most units for ``a > 0``, the
least for ``a < 0``; ``b >= 0``). States at or above the threshold are never made. When even the first
day's bound is not below it, the long programme is not run at all.

The prices are found by turns, each exactly, by the meeting points of two lines.

References
----------
.. [1] G. Handler, I. Zang (1980), "A dual algorithm for the constrained shortest path problem",
   Networks 10. The meeting points.
.. [2] I. Dumitrescu, N. Boland (2003), "Improved preprocessing, labeling and scaling algorithms for the
   weight-constrained shortest path problem", Networks 42. Cutting states by priced resources.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from passerelle.planning.roster.named._layout import (
    FIRST,
    FIRST_WEEKDAY,
    INFINITE,
    LAST,
    MAX_RUN,
    MAX_UNITS,
    MIN_REST,
    MIN_UNITS,
    N_LOCAL,
    WEEKEND_CAP,
)

__all__ = ["landing", "look_ahead", "price_resources", "reach", "walk_back", "weekends_touched"]

_UNITS, _WEEKENDS = 0, 1
_TARGET, _TOUCHED = 0, 1
_DOUBLINGS = 12
_MEETINGS = 8
_TURNS = 3

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@njit(cache=True, nogil=True)
def weekends_touched(start: int, length: int, par: Ints) -> int:
    """Count the weekends that a stretch touches."""
    weekday = (par[FIRST_WEEKDAY] + par[FIRST] + start) % 7
    count = 0
    counted = False
    for _ in range(length):
        if weekday >= 5:
            if not counted:
                count += 1
            counted = True
        else:
            counted = False
        weekday = (weekday + 1) % 7
    return count


@njit(cache=True, nogil=True)
def landing(end: int, days: int, min_rest: int, next_forced: Ints) -> int:
    """Return the first day on which work may begin after a stretch, -1 when a forced day forbids it."""
    target = min(end + min_rest, days)
    return -1 if next_forced[end] < target else target


@njit(cache=True, nogil=True)
def look_ahead(par: Ints, next_forced: Ints, ahead: Ints) -> None:
    """Fill ``ahead[day, length]`` with landing day and weekends of a stretch; landing -1 for none."""
    days = par[LAST] - par[FIRST]
    ahead[:, :, _TARGET] = -1
    for day in range(days):
        for length in range(1, min(par[MAX_RUN], days - day) + 1):
            ahead[day, length, _TARGET] = landing(day + length, days, par[MIN_REST], next_forced)
            ahead[day, length, _TOUCHED] = weekends_touched(day, length, par)


@njit(cache=True, nogil=True)
def reach(
    table: Floats, shortest: int, par: Ints, next_forced: Ints, ahead: Ints, light: Floats,
    most: Ints, least: Ints,
) -> None:  # fmt: skip
    """Fill ``light[day, length, extra]``, the cheapest stretches without counters, and the most and
    least units to come from each day.
    """  # noqa: D205 - one sentence
    days = par[LAST] - par[FIRST]
    most[days], least[days] = 0, 0
    for day in range(days - 1, -1, -1):
        most[day], least[day] = -(10**9), 10**9
        if next_forced[day] > day:
            most[day], least[day] = most[day + 1], least[day + 1]
        for length in range(1, min(par[MAX_RUN], days - day) + 1):
            target = ahead[day, length, _TARGET]
            for w in range(table.shape[3]):
                cheapest = INFINITE
                for c in range(par[N_LOCAL]):
                    cheapest = min(cheapest, table[day, length, c, w])
                if target < 0 or most[target] < 0:
                    cheapest = INFINITE
                light[day, length, w] = cheapest
                if cheapest < INFINITE:
                    units = w + length * shortest
                    most[day] = max(most[day], units + most[target])
                    least[day] = min(least[day], units + least[target])


@njit(cache=True, nogil=True)
def walk_back(
    light: Floats, shortest: int, par: Ints, next_forced: Ints, ahead: Ints, unit_price: float,
    weekend_price: float, go: Floats, amounts: Ints,
) -> None:  # fmt: skip
    """Fill the priced cost to go, and the units and weekends of the cheapest way from each day."""
    days = par[LAST] - par[FIRST]
    go[days] = 0.0
    amounts[days, _UNITS] = amounts[days, _WEEKENDS] = 0
    for day in range(days - 1, -1, -1):
        best, units, weekends = INFINITE, 0, 0
        if next_forced[day] > day:
            best = go[day + 1]
            units, weekends = amounts[day + 1, _UNITS], amounts[day + 1, _WEEKENDS]
        for length in range(1, min(par[MAX_RUN], days - day) + 1):
            target = ahead[day, length, _TARGET]
            if target < 0 or go[target] >= INFINITE:
                continue
            touched = ahead[day, length, _TOUCHED]
            base = go[target] + unit_price * length * shortest + weekend_price * touched
            for w in range(light.shape[2]):
                price = light[day, length, w]
                if price >= INFINITE or price + unit_price * w + base >= best:
                    continue
                best = price + unit_price * w + base
                units = w + length * shortest + amounts[target, _UNITS]
                weekends = touched + amounts[target, _WEEKENDS]
        go[day] = best
        amounts[day, _UNITS], amounts[day, _WEEKENDS] = units, weekends


@njit(cache=True, nogil=True)
def _balance(
    light: Floats, shortest: int, par: Ints, next_forced: Ints, ahead: Ints, which: int, other: float,
    least: int, most: int, go: Floats, amounts: Ints,
) -> float:  # fmt: skip
    """Find the best price of one resource while the other's stands."""
    walk_back(
        light, shortest, par, next_forced, ahead, 0.0 if which == _UNITS else other,
        other if which == _UNITS else 0.0, go, amounts,
    )  # fmt: skip
    amount = amounts[0, which]
    if least <= amount <= most:
        return 0.0
    side, goal = (1.0, most) if amount > most else (-1.0, least)
    cost_a, amount_a = go[0], amount
    cost_b, amount_b = 0.0, amount
    price = side
    for _ in range(_DOUBLINGS):
        walk_back(
            light, shortest, par, next_forced, ahead, price if which == _UNITS else other,
            other if which == _UNITS else price, go, amounts,
        )  # fmt: skip
        cost_b, amount_b = go[0] - price * amounts[0, which], amounts[0, which]
        if side * (amount_b - goal) <= 0:
            break
        cost_a, amount_a = cost_b, amount_b
        price *= 4
    for _ in range(_MEETINGS):
        if amount_b in (amount_a, goal):
            break
        price = (cost_b - cost_a) / (amount_a - amount_b)
        walk_back(
            light, shortest, par, next_forced, ahead, price if which == _UNITS else other,
            other if which == _UNITS else price, go, amounts,
        )  # fmt: skip
        cost, amount = go[0] - price * amounts[0, which], amounts[0, which]
        if go[0] >= cost_a + price * amount_a - 1e-7 or amount in (amount_a, amount_b):
            break
        if side * (amount - goal) > 0:
            cost_a, amount_a = cost, amount
        else:
            cost_b, amount_b = cost, amount
    return price


@njit(cache=True, nogil=True)
def price_resources(
    light: Floats,
    shortest: int,
    par: Ints,
    next_forced: Ints,
    ahead: Ints,
    go: Floats,
    amounts: Ints,
) -> tuple[float, float]:
    """Find prices of a unit and of a weekend; ``go`` is left at them."""
    unit_price, weekend_price = 0.0, 0.0
    least, most = par[MIN_UNITS], par[MAX_UNITS]
    for _ in range(_TURNS):
        unit_price = _balance(
            light,
            shortest,
            par,
            next_forced,
            ahead,
            _UNITS,
            weekend_price,
            least,
            most,
            go,
            amounts,
        )
        walk_back(light, shortest, par, next_forced, ahead, unit_price, weekend_price, go, amounts)
        over = amounts[0, _WEEKENDS] - par[WEEKEND_CAP]
        if par[WEEKEND_CAP] < 0 or over == 0 or (over < 0 and weekend_price == 0.0):
            break
        weekend_price = _balance(
            light, shortest, par, next_forced, ahead, _WEEKENDS, unit_price, 0, par[WEEKEND_CAP], go,
            amounts,
        )  # fmt: skip
    walk_back(light, shortest, par, next_forced, ahead, unit_price, weekend_price, go, amounts)
    return unit_price, weekend_price
