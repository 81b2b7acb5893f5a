"""Rules of the roll: who may be named, who may come, and who may be put on a duty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.kernel.times import Interval, parse_instant
from passerelle.procedures.guards.registry import Guard
from passerelle.procedures.reinforcement.commitments import arrangement_signed_on, items
from passerelle.procedures.reinforcement.roll import lost_conditions, missing_conditions, roll
from passerelle.procedures.reinforcement.terms import instant_of, rows_of, text_of, texts_of
from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from passerelle.procedures.definition import ActRule
    from passerelle.procedures.dossier import Dossier
    from passerelle.procedures.reinforcement.commitments import Item
    from passerelle.procedures.reinforcement.roll import Entry
    from passerelle.procedures.values import Act

__all__ = ["ROLL_GUARDS", "find_twice", "find_unknown"]


def find_twice(codes: Iterable[str], what: str) -> Refusal | None:
    """Return why a list may not name the same thing twice; ``None`` when it does not."""
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            return Refusal("terms.twice", {"what": what, "code": code})
        seen.add(code)
    return None


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


def find_unknown(dossier: Dossier, persons: Iterable[str]) -> Refusal | None:
    """Return why somebody is not on the roll any more; ``None`` when all are."""
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
        find_twice(codes, "person")
        or find_twice(numbers, "passport")
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
    return find_unknown(dossier, [*codes, *texts_of(act.payload, "persons")])


def _check_accredit(dossier: Dossier, act: Act) -> Refusal | None:
    refusal = _check_known(dossier, act)
    if refusal is not None:
        return refusal
    code = text_of(act.payload, "person")
    entry = roll(dossier, {code})[code]
    if entry.vetting != "cleared" and not entry.is_animal:
        return Refusal("roll.not-vetted", {"person": code})
    return None


def _check_revoke(dossier: Dossier, act: Act) -> Refusal | None:
    refusal = _check_known(dossier, act)
    if refusal is not None:
        return refusal
    code, clearance = text_of(act.payload, "person"), text_of(act.payload, "clearance")
    entry = roll(dossier, {code})[code]
    was_given = {
        "vetting": bool(entry.vetting),
        "accreditation": entry.is_accredited,
        "powers": entry.has_powers,
    }
    if was_given[clearance]:
        return None
    return Refusal("roll.not-given", {"person": code, "clearance": clearance})


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


_ROLL_RULES: Mapping[str, Callable[[Dossier, Act], Refusal | None]] = {
    "name": _check_name,
    "replace": _check_replace,
    "strike": _check_known,
    "certify": _check_known,
    "book-travel": _check_known,
    "vet": _check_known,
    "accredit": _check_accredit,
    "confer-powers": _check_known,
    "revoke": _check_revoke,
    "brief": _check_known,
    "arrive": _check_known,
    "no-show": _check_no_show,
    "set-status": _check_here,
    "depart": _check_here,
    "take-duty": _check_duties,
    "publish": _check_duties,
}

ROLL_GUARDS = (
    Guard("roll", _roll),
    Guard("all-departed", _all_departed, needs_fields=False),
)
"""Guards on the roll."""
