"""What the arrival desk shows: who is expected when, and who is here. No more than it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.procedures.reinforcement.commitments import items
from passerelle.procedures.reinforcement.particulars import particulars, travels
from passerelle.procedures.reinforcement.roll import roll

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from passerelle.procedures.dossier import Dossier

__all__ = ["ArrivalLine", "ArrivalsPage", "arrivals_page"]


@dataclass(frozen=True, slots=True)
class ArrivalLine:
    """Show one person: name, reference, when and where expected, whether here; ``key`` for a form."""

    code: str
    name: str
    rank: str
    capability: str
    expected: datetime
    place: str
    presence: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class ArrivalsPage:
    """Hold the page of one desk."""

    people: tuple[ArrivalLine, ...]
    places: tuple[str, ...]
    until: datetime | None

    @property
    def n_here(self) -> int:
        """Return how many are here."""
        return sum(one.presence == "here" for one in self.people)


def arrivals_page(dossier: Dossier, new_key: Callable[[], str]) -> ArrivalsPage:
    """Show who is expected, the next arrival first; each plain form carries a key of its own."""
    committed, booked, who = items(dossier), travels(dossier), particulars(dossier)
    places: dict[str, None] = {}
    found = []
    for code, entry in roll(dossier).items():
        if entry.is_animal or entry.is_struck:
            continue
        item, travel = committed.get(entry.item), booked.get(code)
        place = travel.place if travel else (item.terms.places[0] if item else "")
        places |= dict.fromkeys((place, *(item.terms.places if item else ())))
        presence = "expected"
        if entry.is_no_show:
            presence = "absent"
        elif entry.departed is not None:
            presence = "departed"
        elif entry.arrived is not None:
            presence = "here"
        found.append(
            ArrivalLine(
                code=code,
                name=who[code].name if code in who else code,
                rank=str(who[code].fields.get("rank", "")) if code in who else "",
                capability=item.terms.capability if item else "",
                expected=travel.arrives_at if travel else entry.during.start,
                place=place,
                presence=presence,
                key=new_key(),
            )
        )
    ends = [entry.during.end for entry in roll(dossier).values()]
    return ArrivalsPage(
        tuple(sorted(found, key=lambda one: (one.expected, one.code))),
        tuple(place for place in places if place),
        max(ends, default=None),
    )
