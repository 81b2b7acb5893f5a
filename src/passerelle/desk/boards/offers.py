"""What the pages of offers show: one request with its answers, and all offers of an event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from passerelle.desk.boards.dossiers import urgency
from passerelle.desk.words import capability_name, places_words
from passerelle.procedures.reinforcement.crossings import crossings
from passerelle.procedures.reinforcement.offers import (
    OfferStatus,
    declined_lines,
    lines,
    offers,
)
from passerelle.procedures.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from passerelle.node.reinforcement.models import OfferRow
    from passerelle.procedures.dossier import Dossier
    from passerelle.procedures.reinforcement.offers import Offer
    from passerelle.procedures.reinforcement.terms import Line

__all__ = ["LineAnswers", "OfferLine", "answers", "crossing_words", "offer_lines"]

_LOOKS: Final = {
    OfferStatus.STANDING: "live",
    OfferStatus.EXPIRED: "critical",
    OfferStatus.ACCEPTED: "met",
    OfferStatus.REFUSED: "idle",
    OfferStatus.WITHDRAWN: "critical",
}


@dataclass(frozen=True, slots=True)
class OfferLine:
    """Show one offer."""

    case: str
    state: str
    code: str
    line: str
    capability: str
    answer: str
    status: str
    look: str
    is_standing: bool
    valid_until: datetime
    expiry_look: str
    expiry: str
    posts: int
    present: int
    people: int
    animals: int
    committed: int
    places: str
    starts: datetime
    ends: datetime
    languages: str
    cost_eur: int | None
    payer: str
    conditions: str
    caveats: str
    unit: str


@dataclass(frozen=True, slots=True)
class LineAnswers:
    """Show one line of the request, or the offers nobody asked for, with what was answered."""

    line: Line | None
    capability: str
    places: str
    last_day: datetime | None
    offers: tuple[OfferLine, ...]
    declined: str
    n_offered: int
    n_accepted: int


def status_words(status: OfferStatus) -> str:
    """Return how an offer stands, in words."""
    return {
        OfferStatus.STANDING: pgettext("offer", "stands"),
        OfferStatus.EXPIRED: pgettext("offer", "expired"),
        OfferStatus.ACCEPTED: pgettext("offer", "accepted"),
        OfferStatus.REFUSED: pgettext("offer", "not taken"),
        OfferStatus.WITHDRAWN: pgettext("offer", "withdrawn"),
    }[status]


def answers(
    case: str, state: str, dossier: Dossier, now: datetime, language: str
) -> list[LineAnswers]:
    """Show every line of a request with its offers; unsolicited ones last."""
    made = offers(dossier)
    declined = declined_lines(dossier)
    by_line: dict[str, list[Offer]] = {}
    for offer in made.values():
        by_line.setdefault(offer.line, []).append(offer)
    found = []
    for line in lines(dossier).values():
        mine = by_line.pop(line.code, [])
        found.append(
            LineAnswers(
                line=line,
                capability=capability_name(line.terms.capability),
                places=places_words(line.terms.places),
                last_day=line.terms.during.end - timedelta(seconds=1),
                offers=tuple(_of(case, state, one, now, language) for one in mine),
                declined=_code(declined.get(line.code, ""), language),
                n_offered=_sum(mine, now, {OfferStatus.STANDING, OfferStatus.ACCEPTED}),
                n_accepted=_sum(mine, now, {OfferStatus.ACCEPTED}),
            )
        )
    rest = [offer for mine in by_line.values() for offer in mine]
    if rest:
        shown = tuple(_of(case, state, one, now, language) for one in rest)
        found.append(LineAnswers(None, "", "", None, shown, "", 0, 0))
    return found


def offer_lines(rows: Iterable[OfferRow], now: datetime, language: str) -> list[OfferLine]:
    """Show offers of many dossiers from their rows."""
    found = []
    for row in rows:
        status = OfferStatus(row.status)
        if status is OfferStatus.STANDING and now > row.valid_until:
            status = OfferStatus.EXPIRED
        look, expiry = urgency(row.valid_until, now)
        found.append(
            OfferLine(
                case=row.dossier_id,
                state=row.dossier.corridor.peer_state,
                code=row.code,
                line=row.line,
                capability=capability_name(row.capability),
                answer=_code(row.answer, language),
                status=status_words(status),
                look=_LOOKS[status],
                is_standing=status is OfferStatus.STANDING,
                valid_until=row.valid_until,
                expiry_look=look,
                expiry=expiry,
                posts=row.posts,
                present=row.present,
                people=row.people,
                animals=row.animals,
                committed=row.committed,
                places=places_words(row.places),
                starts=row.starts_at,
                ends=row.ends_at - timedelta(seconds=1),
                languages=" ".join(row.languages),
                cost_eur=row.cost_eur,
                payer=_code(row.payer, language),
                conditions=", ".join(_code(one, language) for one in row.conditions),
                caveats="",
                unit="",
            )
        )
    return found


def crossing_words(dossier: Dossier, language: str) -> list[tuple[str, str]]:
    """Say in words which acts crossed on the way and what became of them."""
    shape, found = dossier.definition, []
    for one in crossings(dossier):
        first, second = (
            f"{shape.acts[act.name].labels.get(language)} ({dossier.procedure.parties[act.side]})"
            for act in (one.first, one.second)
        )
        words = _("“{first}” and “{second}” crossed on the way: neither side had seen the other’s.")
        effect = (
            _("By rule the first counts first, on both sides alike, and the second was refused: {why}")
            .format(why=one.refusal.text(language))
            if one.refusal is not None
            else _("By rule the first counts first, on both sides alike; both stand.")
        )  # fmt: skip
        found.append((words.format(first=first, second=second), effect))
    return found


def _of(case: str, state: str, offer: Offer, now: datetime, language: str) -> OfferLine:
    status = offer.status_at(now)
    look, expiry = urgency(offer.valid_until, now)
    more, terms = offer.details, offer.terms
    conditions = "; ".join(
        f"{_code(one['subject'], language)}: {one['text']}" for one in more.get("conditions", ())
    )
    return OfferLine(
        case=case,
        state=state,
        code=offer.code,
        line=offer.line,
        capability=capability_name(terms.capability),
        answer=_code(offer.answer, language),
        status=status_words(status),
        look=_LOOKS[status],
        is_standing=status is OfferStatus.STANDING,
        valid_until=offer.valid_until,
        expiry_look=look,
        expiry=expiry,
        posts=terms.posts,
        present=terms.present,
        people=terms.people,
        animals=terms.animals,
        committed=0,
        places=places_words(terms.places),
        starts=terms.during.start,
        ends=terms.during.end - timedelta(seconds=1),
        languages=" ".join(more.get("languages", ())),
        cost_eur=more.get("cost_eur"),
        payer=_code(more.get("payer", ""), language),
        conditions=conditions,
        caveats="; ".join(more.get("caveats", ())),
        unit=more.get("unit", ""),
    )


def _sum(made: Iterable[Offer], now: datetime, wanted: set[OfferStatus]) -> int:
    return sum(offer.terms.people for offer in made if offer.status_at(now) in wanted)


def _code(code: str, language: str) -> str:
    known = vocabulary().codes.get(code)
    return known.get(language) if known else code
