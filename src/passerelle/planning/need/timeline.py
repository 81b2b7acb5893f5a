"""One timeline a site: what happens at the same moment, so that nothing is counted twice.

The windows of all sessions of a site are cut at every start and end. Between two cuts lies a
*moment*; its *pairs* are the sessions and phases that hold during it. Formulas then read features
of a moment, which add up or take the maximum over its pairs:

- crowds add up, and never exceed the seats;
- what belongs to the site (night, search, lockdown; bomb disposal, counter-drone) takes the maximum.

Pairs are three parallel arrays sorted by moment, so every feature is one pass of NumPy.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Final

import numpy as np

from passerelle.kernel.times import Interval
from passerelle.planning.need.phases import SHARED_PHASES
from passerelle.planning.programme import Phase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from passerelle.planning.need.phases import Opening
    from passerelle.planning.need.values import FloatArray, IntArray

__all__ = ["PHASES", "Timeline", "timeline"]

PHASES: Final = tuple(Phase)
"""What the indices in :attr:`Timeline.pair_phase` mean."""


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """Hold the moments of all sites and what happens in each.

    Parameters
    ----------
    venue, start, end
        Index of the venue and seconds since 1970, shape ``(n_moments,)``.
    pair_moment, pair_session, pair_phase, pair_opening
        Parallel arrays, sorted by moment, shape ``(n_pairs,)``.
    search_h
        Length of the search of each opening in hours, shape ``(n_openings,)``.
    """

    venue: IntArray
    start: IntArray
    end: IntArray
    pair_moment: IntArray
    pair_session: IntArray
    pair_phase: IntArray
    pair_opening: IntArray
    search_h: FloatArray

    def __len__(self) -> int:
        return len(self.venue)

    def interval(self, moment: int) -> Interval:
        """Return the time of one moment."""
        return Interval(
            datetime.fromtimestamp(int(self.start[moment]), UTC),
            datetime.fromtimestamp(int(self.end[moment]), UTC),
        )

    def in_phases(self, *phases: Phase) -> NDArray[np.bool_]:
        """Tell for each pair whether its phase is among ``phases``."""
        wanted = np.zeros(len(PHASES), dtype=bool)
        wanted[[PHASES.index(phase) for phase in phases]] = True
        return np.asarray(wanted[self.pair_phase])

    def added(self, values: FloatArray, chosen: NDArray[np.bool_]) -> FloatArray:
        """Add the values of the chosen pairs of each moment; 0 where there are none."""
        return np.bincount(
            self.pair_moment[chosen], weights=values[chosen], minlength=len(self)
        ).astype(np.float64)

    def greatest(self, values: FloatArray, chosen: NDArray[np.bool_]) -> FloatArray:
        """Take the greatest value of the chosen pairs of each moment; 0 where there are none."""
        found = np.zeros(len(self), dtype=np.float64)
        np.maximum.at(found, self.pair_moment[chosen], values[chosen])
        return found

    def pairs(self, moment: int) -> tuple[tuple[int, Phase, int], ...]:
        """Return session, phase and opening of each pair of one moment."""
        rows = range(
            int(np.searchsorted(self.pair_moment, moment)),
            int(np.searchsorted(self.pair_moment, moment, side="right")),
        )
        return tuple(
            (int(self.pair_session[i]), PHASES[int(self.pair_phase[i])], int(self.pair_opening[i]))
            for i in rows
        )


def timeline(found: Sequence[Opening]) -> Timeline:
    """Cut the windows of all openings into moments, by venue, then time.

    Parameters
    ----------
    found
        Openings by venue, then time, as :func:`~passerelle.planning.need.phases.openings` gives.
    """
    moments: list[tuple[int, int, int]] = []
    pairs: list[tuple[int, int, int, int]] = []
    for venue, members in groupby(enumerate(found), key=lambda item: item[1].venue):
        windows = [
            (window, opening, number) for number, opening in members for window in opening.windows
        ]
        cuts = sorted({cut for window, _, _ in windows for cut in (window.start, window.end)})
        held: list[list[tuple[int, int, int]]] = [[] for _ in cuts]
        for window, opening, number in windows:
            phase = PHASES.index(window.phase)
            shared = window.phase in SHARED_PHASES
            sessions = opening.sessions if shared else (window.session,)
            for cut in range(bisect_left(cuts, window.start), bisect_left(cuts, window.end)):
                held[cut] += [(session, phase, number) for session in sessions]
        for cut, content in enumerate(held):
            if content:
                pairs += [(len(moments), *pair) for pair in content]
                moments.append((venue, cuts[cut], cuts[cut + 1]))
    venue_of, start, end = np.array(moments, dtype=np.int64).reshape(-1, 3).T
    moment, session, phase_of, opening_of = np.array(pairs, dtype=np.int64).reshape(-1, 4).T
    return Timeline(
        venue=venue_of,
        start=start,
        end=end,
        pair_moment=moment,
        pair_session=session,
        pair_phase=phase_of,
        pair_opening=opening_of,
        search_h=np.array([opening.search_h for opening in found], dtype=np.float64),
    )
