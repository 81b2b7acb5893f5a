"""What the checker says of a broken rule."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Violation"]


@dataclass(frozen=True, slots=True)
class Violation:
    """Name one broken rule.

    Parameters
    ----------
    rule
        Stable word, for example ``rest`` or ``escort``.
    place
        Group, or site with time, where it is broken.
    expected, found
        What the rule asks and what the plan has, in words.
    """

    rule: str
    place: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.rule} at {self.place}: expected {self.expected}, found {self.found}"
