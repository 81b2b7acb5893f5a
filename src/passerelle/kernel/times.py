"""Instants and intervals: UTC, aware, whole seconds.

Local time exists at the edges only. An interval is half open, ``[start, end)``, so that adjacent
intervals never overlap and lengths add up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

__all__ = ["Interval", "format_instant", "parse_instant"]


def parse_instant(text: str) -> datetime:
    """Read an ISO 8601 date-time with an offset and return it in UTC.

    Parameters
    ----------
    text
        For example ``2024-07-24T15:00:00+02:00`` or ``2024-07-24T13:00:00Z``.

    Returns
    -------
    datetime
        Aware, UTC, whole seconds.

    Raises
    ------
    ValueError
        When the text is no date-time, has no offset, or has a fraction of a second.
    """
    value = datetime.fromisoformat(text)
    if value.tzinfo is None or value.utcoffset() is None:
        raise ValueError(f"Expected an offset such as +02:00 or Z, got {text!r}.")
    if value.microsecond:
        raise ValueError(f"Expected whole seconds, got {text!r}.")
    return value.astimezone(UTC)


def format_instant(instant: datetime) -> str:
    """Write an instant as ``YYYY-MM-DDTHH:MM:SSZ``.

    Raises
    ------
    ValueError
        When the instant is naive or has a fraction of a second.
    """
    if instant.tzinfo is None:
        raise ValueError(f"Expected an aware instant, got {instant!r}.")
    if instant.microsecond:
        raise ValueError(f"Expected whole seconds, got {instant!r}.")
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Span the time from ``start`` up to, not including, ``end``.

    Parameters
    ----------
    start, end
        Aware instants with ``start < end``.

    Raises
    ------
    ValueError
        When an instant is naive or the interval is empty or reversed.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("Expected aware instants.")
        if self.start >= self.end:
            raise ValueError(f"Expected start < end, got {self.start} and {self.end}.")

    @property
    def length(self) -> timedelta:
        """Time from start to end."""
        return self.end - self.start

    @property
    def hours(self) -> float:
        """Length in hours."""
        return self.length / timedelta(hours=1)

    def overlaps(self, other: Interval) -> bool:
        """Tell whether the two share any time."""
        return self.start < other.end and other.start < self.end

    def contains(self, instant: datetime) -> bool:
        """Tell whether ``start <= instant < end``."""
        return self.start <= instant < self.end

    def intersection(self, other: Interval) -> Interval | None:
        """Return the shared part, or ``None``."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Interval(start, end) if start < end else None

    def __str__(self) -> str:
        return f"{format_instant(self.start)}/{format_instant(self.end)}"
