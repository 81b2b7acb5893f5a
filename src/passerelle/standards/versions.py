"""Which versions of each format we read and write, and which one two nodes use.

The ranges stand in a node's card; two nodes use the highest version that both know. A format whose
ranges do not meet is not used between them, and the page says so: nothing is guessed. A new version
comes with a converter to its neighbour and samples of both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FORMATS", "VersionRange", "common_version", "format_card"]


@dataclass(frozen=True, slots=True)
class VersionRange:
    """Span the versions of a format that a node knows.

    Parameters
    ----------
    least, most
        First and last version, ``1 <= least <= most``.
    label
        What the last version is called outside, for example ``EDXL-RM 1.0``.
    """

    least: int
    most: int
    label: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.least <= self.most:
            raise ValueError(f"Expected 1 <= least <= most, got {self.least}, {self.most}.")


FORMATS: Final[Mapping[str, VersionRange]] = {
    "edxl-rm": VersionRange(1, 1, "EDXL-RM 1.0 with errata of 2009"),
    "edxl-de": VersionRange(2, 2, "EDXL-DE 2.0, Committee Specification 02"),
    "rm-extension": VersionRange(1, 1, "urn:passerelle:rm-ext:1"),
    "cap": VersionRange(1, 1, "CAP 1.2, out only"),
    "stix": VersionRange(2, 2, "STIX 2.1 with TLP 2.0, out only"),
    "samu-hub": VersionRange(1, 1, "RS-DR, RS-RR, RS-ERROR of July 2026"),
    "icalendar": VersionRange(2, 2, "iCalendar, RFC 5545, out only"),
    "request-pack": VersionRange(1, 1, "passerelle-request-pack/1"),
}
"""What this version of the package reads and writes."""


def format_card() -> dict[str, list[int]]:
    """Return the ranges as a node's card names them: format, then first and last version."""
    return {name: [one.least, one.most] for name, one in FORMATS.items()}


def common_version(name: str, theirs: Mapping[str, VersionRange]) -> int | None:
    """Return the highest version that both sides know; ``None`` when there is none.

    Parameters
    ----------
    name
        The format.
    theirs
        Ranges of the other side.
    """
    ours, other = FORMATS.get(name), theirs.get(name)
    if ours is None or other is None:
        return None
    most = min(ours.most, other.most)
    return most if most >= max(ours.least, other.least) else None
