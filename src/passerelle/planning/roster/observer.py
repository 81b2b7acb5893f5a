"""Progress of a solve as data: the incumbent value, the bound and the gap over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from passerelle.planning.roster.result import relative_gap

__all__ = ["History", "Observer", "Progress", "Silent"]


@dataclass(frozen=True, slots=True)
class Progress:
    """Tell where a solve stands.

    Parameters
    ----------
    seconds
        Since the start.
    value
        Cost of the best plan; ``inf`` before the first.
    bound
        Proven lower bound; ``-inf`` before the first.
    phase
        What is being done, one English word.
    """

    seconds: float
    value: float
    bound: float
    phase: str

    @property
    def gap(self) -> float:
        """``(value - bound) / value``."""
        return relative_gap(self.value, self.bound)


class Observer(Protocol):
    """Receive progress; called often, must return quickly."""

    def report(self, progress: Progress) -> None:
        """Take note of ``progress``."""
        ...


class Silent:
    """Ignore progress."""

    def report(self, progress: Progress) -> None:
        """Do nothing."""


class History:
    """Keep every progress; for benchmarks and tests."""

    def __init__(self) -> None:
        self.entries: list[Progress] = []

    def report(self, progress: Progress) -> None:
        """Append."""
        self.entries.append(progress)
