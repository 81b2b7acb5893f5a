"""Price persons with soft limits: a shortest path through the days of an automaton, compiled.

A state of the automaton is what the runs of a person need to know: the shift of the day before, days on it
in a row, days of work or of rest in a row, each no further than its limits look (:mod:`.automaton`). An arc
works a shift or rests and carries what the runs pay. Beside it the programme counts weekends and shifts;
what goes beyond their limit is paid at once and no longer counted, what stays below is paid at the end:

    value[day, weekends, state, shifts]  =  cheapest way to stand there in the morning of a day.

An arc adds one price to a whole row of shifts, so its inner loop is a vectorised minimum. No predecessors
are stored: the path is found again from equal sums.

Plain functions on arrays; the result is the same with compilation off.

References
----------
.. [1] S. Irnich, G. Desaulniers (2005), "Shortest path problems with resource constraints".
.. [2] B. Jaumard, F. Semet, T. Vovor (1998), "A generalized linear programming model for nurse
   scheduling", EJOR 107. Runs as states, totals as resources, broken at a price.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["price_people", "row_costs"]

INFINITE = 1e15
WEEK = 7
SATURDAY = 5

# Columns of the limits of a person.
LEAST_SHIFTS, MOST_SHIFTS, LEAST_WORK, MOST_WORK, LEAST_REST, MOST_REST = range(6)
MOST_WEEKENDS, WHOLE_WEEKENDS = range(6, 8)
PAST_SHIFTS, PAST_WEEKENDS, PAST_SHIFT, PAST_SAME, PAST_WORK, PAST_REST = range(8, 14)
N_LIMITS = 14

# Columns of the arcs, and places of the prices.
SOURCE, TARGET, SHIFT, PRICE = range(4)
ASSIGNMENT, SAME, WORK, REST, WEEKEND, WHOLE = range(6)

# Columns of what pricing knows of a person.
AUTOMATON, START, LEAST, MOST, WEEKENDS, IS_WHOLE, PAID = range(7)
N_PARAMETERS = 7

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@njit(cache=True, nogil=True)
def row_costs(shifts: Ints, limits: Ints, spans: Ints, prices: Ints, out: Floats) -> None:
    """Write what each row of shifts (-1 is rest) pays for the limits of its person."""
    for k in range(shifts.shape[0]):
        own = limits[k]
        last, same = own[PAST_SHIFT], own[PAST_SAME]
        work, rest = own[PAST_WORK], own[PAST_REST]
        assigned, weekends = own[PAST_SHIFTS], own[PAST_WEEKENDS]
        total = 0
        for day in range(shifts.shape[1]):
            shift = shifts[k, day]
            before = work > 0
            if before and shift != last:
                total += prices[SAME] * max(spans[last, 0] - same, 0)
                same = 0
            if shift < 0:
                if before:
                    total += prices[WORK] * max(own[LEAST_WORK] - work, 0)
                work = 0
                rest += 1
                total += prices[REST] * (rest > own[MOST_REST])
            else:
                if rest > 0:
                    total += prices[REST] * max(own[LEAST_REST] - rest, 0)
                rest = 0
                work += 1
                same += 1
                assigned += 1
                total += prices[WORK] * (work > own[MOST_WORK])
                total += prices[SAME] * (same > spans[shift, 1])
            weekday = day % WEEK
            if weekday == SATURDAY:
                weekends += shift >= 0
            elif weekday == SATURDAY + 1:
                weekends += shift >= 0 and not before
                broken = (shift >= 0) != before
                total += prices[WHOLE] * own[WHOLE_WEEKENDS] * broken
            last = shift
        outside = max(own[LEAST_SHIFTS] - assigned, 0) + max(assigned - own[MOST_SHIFTS], 0)
        total += prices[ASSIGNMENT] * outside
        total += prices[WEEKEND] * max(weekends - own[MOST_WEEKENDS], 0)
        out[k] = total


@njit(cache=True, nogil=True)
def _arc_cost(
    day: int, arc: Ints, works: Bools, best: Floats, may_rest: Bools, whole_price: int
) -> tuple[float, int]:
    """Return what an arc costs on a day, and the weekends it adds."""
    shift, before = arc[SHIFT], works[arc[SOURCE]]
    if shift >= 0:
        cost = best[day, shift] + arc[PRICE]
    else:
        cost = arc[PRICE] if may_rest[day] else INFINITE
    weekday = day % WEEK
    weekends = 0
    if shift >= 0 and (weekday == SATURDAY or (weekday == SATURDAY + 1 and not before)):
        weekends = 1
    if weekday == SATURDAY + 1 and (shift >= 0) != before:
        cost += whole_price
    return cost, weekends


@njit(cache=True, nogil=True)
def _relax(source: Floats, target: Floats, cost: float, shifts: int, dear: float) -> None:
    """Offer a row of ways to a row; ``shifts`` 1 moves it by one, what goes beyond pays ``dear``."""
    size = source.shape[0]
    for i in range(size - shifts):
        target[i + shifts] = min(target[i + shifts], source[i] + cost)
    if shifts:
        target[size - 1] = min(target[size - 1], source[size - 1] + (cost + dear))


@njit(cache=True, nogil=True)
def _forward(
    arcs: Ints, works: Bools, best: Floats, may_rest: Bools, par: Ints, prices: Ints, value: Floats
) -> None:
    """Fill ``value[day, weekends, state, shifts]``."""
    days, most_weekends = best.shape[0], value.shape[1] - 1
    value[:] = INFINITE
    value[0, 0, par[START], 0] = par[PAID]
    reached = np.zeros((value.shape[1], value.shape[2]), np.bool_)
    reached[0, par[START]] = True
    for day in range(days):
        after = np.zeros_like(reached)
        for a in range(arcs.shape[0]):
            source, target = arcs[a, SOURCE], arcs[a, TARGET]
            cost, more = _arc_cost(
                day, arcs[a], works, best, may_rest, prices[WHOLE] * par[IS_WHOLE]
            )
            if cost >= INFINITE:
                continue
            shifts = 1 if arcs[a, SHIFT] >= 0 else 0
            for w in range(most_weekends + 1):
                if not reached[w, source]:
                    continue
                to, paid = w + more, cost
                if to > most_weekends:
                    to, paid = w, cost + prices[WEEKEND]
                _relax(
                    value[day, w, source], value[day + 1, to, target], paid, shifts,
                    prices[ASSIGNMENT],
                )  # fmt: skip
                after[to, target] = True
        reached = after


@njit(cache=True, nogil=True)
def _trace(
    weekends: int, state: int, shifts: int, arcs: Ints, works: Bools, best: Floats, which: Ints,
    may_rest: Bools, par: Ints, prices: Ints, value: Floats, out: Ints,
) -> None:  # fmt: skip
    """Write the types of the way that ends in a state, found again from equal sums."""
    most_weekends, most = value.shape[1] - 1, value.shape[3] - 1
    for day in range(best.shape[0] - 1, -1, -1):
        found = False
        here = value[day + 1, weekends, state, shifts]
        for a in range(arcs.shape[0]):
            if arcs[a, TARGET] != state:
                continue
            cost, more = _arc_cost(
                day, arcs[a], works, best, may_rest, prices[WHOLE] * par[IS_WHOLE]
            )
            if cost >= INFINITE:
                continue
            step = 1 if arcs[a, SHIFT] >= 0 else 0
            for w in range(max(weekends - more, 0), weekends + 1):
                over = w + more > most_weekends
                if (w if over else w + more) != weekends:
                    continue
                paid = cost + prices[WEEKEND] if over else cost
                for i in range(max(shifts - step, 0), shifts + 1):
                    beyond = i + step > most
                    if (i if beyond else i + step) != shifts:
                        continue
                    price = paid + prices[ASSIGNMENT] if beyond else paid
                    if value[day, w, arcs[a, SOURCE], i] + price == here:
                        out[day] = which[day, arcs[a, SHIFT]] if step else -1
                        weekends, state, shifts = w, arcs[a, SOURCE], i
                        found = True
                        break
                if found:
                    break
            if found:
                break
        if not found:
            raise RuntimeError("Expected a predecessor of every state.")


@njit(cache=True, nogil=True)
def _best_types(cost: Floats, allowed: Bools, shift_of: Ints, best: Floats, which: Ints) -> None:
    """Write the cheapest type open of each shift and day: skills matter to cover only."""
    best[:] = INFINITE
    which[:] = -1
    for day in range(cost.shape[0]):
        for t in range(cost.shape[1]):
            shift = shift_of[t]
            if allowed[day, t] and cost[day, t] < best[day, shift]:
                best[day, shift] = cost[day, t]
                which[day, shift] = t


@njit(cache=True, nogil=True)
def price_people(
    people: Ints, cost: Floats, allowed: Bools, forced: Bools, shift_of: Ints, n_shifts: int,
    first_arc: Ints, arcs: Ints, first_state: Ints, works: Bools, par: Ints, prices: Ints,
    rosters: Ints, values: Floats,
) -> None:  # fmt: skip
    """Price several persons; first axis of ``cost``, ``allowed``, ``forced`` and ``par`` is the person.

    ``rosters[p, slot, day]`` receives types or -1, ``values[p, slot]`` the cost, best first, each slot
    with another number of shifts; :data:`INFINITE` when there is none.
    """
    days = cost.shape[1]
    best, which = np.empty((days, n_shifts)), np.empty((days, n_shifts), np.int64)
    for p in people:
        a = par[p, AUTOMATON]
        own = arcs[first_arc[a] : first_arc[a + 1]]
        states = works[first_state[a] : first_state[a + 1]]
        may_rest = ~forced[p]
        _best_types(cost[p], allowed[p], shift_of, best, which)
        size = min(par[p, MOST], days) + 1
        value = np.empty((days + 1, par[p, WEEKENDS] + 1, states.shape[0], size))
        _forward(own, states, best, may_rest, par[p], prices, value)
        cheapest = np.full(size, INFINITE)
        at = np.zeros((size, 2), np.int64)
        for w in range(value.shape[1]):
            for s in range(value.shape[2]):
                for i in range(size):
                    end = value[days, w, s, i] + prices[ASSIGNMENT] * max(par[p, LEAST] - i, 0)
                    if end < cheapest[i]:
                        cheapest[i] = end
                        at[i] = (w, s)
        values[p, :] = INFINITE
        for slot in range(min(values.shape[1], size)):
            i = int(np.argmin(cheapest))
            if cheapest[i] >= INFINITE:
                break
            values[p, slot] = cheapest[i]
            cheapest[i] = INFINITE
            _trace(
                at[i, 0], at[i, 1], i, own, states, best, which, may_rest, par[p], prices, value,
                rosters[p, slot],
            )  # fmt: skip
