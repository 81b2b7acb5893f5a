"""What a plan leaves open, hour by hour: need less the crews on duty, never below nothing.

The gap is read off a plan that keeps every rest rule, so it is what the forces can really cover and
not a subtraction of totals. Of the duties given, those count that the asker wants to count: the host's
own alone before partners are asked, those of committed partners as well afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from passerelle.planning.need.values import Level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.planning.need.values import IntArray, Need

__all__ = ["HOUR_S", "Duties", "Gap", "open_gap"]

HOUR_S: Final = 3600


@dataclass(frozen=True, slots=True, eq=False)
class Duties:
    """Hold crew duties as columns.

    Parameters
    ----------
    sites, capabilities
        What the indices mean.
    site, capability
        Indices, shape ``(n,)``.
    start, end
        Seconds since 1970-01-01T00:00Z, shape ``(n,)``, ``start < end``.
    crews
        Crews on each duty, shape ``(n,)``.
    """

    sites: tuple[str, ...]
    capabilities: tuple[str, ...]
    site: IntArray
    capability: IntArray
    start: IntArray
    end: IntArray
    crews: IntArray

    def __post_init__(self) -> None:
        for name in ("capability", "start", "end", "crews"):
            if getattr(self, name).shape != self.site.shape:
                raise ValueError(f"Expected {name} of shape {self.site.shape}.")


@dataclass(frozen=True, slots=True, eq=False)
class Gap:
    """Hold what is missing on a grid of hours.

    Parameters
    ----------
    site_ids, capabilities
        What the first two axes mean.
    origin_s
        First hour, in seconds since 1970-01-01T00:00Z, a multiple of an hour.
    missing
        Units missing, shape ``(n_sites, n_capabilities, n_hours)``, ``>= 0``.
    """

    site_ids: tuple[str, ...]
    capabilities: tuple[str, ...]
    origin_s: int
    missing: IntArray

    def __post_init__(self) -> None:
        shape = (len(self.site_ids), len(self.capabilities))
        if self.missing.ndim != 3 or self.missing.shape[:2] != shape:
            raise ValueError(f"Expected missing of shape {(*shape, 'n_hours')}.")
        if np.any(self.missing < 0):
            raise ValueError("Expected missing >= 0.")
        self.missing.setflags(write=False)

    def at(self, hour: int) -> datetime:
        """Return the instant at which an hour of the grid begins."""
        return datetime.fromtimestamp(self.origin_s + hour * HOUR_S, UTC)

    @property
    def unit_hours(self) -> int:
        """Unit-hours missing in all."""
        return int(self.missing.sum())


def open_gap(need: Need, duties: Duties | None, level: Level = Level.CENTRAL) -> Gap:
    """Return need less crews on duty; an hour that a need touches counts whole, a duty's only when full.

    Both roundings err on the side of asking.

    Parameters
    ----------
    need
        The need; what is asked at one site and moment is the sum of its rows.
    duties
        Who is on duty and counts; ``None`` when nobody does.
    level
        Which level of the need is the target.
    """
    origin = int(need.start.min()) // HOUR_S * HOUR_S if len(need) else 0
    last = int(need.end.max()) if len(need) else origin
    shape = (len(need.site_ids), len(need.capabilities), -(-(last - origin) // HOUR_S))
    first, after = (need.start - origin) // HOUR_S, -((origin - need.end) // HOUR_S)
    wanted = _spread(shape, (need.site, need.capability), (first, after), need.units(level))
    if duties is not None and len(duties.site):
        wanted = wanted - _cover(need, duties, shape, origin)
    return Gap(need.site_ids, need.capabilities, origin, np.maximum(wanted, 0))


def _cover(need: Need, duties: Duties, shape: tuple[int, int, int], origin: int) -> IntArray:
    site = _renumbered(duties.sites, need.site_ids)[duties.site]
    kind = _renumbered(duties.capabilities, need.capabilities)[duties.capability]
    first = np.clip(-((origin - duties.start) // HOUR_S), 0, shape[2])
    after = np.clip((duties.end - origin) // HOUR_S, 0, shape[2])
    known = (site >= 0) & (kind >= 0) & (first < after)
    return _spread(
        shape, (site[known], kind[known]), (first[known], after[known]), duties.crews[known]
    )


def _renumbered(old: Sequence[str], new: Sequence[str]) -> IntArray:
    place = {code: index for index, code in enumerate(new)}
    return np.array([place.get(code, -1) for code in old], dtype=np.int64)


def _spread(
    shape: tuple[int, int, int],
    at: tuple[IntArray, IntArray],
    span: tuple[IntArray, IntArray],
    amounts: IntArray,
) -> IntArray:
    """Add amounts over their spans: mark where each begins and ends, then sum along time."""
    change = np.zeros((shape[0], shape[1], shape[2] + 1), dtype=np.int64)
    np.add.at(change, (*at, span[0]), amounts)
    np.add.at(change, (*at, span[1]), -amounts)
    return np.ascontiguousarray(change.cumsum(axis=2)[:, :, :-1])
