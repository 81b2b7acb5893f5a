"""Compiled loops of the event engine; plain functions that give the same result with JIT off.

All times are steps. Values are what is to be maximised: price earned by a duty less its cost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int32]
    BoolArray = npt.NDArray[np.bool_]

_NEVER = -1e300
_ANY = 1 << 29
"""A limit that never binds."""


@njit(cache=True, nogil=True)
def weekend_of(t: int, length: int, per_day: int, saturday: int) -> int:
    """Return the number, from 1, of the weekend that a duty touches; 0 for none.

    ``saturday`` is the day of the first Saturday, -1 when the first day is a Sunday.
    """
    for day in (t // per_day, (t + length - 1) // per_day):
        since = day - saturday
        if since >= 0 and since % 7 < 2:
            return int(since // 7) + 1
    return 0


@njit(cache=True, nogil=True)
def weekends_worse(  # numbers of two labels
    seen: int, last: int, other_seen: int, other_last: int, day: int, saturday: int
) -> bool:
    """Tell whether the second label may have more freedom left in weekends than the first."""
    if seen != other_seen:
        return seen > other_seen
    is_open = other_last > 0 and day <= saturday + 7 * (other_last - 1) + 1
    return is_open and last != other_last


@njit(cache=True, nogil=True)
def window_values(
    chosen: IntArray,
    opt_ext: IntArray,
    mark_ptr: IntArray,
    marks: IntArray,
    least: IntArray,
    most: IntArray,
    rate: FloatArray,
    fixed: FloatArray,
    track_ptr: IntArray,
    tracks: IntArray,
    coefs: IntArray,
    prefix: FloatArray,
    start_price: FloatArray,
    value: FloatArray,
    which: IntArray,
) -> None:
    """Fill the best value and option of every window of one class.

    ``chosen`` lists the options of the class; ``prefix`` holds the running sum of prices of each
    track, shape ``(n_tracks, n_steps + 1)``; ``start_price`` is charged at the first step door to
    door. ``value`` and ``which`` have shape ``(n_steps, longest + 1)`` and are overwritten.
    """
    n_steps = value.shape[0]
    value[:, :] = _NEVER
    which[:, :] = -1
    line = np.empty(n_steps + 1)
    for index in range(chosen.shape[0]):
        option = chosen[index]
        line[:] = 0.0
        for k in range(track_ptr[option], track_ptr[option + 1]):
            for t in range(n_steps + 1):
                line[t] += coefs[k] * prefix[tracks[k], t]
        ext = opt_ext[option]
        first, last = mark_ptr[option], mark_ptr[option + 1]
        for i in range(first, last):
            a = marks[i]
            door = a - ext
            if door < 0:
                continue
            for j in range(i + 1, last):
                b = marks[j]
                length = b - a
                if length < least[option]:
                    continue
                if length > most[option] or b + ext > n_steps:
                    break
                earned = (
                    line[b] - line[a] - rate[option] * length - fixed[option] - start_price[door]
                )
                whole = length + 2 * ext
                if earned > value[door, whole]:
                    value[door, whole] = earned
                    which[door, whole] = option


@njit(cache=True, nogil=True)
def best_line(
    value: FloatArray,
    night: BoolArray,
    ends: IntArray,
    tile: IntArray,
    spec: IntArray,
    carry: bool,  # noqa: FBT001 - compiled code takes no keyword-only arguments
    work_most: IntArray,
    out_start: IntArray,
    out_length: IntArray,
) -> tuple[float, int]:
    """Find the line of greatest value in one kind, by dynamic programming over time.

    States are the duties of the run (0 for a rested crew) and its night duties; a crew in a run that
    is still too short goes on with it or rests. ``ends[t]`` is the latest end of a duty that starts at
    ``t`` by availability. With ``carry`` each state remembers
    run start, nights and work and never breaks a rule (a good line, maybe not the best); without it
    these three rules are ignored (a bound). ``spec`` holds the rules in steps:
    rest, weekly rest, rest days, least run, most run, span, least and most duty, most night duty,
    nights in a run, nights, free from, fresh from, run start, run days, run nights, nights before,
    work before, steps per day, last end, whether nights of a run count (1 or 0), weekends, day of
    the first Saturday.

    Returns value and number of duties; the duties stand in ``out_start`` and ``out_length``.
    """
    rest, weekly, rest_days, run_least, run_most, span = spec[0:6]
    duty_least, duty_most, night_most, run_nights, nights = spec[6:11]
    free, fresh, run_start, run_days, had_nights, nights_before = spec[11:17]
    work_before, per_day, last_end, counts_nights, weekends, saturday = spec[17:23]
    n_steps, longest = value.shape[0], value.shape[1] - 1
    width = run_nights + 1
    n_states = (run_most + 1) * width
    best = np.full((n_steps + 1, n_states), _NEVER)
    from_t = np.full((n_steps + 1, n_states), -1, np.int32)
    from_s = np.full((n_steps + 1, n_states), -1, np.int32)
    from_l = np.zeros((n_steps + 1, n_states), np.int32)
    began = np.zeros((n_steps + 1, n_states), np.int32)
    dark = np.zeros((n_steps + 1, n_states), np.int32)
    work = np.zeros((n_steps + 1, n_states), np.int32)
    of_tile = np.zeros((n_steps + 1, n_states), np.int32)
    until = np.full((n_steps + 1, n_states), fresh, np.int32)
    weeks = np.zeros((n_steps + 1, n_states), np.int32)
    week = np.zeros((n_steps + 1, n_states), np.int32)
    if run_days > 0 and free <= n_steps and run_days <= run_most and had_nights <= run_nights:
        s = run_days * width + had_nights
        t = max(free, 0)
        best[t, s] = 0.0
        began[t, s] = run_start
        dark[t, s] = nights_before
        work[t, s] = work_before
    if fresh <= n_steps and not 0 < run_days < run_least:
        t = max(fresh, 0)
        best[t, 0] = 0.0
        dark[t, 0] = nights_before
        work[t, 0] = work_before
    top, top_t, top_s, top_l = 0.0, -1, -1, 0
    for t in range(n_steps):
        if t > 0:
            for s in range(n_states):
                if best[t - 1, s] > best[t, s]:
                    best[t, s] = best[t - 1, s]
                    from_t[t, s] = from_t[t - 1, s]
                    from_s[t, s] = from_s[t - 1, s]
                    from_l[t, s] = from_l[t - 1, s]
                    began[t, s] = began[t - 1, s]
                    dark[t, s] = dark[t - 1, s]
                    work[t, s] = work[t - 1, s]
                    of_tile[t, s] = of_tile[t - 1, s]
                    until[t, s] = until[t - 1, s]
                    weeks[t, s] = weeks[t - 1, s]
                    week[t, s] = week[t - 1, s]
        for length in range(max(1, duty_least), min(duty_most, longest, ends[t] - t) + 1):
            if value[t, length] <= _NEVER:
                continue
            is_night = 1 if night[t, length] else 0
            if is_night == 1 and length > night_most:
                continue
            day_end = (t // per_day + 1) * per_day
            ready = max(t + length + rest, day_end)
            rested = max(t + length + weekly, day_end + rest_days * per_day)
            number = weekend_of(t, length, per_day, saturday) if weekends < _ANY else 0
            for s in range(n_states):
                if best[t, s] <= _NEVER:
                    continue
                run = s // width + 1
                in_run = s % width + is_night * counts_nights
                if run > run_most or in_run > run_nights:
                    continue
                start = t if run == 1 else began[t, s]
                done = (work[t, s] if of_tile[t, s] == tile[t] else 0) + length
                seen = dark[t, s] + is_night
                is_new = number > 0 and week[t, s] != number
                used, last = weeks[t, s] + is_new, number if is_new else week[t, s]
                breaks = 1 < run <= run_least and t >= until[t, s]
                breaks = (
                    breaks
                    or t + length - start > span
                    or seen > nights
                    or done > work_most[tile[t]]
                    or used > weekends
                )
                if carry and breaks:
                    continue
                gained = best[t, s] + value[t, length]
                may_end = run >= run_least or rested >= last_end
                if gained > top and may_end:
                    top, top_t, top_s, top_l = gained, t, s, length
                if run < run_most and ready < n_steps:
                    n = run * width + in_run
                    if gained > best[ready, n]:
                        best[ready, n] = gained
                        from_t[ready, n] = t
                        from_s[ready, n] = s
                        from_l[ready, n] = length
                        began[ready, n] = start
                        dark[ready, n] = seen
                        work[ready, n] = done
                        of_tile[ready, n] = tile[t]
                        until[ready, n] = rested
                        weeks[ready, n] = used
                        week[ready, n] = last
                if run >= run_least and rested < n_steps and gained > best[rested, 0]:
                    best[rested, 0] = gained
                    from_t[rested, 0] = t
                    from_s[rested, 0] = s
                    from_l[rested, 0] = length
                    dark[rested, 0] = seen
                    work[rested, 0] = done
                    of_tile[rested, 0] = tile[t]
                    weeks[rested, 0] = used
                    week[rested, 0] = last
    count = 0
    t, s, length = top_t, top_s, top_l
    while t >= 0:
        out_start[count] = t
        out_length[count] = length
        count += 1
        t, s, length = from_t[t, s], from_s[t, s], from_l[t, s]
    for i in range(count // 2):
        j = count - 1 - i
        out_start[i], out_start[j] = out_start[j], out_start[i]
        out_length[i], out_length[j] = out_length[j], out_length[i]
    return top, count


@njit(cache=True, nogil=True)
def keeps_rules(
    starts: IntArray,
    lengths: IntArray,
    count: int,
    night: BoolArray,
    tile: IntArray,
    spec: IntArray,
    work_most: IntArray,
) -> bool:
    """Tell whether a line keeps span, nights, hours and weekends, which :func:`best_line` may ignore."""
    weekly, rest_days, span, nights = spec[1], spec[2], spec[5], spec[10]
    per_day, weekends, saturday = spec[18], spec[21], spec[22]
    used, last = 0, 0
    dark, work, of_tile = spec[16], spec[17], 0
    began = spec[13]
    run = spec[14]
    for i in range(count):
        t, length = starts[i], lengths[i]
        if i == 0:
            is_fresh = run == 0 or t >= spec[12]
        else:
            day_end = (starts[i - 1] // per_day + 1) * per_day
            rested = max(starts[i - 1] + lengths[i - 1] + weekly, day_end + rest_days * per_day)
            is_fresh = t >= rested
        if is_fresh:
            if 0 < run < spec[3]:
                return False
            run = 0
            began = t
        run += 1
        if night[t, length]:
            dark += 1
        number = weekend_of(t, length, per_day, saturday)
        if number > 0 and number != last:
            used, last = used + 1, number
        work = (work if of_tile == tile[t] else 0) + length
        of_tile = tile[t]
        if t + length - began > span or dark > nights or work > work_most[tile[t]]:
            return False
    return bool(used <= weekends)


@njit(cache=True, nogil=True)
def best_line_exact(
    value: FloatArray,
    night: BoolArray,
    ends: IntArray,
    tile: IntArray,
    spec: IntArray,
    work_most: IntArray,
    capacity: int,
    out_start: IntArray,
    out_length: IntArray,
) -> tuple[float, int, bool]:
    """Find the line of greatest value under all rules, by labels with dominance.

    A label is a rested crew (run 0) or a crew in a run, ready for a duty. One label is worse than
    another when it is worth no more and has no more freedom left in any rule. Returns value, number
    of duties and whether the labels fitted into ``capacity``; when they did not, nothing is proved.
    """
    rest, weekly, rest_days, run_least, run_most, span = spec[0:6]
    duty_least, duty_most, night_most, run_nights, nights = spec[6:11]
    free, fresh, run_start, run_days, had_nights, nights_before = spec[11:17]
    work_before, per_day, last_end, counts_nights, weekends, saturday = spec[17:23]
    n_steps, longest = value.shape[0], value.shape[1] - 1
    gain = np.empty(capacity)
    run = np.empty(capacity, np.int32)
    began = np.empty(capacity, np.int32)
    in_run = np.empty(capacity, np.int32)
    dark = np.empty(capacity, np.int32)
    work = np.empty(capacity, np.int32)
    of_tile = np.empty(capacity, np.int32)
    until = np.full(capacity, fresh, np.int32)
    weeks = np.zeros(capacity, np.int32)
    week = np.zeros(capacity, np.int32)
    parent = np.full(capacity, -1, np.int32)
    at = np.full(capacity, -1, np.int32)
    lasts = np.zeros(capacity, np.int32)
    following = np.full(capacity, -1, np.int32)
    head = np.full(n_steps + 1, -1, np.int32)
    active = np.empty(capacity, np.int32)
    n_labels, n_active = 0, 0
    top, top_label = 0.0, -1
    if run_days > 0 and free < n_steps and run_days < run_most:
        gain[0], run[0], began[0], in_run[0] = 0.0, run_days, run_start, had_nights
        dark[0], work[0], of_tile[0] = nights_before, work_before, 0
        following[0] = head[max(free, 0)]
        head[max(free, 0)] = 0
        n_labels = 1
    if fresh < n_steps and not 0 < run_days < run_least:
        k = n_labels
        gain[k], run[k], began[k], in_run[k] = 0.0, 0, 0, 0
        dark[k], work[k], of_tile[k] = nights_before, work_before, 0
        following[k] = head[max(fresh, 0)]
        head[max(fresh, 0)] = k
        n_labels += 1
    for t in range(n_steps):
        label = head[t]
        while label >= 0:
            coming = following[label]
            w = work[label] if of_tile[label] == tile[t] else 0
            worse = False
            for i in range(n_active):
                o = active[i]
                ow = work[o] if of_tile[o] == tile[t] else 0
                if gain[o] < gain[label] or dark[o] > dark[label] or ow > w:
                    continue
                if weekends_worse(
                    weeks[o], week[o], weeks[label], week[label], t // per_day, saturday
                ):
                    continue
                if (run[o] == 0 and (run_least <= 1 or run[label] == 0)) or (
                    (run[o] == run[label] or (run_least <= run[o] < run[label]))
                    and began[o] >= began[label]
                    and in_run[o] <= in_run[label]
                    and run[label] > 0
                    and (run[o] >= run_least or until[o] >= until[label])
                ):
                    worse = True
                    break
            if not worse:
                kept = 0
                for i in range(n_active):
                    o = active[i]
                    ow = work[o] if of_tile[o] == tile[t] else 0
                    drop = gain[o] <= gain[label] and dark[o] >= dark[label] and ow >= w
                    drop = drop and not weekends_worse(
                        weeks[label], week[label], weeks[o], week[o], t // per_day, saturday
                    )
                    if drop:
                        drop = (run[label] == 0 and (run_least <= 1 or run[o] == 0)) or (
                            (run[label] == run[o] or (run_least <= run[label] < run[o]))
                            and began[label] >= began[o]
                            and in_run[label] <= in_run[o]
                            and run[o] > 0
                            and (run[label] >= run_least or until[label] >= until[o])
                        )
                    if run[o] > 0 and t + 1 - began[o] > span:
                        drop = True
                    if not drop:
                        active[kept] = o
                        kept += 1
                active[kept] = label
                n_active = kept + 1
            label = coming
        for length in range(max(1, duty_least), min(duty_most, longest, ends[t] - t) + 1):
            if value[t, length] <= _NEVER:
                continue
            is_night = 1 if night[t, length] else 0
            if is_night == 1 and length > night_most:
                continue
            day_end = (t // per_day + 1) * per_day
            ready = max(t + length + rest, day_end)
            rested = max(t + length + weekly, day_end + rest_days * per_day)
            number = weekend_of(t, length, per_day, saturday) if weekends < _ANY else 0
            for i in range(n_active):
                o = active[i]
                begun = t if run[o] == 0 else began[o]
                dim = in_run[o] + is_night * counts_nights
                done = (work[o] if of_tile[o] == tile[t] else 0) + length
                is_new = number > 0 and week[o] != number
                used, last = weeks[o] + is_new, number if is_new else week[o]
                if (
                    run[o] >= run_most
                    or (0 < run[o] < run_least and t >= until[o])
                    or t + length - begun > span
                    or dim > run_nights
                    or dark[o] + is_night > nights
                    or done > work_most[tile[t]]
                    or used > weekends
                ):
                    continue
                if n_labels + 2 >= capacity:
                    return top, 0, False
                gained = gain[o] + value[t, length]
                for goal in range(2):
                    when = ready if goal == 0 else rested
                    k = n_labels
                    gain[k] = gained
                    run[k] = run[o] + 1 if goal == 0 else 0
                    began[k] = begun if goal == 0 else 0
                    in_run[k] = dim if goal == 0 else 0
                    until[k] = rested
                    dark[k] = dark[o] + is_night
                    work[k] = done
                    of_tile[k] = tile[t]
                    weeks[k], week[k] = used, last
                    parent[k] = o
                    at[k] = t
                    lasts[k] = length
                    may_end = run[o] + 1 >= run_least or rested >= last_end
                    if goal == 0 and gained > top and may_end:
                        top, top_label = gained, k
                    keep = goal == 0 and (run[k] < run_most and when < n_steps)
                    keep = keep or (goal == 1 and run[o] + 1 >= run_least and when < n_steps)
                    if keep:
                        following[k] = head[when]
                        head[when] = k
                    if keep or (goal == 0 and top_label == k):
                        n_labels += 1
    count = 0
    label = top_label
    while label >= 0 and at[label] >= 0:
        out_start[count] = at[label]
        out_length[count] = lasts[label]
        count += 1
        label = parent[label]
    for i in range(count // 2):
        j = count - 1 - i
        out_start[i], out_start[j] = out_start[j], out_start[i]
        out_length[i], out_length[j] = out_length[j], out_length[i]
    return top, count, True


@njit(cache=True, nogil=True)
def cost_at(
    z: float, minimum: int, target: int, ceiling: int, below: float, short: float, above: float
) -> float:
    """Return the cost of an amount of cover at one step."""
    if z < minimum:
        return below * (minimum - z) + short * (target - minimum)
    if z < target:
        return short * (target - z)
    if z > ceiling:
        return above * (z - ceiling)
    return 0.0


@njit(cache=True, nogil=True)
def row_costs(
    rows: IntArray,
    cover: IntArray,
    minimum: IntArray,
    target: IntArray,
    ceiling: IntArray,
    below: FloatArray,
    short: FloatArray,
    above: FloatArray,
    costs: FloatArray,
) -> float:
    """Write the cost of cover on each track of ``rows`` into ``costs`` and return the sum."""
    total = 0.0
    for i in range(rows.shape[0]):
        r = rows[i]
        cost = 0.0
        for t in range(cover.shape[1]):
            cost += cost_at(
                cover[r, t], minimum[r, t], target[r, t], ceiling[r, t],
                below[r, t], short[r, t], above[r, t],
            )  # fmt: skip
        costs[r] = cost
        total += cost
    return total


@njit(cache=True, nogil=True)
def marginal(
    rows: IntArray,
    cover: IntArray,
    minimum: IntArray,
    target: IntArray,
    ceiling: IntArray,
    below: FloatArray,
    short: FloatArray,
    above: FloatArray,
    step: int,
    prefix: FloatArray,
) -> None:
    """Write the running sum of the value of ``step`` more crews (each) into ``prefix``.

    Only the tracks in ``rows`` are written. A negative ``step`` gives what one crew less costs.
    """
    size = abs(step)
    for i in range(rows.shape[0]):
        r = rows[i]
        total = 0.0
        prefix[r, 0] = 0.0
        for t in range(cover.shape[1]):
            z, m, g, c = cover[r, t], minimum[r, t], target[r, t], ceiling[r, t]
            b, s, a = below[r, t], short[r, t], above[r, t]
            before = cost_at(z, m, g, c, b, s, a)
            after = cost_at(z + step, m, g, c, b, s, a)
            total += (before - after) / size if step > 0 else (after - before) / size
            prefix[r, t + 1] = total


@njit(cache=True, nogil=True)
def dual_value(
    price: FloatArray,
    minimum: IntArray,
    target: IntArray,
    ceiling: IntArray,
    below: FloatArray,
    short: FloatArray,
    is_free: BoolArray,
) -> float:
    """Return the least of ``cost of cover + price × cover`` summed over all tracks and steps.

    ``price`` must be at least ``-above`` everywhere; where ``is_free`` the cover may be negative
    and the price must be at most ``below``.
    """
    total = 0.0
    for r in range(price.shape[0]):
        for t in range(price.shape[1]):
            p = price[r, t]
            if p == 0.0:
                continue
            m, g, c = minimum[r, t], target[r, t], ceiling[r, t]
            if p < 0.0:
                total += p * c
            elif p <= short[r, t]:
                total += p * g
            elif p <= below[r, t] or is_free[r]:
                total += short[r, t] * (g - m) + p * m
            else:
                total += short[r, t] * (g - m) + below[r, t] * m
    return total


@njit(cache=True, nogil=True)
def improving_postings(
    chosen: IntArray,
    opt_ext: IntArray,
    mark_ptr: IntArray,
    marks: IntArray,
    least: IntArray,
    most: IntArray,
    rate: FloatArray,
    fixed: FloatArray,
    track_ptr: IntArray,
    tracks: IntArray,
    coefs: IntArray,
    prefix: FloatArray,
    start_price: FloatArray,
    worth: FloatArray,
    least_profit: float,
    out_option: IntArray,
    out_start: IntArray,
    out_length: IntArray,
    out_profit: FloatArray,
) -> int:
    """Collect postings that earn more than their window is worth.

    ``worth`` is the price of a window, shape ``(n_steps, longest + 1)``, infinite where no line
    works it yet. Returns how many were found; at most as many as the output arrays hold.
    """
    n_steps = worth.shape[0]
    line = np.empty(n_steps + 1)
    found = 0
    for index in range(chosen.shape[0]):
        option = chosen[index]
        line[:] = 0.0
        for k in range(track_ptr[option], track_ptr[option + 1]):
            for t in range(n_steps + 1):
                line[t] += coefs[k] * prefix[tracks[k], t]
        ext = opt_ext[option]
        first, last = mark_ptr[option], mark_ptr[option + 1]
        for i in range(first, last):
            a = marks[i]
            door = a - ext
            if door < 0:
                continue
            for j in range(i + 1, last):
                b = marks[j]
                length = b - a
                if length < least[option]:
                    continue
                if length > most[option] or b + ext > n_steps:
                    break
                whole = length + 2 * ext
                profit = (
                    line[b]
                    - line[a]
                    - rate[option] * length
                    - fixed[option]
                    - start_price[door]
                    - worth[door, whole]
                )
                if profit > least_profit:
                    if found == out_option.shape[0]:
                        return found
                    out_option[found] = option
                    out_start[found] = door
                    out_length[found] = whole
                    out_profit[found] = profit
                    found += 1
    return found
