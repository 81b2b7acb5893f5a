"""What the page of a commitment shows: items in force, what waits for a signature, the arrangement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.utils.translation import pgettext

from passerelle.desk.words import capability_name, places_words
from passerelle.kernel.times import Interval
from passerelle.procedures.reinforcement.commitments import arrangement_signed_on, items
from passerelle.procedures.reinforcement.offers import OfferStatus, offers
from passerelle.procedures.reinforcement.readiness import Readiness, readiness
from passerelle.procedures.reinforcement.roll import missing_conditions, roll
from passerelle.procedures.vocabulary import vocabulary

if TYPE_CHECKING:
    from datetime import date, datetime

    from passerelle.procedures.dossier import Dossier
    from passerelle.procedures.reinforcement.commitments import Item
    from passerelle.procedures.reinforcement.roll import Entry

__all__ = ["ItemLine", "ReadyLine", "StepWords", "item_lines", "ready_lines", "uncommitted"]

LOOKS: Final = {
    Readiness.MISSING: "critical",
    Readiness.KNOWN: "short",
    Readiness.PROPOSED: "live",
    Readiness.AGREED: "live",
    Readiness.SIGNED: "met",
}


@dataclass(frozen=True, slots=True)
class ItemLine:
    """Show one item of a commitment."""

    item: Item
    capability: str
    places: str
    last_day: datetime
    n_named: int
    n_deployable: int
    gone: tuple[tuple[str, int, datetime], ...]


@dataclass(frozen=True, slots=True)
class ReadyLine:
    """Show how far one item of the arrangement is."""

    number: int
    words: str
    state: str
    look: str
    known: str


@dataclass(frozen=True, slots=True)
class StepWords:
    """Show one step towards signature as reported."""

    state: str
    step: str
    status: str
    expected_on: str


def item_lines(dossier: Dossier) -> list[ItemLine]:
    """Show the items in force with who is named and deployable on their first day."""
    signed_on = arrangement_signed_on(dossier)
    by_item: dict[str, list[Entry]] = {}
    for entry in roll(dossier).values():
        if entry.is_active and not entry.is_animal:
            by_item.setdefault(entry.item, []).append(entry)
    found = []
    for item in items(dossier).values():
        mine = by_item.get(item.code, [])
        found.append(
            ItemLine(
                item=item,
                capability=capability_name(item.terms.capability),
                places=places_words(item.terms.places),
                last_day=item.terms.during.end - timedelta(seconds=1),
                n_named=len(mine),
                n_deployable=sum(_is_deployable(one, item, signed_on) for one in mine),
                gone=tuple(
                    (
                        pgettext("people leave", "recalled")
                        if one.is_recall
                        else pgettext("people leave", "released"),
                        one.people,
                        one.start,
                    )
                    for one in item.withdrawals
                ),
            )
        )
    return found


def uncommitted(dossier: Dossier) -> int:
    """Count accepted offers on which no item draws yet."""
    drawn = {item.offer for item in items(dossier).values()}
    return sum(
        1
        for offer in offers(dossier).values()
        if offer.status is OfferStatus.ACCEPTED and offer.code not in drawn
    )


def ready_lines(
    dossier: Dossier, arrangement: Dossier | None, language: str
) -> tuple[list[ReadyLine], list[StepWords]]:
    """Show the thirteen items and the steps reported by both sides."""
    words, found = vocabulary(), readiness(dossier, arrangement)
    states = {
        Readiness.MISSING: pgettext("item of an arrangement", "nothing said yet"),
        Readiness.KNOWN: pgettext("item of an arrangement", "said in request or offer"),
        Readiness.PROPOSED: pgettext("item of an arrangement", "in the proposed text"),
        Readiness.AGREED: pgettext("item of an arrangement", "agreed"),
        Readiness.SIGNED: pgettext("item of an arrangement", "signed"),
    }
    lines = [
        ReadyLine(
            number=one.number,
            words=" – ".join(words.fields[name].get(language) for name in one.fields),
            state=states[one.readiness],
            look=LOOKS[one.readiness],
            known=_known(one.number, one.known),
        )
        for one in found[0]
    ]
    parties = dossier.procedure.parties
    steps = [
        StepWords(
            state=parties.get(one.side, one.side),
            step=_code(one.step, language),
            status=_code(one.state, language),
            expected_on=one.expected_on,
        )
        for one in found[1]
    ]
    return lines, steps


def _known(number: int, text: str) -> str:
    if number == 4:
        return places_words(text.split(", "), 12) if text else ""
    if number != 6:
        return text
    return ", ".join(capability_name(code) for code in text.split(", ")) if text else ""


def _is_deployable(entry: Entry, item: Item, signed_on: date | None) -> bool:
    start = max(entry.during.start, item.terms.during.start)
    if start >= min(entry.during.end, item.terms.during.end):
        return False
    return not missing_conditions(
        entry, item, signed_on, Interval(start, item.terms.during.end).start
    )


def _code(code: str, language: str) -> str:
    known = vocabulary().codes.get(code)
    return known.get(language) if known else code
