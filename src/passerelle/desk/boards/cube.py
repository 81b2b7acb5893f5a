"""Need and people on duty side by side, on one grid of site, capability and time step.

Everything that the desk says about coverage (the heat map, the figures of the overview, the map,
the pages of sites) is read from one :class:`CoverageCube`, so no two pages can disagree. It is
counted in people, not in units, because a site's total adds up pairs, teams and sections.

A post counts as *short* when people are missing, as *critical* when fewer stand there than the need's
own minimum. People of one capability never make up for another's absence: what is missing is summed
over capabilities after cutting each at zero.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from passerelle.planning.need.values import IntArray

__all__ = ["OVER_SHARE", "CoverageCube", "Slice", "Step"]

OVER_SHARE: Final = 0.15
"""Surplus over the need from which a place counts as over-covered."""


class Step(StrEnum):
    """How well a place is covered, from too much to too little; ``NONE`` where nothing is needed."""

    NONE = "none"
    OVER = "over"
    MET = "met"
    SHORT = "short"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Slice:
    """State coverage at one place over one stretch of time.

    Parameters
    ----------
    need, have
        People needed and people there who count, at the moment when most are missing; when nobody
        is ever missing, at the moment of the highest need.
    missing_hours
        Officer-hours that are missing over the whole stretch.
    step
        How well it is covered at its worst.
    """

    need: int
    have: int
    missing_hours: float
    step: Step

    @property
    def missing(self) -> int:
        """People missing at the worst moment."""
        return max(self.need - self.have, 0)


@dataclass(frozen=True, eq=False)
class CoverageCube:
    """Hold need and people on duty by site, capability and step of time.

    Parameters
    ----------
    site_ids, capabilities
        What the first two axes mean.
    start
        First instant, UTC.
    step_min
        Length of a step in minutes, a divisor of 60.
    need, minimum, have
        People, shape ``(n_sites, n_capabilities, n_steps)``.

    Raises
    ------
    ValueError
        When the shapes differ.
    """

    site_ids: tuple[str, ...]
    capabilities: tuple[str, ...]
    start: datetime
    step_min: int
    need: IntArray
    minimum: IntArray
    have: IntArray

    def __post_init__(self) -> None:
        shape = (len(self.site_ids), len(self.capabilities))
        if self.step_min < 1 or 60 % self.step_min:
            raise ValueError(f"Expected step_min to divide 60, got {self.step_min}.")
        for name in ("need", "minimum", "have"):
            array = getattr(self, name)
            if array.shape[:2] != shape or array.shape != self.need.shape:
                raise ValueError(f"Expected {name} of shape {shape} + steps, got {array.shape}.")
            array.setflags(write=False)

    @property
    def n_steps(self) -> int:
        """Steps on the last axis."""
        return int(self.need.shape[2])

    @property
    def end(self) -> datetime:
        """End of the last step."""
        return self.start + timedelta(minutes=self.n_steps * self.step_min)

    def index(self, instant: datetime) -> int:
        """Return the step that holds ``instant``, cut to the grid's ends."""
        step = (instant - self.start) // timedelta(minutes=self.step_min)
        return min(max(step, 0), self.n_steps)

    def site(self, code: str) -> CoverageCube:
        """Return the part of one site."""
        row = self.site_ids.index(code)
        return replace(
            self,
            site_ids=(code,),
            need=self.need[row : row + 1],
            minimum=self.minimum[row : row + 1],
            have=self.have[row : row + 1],
        )

    def only(self, capability: str) -> CoverageCube:
        """Return the part of one capability; an empty one when it is not needed anywhere."""
        chosen = [index for index, code in enumerate(self.capabilities) if code == capability]
        return replace(
            self,
            capabilities=tuple(self.capabilities[index] for index in chosen),
            need=self.need[:, chosen],
            minimum=self.minimum[:, chosen],
            have=self.have[:, chosen],
        )

    @cached_property
    def needed(self) -> IntArray:
        """People needed, summed over capabilities, shape ``(n_sites, n_steps)``."""
        return np.asarray(np.add.reduce(self.need, axis=1))

    @cached_property
    def there(self) -> IntArray:
        """People there, whether needed or not, same shape."""
        return np.asarray(np.add.reduce(self.have, axis=1))

    @cached_property
    def covered(self) -> IntArray:
        """Needed people who are there, same shape."""
        return np.asarray(np.add.reduce(np.minimum(self.need, self.have), axis=1))

    @cached_property
    def below(self) -> NDArray[np.bool_]:
        """Whether some capability is below its minimum, same shape."""
        return np.asarray((self.have < self.minimum).any(axis=1))

    @cached_property
    def missing(self) -> IntArray:
        """People missing, summed over capabilities, same shape."""
        return self.needed - self.covered

    @cached_property
    def whole(self) -> CoverageCube:
        """All sites as one: people add up, nobody stands in for another site or capability."""
        return replace(
            self,
            site_ids=("*",),
            capabilities=("*",),
            need=self.needed.sum(axis=0)[None, None],
            minimum=self.minimum.sum(axis=(0, 1))[None, None],
            have=self.covered.sum(axis=0)[None, None],
        )

    def slices(self, bounds: Sequence[int]) -> list[list[Slice]]:
        """Cut time at ``bounds`` and state each site's coverage in each part.

        Parameters
        ----------
        bounds
            Indices of steps, rising; ``n`` bounds make ``n - 1`` parts.

        Returns
        -------
        list of list of Slice
            One list a site, one slice a part.
        """
        rows: list[list[Slice]] = [[] for _ in self.site_ids]
        for low, high in pairwise(bounds):
            for row, entry in zip(rows, self._part(low, high), strict=True):
                row.append(entry)
        return rows

    def total_slices(self, bounds: Sequence[int]) -> list[Slice]:
        """Do the same for all sites together."""
        return self.whole.slices(bounds)[0]

    def _part(self, low: int, high: int) -> list[Slice]:
        """Find the worst step of each site in one part of time, and what it looks like."""
        if low >= high:
            return [_NOTHING] * len(self.site_ids)
        gap, needed = self.missing[:, low:high], self.needed[:, low:high]
        # Most missing first; among equals the highest need.
        at = low + (gap * (int(needed.max(initial=0)) + 1) + needed).argmax(axis=1)
        sites = np.arange(len(self.site_ids))
        columns = (
            self.needed[sites, at].tolist(),
            self.there[sites, at].tolist(),
            self.covered[sites, at].tolist(),
            (gap.sum(axis=1) * (self.step_min / 60)).tolist(),
            np.asarray(self.below[:, low:high].any(axis=1)).tolist(),
        )
        return [_slice(*values) for values in zip(*columns, strict=True)]


_NOTHING: Final = Slice(0, 0, 0.0, Step.NONE)


def _slice(need: int, there: int, covered: int, lost: float, below: bool) -> Slice:  # noqa: FBT001 - a column
    if below:
        return Slice(need, covered, lost, Step.CRITICAL)
    if lost:
        return Slice(need, covered, lost, Step.SHORT)
    if not need:
        return Slice(0, there, 0.0, Step.OVER) if there else _NOTHING
    is_over = there - need >= max(2, need * OVER_SHARE)
    return Slice(need, there, 0.0, Step.OVER if is_over else Step.MET)
