"""Lines of the request and the offers that answer them.

An offer stands from its act until it is withdrawn, refused, replaced by an offer of the same code, or
until its validity ends. An acceptance counts when its receipt lies within the validity: an offer that
expires while its acceptance is on the way has expired, on both sides alike. A withdrawal that crossed
an acceptance comes first by priority, because an acceptance does not bind yet; a commitment does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from passerelle.kernel.times import parse_instant
from passerelle.procedures.reinforcement.terms import Line, Terms, rows_of, text_of, texts_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from passerelle.procedures.dossier import Dossier

__all__ = ["Offer", "OfferStatus", "declined_lines", "lines", "offers"]


class OfferStatus(StrEnum):
    """How an offer stands."""

    STANDING = "standing"
    EXPIRED = "expired"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Offer:
    """Hold one offer with its standing.

    Parameters
    ----------
    code
        Code of the offer.
    line
        Line that it answers; empty when it was not asked for.
    answer
        Full, partial, conditional, counter or unsolicited.
    terms
        How much, where, when.
    valid_until
        Last instant at which it can be accepted.
    status
        How it stands, expiry aside.
    details
        All fields of the offer.
    act_id
        The act that made it.
    """

    code: str
    line: str
    answer: str
    terms: Terms
    valid_until: datetime
    status: OfferStatus
    details: Mapping[str, Any]
    act_id: str

    def status_at(self, instant: datetime) -> OfferStatus:
        """Return how it stands at an instant, expiry included."""
        if self.status is OfferStatus.STANDING and instant > self.valid_until:
            return OfferStatus.EXPIRED
        return self.status


def lines(dossier: Dossier) -> dict[str, Line]:
    """Return the lines of the request in force, by code."""
    request = dossier.last("request", "amend")
    if request is None:
        return {}
    return {
        row["line"]: Line(
            code=row["line"],
            terms=Terms.of(row),
            needs=tuple(row.get("needs", ())),
            is_doubling=row.get("doubles_host", False),
        )
        for row in rows_of(request.payload, "lines")
    }


def declined_lines(dossier: Dossier) -> dict[str, str]:
    """Return the lines that the partner declined, each with the reason code."""
    if dossier.state == "declined":
        last = dossier.last("decline-all")
        reason = "" if last is None else text_of(last.payload, "reason_code")
        return dict.fromkeys(lines(dossier), reason)
    found: dict[str, str] = {}
    for act in dossier.effective("decline"):
        for line in texts_of(act.payload, "declined_lines"):
            found[line] = text_of(act.payload, "reason_code")
    return found


def offers(dossier: Dossier) -> dict[str, Offer]:
    """Return every offer by code, as it stands after the last act."""
    found: dict[str, Offer] = {}
    for act in dossier.effective(
        "offer", "extend-offer", "withdraw-offer", "accept", "refuse-offer"
    ):
        if act.name == "offer":
            for row in rows_of(act.payload, "offers"):
                found[row["offer"]] = _read(row, act.id)
        elif act.name == "accept":
            for code in texts_of(act.payload, "accepted_offers"):
                found[code] = replace(found[code], status=OfferStatus.ACCEPTED)
        else:
            code = text_of(act.payload, "offer")
            found[code] = _changed(found[code], act.name, act.payload)
    return found


def _read(row: Mapping[str, Any], act_id: str) -> Offer:
    return Offer(
        code=row["offer"],
        line=row.get("line", ""),
        answer=row["answer"],
        terms=Terms.of(row),
        valid_until=parse_instant(row["valid_until"]),
        status=OfferStatus.STANDING,
        details=row,
        act_id=act_id,
    )


def _changed(offer: Offer, act: str, payload: Mapping[str, Any]) -> Offer:
    if act == "extend-offer":
        return replace(offer, valid_until=parse_instant(payload["valid_until"]))
    withdrawn = act == "withdraw-offer"
    return replace(offer, status=OfferStatus.WITHDRAWN if withdrawn else OfferStatus.REFUSED)
