"""Price persons with soft limits: a shortest path through the days of an automaton, compiled.

A state of the automaton is what the runs of a person need to know: the shift of the day before, days on it
in a row, days of work or of rest in a row, each no further than its limits look (:mod:`.automaton`). An arc
works a shift or rests and carries what the runs pay. Beside it the programme counts weekends and shifts;
what goes beyond their limit is paid at once and no longer counted, what stays below is paid at the end:

    value[day, weekends, state, shifts]  =  cheapest way to stand there in the morning of a day.

An arc adds one price to a whole row of shifts, so its inner loop is a vectorised minimum. No predecessors
are stored: the path is found again from equal sums.

Rows and arcs that cannot lead below a threshold are cut by a cost to go that knows the runs exactly and puts
prices on shifts and weekends (:func:`_to_go`). These prices climb a little with every call and are kept from one
call to the next. Without a tight threshold a near one is tried first and then farther ones.

Plain functions on arrays; the result is the same with compilation off.

References
----------
.. [1] S. Irnich, G. Desaulniers (2005), "Shortest path problems with resource constraints".
.. [2] G. Handler, I. Zang (1980), "A dual algorithm for the constrained shortest path problem",
   Networks 10. The cost to go with prices on resources.
.. [3] B. Jaumard, F. Semet, T. Vovor (1998), "A generalized linear programming model for nurse
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

# Columns of what pricing keeps of a person: prices on shifts and weekends, and their next steps.
ON_SHIFTS, ON_WEEKENDS, STEP_SHIFTS, STEP_WEEKENDS = range(4)
N_KEPT = 4
FIRST_STEP = 4.0
LEAST_STEP = 0.25
LONGER, SHORTER = 1.3, 0.5
PASSES = 6
FIRST_MARGIN = 10.0
WIDER = 4.0
TOLERANCE = 1e-9

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
def _arc_costs(
    arcs: Ints, works: Bools, best: Floats, may_rest: Bools, whole_price: int, cost: Floats,
    weekends: Ints,
) -> None:  # fmt: skip
    """Write what every arc costs on every day, and the weekends that it adds."""
    for day in range(best.shape[0]):
        weekday = day % WEEK
        on_sunday = weekday == SATURDAY + 1
        for a in range(arcs.shape[0]):
            shift, before = arcs[a, SHIFT], works[arcs[a, SOURCE]]
            if shift >= 0:
                price = best[day, shift] + arcs[a, PRICE]
            else:
                price = float(arcs[a, PRICE]) if may_rest[day] else INFINITE
            if on_sunday and (shift >= 0) != before:
                price += whole_price
            is_new = shift >= 0 and (weekday == SATURDAY or (on_sunday and not before))
            cost[day, a] = price
            weekends[day, a] = 1 if is_new else 0


@njit(cache=True, nogil=True)
def _to_go(
    arcs: Ints, cost: Floats, weekends: Ints, start: int, on_shifts: float, on_weekends: float,
    go: Floats, choice: Ints,
) -> tuple[int, int]:  # fmt: skip
    """Write the least cost from each day and state on, shifts and weekends at a price each.

    Returns the shifts and the weekends of the cheapest way.
    """
    days = cost.shape[0]
    go[:] = INFINITE
    go[days] = 0.0
    for day in range(days - 1, -1, -1):
        for a in range(arcs.shape[0]):
            if cost[day, a] >= INFINITE:
                continue
            value = cost[day, a] + on_weekends * weekends[day, a] + go[day + 1, arcs[a, TARGET]]
            if arcs[a, SHIFT] >= 0:
                value += on_shifts
            if value < go[day, arcs[a, SOURCE]]:
                go[day, arcs[a, SOURCE]] = value
                choice[day, arcs[a, SOURCE]] = a
    if go[0, start] >= INFINITE:
        return 0, 0
    state, n_shifts, n_weekends = start, 0, 0
    for day in range(days):
        a = choice[day, state]
        n_shifts += arcs[a, SHIFT] >= 0
        n_weekends += weekends[day, a]
        state = arcs[a, TARGET]
    return n_shifts, n_weekends


@njit(cache=True, nogil=True)
def _worth(par: Ints, on_shifts: float, on_weekends: float) -> float:
    """Return what the limits give back of the prices on shifts and weekends."""
    end = par[MOST] if on_shifts > 0 else par[LEAST]
    return float(on_shifts * end + on_weekends * par[WEEKENDS])


@njit(cache=True, nogil=True)
def _moved(price: float, step: float, slope: float, least: float, most: float) -> float:
    """Move a price uphill inside its range."""
    if slope == 0:
        return price
    return min(max(price + (step if slope > 0 else -step), least), most)


@njit(cache=True, nogil=True)
def _climb(
    arcs: Ints, cost: Floats, weekends: Ints, par: Ints, prices: Ints, threshold: float,
    kept: Floats, go: Floats, choice: Ints,
) -> float:  # fmt: skip
    """Let the prices on shifts and weekends climb; return the lower bound, with ``go`` at its prices.

    Steps grow while the slope keeps its sign and shrink when it turns. Any prices give a bound.
    """
    best, at_shifts, at_weekends = -INFINITE, kept[ON_SHIFTS], kept[ON_WEEKENDS]
    shifts_price, weekends_price = at_shifts, at_weekends
    before_shifts = before_weekends = 0.0
    is_last = False
    for turn in range(PASSES):
        n_shifts, n_weekends = _to_go(
            arcs, cost, weekends, par[START], shifts_price, weekends_price, go, choice
        )
        if go[0, par[START]] >= INFINITE:
            return INFINITE
        bound = par[PAID] + go[0, par[START]] - _worth(par, shifts_price, weekends_price)
        is_last = bound > best
        if is_last:
            best, at_shifts, at_weekends = bound, shifts_price, weekends_price
        if best >= threshold or turn == PASSES - 1:
            break
        slope = float(max(n_shifts - par[MOST], 0) + min(n_shifts - par[LEAST], 0))
        if shifts_price > 0:
            slope = float(n_shifts - par[MOST])
        elif shifts_price < 0:
            slope = float(n_shifts - par[LEAST])
        weekend_slope = float(n_weekends - par[WEEKENDS])
        if turn:
            kept[STEP_SHIFTS] *= LONGER if slope * before_shifts > 0 else SHORTER
            kept[STEP_WEEKENDS] *= LONGER if weekend_slope * before_weekends > 0 else SHORTER
        for step in (STEP_SHIFTS, STEP_WEEKENDS):
            kept[step] = min(max(kept[step], LEAST_STEP), FIRST_STEP)
        before_shifts, before_weekends = slope, weekend_slope
        dear = float(prices[ASSIGNMENT])
        old_shifts, old_weekends = shifts_price, weekends_price
        shifts_price = _moved(shifts_price, kept[STEP_SHIFTS], slope, -dear, dear)
        if shifts_price * old_shifts < 0:
            shifts_price = 0.0
        weekends_price = _moved(
            weekends_price, kept[STEP_WEEKENDS], weekend_slope, 0.0, float(prices[WEEKEND])
        )
        if shifts_price == old_shifts and weekends_price == old_weekends:
            break
    kept[ON_SHIFTS], kept[ON_WEEKENDS] = at_shifts, at_weekends
    if not is_last:
        _to_go(arcs, cost, weekends, par[START], at_shifts, at_weekends, go, choice)
    return best


@njit(cache=True, nogil=True)
def _relax(
    source: Floats, target: Floats, cost: float, shifts: int, dear: float, first: int, last: int
) -> None:
    """Offer the ways ``first`` to ``last`` of a row to a row.

    ``shifts`` 1 moves them by one; what goes beyond the row pays ``dear``.
    """
    size = source.shape[0]
    for i in range(first, min(last, size - 1 - shifts) + 1):
        target[i + shifts] = min(target[i + shifts], source[i] + cost)
    if shifts and last == size - 1:
        target[last] = min(target[last], source[last] + (cost + dear))


@njit(cache=True, nogil=True)
def _forward(
    arcs: Ints, first_of: Ints, cost: Floats, weekends: Ints, par: Ints, prices: Ints, limit: float,
    kept: Floats, go: Floats, value: Floats, reached: Bools,
) -> None:  # fmt: skip
    """Fill ``value[day, weekends, state, shifts]`` where ``reached``; leave out what exceeds the limit."""
    days, most_weekends, size = cost.shape[0], value.shape[1] - 1, value.shape[3]
    on_shifts, on_weekends = kept[ON_SHIFTS], kept[ON_WEEKENDS]
    room = limit + _worth(par, on_shifts, on_weekends)
    reached[:] = False
    value[0, 0, par[START], :] = INFINITE
    value[0, 0, par[START], 0] = par[PAID]
    reached[0, 0, par[START]] = True
    for day in range(days):
        for w in range(most_weekends + 1):
            for source in range(value.shape[2]):
                if not reached[day, w, source]:
                    continue
                left = room - go[day, source] - on_weekends * w
                first, last, least = size, -1, INFINITE
                for i in range(min(day, size - 1) + 1):
                    priced = value[day, w, source, i] + on_shifts * i
                    least = min(least, priced)
                    if priced < left:
                        first, last = min(first, i), i
                if last < 0:
                    continue
                for a in range(first_of[source], first_of[source + 1]):
                    if cost[day, a] >= INFINITE:
                        continue
                    target, more = arcs[a, TARGET], weekends[day, a]
                    shifts = 1 if arcs[a, SHIFT] >= 0 else 0
                    ahead = least + cost[day, a] + on_shifts * shifts + go[day + 1, target]
                    if ahead + on_weekends * (w + more) >= room:
                        continue
                    to, paid = w + more, cost[day, a]
                    if to > most_weekends:
                        to, paid = w, cost[day, a] + prices[WEEKEND]
                    if not reached[day + 1, to, target]:
                        reached[day + 1, to, target] = True
                        value[day + 1, to, target, :] = INFINITE
                    _relax(
                        value[day, w, source], value[day + 1, to, target], paid, shifts,
                        prices[ASSIGNMENT], first, last,
                    )  # fmt: skip


@njit(cache=True, nogil=True)
def _trace(
    at: Ints, shifts: int, arcs: Ints, cost: Floats, weekends: Ints, which: Ints, prices: Ints,
    value: Floats, reached: Bools, out: Ints,
) -> None:  # fmt: skip
    """Write the types of the way that ends in a state, found again from equal sums."""
    most_weekends, most = value.shape[1] - 1, value.shape[3] - 1
    worked, state = at[0], at[1]
    for day in range(cost.shape[0] - 1, -1, -1):
        found = False
        here = value[day + 1, worked, state, shifts]
        for a in range(arcs.shape[0]):
            if arcs[a, TARGET] != state or cost[day, a] >= INFINITE:
                continue
            source, more = arcs[a, SOURCE], weekends[day, a]
            step = 1 if arcs[a, SHIFT] >= 0 else 0
            for w in range(max(worked - more, 0), worked + 1):
                over = w + more > most_weekends
                if not reached[day, w, source] or (w if over else w + more) != worked:
                    continue
                paid = cost[day, a] + prices[WEEKEND] if over else cost[day, a]
                for i in range(max(shifts - step, 0), shifts + 1):
                    beyond = i + step > most
                    if (i if beyond else i + step) != shifts:
                        continue
                    price = paid + prices[ASSIGNMENT] if beyond else paid
                    if value[day, w, source, i] + price == here:
                        out[day] = which[day, arcs[a, SHIFT]] if step else -1
                        worked, state, shifts = w, source, i
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
def _ends(
    par: Ints, prices: Ints, value: Floats, reached: Bools, cheapest: Floats, at: Ints
) -> None:
    """Write the least cost of each number of shifts, and where that way ends."""
    days = value.shape[0] - 1
    cheapest[:] = INFINITE
    for w in range(value.shape[1]):
        for s in range(value.shape[2]):
            if not reached[days, w, s]:
                continue
            for i in range(cheapest.shape[0]):
                end = value[days, w, s, i] + prices[ASSIGNMENT] * max(par[LEAST] - i, 0)
                if end < cheapest[i]:
                    cheapest[i] = end
                    at[i] = (w, s)


@njit(cache=True, nogil=True)
def _price_person(
    arcs: Ints, works: Bools, best: Floats, which: Ints, may_rest: Bools, par: Ints, prices: Ints,
    threshold: float, kept: Floats, rosters: Ints, values: Floats,
) -> None:  # fmt: skip
    """Write the cheapest rosters below ``threshold``, each with another number of shifts, best first."""
    days, n_states = best.shape[0], works.shape[0]
    values[:] = INFINITE
    cost = np.empty((days, arcs.shape[0]))
    weekends = np.empty((days, arcs.shape[0]), np.int64)
    _arc_costs(arcs, works, best, may_rest, prices[WHOLE] * par[IS_WHOLE], cost, weekends)
    go, choice = np.empty((days + 1, n_states)), np.zeros((days, n_states), np.int64)
    bound = _climb(arcs, cost, weekends, par, prices, threshold, kept, go, choice)
    if bound >= threshold - TOLERANCE:
        return
    first_of = np.searchsorted(arcs[:, SOURCE], np.arange(n_states + 1))
    size = min(par[MOST], days) + 1
    value = np.empty((days + 1, par[WEEKENDS] + 1, n_states, size))
    reached = np.empty((days + 1, par[WEEKENDS] + 1, n_states), np.bool_)
    cheapest, at = np.empty(size), np.zeros((size, 2), np.int64)
    margin = FIRST_MARGIN
    while True:
        limit = min(threshold, bound + margin)
        _forward(
            arcs, first_of, cost, weekends, par, prices, limit - TOLERANCE, kept, go, value, reached
        )
        _ends(par, prices, value, reached, cheapest, at)
        if limit >= threshold or cheapest.min() < limit - TOLERANCE:
            break
        margin *= WIDER
    for slot in range(min(values.shape[0], size)):
        i = int(np.argmin(cheapest))
        if cheapest[i] >= limit - TOLERANCE:
            return
        values[slot] = cheapest[i]
        cheapest[i] = INFINITE
        _trace(at[i], i, arcs, cost, weekends, which, prices, value, reached, rosters[slot])


@njit(cache=True, nogil=True)
def price_people(
    people: Ints, cost: Floats, allowed: Bools, forced: Bools, shift_of: Ints, n_shifts: int,
    first_arc: Ints, arcs: Ints, first_state: Ints, works: Bools, par: Ints, prices: Ints,
    threshold: Floats, kept: Floats, rosters: Ints, values: Floats,
) -> None:  # fmt: skip
    """Price several persons; first axis of ``cost``, ``allowed``, ``forced`` and ``par`` is the person.

    ``rosters[p, slot, day]`` receives types or -1, ``values[p, slot]`` the cost, best first, each slot
    with another number of shifts; :data:`INFINITE` when nothing lies below ``threshold[p]``. ``kept[p]``
    are the prices that the last call left.
    """
    days = cost.shape[1]
    best, which = np.empty((days, n_shifts)), np.empty((days, n_shifts), np.int64)
    for p in people:
        a = par[p, AUTOMATON]
        _best_types(cost[p], allowed[p], shift_of, best, which)
        _price_person(
            arcs[first_arc[a] : first_arc[a + 1]], works[first_state[a] : first_state[a + 1]],
            best, which, ~forced[p], par[p], prices, threshold[p], kept[p], rosters[p], values[p],
        )  # fmt: skip
