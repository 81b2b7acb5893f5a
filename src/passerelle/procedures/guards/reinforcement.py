"""Rules of reinforcement: offers, commitments, the roll.

What an offer may say of a line, until when it can be accepted, what a commitment may draw on, how many
people may be named, and who may be put on a duty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.kernel.times import Interval, parse_instant
from passerelle.procedures.guards.registry import Guard
from passerelle.procedures.reinforcement.commitments import arrangement_signed_on, items
from passerelle.procedures.reinforcement.offers import OfferStatus, lines, offers
from passerelle.procedures.reinforcement.roll import lost_conditions, missing_conditions, roll
from passerelle.procedures.reinforcement.terms import Terms, instant_of, rows_of, text_of, texts_of
from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from passerelle.procedures.definition import ActRule
    from passerelle.procedures.dossier import Dossier
    from passerelle.procedures.reinforcement.commitments import Item
    from passerelle.procedures.reinforcement.offers import Offer
    from passerelle.procedures.reinforcement.roll import Entry
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


def _roll(dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]) -> Refusal | None:
    """Check naming, clearing, arrival and duty."""
    del rule, arguments
    check = _ROLL_RULES.get(act.name)
    return None if check is None else check(dossier, act)


def _all_departed(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Refuse the end of a mission while somebody is still here."""
    del rule, arguments
    here = sum(
        1 for entry in roll(dossier).values() if entry.arrived is not None and not entry.departed
    )
    return Refusal("roll.still-here", {"act": act.name, "n": str(here)}) if here else None


def _terms(row: Mapping[str, Any], what: str) -> Terms | Refusal:
    try:
        terms = Terms.of(row)
    except ValueError:
        return Refusal("terms.period", {"what": what})
    if not terms.posts <= terms.present <= terms.people:
        return Refusal("terms.units", {"what": what})
    return terms


def _twice(codes: Iterable[str], what: str) -> Refusal | None:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            return Refusal("terms.twice", {"what": what, "code": code})
        seen.add(code)
    return None


def _check_lines(dossier: Dossier, act: Act) -> Refusal | None:
    del dossier
    rows = rows_of(act.payload, "lines")
    for row in rows:
        terms = _terms(row, row["line"])
        if isinstance(terms, Refusal):
            return terms
    return _twice((row["line"] for row in rows), "line")


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
    return _twice((row["offer"] for row in rows), "offer")


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
    return _twice(texts_of(act.payload, "accepted_offers"), "offer")


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
    return _twice((row["item"] for row in rows), "item")


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
    return _known(dossier, persons)


def _known(dossier: Dossier, persons: Iterable[str]) -> Refusal | None:
    wanted = frozenset(persons)
    entries = roll(dossier, wanted)
    for code in sorted(wanted):
        if code not in entries or entries[code].is_struck:
            return Refusal("roll.unknown", {"person": code})
    return None


def _check_name(dossier: Dossier, act: Act) -> Refusal | None:
    people = rows_of(act.payload, "persons_named")
    animals = rows_of(act.payload, "animals_named")
    codes = [row["person"] for row in people] + [row["animal"] for row in animals]
    if not codes:
        return Refusal("roll.nobody", {"act": act.name})
    entries = roll(dossier)
    for code in codes:
        if code in entries:
            return Refusal("roll.known", {"person": code})
    numbers = [f"{row['nationality']} {row['passport']}" for row in people]
    return (
        _twice(codes, "person")
        or _twice(numbers, "passport")
        or _check_places(dossier, entries, people, is_animal=False)
        or _check_places(dossier, entries, animals, is_animal=True)
        or _check_handlers(entries, people, animals)
    )


def _check_places(
    dossier: Dossier,
    entries: Mapping[str, Entry],
    rows: Iterable[Mapping[str, Any]],
    *,
    is_animal: bool,
) -> Refusal | None:
    """Check that no more are named than were committed, and within the period."""
    committed = items(dossier)
    filled: dict[str, int] = {}
    for entry in entries.values():
        if entry.is_active and entry.is_animal is is_animal:
            filled[entry.item] = filled.get(entry.item, 0) + 1
    for row in rows:
        item = committed.get(row["item"])
        if item is None:
            return Refusal("commitment.unknown-item", {"item": row["item"]})
        refusal = _check_stay(row, item)
        if refusal is not None:
            return refusal
        filled[item.code] = filled.get(item.code, 0) + 1
        limit = item.terms.animals if is_animal else item.people_left
        if filled[item.code] > limit:
            return Refusal("roll.too-many", {"item": item.code, "n": str(limit)})
    return None


def _check_stay(row: Mapping[str, Any], item: Item) -> Refusal | None:
    start, end = parse_instant(row["from"]), parse_instant(row["to"])
    if start >= end:
        return Refusal("terms.period", {"what": row.get("person", row.get("animal", ""))})
    if not Interval(start, end).overlaps(item.terms.during):
        return Refusal("commitment.outside", {"item": item.code})
    return None


def _check_handlers(
    entries: Mapping[str, Entry],
    people: Iterable[Mapping[str, Any]],
    animals: Iterable[Mapping[str, Any]],
) -> Refusal | None:
    known = {*entries, *(row["person"] for row in people)}
    for row in animals:
        if row["handler"] not in known:
            return Refusal("roll.unknown", {"person": row["handler"]})
    return None


def _check_replace(dossier: Dossier, act: Act) -> Refusal | None:
    refusal = _check_known(dossier, act)
    if refusal is not None:
        return refusal
    entries = roll(dossier)
    leaver = entries[text_of(act.payload, "person")]
    row: Any = act.payload["substitute"]  # checked by the schema: a record
    if row["person"] in entries:
        return Refusal("roll.known", {"person": row["person"]})
    if row["item"] != leaver.item:
        return Refusal("roll.other-item", {"person": row["person"], "item": leaver.item})
    return _check_stay(row, items(dossier)[leaver.item])


def _check_known(dossier: Dossier, act: Act) -> Refusal | None:
    codes = [text_of(act.payload, key) for key in ("person", "holder") if key in act.payload]
    return _known(dossier, [*codes, *texts_of(act.payload, "persons")])


def _check_accredit(dossier: Dossier, act: Act) -> Refusal | None:
    refusal = _check_known(dossier, act)
    if refusal is not None:
        return refusal
    code = text_of(act.payload, "person")
    entry = roll(dossier, {code})[code]
    if entry.vetting != "cleared" and not entry.is_animal:
        return Refusal("roll.not-vetted", {"person": code})
    return None


def _check_no_show(dossier: Dossier, act: Act) -> Refusal | None:
    refusal = _check_known(dossier, act)
    if refusal is not None:
        return refusal
    code = text_of(act.payload, "person")
    if roll(dossier, {code})[code].arrived is not None:
        return Refusal("roll.arrived", {"person": code})
    return None


def _check_here(dossier: Dossier, act: Act) -> Refusal | None:
    refusal = _check_known(dossier, act)
    if refusal is not None:
        return refusal
    code = text_of(act.payload, "person")
    entry = roll(dossier, {code})[code]
    if entry.arrived is None or entry.departed is not None:
        return Refusal("roll.not-here", {"person": code})
    if instant_of(act.payload, "at") < entry.arrived:
        return Refusal("roll.before-arrival", {"person": code})
    return None


def _check_duties(dossier: Dossier, act: Act) -> Refusal | None:
    rows = rows_of(act.payload, "duties")
    if not rows and not act.payload.get("dropped"):
        return Refusal("roll.nobody", {"act": act.name})
    entries = roll(dossier, {row["person"] for row in rows})
    committed, signed_on = items(dossier), arrangement_signed_on(dossier)
    for row in rows:
        start = parse_instant(row["from"])
        if start >= parse_instant(row["to"]):
            return Refusal("terms.period", {"what": row["person"]})
        entry = entries.get(row["person"])
        if entry is None or not entry.is_active:
            missing: tuple[str, ...] = ("not-on-roll",)
        else:
            missing = missing_conditions(entry, committed.get(entry.item), signed_on, start)
            missing = lost_conditions(entry, missing) if act.name == "publish" else missing
        if missing:
            return Refusal(
                "roll.not-deployable", {"person": row["person"], "missing": ", ".join(missing)}
            )
        arrived = None if entry is None else entry.arrived
        if act.name == "take-duty" and (arrived is None or start < arrived):
            return Refusal("roll.not-here", {"person": row["person"]})
    return None


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
_ROLL_RULES: Mapping[str, Callable[[Dossier, Act], Refusal | None]] = {
    "name": _check_name,
    "replace": _check_replace,
    "strike": _check_known,
    "certify": _check_known,
    "book-travel": _check_known,
    "vet": _check_known,
    "accredit": _check_accredit,
    "confer-powers": _check_known,
    "brief": _check_known,
    "arrive": _check_known,
    "no-show": _check_no_show,
    "set-status": _check_here,
    "depart": _check_here,
    "take-duty": _check_duties,
    "publish": _check_duties,
}

REINFORCEMENT_GUARDS = (
    Guard("offers", _offers),
    Guard("commitments", _commitments),
    Guard("roll", _roll),
    Guard("all-departed", _all_departed, needs_fields=False),
)
"""Guards of the family reinforcement."""
