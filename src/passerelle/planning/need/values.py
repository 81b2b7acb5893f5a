"""What the demand model gives: figures by site, capability and time, each with its explanation.

A Paris-sized event has tens of thousands of figures, so :class:`Need` is a table of columns. One
row becomes a :class:`NeedFigure` with its :class:`Explanation` on demand, by
:func:`passerelle.planning.need.explain_row`, which computes the row again in the slow, plain way.

Rows add up: what one site and capability need at a moment is the sum of the rows that cover it.
What several sessions of a site ask at the same moment has already been merged into one row
(``docs/adr/0011-merging-sessions-of-a-site.md``); manual posts and other standing needs are rows of
their own and never cross midnight in the time zone of the event.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from passerelle.kernel.times import Interval

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Explanation",
    "FloatArray",
    "IntArray",
    "Level",
    "Need",
    "NeedFigure",
    "Overlay",
    "OverlayKind",
]

IntArray: TypeAlias = NDArray[np.int64]
FloatArray: TypeAlias = NDArray[np.float64]


class Level(StrEnum):
    """How cautious a figure is."""

    LOW = "low"
    CENTRAL = "central"
    HIGH = "high"


class OverlayKind(StrEnum):
    """What a second need on the same people asks of them."""

    LANGUAGE = "language"
    CERTIFICATE = "certificate"
    WEAPON = "weapon"
    SUPPORTERS = "supporters"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Tell how one figure came about, completely.

    Parameters
    ----------
    formula
        Id of the formula, ``F1`` to ``F13``, or ``manual``.
    inputs
        Name and value of everything that went in; the value is a number or a code.
    coefficients
        Ids of the coefficients used.
    coefficient_version
        Version of the coefficient file.
    session_ids
        Sessions (or the manual post) from which it comes.
    trace
        The computation in readable lines, the last one giving the figure.
    assumed
        Names of the inputs and coefficients that are assumptions.
    """

    formula: str
    inputs: tuple[tuple[str, float | str], ...]
    coefficients: tuple[str, ...]
    coefficient_version: str
    session_ids: tuple[str, ...]
    trace: tuple[str, ...]
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NeedFigure:
    """State one need: so many smallest units of a capability, at a site, over a time.

    Parameters
    ----------
    site_id, capability, interval
        Where, what, when.
    low, central, high
        Units wanted at each level, ``0 <= low <= central <= high``.
    minimum
        Units below which the post fails, at the central level.
    weight
        Weight of a missing unit beside a usual one (1.0).
    explanation
        How the figures came about.
    """

    site_id: str
    capability: str
    interval: Interval
    low: int
    central: int
    high: int
    minimum: int
    weight: float
    explanation: Explanation

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.central <= self.high:
            raise ValueError(
                f"Expected 0 <= low <= central <= high, got {self.low}, {self.central}, "
                f"{self.high}."
            )
        if not 0 <= self.minimum <= self.central:
            raise ValueError(f"Expected 0 <= minimum <= {self.central}, got {self.minimum}.")
        if self.weight <= 0:
            raise ValueError(f"Expected weight > 0, got {self.weight}.")


@dataclass(frozen=True, slots=True)
class Overlay:
    """Ask that some of those on duty at a site also have a quality.

    Parameters
    ----------
    kind
        What quality.
    key
        ISO 639-1 code of the language, code of the certificate, nation of the supporters; empty
        for a weapon.
    site_id, interval
        Where and when.
    capabilities
        Codes of the catalogue whose crews may count; empty means any in the field.
    crews
        Crews with the quality, ``>= 1``.
    weight
        Weight of a missing crew beside a usual unit.
    reason
        Why, in one line.
    session_ids
        Sessions from which it comes.
    """

    kind: OverlayKind
    key: str
    site_id: str
    interval: Interval
    capabilities: tuple[str, ...]
    crews: int
    weight: float
    reason: str
    session_ids: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.crews < 1:
            raise ValueError(f"Expected crews >= 1, got {self.crews}.")


@dataclass(frozen=True, slots=True, eq=False)
class Need:
    """Hold the need of an event as columns; row ``i`` of every array is one figure.

    Parameters
    ----------
    event_id
        Event to which it belongs.
    coefficient_version
        Version of the coefficients used.
    site_ids, capabilities
        What the indices in ``site`` and ``capability`` mean.
    site, capability
        Indices, shape ``(n,)``.
    start, end
        Seconds since 1970-01-01T00:00Z, shape ``(n,)``, ``start < end``.
    low, central, high, minimum
        Units, shape ``(n,)``.
    weight
        Weight of a missing unit, shape ``(n,)``.
    moment
        Row of the timeline from which a figure comes, or ``-1 - s`` for standing need ``s``
        (manual posts and the like); shape ``(n,)``. Only the explanation uses it.
    overlays
        Second needs on the same people.

    Notes
    -----
    Rows are sorted by site, capability, start. Arrays are read-only.
    """

    event_id: str
    coefficient_version: str
    site_ids: tuple[str, ...]
    capabilities: tuple[str, ...]
    site: IntArray
    capability: IntArray
    start: IntArray
    end: IntArray
    low: IntArray
    central: IntArray
    high: IntArray
    minimum: IntArray
    weight: FloatArray
    moment: IntArray
    overlays: tuple[Overlay, ...] = ()

    def __post_init__(self) -> None:
        for name in _COLUMNS:
            column = getattr(self, name)
            if column.shape != self.site.shape:
                raise ValueError(f"Expected {name} of shape {self.site.shape}, got {column.shape}.")
            column.setflags(write=False)
        if np.any(self.start >= self.end):
            raise ValueError("Expected start < end in every row.")
        if np.any((self.low < 0) | (self.low > self.central) | (self.central > self.high)):
            raise ValueError("Expected 0 <= low <= central <= high in every row.")

    def __len__(self) -> int:
        return len(self.site)

    def units(self, level: Level) -> IntArray:
        """Return the units wanted at ``level``, shape ``(n,)``."""
        return {Level.LOW: self.low, Level.CENTRAL: self.central, Level.HIGH: self.high}[level]

    def interval(self, row: int) -> Interval:
        """Return the time of one row."""
        return Interval(
            datetime.fromtimestamp(int(self.start[row]), UTC),
            datetime.fromtimestamp(int(self.end[row]), UTC),
        )

    def rows(self, *, site_id: str | None = None, capability: str | None = None) -> Iterator[int]:
        """Yield the rows of a site, a capability, or both, in order."""
        chosen = np.ones(len(self), dtype=bool)
        if site_id is not None:
            known = site_id in self.site_ids
            chosen &= self.site == (self.site_ids.index(site_id) if known else -1)
        if capability is not None:
            known = capability in self.capabilities
            chosen &= self.capability == (self.capabilities.index(capability) if known else -1)
        yield from (int(row) for row in np.flatnonzero(chosen))


_COLUMNS = (
    "site",
    "capability",
    "start",
    "end",
    "low",
    "central",
    "high",
    "minimum",
    "weight",
    "moment",
)
