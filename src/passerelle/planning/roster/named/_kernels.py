"""Find the cheapest legal rosters of persons: a shortest path over work stretches, compiled.

A roster is a chain of work stretches with rests between. For every first day of a stretch a small
programme over its days finds the cheapest stretch of each length, minutes sum and count of limited
types (``_stretch_table``). The long programme then walks over days; its state is

    (limited-type counters and weekends, minutes so far)  at a day on which work may begin,

and one step takes a whole stretch plus the shortest rest. A step adds the same cost and the same
minutes to a whole row of states, so its inner loop is a vectorised minimum. Run lengths, rests and
successions need no state at all between stretches.

States and steps that cannot lead below ``threshold`` are cut by a cost to go with prices on minutes and
weekends (:mod:`.to_go._kernels`); without a tight threshold a near one is tried first and then
farther ones. No predecessors are stored: the path is found again from equal sums.

Plain functions on arrays; the result is the same with compilation off.

References
----------
.. [1] S. Irnich, G. Desaulniers (2005), "Shortest path problems with resource constraints".
.. [2] A. Legrain, J. Omer, S. Rosat (2020), "A rotation-based branch-and-price approach for the nurse
   scheduling problem", Math. Prog. Comp. 12. There a column is a rotation; here a rotation is an arc.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from passerelle.planning.roster.named._layout import (
    FIRST,
    INFINITE,
    LAST,
    MAX_RUN,
    MAX_UNITS,
    MIN_REST,
    MIN_RUN,
    MIN_UNITS,
    N_CLASSES,
    N_COUNTERS,
    N_LOCAL,
    N_TRACKED,
    OPEN_END,
    OPEN_START,
    TOLERANCE,
    WEEKEND_CAP,
)
from passerelle.planning.roster.named.to_go._kernels import (
    landing,
    look_ahead,
    price_resources,
    reach,
    weekends_touched,
)

__all__ = ["price_people"]

FIRST_MARGIN = 0.005
"""What is first searched above the bound of the person, as a share of the spread of prices."""
LEAST_MARGIN = 0.1

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
# numba gives its decorated functions no type
Kernel = Any


@njit(cache=True, nogil=True)
def _stretch_from(
    start: int, longest: int, first: int, cost: Floats, allowed: Bools, extra: Ints, par: Ints,
    type_class: Ints, banned: Bools, local_after: Ints, layers: Floats,
) -> int:  # fmt: skip
    """Fill ``layers[length, class, local, extra]`` with the cheapest stretches; return the longest."""
    n_types = cost.shape[1]
    classes, n_local = par[N_CLASSES], par[N_LOCAL]
    width = layers.shape[3]
    most = extra.max()
    for length in range(1, longest + 1):
        layers[length, :classes, :n_local, :] = INFINITE
        day = first + start + length - 1
        found = False
        for t in range(n_types):
            if not allowed[day, t]:
                continue
            k = type_class[t]
            price, more = cost[day, t], extra[t]
            if length == 1:
                c = local_after[0, t]
                if c >= 0 and price < layers[1, k, c, more]:
                    layers[1, k, c, more] = price
                    found = True
                continue
            top = min(width, (length - 1) * most + 1)
            for before in range(classes):
                if banned[before, t]:
                    continue
                for c in range(n_local):
                    after = local_after[c, t]
                    if after < 0:
                        continue
                    for w in range(top):
                        value = layers[length - 1, before, c, w] + price
                        if value < layers[length, k, after, w + more]:
                            layers[length, k, after, w + more] = value
                            found = True
        if not found:
            return length - 1
    return longest


@njit(cache=True, nogil=True)
def _stretch_table(
    cost: Floats, allowed: Bools, extra: Ints, par: Ints, type_class: Ints, banned: Bools,
    local_after: Ints, table: Floats,
) -> None:  # fmt: skip
    """Fill ``table[start, length, local, extra]`` with the cheapest legal stretches."""
    first, days = par[FIRST], par[LAST] - par[FIRST]
    classes, n_local, max_run = par[N_CLASSES], par[N_LOCAL], par[MAX_RUN]
    layers = np.full((max_run + 1, classes, n_local, table.shape[3]), INFINITE)
    for start in range(days):
        longest = min(max_run, days - start)
        longest = _stretch_from(
            start, longest, first, cost, allowed, extra, par, type_class, banned, local_after, layers
        )  # fmt: skip
        for length in range(1, longest + 1):
            legal = length >= par[MIN_RUN]
            legal |= start == 0 and par[OPEN_START] == 1
            legal |= start + length == days and par[OPEN_END] == 1
            if not legal:
                continue
            for k in range(classes):
                for c in range(n_local):
                    for w in range(table.shape[3]):
                        value = layers[length, k, c, w]
                        table[start, length, c, w] = min(table[start, length, c, w], value)


@njit(cache=True, nogil=True)
def _counter_after(
    counter: int, local: int, weekends: int, par: Ints, digits: Ints, local_code: Ints, caps: Ints
) -> int:
    """Add a stretch to the counters; return the new code, -1 when a limit breaks."""
    n_counters = par[N_COUNTERS]
    worked, code = counter // n_counters, counter % n_counters
    if par[WEEKEND_CAP] >= 0:
        worked += weekends
        if worked > par[WEEKEND_CAP]:
            return -1
    rest = code
    for k in range(par[N_TRACKED]):
        digit = rest % (caps[k] + 1)
        rest //= caps[k] + 1
        if digit + digits[local, k] > caps[k]:
            return -1
    return int(worked * n_counters + code + local_code[local])


@njit(cache=True, nogil=True, fastmath={"nnan", "ninf", "nsz"})
def _relax_row(
    source: Floats, target: Floats, low: int, high: int, shift: int, price: float
) -> None:
    """Offer every state of a row, moved by ``shift`` units and ``price``, to another row."""
    a = source[low : high + 1]
    b = target[low + shift : high + shift + 1]
    for i in range(a.shape[0]):
        value = a[i] + price
        b[i] = min(b[i], value)


@njit(cache=True, nogil=True)
def _widen(state: Floats, low: Ints, high: Ints, first: int, last: int) -> None:
    """Make the states of a row from ``first`` to ``last`` part of its filled range."""
    if high[0] < low[0]:
        state[first : last + 1] = INFINITE
        low[0], high[0] = first, last
        return
    if first < low[0]:
        state[first : low[0]] = INFINITE
        low[0] = first
    if last > high[0]:
        state[high[0] + 1 : last + 1] = INFINITE
        high[0] = last


@njit(cache=True, nogil=True)
def _day_steps(
    day: int, table: Floats, shortest: int, par: Ints, ahead: Ints, go: Floats,
    unit_price: float, weekend_price: float, left: float, steps: Ints, prices: Floats,
    priced: Floats,
) -> int:  # fmt: skip
    """List the stretches that may begin on a day, cheapest on the whole first; return how many.

    A step is target, local, units, weekends; ``priced`` is what the roster costs from here on at least.
    Stretches with ``left`` or more are not worth taking from any row.
    """
    days = par[LAST] - par[FIRST]
    n_steps = 0
    for length in range(1, min(par[MAX_RUN], days - day) + 1):
        target, weekends = ahead[day, length]
        if target < 0 or go[target] >= INFINITE:
            continue
        for c in range(par[N_LOCAL]):
            for w in range(table.shape[3]):
                units = w + length * shortest
                price = table[day, length, c, w]
                least = price + go[target] + unit_price * units + weekend_price * weekends
                if price < INFINITE and least < left:
                    steps[n_steps] = (target, c, units, weekends)
                    prices[n_steps] = price
                    priced[n_steps] = least
                    n_steps += 1
    order = np.argsort(priced[:n_steps], kind="mergesort")
    steps[:n_steps] = steps[:n_steps][order]
    prices[:n_steps] = prices[:n_steps][order]
    priced[:n_steps] = priced[:n_steps][order]
    return n_steps


@njit(cache=True, nogil=True)
def _cheapest_rows(
    state: Floats, low: Ints, high: Ints, least: int, most: int, unit_price: float,
    weekend_price: float, n_counters: int, out: Floats,
) -> float:  # fmt: skip
    """Write the least priced cost of each row, weekends so far included; return the least of all."""
    cheapest = INFINITE
    for row in range(state.shape[0]):
        best = INFINITE
        for i in range(max(low[row], least), min(high[row], most) + 1):
            best = min(best, state[row, i] + unit_price * i)
        out[row] = best + weekend_price * (row // n_counters)
        cheapest = min(cheapest, out[row])
    return cheapest


@njit(cache=True, nogil=True)
def _forward(
    table: Floats, shortest: int, par: Ints, digits: Ints, local_code: Ints, caps: Ints,
    next_forced: Ints, ahead: Ints, go: Floats, most: Ints, least: Ints, unit_price: float,
    weekend_price: float, threshold: float, state: Floats, low: Ints, high: Ints,
) -> None:  # fmt: skip
    """Run the long programme below a threshold on priced cost.

    ``state[day, counter, units]`` is filled from ``low[day, counter]`` to ``high[day, counter]``.
    """
    days = par[LAST] - par[FIRST]
    n_rows = state.shape[1]
    min_units, max_units = par[MIN_UNITS], par[MAX_UNITS]
    n_steps_most = par[MAX_RUN] * par[N_LOCAL] * table.shape[3]
    steps = np.empty((n_steps_most, 4), np.int64)
    prices, priced_steps = np.empty(n_steps_most), np.empty(n_steps_most)
    priced, cheapest = np.empty(state.shape[2]), np.empty(n_rows)
    low[:] = 10**6
    high[:] = -1
    state[0, 0, 0] = 0.0
    low[0, 0] = high[0, 0] = 0
    for day in range(days):
        if go[day] >= INFINITE:
            continue
        first, last = min_units - most[day], max_units - least[day]
        floor = _cheapest_rows(
            state[day], low[day], high[day], first, last, unit_price, weekend_price,
            par[N_COUNTERS], cheapest,
        )  # fmt: skip
        if floor + go[day] >= threshold:
            continue
        n_steps = _day_steps(
            day, table, shortest, par, ahead, go, unit_price, weekend_price, threshold - floor,
            steps, prices, priced_steps,
        )  # fmt: skip
        for row in range(n_rows):
            if cheapest[row] + go[day] >= threshold:
                continue
            a, b = max(low[day, row], first), min(high[day, row], last)
            source = state[day, row]
            left = threshold - weekend_price * (row // par[N_COUNTERS])
            for i in range(a, b + 1):
                priced[i] = source[i] + unit_price * i
            while a <= b and priced[a] >= left - go[day]:
                a += 1
            while a <= b and priced[b] >= left - go[day]:
                b -= 1
            if a > b:
                continue
            if next_forced[day] > day:
                _widen(state[day + 1, row], low[day + 1, row:], high[day + 1, row:], a, b)
                _relax_row(source, state[day + 1, row], a, b, 0, 0.0)
            for s in range(n_steps):
                if cheapest[row] + priced_steps[s] >= threshold:
                    break
                target, units = steps[s, 0], steps[s, 2]
                i = max(a, min_units - most[target] - units)
                j = min(b, max_units - least[target] - units)
                limit = left - priced_steps[s]
                while i <= j and priced[i] >= limit:
                    i += 1
                while i <= j and priced[j] >= limit:
                    j -= 1
                if i > j:
                    continue
                after = _counter_after(row, steps[s, 1], steps[s, 3], par, digits, local_code, caps)
                if after < 0:
                    continue
                _widen(
                    state[target, after], low[target, after:], high[target, after:], i + units,
                    j + units,
                )  # fmt: skip
                _relax_row(source, state[target, after], i, j, units, prices[s])


@njit(cache=True, nogil=True)
def _write_stretch(
    start: int, length: int, local: int, wanted: int, par: Ints, cost: Floats, allowed: Bools,
    extra: Ints, type_class: Ints, banned: Bools, local_after: Ints, layers: Floats, out: Ints,
) -> None:  # fmt: skip
    """Write the types of one chosen stretch, found again from equal sums."""
    first, n_types = par[FIRST], cost.shape[1]
    _stretch_from(
        start, length, first, cost, allowed, extra, par, type_class, banned, local_after, layers
    )
    after, c, w = -1, local, wanted
    best = INFINITE
    for k in range(par[N_CLASSES]):
        if layers[length, k, c, w] < best:
            best = layers[length, k, c, w]
            after = k
    for step in range(length, 0, -1):
        day = first + start + step - 1
        value = layers[step, after, c, w]
        done = False
        for t in range(n_types):
            if done or not allowed[day, t] or type_class[t] != after or w < extra[t]:
                continue
            if step == 1:
                if local_after[0, t] == c and w == extra[t] and cost[day, t] == value:
                    out[day] = t
                    done = True
                continue
            for before in range(par[N_CLASSES]):
                if done or banned[before, t]:
                    continue
                for earlier in range(par[N_LOCAL]):
                    if local_after[earlier, t] != c:
                        continue
                    if layers[step - 1, before, earlier, w - extra[t]] + cost[day, t] == value:
                        out[day] = t
                        after, c, w = before, earlier, w - extra[t]
                        done = True
                        break


@njit(cache=True, nogil=True)
def _trace(
    row: int, units: int, table: Floats, shortest: int, par: Ints, digits: Ints, local_code: Ints,
    caps: Ints, next_forced: Ints, state: Floats, low: Ints, high: Ints, cost: Floats,
    allowed: Bools, extra: Ints, type_class: Ints, banned: Bools, local_after: Ints,
    layers: Floats, out: Ints,
) -> None:  # fmt: skip
    """Write the roster that ends in a state of the last day."""
    days = par[LAST] - par[FIRST]
    day = days
    out[par[FIRST] : par[LAST]] = -1
    while day > 0:
        value = state[day, row, units]
        before = day - 1
        if (
            next_forced[before] > before
            and low[before, row] <= units <= high[before, row]
            and state[before, row, units] == value
        ):
            day = before
            continue
        found = False
        earliest = day - par[MIN_REST] if day < days else max(days - par[MIN_REST], 0)
        for end in range(day if day == days else earliest, earliest - 1, -1):
            if found or end <= 0 or landing(end, days, par[MIN_REST], next_forced) != day:
                continue
            for length in range(1, min(par[MAX_RUN], end) + 1):
                if found:
                    break
                start = end - length
                weekends = weekends_touched(start, length, par)
                for c in range(par[N_LOCAL]):
                    if found:
                        break
                    shift = local_code[c]
                    if par[WEEKEND_CAP] >= 0:
                        shift += weekends * par[N_COUNTERS]
                    earlier = row - shift
                    if earlier < 0:
                        continue
                    if _counter_after(earlier, c, weekends, par, digits, local_code, caps) != row:
                        continue
                    for w in range(table.shape[3]):
                        past = units - w - length * shortest
                        if past < low[start, earlier] or past > high[start, earlier]:
                            continue
                        price = table[start, length, c, w]
                        if price >= INFINITE or state[start, earlier, past] + price != value:
                            continue
                        _write_stretch(
                            start, length, c, w, par, cost, allowed, extra, type_class, banned,
                            local_after, layers, out,
                        )  # fmt: skip
                        day, row, units = start, earlier, past
                        found = True
                        break
        if not found:
            raise RuntimeError("Expected a predecessor of every state.")


@njit(cache=True, nogil=True)
def _price_person(
    cost: Floats, allowed: Bools, forced: Bools, units: Ints, par: Ints, type_class: Ints,
    banned: Bools, local_after: Ints, digits: Ints, local_code: Ints, caps: Ints,
    threshold: float, room: Floats, rosters: Ints, values: Floats,
) -> None:  # fmt: skip
    """Write the cheapest rosters below ``threshold``, one for each sum of minutes, best first."""
    first, days = par[FIRST], par[LAST] - par[FIRST]
    values[:] = INFINITE
    shortest = units.min()
    extra = units - shortest
    next_forced = np.full(days + 1, days + 1, np.int64)
    for day in range(days - 1, -1, -1):
        next_forced[day] = day if forced[first + day] else next_forced[day + 1]
    width = par[MAX_RUN] * extra.max() + 1
    table = np.full((days, par[MAX_RUN] + 1, par[N_LOCAL], width), INFINITE)
    _stretch_table(cost, allowed, extra, par, type_class, banned, local_after, table)
    light = np.full((days, par[MAX_RUN] + 1, width), INFINITE)
    most = np.empty(days + 1, np.int64)
    least = np.empty(days + 1, np.int64)
    ahead = np.empty((days, par[MAX_RUN] + 1, 2), np.int64)
    look_ahead(par, next_forced, ahead)
    reach(table, shortest, par, next_forced, ahead, light, most, least)
    if most[0] < par[MIN_UNITS] or least[0] > par[MAX_UNITS]:
        return
    go = np.empty(days + 1)
    amounts = np.empty((days + 1, 2), np.int64)
    unit_price, weekend_price = price_resources(
        light, shortest, par, next_forced, ahead, go, amounts
    )
    paid = unit_price * (par[MAX_UNITS] if unit_price > 0 else par[MIN_UNITS])
    paid += weekend_price * max(par[WEEKEND_CAP], 0)
    if go[0] - paid >= threshold - TOLERANCE:
        return
    n_rows = par[N_COUNTERS] * (max(par[WEEKEND_CAP], 0) + 1)
    size = par[MAX_UNITS] + 1
    state = room[: (days + 1) * n_rows * size].reshape((days + 1, n_rows, size))
    low = np.empty((days + 1, n_rows), np.int64)
    high = np.empty((days + 1, n_rows), np.int64)
    n_sums = par[MAX_UNITS] - par[MIN_UNITS] + 1
    cheapest = np.empty(n_sums)
    in_row = np.zeros(n_sums, np.int64)
    margin = FIRST_MARGIN * (cost[first : first + days].max() - cost[first : first + days].min())
    while True:
        limit = min(threshold, go[0] - paid + max(margin, LEAST_MARGIN))
        _forward(
            table, shortest, par, digits, local_code, caps, next_forced, ahead, go, most, least,
            unit_price, weekend_price, limit + paid - TOLERANCE, state, low, high,
        )  # fmt: skip
        cheapest[:] = INFINITE
        for row in range(n_rows):
            start, end = low[days, row], high[days, row]
            for i in range(max(start, par[MIN_UNITS]), min(end, par[MAX_UNITS]) + 1):
                if state[days, row, i] < cheapest[i - par[MIN_UNITS]]:
                    cheapest[i - par[MIN_UNITS]] = state[days, row, i]
                    in_row[i - par[MIN_UNITS]] = row
        if limit >= threshold or cheapest.min() < limit - TOLERANCE:
            break
        margin = 4 * max(margin, LEAST_MARGIN)
    layers = np.full((par[MAX_RUN] + 1, par[N_CLASSES], par[N_LOCAL], width), INFINITE)
    for slot in range(min(values.shape[0], n_sums)):
        i = int(np.argmin(cheapest))
        if cheapest[i] >= limit - TOLERANCE:
            return
        values[slot] = cheapest[i]
        cheapest[i] = INFINITE
        _trace(
            in_row[i], par[MIN_UNITS] + i, table, shortest, par, digits, local_code, caps,
            next_forced, state, low, high, cost, allowed, extra, type_class, banned, local_after,
            layers, rosters[slot],
        )  # fmt: skip


@njit(cache=True, nogil=True)
def price_people(
    people: Ints, cost: Floats, allowed: Bools, forced: Bools, units: Ints, par: Ints,
    type_class: Ints, banned: Bools, local_after: Ints, digits: Ints, local_code: Ints,
    caps: Ints, threshold: Floats, rosters: Ints, values: Floats,
) -> None:  # fmt: skip
    """Price several persons; first axis of every array but ``units`` is the person.

    ``rosters[p, slot, day]`` receives types or -1 on the days of the window of ``p`` only;
    ``values[p, slot]`` the cost, :data:`INFINITE` when nothing lies below ``threshold[p]``.
    """
    size = 0
    for p in people:
        n_rows = par[p, N_COUNTERS] * (max(par[p, WEEKEND_CAP], 0) + 1)
        size = max(size, (par[p, LAST] - par[p, FIRST] + 1) * n_rows * (par[p, MAX_UNITS] + 1))
    # Only what the programme touches is ever mapped into memory; one room serves all.
    room = np.empty(size)
    for p in people:
        _price_person(
            cost[p], allowed[p], forced[p], units, par[p], type_class[p], banned[p],
            local_after[p], digits[p], local_code[p], caps[p], threshold[p], room, rosters[p], values[p],
        )  # fmt: skip
