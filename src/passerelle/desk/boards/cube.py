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
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

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


@dataclass(frozen=True, slots=True, eq=False)
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

    def missing(self) -> IntArray:
        """Return the people missing, summed over capabilities, shape ``(n_sites, n_steps)``."""
        return np.maximum(self.need - self.have, 0).sum(axis=1)

    def covered(self) -> IntArray:
        """Return needed people who are there, shape ``(n_sites, n_steps)``."""
        return np.minimum(self.need, self.have).sum(axis=1)

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
        table = _worst(self, np.asarray(bounds, dtype=np.int64))
        return [[Slice(n, h, m, s) for n, h, m, s in row] for row in table]

    def total_slices(self, bounds: Sequence[int]) -> list[Slice]:
        """Do the same for all sites together: people add up, nobody stands in for another site."""
        whole = replace(
            self,
            site_ids=("*",),
            capabilities=("*",),
            need=self.need.sum(axis=(0, 1))[None, None],
            minimum=self.minimum.sum(axis=(0, 1))[None, None],
            have=np.minimum(self.need, self.have).sum(axis=(0, 1))[None, None],
        )
        return whole.slices(bounds)[0]


def _worst(cube: CoverageCube, bounds: IntArray) -> list[list[tuple[int, int, float, Step]]]:
    """Find the worst step of each site and part and what it looks like."""
    need = cube.need.sum(axis=1)
    have = cube.have.sum(axis=1)
    covered = cube.covered()
    missing = need - covered
    below = (cube.have < cube.minimum).any(axis=1)
    rows: list[list[tuple[int, int, float, Step]]] = [[] for _ in cube.site_ids]
    sites = np.arange(len(cube.site_ids))
    for low, high in zip(bounds[:-1], bounds[1:], strict=True):
        if low >= high:
            for row in rows:
                row.append((0, 0, 0.0, Step.NONE))
            continue
        gap = missing[:, low:high]
        # Most missing first; among equals the highest need.
        rank = gap * (int(need.max(initial=0)) + 1) + need[:, low:high]
        at = low + rank.argmax(axis=1)
        lost = gap.sum(axis=1)
        needed, there, counted = need[sites, at], have[sites, at], covered[sites, at]
        critical = below[:, low:high].any(axis=1)
        for s, row in enumerate(rows):
            n, m = int(needed[s]), int(lost[s]) * cube.step_min / 60
            if critical[s]:
                row.append((n, int(counted[s]), m, Step.CRITICAL))
            elif m:
                row.append((n, int(counted[s]), m, Step.SHORT))
            elif n == 0:
                row.append((0, int(there[s]), 0.0, Step.NONE if not there[s] else Step.OVER))
            else:
                h = int(there[s])
                step = Step.OVER if h >= n * (1 + OVER_SHARE) and h - n >= 2 else Step.MET
                row.append((n, h, 0.0, step))
    return rows
