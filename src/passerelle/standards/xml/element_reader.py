"""What readers of XML messages share: collecting issues by line and place, choices, instants.

A reader does not stop at the first fault: it goes on and lists all of them, and gives no value then.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from passerelle.kernel.problems import Issue
from passerelle.standards.xml.reading import line_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml import etree

__all__ = ["ElementReader"]

_T = TypeVar("_T")
_MOST: int = 80


class ElementReader:
    """Take a document apart, collecting issues on the way.

    Parameters
    ----------
    name
        Name of the document in the issues.
    family
        First part of the codes of its issues: ``rm``, ``de``.
    """

    def __init__(self, name: str, family: str) -> None:
        self._name, self._family = name, family
        self.issues: list[Issue] = []

    def _issue(
        self, element: etree._Element, place: str, code: str, expected: str, found: str | None
    ) -> None:
        """Keep one issue, at the line of its element."""
        text = (found or "")[:_MOST]
        self.issues.append(Issue(self._name, line_of(element), place, code, expected, text))

    def _one_of(
        self, element: etree._Element, place: str, text: str, allowed: Mapping[str, _T]
    ) -> _T | None:
        """Return the value for a text out of a closed list; an issue and ``None`` for another."""
        if text not in allowed:
            expected = "one of " + ", ".join(sorted(allowed))
            self._issue(element, place, f"{self._family}.value", expected, text)
        return allowed.get(text)

    def _at(self, element: etree._Element, place: str, text: str, expected: str) -> datetime | None:
        """Return the instant of a text whose form was checked; an issue when it does not exist."""
        try:
            return datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            self._issue(element, place, f"{self._family}.instant", expected, text)
            return None
