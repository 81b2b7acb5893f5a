"""The roll: who comes, and whether each may be put on a duty.

A person is *deployable* at an instant only when every condition holds: the arrangement is signed, the
person is named and present in the period, vetted, accredited, briefed, holds the powers where the item
needs them, and every certificate asked for is valid on that day. Who is named with a weapon also needs a
permit for it (certificate ``weapon-permit``), and a briefing counts only in a language that the person
speaks, where the roll names languages. "In the pipeline" never counts as available. What is missing is
listed by code, so that somebody can see to it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.times import Interval, parse_instant
from passerelle.procedures.reinforcement.commitments import arrangement_signed_on, items
from passerelle.procedures.reinforcement.terms import instant_of, rows_of, text_of, texts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import datetime

    from passerelle.procedures.dossier import Dossier
    from passerelle.procedures.reinforcement.commitments import Item
    from passerelle.procedures.values import Act

__all__ = [
    "WEAPON_PERMIT",
    "Entry",
    "lost_conditions",
    "missing_conditions",
    "missing_for_duty",
    "roll",
]

WEAPON_PERMIT: Final = "weapon-permit"
"""Code of the certificate that who is named with a weapon must hold."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Follow one person, or one animal, on the roll.

    Parameters
    ----------
    code
        Reference of the person or animal.
    item
        Item of the commitment.
    during
        Stay planned.
    is_animal
        Whether it is an animal.
    certificates
        Last day of validity by certificate.
    vetting
        ``cleared``, ``refused`` or empty.
    vetted_until, accredited_until, powers_until
        Last day of validity; ``None`` when not given (for vetting: no limit).
    is_accredited, has_powers
        Whether they were given.
    briefed_on, briefed_in
        Day and language of the briefing.
    languages
        Languages that the person speaks; empty when the roll names none.
    is_armed
        Whether the person is named with a weapon.
    arrived, departed
        When; ``None`` when not.
    is_no_show, is_struck
        Did not come; was taken off the roll or replaced.
    statuses
        Status by the instant from which it holds.
    duties
        Duties done, with their places.
    """

    code: str
    item: str
    during: Interval
    is_animal: bool = False
    certificates: Mapping[str, date] = field(default_factory=dict)
    vetting: str = ""
    vetted_until: date | None = None
    is_accredited: bool = False
    accredited_until: date | None = None
    has_powers: bool = False
    powers_until: date | None = None
    briefed_on: date | None = None
    briefed_in: str = ""
    languages: tuple[str, ...] = ()
    is_armed: bool = False
    arrived: datetime | None = None
    departed: datetime | None = None
    is_no_show: bool = False
    is_struck: bool = False
    statuses: tuple[tuple[datetime, str], ...] = ()
    duties: tuple[tuple[Interval, str], ...] = ()

    @property
    def is_active(self) -> bool:
        """Whether the person still counts on the roll."""
        return not self.is_no_show and not self.is_struck

    def status_at(self, instant: datetime) -> str:
        """Return duty, resting, reserve or unavailable; empty when none was set."""
        found = ""
        for since, status in self.statuses:
            if since <= instant:
                found = status
        return found


def roll(dossier: Dossier, only: Collection[str] | None = None) -> dict[str, Entry]:
    """Return the roll by person and animal, as it stands after the last act.

    Parameters
    ----------
    dossier
        The dossier.
    only
        References to follow; ``None`` for all. Following few is much faster.
    """
    found: dict[str, Entry] = {}
    for act in dossier.effective(*_ADDING, *_READERS):
        if act.name in _ADDING:
            _ADDING[act.name](found, act, only)
        elif only is None or not found.keys().isdisjoint(_about(act)):
            _READERS[act.name](found, act)
    return found


def _about(act: Act) -> tuple[str, ...]:
    """Return the references that an act on the roll is about."""
    if act.name == "brief":
        return texts_of(act.payload, "persons")
    if act.name == "take-duty":
        return tuple(row["person"] for row in rows_of(act.payload, "duties"))
    return (text_of(act.payload, "holder" if act.name == "certify" else "person"),)


def missing_for_duty(dossier: Dossier, code: str, instant: datetime) -> tuple[str, ...]:
    """Name every condition that a person does not meet at an instant; empty means deployable.

    Parameters
    ----------
    dossier
        The dossier.
    code
        Reference of the person.
    instant
        When the duty begins.

    Returns
    -------
    tuple of str
        Codes: ``not-on-roll``, ``arrangement``, ``period``, ``vetting``, ``accreditation``,
        ``briefing``, ``briefing-language``, ``powers``, ``certificate <code>``, ``unavailable``.
    """
    entry = roll(dossier, {code}).get(code)
    if entry is None or not entry.is_active:
        return ("not-on-roll",)
    item = items(dossier).get(entry.item)
    return missing_conditions(entry, item, arrangement_signed_on(dossier), instant)


def missing_conditions(
    entry: Entry, item: Item | None, signed_on: date | None, instant: datetime
) -> tuple[str, ...]:
    """Name the conditions that an active entry does not meet; see :func:`missing_for_duty`.

    Parameters
    ----------
    entry
        The person.
    item
        Item of the commitment; ``None`` when it is gone.
    signed_on
        When the arrangement was signed; ``None`` without one.
    instant
        When the duty begins.
    """
    day = instant.date()
    gone = () if item is None else item.withdrawals
    is_withdrawn = any(entry.code in one.persons and one.start <= instant for one in gone)
    is_in_item = item is not None and item.terms.during.contains(instant)
    wanted = {
        "arrangement": signed_on is not None and signed_on <= day,
        "period": entry.during.contains(instant) and is_in_item and not is_withdrawn,
        "vetting": entry.vetting == "cleared" and _holds(entry.vetted_until, day),
        "accreditation": entry.is_accredited and _holds(entry.accredited_until, day),
        "briefing": entry.briefed_on is not None and entry.briefed_on <= day,
        "briefing-language": not entry.languages
        or not entry.briefed_in
        or entry.briefed_in in entry.languages,
        "powers": item is None
        or not item.needs_powers
        or (entry.has_powers and _holds(entry.powers_until, day)),
        "unavailable": entry.status_at(instant) != "unavailable",
    }
    certificates = () if item is None else item.certificates
    if entry.is_armed and WEAPON_PERMIT not in certificates:
        certificates = (*certificates, WEAPON_PERMIT)
    lapsed = [
        f"certificate {name}"
        for name in certificates
        if name not in entry.certificates or entry.certificates[name] < day
    ]
    return (*(name for name, is_met in wanted.items() if not is_met), *lapsed)


def lost_conditions(entry: Entry, missing: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out what can still be met between the publication of a duty and its beginning."""
    later = _MET_LATER - {"vetting"} if entry.vetting == "refused" else _MET_LATER
    return tuple(one for one in missing if one not in later)


_MET_LATER = frozenset({"vetting", "accreditation", "briefing", "briefing-language", "powers"})


def _holds(until: date | None, day: date) -> bool:
    return until is None or day <= until


def _certificates(rows: Iterable[Mapping[str, Any]]) -> dict[str, date]:
    return {row["certificate"]: date.fromisoformat(row["valid_until"]) for row in rows}


def _person(row: Mapping[str, Any], key: str) -> Entry:
    return Entry(
        code=row[key],
        item=row["item"],
        during=Interval(parse_instant(row["from"]), parse_instant(row["to"])),
        is_animal=key == "animal",
        certificates=_certificates(row.get("certificates", ())),
        languages=tuple(one["language"] for one in row.get("languages", ())),
        is_armed="weapon_number" in row,
    )


def _name(found: dict[str, Entry], act: Act, only: Collection[str] | None) -> None:
    for listed, key in (("persons_named", "person"), ("animals_named", "animal")):
        for row in rows_of(act.payload, listed):
            if only is None or row[key] in only:
                found[row[key]] = _person(row, key)


def _replace(found: dict[str, Entry], act: Act, only: Collection[str] | None) -> None:
    code = text_of(act.payload, "person")
    if code in found:
        found[code] = replace(found[code], is_struck=True)
    row: Any = act.payload["substitute"]  # checked by the schema: a record
    if only is None or row["person"] in only:
        found[row["person"]] = _person(row, "person")


def _certify(found: dict[str, Entry], act: Act) -> None:
    entry = found[text_of(act.payload, "holder")]
    until = date.fromisoformat(text_of(act.payload, "valid_until"))
    name = text_of(act.payload, "certificate")
    found[entry.code] = replace(entry, certificates={**entry.certificates, name: until})


def _vet(found: dict[str, Entry], act: Act) -> None:
    entry = found[text_of(act.payload, "person")]
    until = act.payload.get("valid_until")
    found[entry.code] = replace(
        entry,
        vetting=text_of(act.payload, "result"),
        vetted_until=None if until is None else date.fromisoformat(str(until)),
    )


def _accredit(found: dict[str, Entry], act: Act) -> None:
    entry = found[text_of(act.payload, "person")]
    until = date.fromisoformat(text_of(act.payload, "valid_until"))
    found[entry.code] = replace(entry, is_accredited=True, accredited_until=until)


def _confer(found: dict[str, Entry], act: Act) -> None:
    entry = found[text_of(act.payload, "person")]
    until = date.fromisoformat(text_of(act.payload, "valid_until"))
    found[entry.code] = replace(entry, has_powers=True, powers_until=until)


def _revoke(found: dict[str, Entry], act: Act) -> None:
    """Let the person stand as before the decision was given."""
    entry = found[text_of(act.payload, "person")]
    nothing: Mapping[str, dict[str, Any]] = {
        "vetting": {"vetting": "", "vetted_until": None},
        "accreditation": {"is_accredited": False, "accredited_until": None},
        "powers": {"has_powers": False, "powers_until": None},
    }
    found[entry.code] = replace(entry, **nothing[text_of(act.payload, "clearance")])


def _brief(found: dict[str, Entry], act: Act) -> None:
    on = date.fromisoformat(text_of(act.payload, "on"))
    language = text_of(act.payload, "language")
    for code in texts_of(act.payload, "persons"):
        if code in found:
            found[code] = replace(found[code], briefed_on=on, briefed_in=language)


def _arrive(found: dict[str, Entry], act: Act) -> None:
    entry = found[text_of(act.payload, "person")]
    at = instant_of(act.payload, "at")
    found[entry.code] = replace(entry, arrived=at, departed=None, is_no_show=False)


def _mark(found: dict[str, Entry], act: Act) -> None:
    entry = found[text_of(act.payload, "person")]
    if act.name == "no-show":
        found[entry.code] = replace(entry, is_no_show=True)
    elif act.name == "strike":
        found[entry.code] = replace(entry, is_struck=True)
    elif act.name == "depart":
        found[entry.code] = replace(entry, departed=instant_of(act.payload, "at"))
    else:
        status = (instant_of(act.payload, "at"), text_of(act.payload, "status"))
        found[entry.code] = replace(entry, statuses=tuple(sorted((*entry.statuses, status))))


def _serve(found: dict[str, Entry], act: Act) -> None:
    for row in rows_of(act.payload, "duties"):
        if row["person"] not in found:
            continue
        entry = found[row["person"]]
        during = Interval(parse_instant(row["from"]), parse_instant(row["to"]))
        found[entry.code] = replace(entry, duties=(*entry.duties, (during, row["place"])))


_ADDING: Mapping[str, Callable[[dict[str, Entry], Act, Collection[str] | None], None]] = {
    "name": _name,
    "replace": _replace,
}
_READERS: Mapping[str, Callable[[dict[str, Entry], Act], None]] = {
    "certify": _certify,
    "vet": _vet,
    "accredit": _accredit,
    "confer-powers": _confer,
    "revoke": _revoke,
    "brief": _brief,
    "arrive": _arrive,
    "no-show": _mark,
    "strike": _mark,
    "depart": _mark,
    "set-status": _mark,
    "take-duty": _serve,
}
