"""Compiled moves of crews between postings of a window (*where*) and between lines (*when*).

Compiled code is cached by the time stamp of its own file: whoever changes
:mod:`~passerelle.planning.roster.engine._spread_kernels`, or ``_kernels`` below it, touches this file as
well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from passerelle.planning.roster.engine._spread_kernels import (
    best_share,
    collect,
    look,
    new_line,
    place_of,
    post,
    refresh,
    tidy,
    worth_all,
    write_line,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    from passerelle.planning.roster.engine._spread_kernels import (
        Cover,
        Laws,
        Lists,
        Options,
        Room,
    )
    from passerelle.planning.roster.engine.catalogue import Catalogue

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int32]
    LongArray = npt.NDArray[np.int64]

_NEVER = -1e300
_LEAST = 1e-9
_GAIN = 1e-6
_LOOKED_AT = 1500


@njit(cache=True, nogil=True)
def worst_posting(
    w: int, least: float, cover: Cover, options: Options, list_: Catalogue, posted: FloatArray,
    worths: FloatArray,
) -> tuple[int, float]:  # fmt: skip
    """Return the worst posting of a window with at least ``least`` crews, and its value."""
    worth_all(w, cover.loss, cover.price, posted, least, options, list_, worths)
    begin, of_next = list_.of_window[w], list_.of_window[w + 1]
    worst, value = -1, -_NEVER
    for d in range(begin, of_next):
        if posted[d] >= least and worths[d - begin] < value:
            worst, value = d, worths[d - begin]
    return worst, value


@njit(cache=True, nogil=True)
def extremes(
    w: int, least: float, cover: Cover, options: Options, list_: Catalogue, posted: FloatArray,
    worths: FloatArray,
) -> tuple[int, int, float]:  # fmt: skip
    """Return best other posting of a window, worst one in use, and how much better it is."""
    worst, value = worst_posting(w, least, cover, options, list_, posted, worths)
    if worst < 0:
        return -1, -1, 0.0
    worth_all(w, cover.price, cover.loss, posted, _NEVER, options, list_, worths)
    begin = list_.of_window[w]
    best, most = -1, _NEVER
    for d in range(begin, list_.of_window[w + 1]):
        if d != worst and worths[d - begin] > most:
            best, most = d, worths[d - begin]
    return best, worst, most - value


@njit(cache=True, nogil=True)
def settle_shares(
    first: int, last: int, turns: int, cover: Cover, options: Options, list_: Catalogue,
    posted: FloatArray, worths: FloatArray,
) -> None:  # fmt: skip
    """Shift shares of crews from worse to better postings of the same window."""
    for w in range(first, last):
        for _ in range(turns):
            best, worst, gain = extremes(w, _LEAST, cover, options, list_, posted, worths)
            if best < 0 or gain < 1e-3:
                break
            found = collect(best, 1.0, 0, cover, options, list_)
            found = collect(worst, -1.0, found, cover, options, list_)
            cost = list_.cost[best] - list_.cost[worst]
            share = best_share(cover, found, cost, posted[worst])
            if share <= 0.0:
                break
            post(best, share, cover, options, list_, False)
            post(worst, -share, cover, options, list_, False)
            posted[best] += share
            posted[worst] = max(0.0, posted[worst] - share)


@njit(cache=True, nogil=True)
def settle_whole(
    first: int, last: int, turns: int, cover: Cover, options: Options, list_: Catalogue,
    posted: FloatArray, worths: FloatArray,
) -> float:  # fmt: skip
    """Move whole crews to better postings of the same window; return what was gained."""
    gained = 0.0
    for w in range(first, last):
        for _ in range(turns):
            best, worst, gain = extremes(w, 0.5, cover, options, list_, posted, worths)
            if best < 0 or gain < _GAIN:
                break
            grown = post(worst, -1.0, cover, options, list_, True)
            grown += post(best, 1.0, cover, options, list_, True)
            if grown >= -_GAIN:
                post(best, -1.0, cover, options, list_, True)
                post(worst, 1.0, cover, options, list_, True)
                break
            posted[worst] -= 1.0
            posted[best] += 1.0
            gained -= grown
    return gained


@njit(cache=True, nogil=True)
def value_lines(
    k: int, n_looked: int, offset: int, use_cost: float, lists: Lists, room: Room
) -> float:
    """Value lines of a kind at their worst postings; return crews times value of those looked at."""
    first, used = lists.of_kind[k], lists.used[k]
    room.line_value[:used] = -_NEVER
    total = 0.0
    for turn in range(n_looked):
        i = (offset + turn) % used
        value = -use_cost if lists.sizes[first + i] else 0.0
        for x in range(lists.sizes[first + i]):
            value += room.worst_value[lists.windows[first + i, x]]
        room.line_value[i] = value
        total += lists.crews[first + i] * value
    return total


@njit(cache=True, nogil=True)
def worst_line(k: int, lists: Lists, room: Room) -> int:
    """Return the place of the worst line with crews, -1 when there is none."""
    first = lists.of_kind[k]
    found, least = -1, -_NEVER
    for i in range(lists.used[k]):
        if lists.crews[first + i] > _LEAST and room.line_value[i] < least:
            found, least = first + i, room.line_value[i]
    return found


@njit(cache=True, nogil=True)
def used_posting(w: int, list_: Catalogue, posted: FloatArray, room: Room) -> int:
    """Return a posting of a window with crews, the worst one where it still has some."""
    if room.worst[w] >= 0 and posted[room.worst[w]] > _LEAST:
        return int(room.worst[w])
    for d in range(list_.of_window[w], list_.of_window[w + 1]):
        if posted[d] > _LEAST:
            room.worst[w] = d
            return d
    return -1


@njit(cache=True, nogil=True)
def shift(
    new: int, old: int, use_cost: float, cover: Cover, options: Options, list_: Catalogue,
    lists: Lists, room: Room,
) -> tuple[float, bool]:  # fmt: skip
    """Move a share of crews from an old line to a new one; return it and whether it was all."""
    posted = lists.posted
    most = lists.crews[old]
    cost = use_cost * ((1.0 if lists.sizes[new] else 0.0) - (1.0 if lists.sizes[old] else 0.0))
    found, is_sound = 0, True
    for i in range(lists.sizes[new]):
        d = room.best[lists.windows[new, i]]
        found = collect(d, 1.0, found, cover, options, list_)
        cost += list_.cost[d]
    for i in range(lists.sizes[old]):
        d = used_posting(lists.windows[old, i], list_, posted, room)
        if d < 0:
            is_sound = False
            break
        found = collect(d, -1.0, found, cover, options, list_)
        cost -= list_.cost[d]
        most = min(most, posted[d])
    share = best_share(cover, found, cost, most)
    if not is_sound or share <= 0.0:
        return 0.0, is_sound
    for i in range(lists.sizes[new]):
        d = room.best[lists.windows[new, i]]
        post(d, share, cover, options, list_, False)
        posted[d] += share
    for i in range(lists.sizes[old]):
        d = room.worst[lists.windows[old, i]]
        post(d, -share, cover, options, list_, False)
        posted[d] = posted[d] - share if posted[d] - share > _LEAST else 0.0
    lists.crews[new] += share
    lists.crews[old] = lists.crews[old] - share if lists.crews[old] - share > _LEAST else 0.0
    return share, share >= most


@njit(cache=True, nogil=True)
def improve_kind(
    k: int, offset: int, turns: int, rows: IntArray, chosen: IntArray, cover: Cover,
    options: Options, list_: Catalogue, lists: Lists, laws: Laws, room: Room,
) -> float:  # fmt: skip
    """Move shares of the crews of a kind to the best line there is; return how much is to be had.

    What is to be had is the sum over crews of the value of the best line less that of their own,
    the duality gap of the kind (Lacoste-Julien et al. 2013); estimated where lines are many.
    """
    cls = laws.cls[k]
    refresh(rows, chosen, cover, options)
    look(list_.of_class[cls], list_.of_class[cls + 1], cover, options, list_, lists.posted, room)
    value, n = new_line(k, laws, room)
    first, used = lists.of_kind[k], lists.used[k]
    looked = min(used, _LOOKED_AT)
    total = value_lines(k, looked, offset % used, laws.use_cost[k], lists, room)
    crews = 0.0
    for turn in range(looked):
        crews += lists.crews[first + (offset % used + turn) % used]
    gap = (value * crews - total) * (used / looked)
    new = place_of(k, n, cls, lists, list_, room)
    if new < 0:
        if first + used >= lists.of_kind[k + 1]:
            return max(0.0, float(gap))
        new = first + used
        lists.used[k] += 1
        lists.crews[new] = 0.0
        write_line(new, n, cls, lists, list_, room)
    room.line_value[new - first] = -_NEVER
    for _ in range(turns):
        old = worst_line(k, lists, room)
        if old < 0 or value - room.line_value[old - first] < _GAIN * (1.0 + abs(value)):
            break
        room.line_value[old - first] = -_NEVER
        share, is_all = shift(new, old, laws.use_cost[k], cover, options, list_, lists, room)
        if share > 0.0 and not is_all:
            break
    tidy(k, lists)
    return max(0.0, float(gap))


@njit(cache=True, nogil=True)
def improve_shares(
    draws: FloatArray, settle_every: int, turns: int, gaps: FloatArray, visits: LongArray,
    class_rows: tuple[LongArray, IntArray], class_options: tuple[LongArray, IntArray],
    cover: Cover, options: Options, list_: Catalogue, lists: Lists, laws: Laws, room: Room,
) -> None:  # fmt: skip
    """Take steps on kinds drawn in proportion to what is to be had from them (Osokin et al. 2016).

    ``draws`` holds two numbers in [0, 1) for each step.
    """
    chance = np.empty(gaps.shape[0])
    for step in range(draws.shape[0]):
        if step % 20 == 0:
            total = np.maximum(gaps, 0.0).sum() + _GAIN
            chance[:] = np.cumsum(0.9 * np.maximum(gaps, 0.0) / total + 0.1 / gaps.shape[0])
        k = int(np.searchsorted(chance, draws[step, 0] * chance[-1]))
        if gaps[k] < 0.0:
            continue
        cls = laws.cls[k]
        visits[cls] += 1
        if visits[cls] % settle_every == 0:
            settle_shares(
                list_.of_class[cls], list_.of_class[cls + 1], 3, cover, options, list_,
                lists.posted, room.worths,
            )  # fmt: skip
        gaps[k] = improve_kind(
            k, int(draws[step, 1] * 1e9), turns,
            class_rows[1][class_rows[0][cls] : class_rows[0][cls + 1]],
            class_options[1][class_options[0][cls] : class_options[0][cls + 1]],
            cover, options, list_, lists, laws, room,
        )  # fmt: skip


@njit(cache=True, nogil=True)
def move_crew(
    k: int, j: int, rows: IntArray, chosen: IntArray, cover: Cover, options: Options,
    list_: Catalogue, lists: Lists, laws: Laws, room: Room,
) -> float:  # fmt: skip
    """Take one whole crew off a line and give it its best line; undo when that is not cheaper.

    Returns what was gained.
    """
    cls, posted = laws.cls[k], lists.posted
    first, n_old = lists.of_kind[k], lists.sizes[j]
    grown = -laws.use_cost[k] if n_old else 0.0
    for i in range(n_old):
        w = lists.windows[j, i]
        worst, _ = worst_posting(w, 0.5, cover, options, list_, posted, room.worths)
        room.taken[i] = worst
        posted[worst] -= 1.0
        grown += post(worst, -1.0, cover, options, list_, True)
    refresh(rows, chosen, cover, options)
    look(list_.of_class[cls], list_.of_class[cls + 1], cover, options, list_, posted, room)
    _, n = new_line(k, laws, room)
    if n:
        grown += laws.use_cost[k]
    for i in range(n):
        d = room.best[list_.places[cls, room.starts[i], room.lengths[i]]]
        posted[d] += 1.0
        grown += post(d, 1.0, cover, options, list_, True)
    if grown < -_GAIN:
        new = place_of(k, n, cls, lists, list_, room)
        if new < 0 and lists.crews[j] < 1.5 and j != first:
            write_line(j, n, cls, lists, list_, room)
            return -grown
        if new < 0 and first + lists.used[k] < lists.of_kind[k + 1]:
            new = first + lists.used[k]
            lists.used[k] += 1
            lists.crews[new] = 0.0
            write_line(new, n, cls, lists, list_, room)
        if new >= 0:
            lists.crews[new] += 1.0
            lists.crews[j] -= 1.0
            return -grown
    for i in range(n):
        d = room.best[list_.places[cls, room.starts[i], room.lengths[i]]]
        posted[d] -= 1.0
        post(d, -1.0, cover, options, list_, True)
    for i in range(n_old):
        posted[room.taken[i]] += 1.0
        post(room.taken[i], 1.0, cover, options, list_, True)
    return 0.0


@njit(cache=True, nogil=True)
def move_crews(
    k: int, places: LongArray, rows: IntArray, chosen: IntArray, cover: Cover, options: Options,
    list_: Catalogue, lists: Lists, laws: Laws, room: Room,
) -> float:  # fmt: skip
    """Try :func:`move_crew` on one crew of each of some lines; return what was gained."""
    gained = 0.0
    for i in range(places.shape[0]):
        if lists.crews[places[i]] > 0.5:
            gained += move_crew(
                k, places[i], rows, chosen, cover, options, list_, lists, laws, room
            )
    return gained
