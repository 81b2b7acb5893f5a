"""Find the cheapest legal rosters of persons: a shortest path over work stretches, compiled.

A roster is a chain of work stretches with rests between. For every first day of a stretch a small
programme over its days finds the cheapest stretch of each length, minutes sum and count of limited
types (``_stretch_table``). The long programme then walks over days; its state is

    (limited-type counters and weekends, minutes so far)  at a day on which work may begin,

and one step takes a whole stretch plus the shortest rest. A step adds the same cost and the same
minutes to a whole row of states, so its inner loop is a vectorised minimum. Run lengths, rests and
successions need no state at all between stretches.

Rows and steps that cannot lead below ``threshold`` are cut by a cost-to-go that ignores counters and
minutes. No predecessors are stored: the path is found again from equal sums.

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

__all__ = ["INFINITE", "price_people"]

INFINITE = 1e15
FIRST, LAST, OPEN_START, OPEN_END, MIN_UNITS, MAX_UNITS, MIN_RUN, MAX_RUN, MIN_REST = range(9)
N_CLASSES, WEEKEND_CAP, N_TRACKED, N_LOCAL, N_COUNTERS, FIRST_WEEKDAY = range(9, 15)
N_PARAMETERS = 15
TOLERANCE = 1e-9

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
        layers[length, :classes, :n_local, :] = 1e15
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
    layers = np.full((max_run + 1, classes, n_local, table.shape[3]), 1e15)
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
def _landing(end: int, days: int, min_rest: int, next_forced: Ints) -> int:
    """Return the first day on which work may begin after a stretch, -1 when a forced day forbids it."""
    target = min(end + min_rest, days)
    return -1 if next_forced[end] < target else target


@njit(cache=True, nogil=True)
def _backward(
    table: Floats, shortest: int, par: Ints, next_forced: Ints, go: Floats, most: Ints, least: Ints
) -> None:
    """Fill the cost to go and the most and least units to come, counters and minutes ignored."""
    days = par[LAST] - par[FIRST]
    go[days], most[days], least[days] = 0.0, 0, 0
    for day in range(days - 1, -1, -1):
        go[day], most[day], least[day] = 1e15, -(10**9), 10**9
        if next_forced[day] > day:
            go[day], most[day], least[day] = go[day + 1], most[day + 1], least[day + 1]
        for length in range(1, min(par[MAX_RUN], days - day) + 1):
            target = _landing(day + length, days, par[MIN_REST], next_forced)
            if target < 0 or go[target] >= 1e15:
                continue
            for c in range(par[N_LOCAL]):
                for w in range(table.shape[3]):
                    value = table[day, length, c, w]
                    if value >= 1e15:
                        continue
                    units = w + length * shortest
                    go[day] = min(go[day], value + go[target])
                    most[day] = max(most[day], units + most[target])
                    least[day] = min(least[day], units + least[target])


@njit(cache=True, nogil=True)
def _weekends(start: int, length: int, par: Ints) -> int:
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
def _forward(
    table: Floats, shortest: int, par: Ints, digits: Ints, local_code: Ints, caps: Ints,
    next_forced: Ints, go: Floats, most: Ints, least: Ints, threshold: float, state: Floats,
    low: Ints, high: Ints,
) -> None:  # fmt: skip
    """Run the long programme; ``state[day, counter, units]`` and the filled range of each row."""
    days = par[LAST] - par[FIRST]
    n_rows = state.shape[1]
    min_units, max_units = par[MIN_UNITS], par[MAX_UNITS]
    n_steps_most = par[MAX_RUN] * par[N_LOCAL] * table.shape[3]
    steps = np.empty((n_steps_most, 5), np.int64)
    prices = np.empty(n_steps_most)
    state[0, 0, 0] = 0.0
    low[0, 0] = high[0, 0] = 0
    for day in range(days):
        if go[day] >= 1e15:
            continue
        n_steps = 0
        for length in range(1, min(par[MAX_RUN], days - day) + 1):
            target = _landing(day + length, days, par[MIN_REST], next_forced)
            if target < 0 or go[target] >= 1e15:
                continue
            weekends = _weekends(day, length, par)
            for c in range(par[N_LOCAL]):
                for w in range(table.shape[3]):
                    if table[day, length, c, w] < 1e15:
                        steps[n_steps] = (target, c, w + length * shortest, weekends, length)
                        prices[n_steps] = table[day, length, c, w]
                        n_steps += 1
        for row in range(n_rows):
            a, b = low[day, row], high[day, row]
            a = max(a, min_units - most[day])
            b = min(b, max_units - least[day])
            limit = threshold - go[day] - TOLERANCE
            source = state[day, row]
            while a <= b and source[a] >= limit:
                a += 1
            while a <= b and source[b] >= limit:
                b -= 1
            if a > b:
                continue
            cheapest = source[a]
            for i in range(a, b + 1):
                cheapest = min(cheapest, source[i])
            if next_forced[day] > day:
                _relax_row(source, state[day + 1, row], a, b, 0, 0.0)
                low[day + 1, row] = min(low[day + 1, row], a)
                high[day + 1, row] = max(high[day + 1, row], b)
            for s in range(n_steps):
                target, units = steps[s, 0], steps[s, 2]
                if cheapest + prices[s] + go[target] >= threshold - TOLERANCE:
                    continue
                i = max(a, min_units - most[target] - units)
                j = min(b, max_units - least[target] - units)
                if i > j:
                    continue
                after = _counter_after(row, steps[s, 1], steps[s, 3], par, digits, local_code, caps)
                if after < 0:
                    continue
                _relax_row(source, state[target, after], i, j, units, prices[s])
                low[target, after] = min(low[target, after], i + units)
                high[target, after] = max(high[target, after], j + units)


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
    best = 1e15
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
            if found or end <= 0 or _landing(end, days, par[MIN_REST], next_forced) != day:
                continue
            for length in range(1, min(par[MAX_RUN], end) + 1):
                if found:
                    break
                start = end - length
                weekends = _weekends(start, length, par)
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
                        if price >= 1e15 or state[start, earlier, past] + price != value:
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
    threshold: float, rosters: Ints, values: Floats,
) -> None:  # fmt: skip
    """Write the cheapest rosters below ``threshold``, one for each sum of minutes, best first."""
    first, days = par[FIRST], par[LAST] - par[FIRST]
    values[:] = 1e15
    shortest = units.min()
    extra = units - shortest
    next_forced = np.full(days + 1, days + 1, np.int64)
    for day in range(days - 1, -1, -1):
        next_forced[day] = day if forced[first + day] else next_forced[day + 1]
    width = par[MAX_RUN] * extra.max() + 1
    table = np.full((days, par[MAX_RUN] + 1, par[N_LOCAL], width), 1e15)
    _stretch_table(cost, allowed, extra, par, type_class, banned, local_after, table)
    go = np.empty(days + 1)
    most = np.empty(days + 1, np.int64)
    least = np.empty(days + 1, np.int64)
    _backward(table, shortest, par, next_forced, go, most, least)
    if go[0] >= threshold or most[0] < par[MIN_UNITS] or least[0] > par[MAX_UNITS]:
        return
    n_rows = par[N_COUNTERS] * (max(par[WEEKEND_CAP], 0) + 1)
    state = np.full((days + 1, n_rows, par[MAX_UNITS] + 1), 1e15)
    low = np.full((days + 1, n_rows), 10**6, np.int64)
    high = np.full((days + 1, n_rows), -1, np.int64)
    _forward(
        table, shortest, par, digits, local_code, caps, next_forced, go, most, least, threshold,
        state, low, high,
    )  # fmt: skip
    layers = np.full((par[MAX_RUN] + 1, par[N_CLASSES], par[N_LOCAL], width), 1e15)
    last = state[days]
    n_sums = par[MAX_UNITS] - par[MIN_UNITS] + 1
    cheapest = np.full(n_sums, 1e15)
    in_row = np.zeros(n_sums, np.int64)
    for row in range(n_rows):
        for i in range(n_sums):
            if last[row, par[MIN_UNITS] + i] < cheapest[i]:
                cheapest[i] = last[row, par[MIN_UNITS] + i]
                in_row[i] = row
    for slot in range(min(values.shape[0], n_sums)):
        i = int(np.argmin(cheapest))
        if cheapest[i] >= threshold - TOLERANCE:
            return
        values[slot] = cheapest[i]
        cheapest[i] = 1e15
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
    for p in people:
        _price_person(
            cost[p], allowed[p], forced[p], units, par[p], type_class[p], banned[p],
            local_after[p], digits[p], local_code[p], caps[p], threshold[p], rosters[p], values[p],
        )  # fmt: skip
