"""Compiled loops over the network of states of a kind; plain functions with JIT off.

A state is ``(step, days of the run, night duties in it)``, written ``days * width + nights``; 0 days is
a rested crew, and with a width of 1 nights are not counted. A duty leads to the next day of the run once
the daily rest is over, and to the rested state once the weekly rest is. Span, hours and weekends are
left out.
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


@njit(cache=True, nogil=True)
def rests(t: int, length: int, spec: IntArray, n_steps: int) -> tuple[int, int]:
    """Return when a crew is ready for the next day of its run, and when it is rested."""
    day_end = (t // spec[18] + 1) * spec[18]
    ready = max(t + length + spec[0], day_end)
    rested = max(t + length + spec[1], day_end + spec[2] * spec[18])
    return min(n_steps, ready), min(n_steps, rested)


@njit(cache=True, nogil=True)
def first_state(width: int, spec: IntArray) -> int:
    """Return the state of a crew that begins within a run."""
    return int(spec[14] * width + min(spec[15], width - 1))


@njit(cache=True, nogil=True)
def next_state(s: int, is_night: bool, width: int, spec: IntArray) -> int:  # noqa: FBT001
    """Return the state after one more duty of a run, -1 when the run has too many days or nights."""
    nights = s % width + (1 if is_night and spec[20] == 1 and width > 1 else 0)
    days = s // width + 1
    if days > spec[4] or nights > spec[9]:
        return -1
    return int(days * width + nights)


@njit(cache=True, nogil=True)
def longest(
    value: FloatArray,
    night: BoolArray,
    ends: IntArray,
    spec: IntArray,
    width: int,
    before: FloatArray,
    after: FloatArray,
) -> float:
    """Write the value of the best way into and out of every state; return that of the best line.

    ``before`` and ``after`` have shape ``(n_steps + 1, n_states)``.
    """
    n_steps, n_states = value.shape[0], before.shape[1]
    before[:, :] = _NEVER
    after[:, :] = 0.0
    if 0 < spec[14] <= spec[4] and spec[11] <= n_steps:
        before[max(spec[11], 0), first_state(width, spec)] = 0.0
    if spec[12] <= n_steps:
        before[max(spec[12], 0), 0] = 0.0
    for t in range(n_steps - 1, -1, -1):
        after[t] = after[t + 1]
        for length in range(max(1, spec[6]), min(spec[7], value.shape[1] - 1, ends[t] - t) + 1):
            if value[t, length] <= _NEVER or (night[t, length] and length > spec[8]):
                continue
            ready, rested = rests(t, length, spec, n_steps)
            for s in range(n_states):
                then = next_state(s, night[t, length], width, spec)
                if then >= 0:
                    gained = value[t, length] + max(after[ready, then], after[rested, 0])
                    after[t, s] = max(after[t, s], gained)
    best = 0.0
    for t in range(n_steps):
        if t > 0:
            for s in range(n_states):
                before[t, s] = max(before[t, s], before[t - 1, s])
        for s in range(n_states):
            if before[t, s] > _NEVER:
                best = max(best, before[t, s] + after[t, s])
        for length in range(max(1, spec[6]), min(spec[7], value.shape[1] - 1, ends[t] - t) + 1):
            if value[t, length] <= _NEVER or (night[t, length] and length > spec[8]):
                continue
            ready, rested = rests(t, length, spec, n_steps)
            for s in range(n_states):
                then = next_state(s, night[t, length], width, spec)
                if then >= 0 and before[t, s] > _NEVER:
                    gained = before[t, s] + value[t, length]
                    before[ready, then] = max(before[ready, then], gained)
                    before[rested, 0] = max(before[rested, 0], gained)
    return best


@njit(cache=True, nogil=True)
def list_arcs(
    value: FloatArray,
    night: BoolArray,
    ends: IntArray,
    spec: IntArray,
    width: int,
    before: FloatArray,
    after: FloatArray,
    best: float,
    arcs: IntArray,
    losses: FloatArray,
) -> int:
    """List the duties that a crew can reach, state by state; return how many there are.

    ``arcs`` takes start, length, states before and after, when ready and when rested; ``losses`` how
    much less than ``best`` a line with that duty is worth.
    """
    n_steps, found = value.shape[0], 0
    for t in range(n_steps):
        for length in range(max(1, spec[6]), min(spec[7], value.shape[1] - 1, ends[t] - t) + 1):
            if value[t, length] <= _NEVER or (night[t, length] and length > spec[8]):
                continue
            ready, rested = rests(t, length, spec, n_steps)
            for s in range(before.shape[1]):
                then = next_state(s, night[t, length], width, spec)
                if then < 0 or before[t, s] <= _NEVER:
                    continue
                arcs[found, 0], arcs[found, 1], arcs[found, 2] = t, length, s
                arcs[found, 3], arcs[found, 4], arcs[found, 5] = then, ready, rested
                rest = max(after[ready, then], after[rested, 0])
                losses[found] = best - (before[t, s] + value[t, length] + rest)
                found += 1
    return found
