"""What an office will most likely say next, filled in from what was said: it signs or changes it.

A commitment repeats the accepted offers that no item draws on yet; binding an arrangement repeats the
signed text of the arrangement's own dossier. Nothing is said by proposing it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.kernel.times import format_instant
from passerelle.node.dossiers.models import Dossier
from passerelle.node.dossiers.queries import open_dossier_value
from passerelle.node.reinforcement.folds import folded_rows
from passerelle.procedures.reinforcement.commitments import items
from passerelle.procedures.reinforcement.offers import OfferStatus, lines, offers
from passerelle.procedures.reinforcement.terms import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passerelle.kernel.canonical import Json
    from passerelle.procedures.dossier import Dossier as DossierValue

__all__ = ["arrangement_of", "arrangements_of", "proposal"]

_SIGNED = ("signed", "in-force")


def proposal(row: Dossier, found: DossierValue, act: str) -> dict[str, Json]:
    """Return the fields proposed for an act; empty when nothing can be proposed."""
    if row.procedure != "reinforcement":
        return {}
    if act == "commit":
        return _commit(found)
    if act == "bind":
        return _bind(row)
    return {}


def arrangement_of(row: Dossier) -> tuple[Dossier, DossierValue] | None:
    """Return the newest dossier of an arrangement with the same partner; ``None`` without one."""
    other = (
        Dossier.objects.filter(corridor=row.corridor, procedure="arrangement")
        .exclude(state__in=("ended", "dropped"))
        .order_by("-opened_at")
        .first()
    )
    if other is None:
        return None
    return other, open_dossier_value(other.case)[2]


def arrangements_of(rows: Iterable[Dossier]) -> dict[int, DossierValue]:
    """Return the newest arrangement with each partner, by corridor; the same queries for any number."""
    corridors = {row.corridor_id for row in rows}
    found = (
        Dossier.objects.filter(corridor_id__in=corridors, procedure="arrangement")
        .exclude(state__in=("ended", "dropped"))
        .select_related("corridor")
        .prefetch_related("corridor__suspensions", "corridor__profiles")
        .order_by("opened_at")
    )
    return {row.corridor_id: value for row, value in folded_rows(list(found))}


def _commit(found: DossierValue) -> dict[str, Json]:
    drawn = {item.offer for item in items(found).values()}
    used = len(items(found))
    asked = lines(found)
    rows: list[Json] = []
    for offer in offers(found).values():
        if offer.status is not OfferStatus.ACCEPTED or offer.code in drawn:
            continue
        line = asked.get(offer.line)
        terms = offer.terms
        row: dict[str, Json] = {
            "item": f"I{used + len(rows) + 1}",
            "offer": offer.code,
            "capability": terms.capability,
            "posts": max(terms.posts, 1),
            "present": max(terms.present, 1),
            "people": max(terms.people, 1),
            "places": list(terms.places),
            "from": format_instant(terms.during.start),
            "to": format_instant(terms.during.end),
        }
        if terms.animals:
            row["animals"] = terms.animals
        if line is not None and _powers(found, line.code):
            row["needs_powers"] = True
        rows.append(row)
    if not rows:
        return {}
    number = sum(1 for _ in found.effective("commit")) + 1
    return {"commitment": f"C{number}", "level": "technical", "items": rows}


def _powers(found: DossierValue, code: str) -> bool:
    request = found.last("request", "amend")
    rows: object = () if request is None else request.payload["lines"]
    listed = rows if isinstance(rows, list | tuple) else ()
    return any(
        isinstance(row, dict) and row.get("line") == code and row.get("powers") for row in listed
    )


def _bind(row: Dossier) -> dict[str, Json]:
    other = arrangement_of(row)
    if other is None or other[0].state not in _SIGNED:
        return {}
    signed = other[1].last("sign")
    if signed is None:
        return {}
    return {
        "arrangement": other[0].case,
        "text_hash": text_of(signed.payload, "text_hash"),
        "signed_on": f"{signed.at:%Y-%m-%d}",
    }
