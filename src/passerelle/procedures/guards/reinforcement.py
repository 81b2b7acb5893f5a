"""Rules of reinforcement: offers and commitments; those of the roll stand in :mod:`.roll`.

What an offer may say of a line, until when it can be accepted, what a commitment may draw on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.kernel.times import parse_instant
from passerelle.procedures.guards.registry import Guard
from passerelle.procedures.guards.roll import find_twice, find_unknown
from passerelle.procedures.reinforcement.commitments import items
from passerelle.procedures.reinforcement.offers import OfferStatus, lines, offers
from passerelle.procedures.reinforcement.terms import Terms, instant_of, rows_of, text_of, texts_of
from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from passerelle.procedures.definition import ActRule
    from passerelle.procedures.dossier import Dossier
    from passerelle.procedures.reinforcement.commitments import Item
    from passerelle.procedures.reinforcement.offers import Offer
    from passerelle.procedures.values import Act

__all__ = ["REINFORCEMENT_GUARDS"]


def _offers(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Check requests, offers and what is done with them."""
    del rule, arguments
    check = _OFFER_RULES.get(act.name)
    return None if check is None else check(dossier, act)


def _commitments(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Check commitments and what changes them."""
    del rule, arguments
    check = _COMMITMENT_RULES.get(act.name)
    return None if check is None else check(dossier, act)


def _terms(row: Mapping[str, Any], what: str) -> Terms | Refusal:
    try:
        terms = Terms.of(row)
    except ValueError:
        return Refusal("terms.period", {"what": what})
    if not terms.posts <= terms.present <= terms.people:
        return Refusal("terms.units", {"what": what})
    return terms


def _check_lines(dossier: Dossier, act: Act) -> Refusal | None:
    del dossier
    rows = rows_of(act.payload, "lines")
    for row in rows:
        terms = _terms(row, row["line"])
        if isinstance(terms, Refusal):
            return terms
    return find_twice((row["line"] for row in rows), "line")


def _check_offer(dossier: Dossier, act: Act) -> Refusal | None:
    rows = rows_of(act.payload, "offers")
    known = offers(dossier)
    for row in rows:
        earlier = known.get(row["offer"])
        if earlier is not None and earlier.status is OfferStatus.ACCEPTED:
            return Refusal("offer.accepted", {"offer": row["offer"]})
        if parse_instant(row["valid_until"]) <= act.at:
            return Refusal("offer.born-expired", {"offer": row["offer"]})
        terms = _terms(row, row["offer"])
        refusal = terms if isinstance(terms, Refusal) else _check_answer(dossier, row, terms)
        if refusal is not None:
            return refusal
    return find_twice((row["offer"] for row in rows), "offer")


def _check_answer(dossier: Dossier, row: Mapping[str, Any], terms: Terms) -> Refusal | None:
    """Check that the kind of answer is what the figures say."""
    code, answer = row["offer"], row["answer"]
    if answer == "unsolicited":
        return Refusal("offer.has-line", {"offer": code}) if "line" in row else None
    line = lines(dossier).get(row.get("line", ""))
    if line is None:
        return Refusal("offer.unknown-line", {"offer": code, "line": row.get("line", "")})
    if answer == "conditional" and not row.get("conditions"):
        return Refusal("offer.no-condition", {"offer": code})
    covers = line.terms.is_within(terms)
    if answer == "full" and not covers:
        return Refusal("offer.not-full", {"offer": code, "line": line.code})
    if answer == "partial" and (covers or terms.capability != line.terms.capability):
        return Refusal("offer.not-partial", {"offer": code, "line": line.code})
    return None


def _find_offer(dossier: Dossier, code: str) -> Offer | Refusal:
    found = offers(dossier).get(code)
    return Refusal("offer.unknown", {"offer": code}) if found is None else found


def _is_committed(dossier: Dossier, code: str) -> bool:
    return any(item.offer == code for item in items(dossier).values())


def _check_accept(dossier: Dossier, act: Act) -> Refusal | None:
    for code in texts_of(act.payload, "accepted_offers"):
        offer = _find_offer(dossier, code)
        if isinstance(offer, Refusal):
            return offer
        status = offer.status_at(act.at)
        if status is not OfferStatus.STANDING:
            return Refusal(f"offer.{status.value}", {"offer": code})
    return find_twice(texts_of(act.payload, "accepted_offers"), "offer")


def _check_change(dossier: Dossier, act: Act) -> Refusal | None:
    code = text_of(act.payload, "offer")
    offer = _find_offer(dossier, code)
    if isinstance(offer, Refusal):
        return offer
    if _is_committed(dossier, code):
        return Refusal("offer.committed", {"offer": code})
    if offer.status in {OfferStatus.WITHDRAWN, OfferStatus.REFUSED}:
        return Refusal(f"offer.{offer.status.value}", {"offer": code})
    if act.name == "extend-offer":
        until = instant_of(act.payload, "valid_until")
        if offer.status_at(act.at) is OfferStatus.EXPIRED:
            return Refusal("offer.expired", {"offer": code})
        if until <= offer.valid_until:
            return Refusal("offer.not-longer", {"offer": code})
    return None


def _check_decline(dossier: Dossier, act: Act) -> Refusal | None:
    known = lines(dossier)
    for code in texts_of(act.payload, "declined_lines"):
        if code not in known:
            return Refusal("offer.unknown-line", {"offer": "–", "line": code})
    return None


def _check_commit(dossier: Dossier, act: Act) -> Refusal | None:
    rows = rows_of(act.payload, "items")
    known = items(dossier)
    drawn: dict[str, int] = {}
    for item in known.values():
        drawn[item.offer] = drawn.get(item.offer, 0) + item.terms.people
    for row in rows:
        if row["item"] in known:
            return Refusal("commitment.item-known", {"item": row["item"]})
        offer = _find_offer(dossier, row["offer"])
        if isinstance(offer, Refusal):
            return offer
        if offer.status is not OfferStatus.ACCEPTED:
            return Refusal("commitment.not-accepted", {"offer": offer.code})
        terms = _terms(row, row["item"])
        if isinstance(terms, Refusal):
            return terms
        drawn[offer.code] = drawn.get(offer.code, 0) + terms.people
        if not terms.is_within(offer.terms) or drawn[offer.code] > offer.terms.people:
            return Refusal("commitment.beyond-offer", {"item": row["item"], "offer": offer.code})
    return find_twice((row["item"] for row in rows), "item")


def _find_item(dossier: Dossier, act: Act) -> Item | Refusal:
    code = text_of(act.payload, "item")
    found = items(dossier).get(code)
    return Refusal("commitment.unknown-item", {"item": code}) if found is None else found


def _check_extend(dossier: Dossier, act: Act) -> Refusal | None:
    item = _find_item(dossier, act)
    if isinstance(item, Refusal):
        return item
    if instant_of(act.payload, "to") <= item.terms.during.end:
        return Refusal("commitment.not-longer", {"item": item.code})
    return None


def _check_leave(dossier: Dossier, act: Act) -> Refusal | None:
    item = _find_item(dossier, act)
    if isinstance(item, Refusal):
        return item
    people = int(str(act.payload["people"]))
    persons = texts_of(act.payload, "persons")
    if people > item.people_left or (persons and len(set(persons)) != people):
        return Refusal("commitment.too-many-leave", {"item": item.code, "n": str(people)})
    if not item.terms.during.contains(instant_of(act.payload, "from")):
        return Refusal("commitment.outside", {"item": item.code})
    return find_unknown(dossier, persons)


_OFFER_RULES: Mapping[str, Callable[[Dossier, Act], Refusal | None]] = {
    "request": _check_lines,
    "amend": _check_lines,
    "offer": _check_offer,
    "accept": _check_accept,
    "extend-offer": _check_change,
    "withdraw-offer": _check_change,
    "refuse-offer": _check_change,
    "decline": _check_decline,
}
_COMMITMENT_RULES: Mapping[str, Callable[[Dossier, Act], Refusal | None]] = {
    "commit": _check_commit,
    "extend": _check_extend,
    "release": _check_leave,
    "recall": _check_leave,
}
REINFORCEMENT_GUARDS = (
    Guard("offers", _offers),
    Guard("commitments", _commitments),
)
"""Guards on requests, offers and commitments."""
