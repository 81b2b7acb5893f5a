"""Say what a repair owes: the cover that was published, at what is asked now.

A repair makes good what a change broke; it does not mend what was short before. At each step of a
track the level owed is

* where no more is asked than before: the published cover, as far as it is still asked;
* where more is asked: the published cover, and of what is new the part that the plan had filled of
  what the change took away on the same track (a session that moves takes its degree of cover along);
  all of it when nothing was taken away.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from passerelle.planning.repair.ground import Ground

__all__ = ["Block", "blocks_of", "owed_levels"]

IntArray = npt.NDArray[np.int32]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Block:
    """Hold steps of a track over which everything stays equal.

    Parameters
    ----------
    track
        Index of the track.
    first, last
        Steps, the last one not included.
    short
        Crews missing to the level owed, at most 0 where none are.
    short_minimum
        Of those, how many are missing below the minimum.
    below, target
        Points of a crew missing over the whole block, below minimum and above.
    """

    track: int
    first: int
    last: int
    short: int
    short_minimum: int
    below: float
    target: float


def owed_levels(ground: Ground, before: IntArray, published: IntArray, *, skip: int) -> IntArray:
    """Return the level owed on each track and step.

    Parameters
    ----------
    ground
        The sites after the change.
    before, published
        Targets and cover before the change, same shape.
    skip
        Steps that lie in the past: nothing is owed there.
    """
    after = ground.tables.target
    kept = np.minimum(published, before)
    owed = np.minimum(after, kept)
    more = np.maximum(0, after - before)
    for track in np.flatnonzero(more.any(axis=1)):
        lost = np.maximum(0, before[track] - after[track])
        filled = np.minimum(lost, np.maximum(0, kept[track] - after[track]))
        share = float(filled.sum() / lost.sum()) if lost.any() else 1.0
        new = np.ceil(np.round(more[track] * share, 9)).astype(np.int32)
        owed[track] = np.minimum(after[track], kept[track] + new)
    owed[~ground.is_need] = 0
    owed[:, :skip] = 0
    return owed.astype(np.int32)


def blocks_of(ground: Ground, owed: IntArray, *, edges: IntArray, all_tracks: bool) -> list[Block]:
    """Cut tracks into blocks where something is missing.

    Parameters
    ----------
    ground
        Where crews stand.
    owed
        Levels owed.
    edges
        Steps at which duties may begin or end, in order.
    all_tracks
        Whether blocks where nothing is missing are wanted as well (their ``short`` is negative:
        what may leave).
    """
    t = ground.tables
    is_edge = np.zeros(t.n_steps + 1, dtype=np.bool_)
    is_edge[edges] = True
    found = []
    for track in np.flatnonzero(ground.is_need):
        short = owed[track] - ground.cover[track]
        if not all_tracks and not (short > 0).any():
            continue
        floor = np.minimum(owed[track], t.minimum[track])
        under = np.maximum(0, floor - ground.cover[track])
        columns = np.stack([short, under])
        change = (columns[:, 1:] != columns[:, :-1]).any(axis=0)
        change |= t.below[track, 1:] != t.below[track, :-1]
        change |= t.short[track, 1:] != t.short[track, :-1]
        cuts = np.flatnonzero(change | is_edge[1:-1]) + 1
        bounds = [0, *cuts.tolist(), t.n_steps]
        for first, last in pairwise(bounds):
            if all_tracks or short[first] > 0:
                size = last - first
                found.append(
                    Block(
                        int(track), first, last, int(short[first]), int(under[first]),
                        float(t.below[track, first]) * size, float(t.short[track, first]) * size,
                    )
                )  # fmt: skip
    return found
