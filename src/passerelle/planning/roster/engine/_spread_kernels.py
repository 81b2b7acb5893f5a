"""Compiled loops over crews spread over lines and postings; the same results with JIT off.

Weights are crews. While crews may be split (*shares*), the price of cover is the slope of its cost
over a width around the present cover; once they are whole, it is what one crew more is worth
(``price``) and one crew less would cost (``loss``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from passerelle.planning.roster.engine._kernels import best_line, cost_at, keeps_rules

if TYPE_CHECKING:
    import numpy.typing as npt

    from passerelle.planning.roster.engine.catalogue import Catalogue

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int32]
    LongArray = npt.NDArray[np.int64]
    BoolArray = npt.NDArray[np.bool_]

_NEVER = -1e300
_LEAST = 1e-9
_HALVINGS = 12


class Cover(NamedTuple):
    """Hold cover, its cost and its price; one row a track, then one row a base with bound beds.

    Parameters
    ----------
    amount
        Crews (of beds: people), shape ``(n_rows, n_steps)``; beds use the first step of a day.
    price, loss
        Worth of a little more, cost of a little less; same shape.
    version, summed
        Changes made to each row, and at which of them its running sum was made.
    width
        Half the width over which the slope of each row is taken.
    unit, share
        What one crew adds to a row, and the least that one takes away: escorts add as many shares
        as the crews that walk with them use up.
    minimum, target, ceiling, below, short, above
        Cost of cover as in the tables.
    moved, moved_rows, moved_steps
        Room to collect a direction: all zero between calls.
    running, falling
        Running sums of price and loss, shape ``(n_rows, n_steps + 1)``.
    """

    amount: FloatArray
    price: FloatArray
    loss: FloatArray
    version: LongArray
    summed: LongArray
    width: FloatArray
    unit: FloatArray
    share: FloatArray
    minimum: IntArray
    target: IntArray
    ceiling: IntArray
    below: FloatArray
    short: FloatArray
    above: FloatArray
    moved: FloatArray
    moved_rows: IntArray
    moved_steps: IntArray
    running: FloatArray
    falling: FloatArray


class Options(NamedTuple):
    """Hold what an option counts for.

    Parameters
    ----------
    row_ptr, rows, coefs
        Tracks of each option, in compressed form.
    bed, people
        Row of its beds or -1, and the people of a crew.
    version, running
        At which changes of its tracks the running sum was made; shape ``(n_options, n_steps + 1)``.
    """

    row_ptr: IntArray
    rows: IntArray
    coefs: IntArray
    bed: IntArray
    people: IntArray
    version: LongArray
    running: FloatArray


class Lists(NamedTuple):
    """Hold the lines of all kinds and how many crews work each.

    Parameters
    ----------
    of_kind
        Lines of kind ``k`` may fill ``of_kind[k]`` up to ``of_kind[k + 1]``; the first one rests.
    used
        How many of them are in use.
    windows, sizes
        Windows of a line; shapes ``(n_places, days + 1)`` and ``(n_places,)``.
    crews
        Crews on a line.
    posted
        Crews on each posting of the catalogue.
    """

    of_kind: LongArray
    used: IntArray
    windows: IntArray
    sizes: IntArray
    crews: FloatArray
    posted: FloatArray


class Laws(NamedTuple):
    """Hold the rules of all kinds in the form of ``best_line``, and the price of a crew that works."""

    cls: IntArray
    night: BoolArray
    ends: IntArray
    tile: IntArray
    spec: IntArray
    work_most: IntArray
    use_cost: FloatArray


class Room(NamedTuple):
    """Hold room for intermediate results.

    Parameters
    ----------
    value
        Value of windows by start and length.
    best, worst, worst_value
        Best posting of each window; worst one in use and its value.
    starts, lengths
        Windows of a new line.
    line_value
        Value of each line of a kind.
    taken
        Postings taken off.
    worths
        Value of the postings of one window.
    """

    value: FloatArray
    best: LongArray
    worst: LongArray
    worst_value: FloatArray
    starts: IntArray
    lengths: IntArray
    line_value: FloatArray
    taken: LongArray
    worths: FloatArray


@njit(cache=True, nogil=True)
def reprice(cover: Cover, r: int, first: int, last: int, whole: bool) -> None:  # noqa: FBT001
    """Write the prices of some steps of a row."""
    amount, price, loss = cover.amount, cover.price, cover.loss
    minimum, target, ceiling = cover.minimum, cover.target, cover.ceiling
    below, short, above = cover.below, cover.short, cover.above
    d = cover.unit[r] if whole else cover.width[r]
    e = cover.share[r] if whole else d
    for t in range(first, last):
        b, s, a = below[r, t], short[r, t], above[r, t]
        if b == 0.0 and s == 0.0 and a == 0.0:
            continue
        z, m, g, c = amount[r, t], minimum[r, t], target[r, t], ceiling[r, t]
        less, more = cost_at(z - e, m, g, c, b, s, a), cost_at(z + d, m, g, c, b, s, a)
        if whole:
            here = cost_at(z, m, g, c, b, s, a)
            price[r, t], loss[r, t] = (here - more) / d, (less - here) / e
        else:
            price[r, t] = loss[r, t] = (less - more) / (2.0 * d)


@njit(cache=True, nogil=True)
def reprice_all(cover: Cover, whole: bool) -> None:  # noqa: FBT001 - compiled code
    """Write all prices anew."""
    for r in range(cover.amount.shape[0]):
        cover.version[r] += 1
        reprice(cover, r, 0, cover.amount.shape[1], whole)


@njit(cache=True, nogil=True)
def shift_row(
    r: int,
    first: int,
    last: int,
    step: float,
    cover: Cover,
    whole: bool,  # noqa: FBT001
) -> float:
    """Add to the cover of some steps of a row; return by how much its cost grew."""
    amount = cover.amount
    minimum, target, ceiling = cover.minimum, cover.target, cover.ceiling
    below, short, above = cover.below, cover.short, cover.above
    grown = 0.0
    for t in range(first, last):
        z = amount[r, t]
        amount[r, t] = z + step
        b, s, a = below[r, t], short[r, t], above[r, t]
        if whole and (b > 0.0 or s > 0.0 or a > 0.0):
            m, g, c = minimum[r, t], target[r, t], ceiling[r, t]
            grown += cost_at(z + step, m, g, c, b, s, a) - cost_at(z, m, g, c, b, s, a)
    cover.version[r] += 1
    reprice(cover, r, first, last, whole)
    return grown


@njit(cache=True, nogil=True)
def post(
    d: int,
    crews: float,
    cover: Cover,
    options: Options,
    list_: Catalogue,
    whole: bool,  # noqa: FBT001
) -> float:
    """Put crews on a posting (negative: take them off); return by how much the cost grew.

    Only for whole crews is the cost of cover counted.
    """
    o = list_.option[d]
    first, last, night = list_.first[d], list_.last[d], list_.night[d]
    grown: float = list_.cost[d] * crews
    for k in range(options.row_ptr[o], options.row_ptr[o + 1]):
        grown += shift_row(options.rows[k], first, last, options.coefs[k] * crews, cover, whole)
    if options.bed[o] >= 0:
        step = options.people[o] * crews
        grown += shift_row(options.bed[o], night, night + 1, step, cover, whole)
    return grown


@njit(cache=True, nogil=True)
def post_all(
    posted: FloatArray,
    cover: Cover,
    options: Options,
    list_: Catalogue,
    whole: bool,  # noqa: FBT001
) -> None:
    """Put crews on all postings."""
    for d in range(posted.shape[0]):
        if posted[d] != 0.0:
            post(d, posted[d], cover, options, list_, whole)


@njit(cache=True, nogil=True)
def collect_row(
    r: int, first: int, last: int, step: float, found: int, moved: FloatArray, rows: IntArray,
    steps: IntArray,
) -> int:  # fmt: skip
    """Add some steps of a row to a direction; return how many steps it has."""
    for t in range(first, last):
        if moved[r, t] == 0.0:
            rows[found], steps[found] = r, t
            found += 1
        moved[r, t] += step
        if moved[r, t] == 0.0:
            moved[r, t] = 1e-30  # listed already
    return found


@njit(cache=True, nogil=True)
def collect(
    d: int, sign: float, found: int, cover: Cover, options: Options, list_: Catalogue
) -> int:
    """Add a posting to the direction; return how many steps the direction has."""
    o = list_.option[d]
    first, last, night = list_.first[d], list_.last[d], list_.night[d]
    moved, rows, steps = cover.moved, cover.moved_rows, cover.moved_steps
    for k in range(options.row_ptr[o], options.row_ptr[o + 1]):
        found = collect_row(
            options.rows[k], first, last, options.coefs[k] * sign, found, moved, rows, steps
        )
    if options.bed[o] >= 0:
        step = options.people[o] * sign
        found = collect_row(options.bed[o], night, night + 1, step, found, moved, rows, steps)
    return found


@njit(cache=True, nogil=True)
def best_share(cover: Cover, found: int, cost: float, most: float) -> float:
    """Return how far to go along the direction, at most ``most``: the slope crosses zero there.

    Clears the direction.
    """
    amount, width, moved = cover.amount, cover.width, cover.moved
    rows, steps = cover.moved_rows, cover.moved_steps
    minimum, target, ceiling = cover.minimum, cover.target, cover.ceiling
    below, short, above = cover.below, cover.short, cover.above
    low, high = 0.0, most
    for turn in range(_HALVINGS):
        share = most if turn == 0 else 0.5 * (low + high)
        growth = cost
        for i in range(found):
            r, t = rows[i], steps[i]
            step = moved[r, t]
            b, s, a = below[r, t], short[r, t], above[r, t]
            if abs(step) < 1e-20 or (b == 0.0 and s == 0.0 and a == 0.0):
                continue
            m, g, c, d = minimum[r, t], target[r, t], ceiling[r, t], width[r]
            z = amount[r, t] + share * step
            less, more = cost_at(z - d, m, g, c, b, s, a), cost_at(z + d, m, g, c, b, s, a)
            growth -= step * (less - more) / (2.0 * d)
        if turn == 0 and growth <= 0.0:
            low = most
            break
        if growth > 0.0:
            high = share
        else:
            low = share
    for i in range(found):
        moved[rows[i], steps[i]] = 0.0
    return low


@njit(cache=True, nogil=True)
def worth_all(
    w: int, price: FloatArray, other: FloatArray, posted: FloatArray, least: float,
    options: Options, list_: Catalogue, worths: FloatArray,
) -> None:  # fmt: skip
    """Write the value of one crew on each posting of a window, where at least ``least`` are posted.

    ``price`` counts where the crew adds cover, ``other`` where it uses up cover.
    """
    row_ptr, rows, coefs = options.row_ptr, options.rows, options.coefs
    bed, people = options.bed, options.people
    option, firsts, lasts = list_.option, list_.first, list_.last
    night, cost = list_.night, list_.cost
    begin = list_.of_window[w]
    for d in range(begin, list_.of_window[w + 1]):
        if posted[d] < least:
            continue
        o, first, last = option[d], firsts[d], lasts[d]
        value = -cost[d]
        for k in range(row_ptr[o], row_ptr[o + 1]):
            r = rows[k]
            earned = 0.0
            if coefs[k] > 0:
                for t in range(first, last):
                    earned += price[r, t]
            else:
                for t in range(first, last):
                    earned += other[r, t]
            value += coefs[k] * earned
        if bed[o] >= 0:
            value += people[o] * price[bed[o], night[d]]
        worths[d - begin] = value


@njit(cache=True, nogil=True)
def refresh(rows: IntArray, chosen: IntArray, cover: Cover, options: Options) -> None:
    """Bring the running sums of some rows and options up to date."""
    n_steps = cover.amount.shape[1]
    price, loss, running, falling = cover.price, cover.loss, cover.running, cover.falling
    version, summed = cover.version, cover.summed
    for i in range(rows.shape[0]):
        r = rows[i]
        if summed[r] != version[r]:
            total, fallen = 0.0, 0.0
            for t in range(n_steps):
                total += price[r, t]
                fallen += loss[r, t]
                running[r, t + 1], falling[r, t + 1] = total, fallen
            summed[r] = version[r]
    row_ptr, tracks, coefs = options.row_ptr, options.rows, options.coefs
    seen, sums = options.version, options.running
    for i in range(chosen.shape[0]):
        o = chosen[i]
        changes = 0
        for k in range(row_ptr[o], row_ptr[o + 1]):
            changes += version[tracks[k]]
        if seen[o] == changes:
            continue
        seen[o] = changes
        for t in range(n_steps + 1):
            sums[o, t] = 0.0
        for k in range(row_ptr[o], row_ptr[o + 1]):
            r, coef = tracks[k], coefs[k]
            of_row = running[r] if coef > 0 else falling[r]
            for t in range(n_steps + 1):
                sums[o, t] += coef * of_row[t]


@njit(cache=True, nogil=True)
def look(
    first: int, last: int, cover: Cover, options: Options, list_: Catalogue, posted: FloatArray,
    room: Room,
) -> None:  # fmt: skip
    """Find best posting, and worst posting in use, of each window of a class."""
    price, sums, bed, people = cover.price, options.running, options.bed, options.people
    option, firsts, lasts, night = list_.option, list_.first, list_.last, list_.night
    cost, of_window, starts, lengths = list_.cost, list_.of_window, list_.starts, list_.lengths
    values, bests, worsts, worst_values = room.value, room.best, room.worst, room.worst_value
    values[:, :] = _NEVER
    for w in range(first, last):
        best, worst, top, bottom = _NEVER, -_NEVER, -1, -1
        for d in range(of_window[w], of_window[w + 1]):
            o = option[d]
            value = sums[o, lasts[d]] - sums[o, firsts[d]] - cost[d]
            if bed[o] >= 0:
                value += people[o] * price[bed[o], night[d]]
            if value > best:
                best, top = value, d
            if posted[d] > _LEAST and value < worst:
                worst, bottom = value, d
        bests[w], worsts[w] = top, bottom
        values[starts[w], lengths[w]] = best
        worst_values[w] = worst


@njit(cache=True, nogil=True)
def new_line(k: int, laws: Laws, room: Room) -> tuple[float, int]:
    """Find a line of greatest value for a kind; return value and number of windows."""
    value, n = best_line(
        room.value, laws.night, laws.ends[k], laws.tile[k], laws.spec[k], False,
        laws.work_most[k], room.starts, room.lengths,
    )  # fmt: skip
    if not keeps_rules(
        room.starts, room.lengths, n, laws.night, laws.tile[k], laws.spec[k], laws.work_most[k]
    ):
        value, n = best_line(
            room.value, laws.night, laws.ends[k], laws.tile[k], laws.spec[k], True,
            laws.work_most[k], room.starts, room.lengths,
        )  # fmt: skip
    if value <= laws.use_cost[k]:
        return 0.0, 0
    return value - laws.use_cost[k], n


@njit(cache=True, nogil=True)
def place_of(k: int, n: int, cls: int, lists: Lists, list_: Catalogue, room: Room) -> int:
    """Return the place of the new line among those of its kind, -1 when it is not there yet."""
    if n == 0:
        return int(lists.of_kind[k])
    for j in range(lists.of_kind[k], lists.of_kind[k] + lists.used[k]):
        if lists.sizes[j] != n:
            continue
        same = True
        for i in range(n):
            if lists.windows[j, i] != list_.places[cls, room.starts[i], room.lengths[i]]:
                same = False
                break
        if same:
            return j
    return -1


@njit(cache=True, nogil=True)
def write_line(j: int, n: int, cls: int, lists: Lists, list_: Catalogue, room: Room) -> None:
    """Write the new line into a place."""
    lists.sizes[j] = n
    for i in range(n):
        lists.windows[j, i] = list_.places[cls, room.starts[i], room.lengths[i]]


@njit(cache=True, nogil=True)
def tidy(k: int, lists: Lists) -> None:
    """Drop the lines of a kind that nobody works."""
    first = lists.of_kind[k]
    kept = first + 1
    for j in range(first + 1, first + lists.used[k]):
        if lists.crews[j] > 0.0:
            if kept != j:
                lists.sizes[kept], lists.crews[kept] = lists.sizes[j], lists.crews[j]
                lists.crews[j] = 0.0
                for i in range(lists.sizes[j]):
                    lists.windows[kept, i] = lists.windows[j, i]
            kept += 1
    lists.used[k] = kept - first
