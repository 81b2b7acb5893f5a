"""Read the fields of acts of reinforcement into typed terms.

Payloads have passed the closed schema before they are read here, so the types are known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from passerelle.kernel.times import Interval, parse_instant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from passerelle.kernel.canonical import Json

__all__ = ["Line", "Terms", "instant_of", "rows_of", "text_of", "texts_of"]


def rows_of(payload: Mapping[str, Json], field: str) -> Sequence[Mapping[str, Any]]:
    """Return a field that is a list of records; empty when it is absent."""
    rows: Any = payload.get(field, ())  # checked by the schema: a list of objects
    found: Sequence[Mapping[str, Any]] = rows
    return found


def texts_of(payload: Mapping[str, Json], field: str) -> tuple[str, ...]:
    """Return a field that is a list of texts; empty when it is absent."""
    rows: Any = payload.get(field, ())  # checked by the schema: a list of texts
    return tuple(rows)


def text_of(payload: Mapping[str, Json], field: str) -> str:
    """Return a field that is text; empty when it is absent."""
    return str(payload.get(field, ""))


def instant_of(payload: Mapping[str, Json], field: str) -> datetime:
    """Return a field that is an instant."""
    return parse_instant(str(payload[field]))


@dataclass(frozen=True, slots=True)
class Terms:
    """State how much of a capability, where and when; the same for lines, offers and commitments.

    Parameters
    ----------
    capability
        Code of the catalogue.
    posts, present, people
        Posts; people at the same time; distinct people.
    animals
        Animals.
    places
        Sites.
    during
        From, up to.
    """

    capability: str
    posts: int
    present: int
    people: int
    animals: int
    places: tuple[str, ...]
    during: Interval

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Terms:
        """Read the terms of a checked record.

        Raises
        ------
        ValueError
            When the period is empty or reversed.
        """
        return cls(
            capability=row["capability"],
            posts=row["posts"],
            present=row["present"],
            people=row["people"],
            animals=row.get("animals", 0),
            places=tuple(row["places"]),
            during=Interval(parse_instant(row["from"]), parse_instant(row["to"])),
        )

    def is_within(self, other: Terms) -> bool:
        """Tell whether no quantity, place or time goes beyond another's."""
        return (
            self.capability == other.capability
            and self.posts <= other.posts
            and self.present <= other.present
            and self.people <= other.people
            and self.animals <= other.animals
            and set(self.places) <= set(other.places)
            and other.during.start <= self.during.start
            and self.during.end <= other.during.end
        )


@dataclass(frozen=True, slots=True)
class Line:
    """Hold one line of a request.

    Parameters
    ----------
    code
        Code of the line.
    terms
        How much, where, when.
    needs
        Links to the need that it serves.
    is_doubling
        Whether it asks to double what the host has there.
    """

    code: str
    terms: Terms
    needs: tuple[str, ...]
    is_doubling: bool
