"""Compiled loops over the network of states of a kind; plain functions with JIT off.

A state is ``(step, days of the run)``; 0 days is a rested crew. A duty leads to the next day of the run
once the daily rest is over, and to the rested state once the weekly rest is. Nights of a run, span, hours
and weekends are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import njit

if TYPE_CHECKING:
    import numpy as np
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
def longest(  # noqa: PLR0912, PLR0917 - compiled code
    value: FloatArray,
    night: BoolArray,
    ends: IntArray,
    spec: IntArray,
    before: FloatArray,
    after: FloatArray,
) -> float:
    """Write the value of the best way into and out of every state; return that of the best line.

    ``before`` and ``after`` have shape ``(n_steps + 1, most days of a run + 1)``.
    """
    n_steps, n_states = value.shape[0], before.shape[1]
    before[:, :] = _NEVER
    after[:, :] = 0.0
    if 0 < spec[14] <= spec[4] and spec[11] <= n_steps:
        before[max(spec[11], 0), spec[14]] = 0.0
    if spec[12] <= n_steps:
        before[max(spec[12], 0), 0] = 0.0
    for t in range(n_steps - 1, -1, -1):
        after[t] = after[t + 1]
        for length in range(max(1, spec[6]), min(spec[7], value.shape[1] - 1, ends[t] - t) + 1):
            if value[t, length] <= _NEVER or (night[t, length] and length > spec[8]):
                continue
            ready, rested = rests(t, length, spec, n_steps)
            for s in range(spec[4]):
                gained = value[t, length] + max(after[ready, s + 1], after[rested, 0])
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
            for s in range(spec[4]):
                if before[t, s] > _NEVER:
                    gained = before[t, s] + value[t, length]
                    before[ready, s + 1] = max(before[ready, s + 1], gained)
                    before[rested, 0] = max(before[rested, 0], gained)
    return best


@njit(cache=True, nogil=True)
def list_arcs(  # noqa: PLR0917 - compiled code
    value: FloatArray,
    night: BoolArray,
    ends: IntArray,
    spec: IntArray,
    before: FloatArray,
    after: FloatArray,
    best: float,
    arcs: IntArray,
    losses: FloatArray,
) -> int:
    """List the duties that a crew can reach, state by state; return how many there are.

    ``arcs`` takes start, length, days of the run before, when ready and when rested; ``losses`` how
    much less than ``best`` a line with that duty is worth.
    """
    n_steps, found = value.shape[0], 0
    for t in range(n_steps):
        for length in range(max(1, spec[6]), min(spec[7], value.shape[1] - 1, ends[t] - t) + 1):
            if value[t, length] <= _NEVER or (night[t, length] and length > spec[8]):
                continue
            ready, rested = rests(t, length, spec, n_steps)
            for s in range(spec[4]):
                if before[t, s] <= _NEVER:
                    continue
                arcs[found, 0], arcs[found, 1], arcs[found, 2] = t, length, s
                arcs[found, 3], arcs[found, 4] = ready, rested
                rest = max(after[ready, s + 1], after[rested, 0])
                losses[found] = best - (before[t, s] + value[t, length] + rest)
                found += 1
    return found
