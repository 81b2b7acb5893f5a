"""ICS forms from live data: duties of a site and day, who arrived, vehicles and equipment. No names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.procedures.reinforcement.commitments import items
from passerelle.procedures.reinforcement.offers import offers
from passerelle.procedures.reinforcement.roll import roll
from passerelle.standards.ics import Arrival, Equipment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from passerelle.node.dossiers.models import Dossier
    from passerelle.procedures.dossier import Dossier as DossierValue

__all__ = ["arrivals_of", "equipment_of"]


def arrivals_of(dossiers: Iterable[tuple[Dossier, DossierValue]]) -> Iterator[Arrival]:
    """Return one line a committed item and hour of arrival, and one for those still awaited."""
    for row, found in dossiers:
        entries = [one for one in roll(found).values() if one.is_active and not one.is_animal]
        made = offers(found)
        for item in items(found).values():
            mine = [one for one in entries if one.item == item.code]
            hours: dict[datetime | None, int] = {}
            for one in mine:
                at = one.arrived.replace(minute=0, second=0) if one.arrived else None
                hours[at] = hours.get(at, 0) + 1
            awaited = item.people_left - len(mine)
            if awaited > 0:
                hours[None] = hours.get(None, 0) + awaited
            details: Any = made[item.offer].details if item.offer in made else {}
            for at, persons in sorted(hours.items(), key=lambda one: (one[0] is None, str(one[0]))):
                yield Arrival(
                    state=row.corridor.peer_state,
                    agency=str(details.get("unit", "")),
                    capability=item.terms.capability,
                    level=int(details.get("level", 0)),
                    resource=row.reference or row.case[:8],
                    order=item.code,
                    at=at,
                    leader=str(details.get("head", "")),
                    contact="",
                    persons=persons,
                    home=str(details.get("unit", "")),
                    departure="",
                    travel="",
                    assignment=", ".join(item.terms.places),
                    qualifications=", ".join(item.certificates),
                )


def equipment_of(dossiers: Iterable[tuple[Dossier, DossierValue]]) -> Iterator[Equipment]:
    """Return vehicles and equipment of the offers on which a commitment draws."""
    for row, found in dossiers:
        drawn = {item.offer: item for item in items(found).values()}
        for code, offer in offers(found).items():
            if code not in drawn:
                continue
            rows: Any = offer.details.get("equipment", ())
            things = [(str(one["item"]), int(one["quantity"])) for one in rows]
            vehicles = int(offer.details.get("vehicles", 0))
            things += [("vehicles", vehicles)] if vehicles else []
            for kind, number in things:
                yield Equipment(
                    kind=kind,
                    level=f"{number} ×",
                    agency=f"{row.corridor.peer_state} {offer.details.get('unit', '')}",
                    identity=f"{row.reference or row.case[:8]} {code}",
                    assignment=", ".join(offer.terms.places),
                    start=offer.terms.during.start,
                    end=offer.terms.during.end,
                )
