"""Ask many lines at once whether one more duty keeps every rule; the rules of ``check_line``.

A line is a row of starts and ends door to door. The candidate takes the place of the duty that starts
on the same local day, when there is one.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

__all__ = ["N_RULES", "fits"]

IntArray = npt.NDArray[np.int32]
BoolArray = npt.NDArray[np.bool_]

N_RULES = 20
"""Numbers in a row of rules; see :func:`passerelle.planning.repair.lines.rule_row`."""

_DAY = 1440


@njit(cache=True, nogil=True)
def _is_night(start: int, end: int, night: IntArray) -> bool:
    for day in range(start // 1440 - 1, end // 1440 + 1):
        low = max(start, day * 1440 + night[0])
        high = min(end, day * 1440 + night[1])
        if high - low >= night[2]:
            return True
    return False


@njit(cache=True, nogil=True)
def _keeps_sliding(starts: IntArray, ends: IntArray, count: int, sliding: IntArray) -> bool:
    """Tell whether no stretch of days holds more work than a sliding limit allows."""
    for s in range(sliding.shape[0]):
        worked, first = 0, 0
        for i in range(count):
            worked += ends[i] - starts[i]
            while starts[first] // 1440 <= starts[i] // 1440 - sliding[s, 0]:
                worked -= ends[first] - starts[first]
                first += 1
            if worked > sliding[s, 1]:
                return False
    return True


@njit(cache=True, nogil=True)
def _keeps(  # noqa: PLR0911 - one exit a rule; the arrays of one line
    starts: IntArray,
    ends: IntArray,
    count: int,
    rule: IntArray,
    windows: IntArray,
    hours: IntArray,
    sliding: IntArray,
    night: IntArray,
) -> bool:
    """Tell whether one line keeps every rule of its group."""
    rest, weekly, rest_days, run_least, run_most, span = (
        rule[0], rule[1], rule[2], rule[3], rule[4], rule[5],
    )  # fmt: skip
    free, fresh = rule[11], rule[12]
    began, run, in_run, dark = rule[13], rule[14], rule[15], rule[16]
    last_end = 0
    for w in range(windows.shape[0]):
        last_end = max(last_end, windows[w, 1])
    for i in range(count):
        start, end = starts[i], ends[i]
        length = end - start
        inside = False
        for w in range(windows.shape[0]):
            if windows[w, 0] <= start and end <= windows[w, 1]:
                inside = True
        if not inside or length < rule[6] or length > rule[7]:
            return False
        is_dark = _is_night(start, end, night)
        if is_dark and length > rule[8]:
            return False
        if i == 0:
            if start < (free if rule[14] else fresh):
                return False
            is_fresh = rule[14] == 0 or start >= fresh
        else:
            days = start // 1440 - starts[i - 1] // 1440 - 1
            if days < 0 or start < ends[i - 1] + rest:
                return False
            is_fresh = start - ends[i - 1] >= weekly and days >= rest_days
        if is_fresh:
            if 0 < run < run_least:
                return False
            run, in_run, began = 0, 0, start
        run += 1
        if is_dark:
            in_run += 1
            dark += 1
        if run > run_most or end - began > span:
            return False
        if rule[9] >= 0 and in_run > rule[9]:
            return False
        if rule[10] >= 0 and dark > rule[10]:
            return False
    if count and run < run_least:
        rested = max(ends[count - 1] + weekly, (starts[count - 1] // 1440 + 1 + rest_days) * 1440)
        if rested < last_end:
            return False
    if rule[18] >= 0:
        used, last = 0, 0
        for i in range(count):
            for day in (starts[i] // 1440, (ends[i] - 1) // 1440):
                since = day - rule[19]
                if since >= 0 and since % 7 < 2 and since // 7 + 1 != last:
                    used, last = used + 1, since // 7 + 1
        if used > rule[18]:
            return False
    for h in range(hours.shape[0]):
        worked = rule[17] if h == 0 and hours[h, 0] <= 0 else 0
        for i in range(count):
            if hours[h, 0] <= starts[i] < hours[h, 1]:
                worked += ends[i] - starts[i]
        if worked > hours[h, 2]:
            return False
    return _keeps_sliding(starts, ends, count, sliding)


@njit(cache=True, nogil=True)
def fits(
    starts: IntArray,
    ends: IntArray,
    counts: IntArray,
    rule: IntArray,
    windows: IntArray,
    hours: IntArray,
    sliding: IntArray,
    night: IntArray,
    new_start: IntArray,
    new_end: IntArray,
) -> BoolArray:
    """Tell for each line and each candidate whether the line with it keeps every rule.

    Parameters
    ----------
    starts, ends
        Duties door to door, shape ``(n_lines, most_duties)``.
    counts
        Duties of each line.
    rule, windows, hours, sliding, night
        Rules of the one group that all lines belong to.
    new_start, new_end
        Candidates door to door, shape ``(n_candidates,)``; an end before the start stands for none
        but the duty of that day is dropped.

    Returns
    -------
    BoolArray
        Shape ``(n_lines, n_candidates)``.
    """
    n_lines, most = starts.shape
    found = np.zeros((n_lines, len(new_start)), dtype=np.bool_)
    a = np.empty(most + 1, dtype=np.int32)
    b = np.empty(most + 1, dtype=np.int32)
    for line in range(n_lines):
        for c in range(len(new_start)):
            day = new_start[c] // 1440
            n = 0
            waits = new_end[c] > new_start[c]
            for i in range(counts[line]):
                if starts[line, i] // 1440 == day:
                    continue
                if waits and starts[line, i] > new_start[c]:
                    a[n], b[n] = new_start[c], new_end[c]
                    n += 1
                    waits = False
                a[n], b[n] = starts[line, i], ends[line, i]
                n += 1
            if waits:
                a[n], b[n] = new_start[c], new_end[c]
                n += 1
            found[line, c] = _keeps(a, b, n, rule, windows, hours, sliding, night)
    return found
