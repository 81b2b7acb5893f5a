"""What the pages of rolls show: which dossiers have one, and each person with what is missing in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from passerelle.desk.words import capability_name
from passerelle.kernel.counts import Stage
from passerelle.node.dossiers.sheets import columns_of
from passerelle.procedures.reinforcement.commitments import arrangement_signed_on, items
from passerelle.procedures.reinforcement.outlook import outlook
from passerelle.procedures.reinforcement.particulars import particulars, travels
from passerelle.procedures.reinforcement.roll import WEAPON_PERMIT, missing_conditions, roll

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from django_stubs_ext import StrPromise

    from passerelle.node.dossiers.models import Sheet
    from passerelle.procedures.dossier import Dossier
    from passerelle.procedures.reinforcement.commitments import Item
    from passerelle.procedures.reinforcement.outlook import Stretch
    from passerelle.procedures.reinforcement.particulars import Particulars, Travel
    from passerelle.procedures.reinforcement.roll import Entry

__all__ = [
    "CertificateLine",
    "DayLine",
    "ItemLine",
    "PersonLine",
    "RollPage",
    "RollsLine",
    "StretchLine",
    "missing_words",
    "roll_page",
    "rolls_lines",
]

_WORDS: Final[Mapping[str, StrPromise]] = {
    "not-on-roll": gettext_lazy("not on the roll"),
    "arrangement": gettext_lazy("the arrangement is not signed"),
    "period": gettext_lazy("outside the committed period"),
    "vetting": gettext_lazy("not vetted"),
    "accreditation": gettext_lazy("no valid accreditation"),
    "briefing": gettext_lazy("not briefed"),
    "briefing-language": gettext_lazy("briefed in a language the person does not speak"),
    "powers": gettext_lazy("powers not conferred"),
    "unavailable": gettext_lazy("set unavailable"),
}


@dataclass(frozen=True, slots=True)
class RollsLine:
    """Show one dossier that has people: figures only."""

    case: str
    reference: str
    peer: str
    event: str
    committed: int
    named: int
    cleared: int
    arrived: int
    n_blocked: int
    n_owed: int
    is_erased: bool


@dataclass(frozen=True, slots=True)
class CertificateLine:
    """Show one certificate with its last day."""

    code: str
    until: date | None
    look: str


@dataclass(frozen=True, slots=True)
class StretchLine:
    """Show on which days somebody is not deployable, and why."""

    first: date
    last: date
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Show one person or animal on the roll."""

    code: str
    name: str
    rank: str
    role: str
    item: str
    is_animal: bool
    handler: str
    languages: str
    weapon: str
    certificates: tuple[CertificateLine, ...]
    vetting: tuple[str, str]
    accreditation: tuple[str, str]
    briefing: tuple[str, str]
    presence: tuple[str, str]
    travel: Travel | None
    missing: tuple[str, ...]
    stretches: tuple[StretchLine, ...]
    start: datetime
    end: datetime
    is_active: bool
    is_absent: bool

    @property
    def is_deployable(self) -> bool:
        """Whether nothing is missing on the day shown."""
        return not self.missing

    @property
    def start_field(self) -> str:
        """Beginning of the stay as a form field in UTC."""
        return f"{self.start:%Y-%m-%dT%H:%M}"

    @property
    def end_field(self) -> str:
        """End of the stay as a form field in UTC."""
        return f"{self.end:%Y-%m-%dT%H:%M}"


@dataclass(frozen=True, slots=True)
class ItemLine:
    """Show one committed item: how many people were promised, named and deployable that day."""

    code: str
    capability: str
    places: tuple[str, ...]
    people: int
    named: int
    deployable: int


@dataclass(frozen=True, slots=True)
class DayLine:
    """Show one day: who is named, and who of them is deployable."""

    day: date
    named: int
    deployable: int
    is_shown: bool


@dataclass(frozen=True, slots=True)
class RollPage:
    """Hold the page of one roll for one day."""

    day: date
    people: tuple[PersonLine, ...]
    animals: tuple[PersonLine, ...]
    gone: tuple[PersonLine, ...]
    items: tuple[ItemLine, ...]
    days: tuple[DayLine, ...]

    @property
    def n_deployable(self) -> int:
        """People of whom nothing is missing on the day shown."""
        return sum(one.is_deployable for one in self.people)

    @property
    def owed(self) -> tuple[PersonLine, ...]:
        """Who did not come and must be replaced."""
        return tuple(one for one in self.gone if one.is_absent)

    @property
    def unbriefed(self) -> tuple[str, ...]:
        """References of those who lack a briefing."""
        return tuple(
            one.code for one in self.people if not one.briefing[0] or one.briefing[1] != "met"
        )


def missing_words(code: str) -> str:
    """Say in words what a condition that is not met means."""
    if code.startswith("certificate "):
        name = code.removeprefix("certificate ")
        if name == WEAPON_PERMIT:
            return _("no valid weapon permit")
        return _("certificate %(name)s missing or ended") % {"name": name}
    return str(_WORDS.get(code, code))


def rolls_lines(rows: Iterable[Sheet], today: date) -> list[RollsLine]:
    """Show the dossiers in which people were committed or named."""
    found = []
    for row in rows:
        sheet = columns_of(row)
        accepted, named = sheet.at(Stage.ACCEPTED), sheet.at(Stage.NAMED)
        if not accepted.people and not named.people:
            continue
        day = (
            _within(today, sheet.during.start.date(), sheet.during.end.date())
            if sheet.during
            else today
        )
        found.append(
            RollsLine(
                case=row.dossier_id,
                reference=row.dossier.reference or row.dossier_id[:8],
                peer=row.dossier.corridor.peer_state,
                event=row.dossier.event,
                committed=accepted.people,
                named=named.people,
                cleared=sheet.at(Stage.CLEARED, day=day.isoformat()).people,
                arrived=sheet.at(Stage.ARRIVED, day=day.isoformat()).people,
                n_blocked=row.n_blocked,
                n_owed=row.n_owed,
                is_erased=row.dossier.state == "erased",
            )
        )
    return found


def roll_page(dossier: Dossier, today: date, wanted: date | None = None) -> RollPage:
    """Show the roll of a dossier on one day: the wanted one, else today, within the stay."""
    entries, committed = roll(dossier), items(dossier)
    signed_on = arrangement_signed_on(dossier)
    who, travel = particulars(dossier), travels(dossier)
    first, last = _span(entries.values(), committed.values(), today)
    day = _within(wanted or today, first, last)
    noon = datetime.combine(day, time(12), UTC)
    lines = [
        _person(
            entry,
            committed.get(entry.item),
            signed_on,
            noon,
            who=who.get(code),
            travel=travel.get(code),
        )
        for code, entry in entries.items()
    ]
    people = tuple(one for one in lines if one.is_active and not one.is_animal)
    shown = sorted(people, key=lambda one: (one.is_deployable, one.item, one.code))
    return RollPage(
        day=day,
        people=tuple(shown),
        animals=tuple(one for one in lines if one.is_active and one.is_animal),
        gone=tuple(one for one in lines if not one.is_active),
        items=tuple(_item(one, people) for one in committed.values()),
        days=tuple(_days(people, first, last, day)),
    )


def _person(
    entry: Entry,
    item: Item | None,
    signed_on: date | None,
    noon: datetime,
    *,
    who: Particulars | None,
    travel: Travel | None,
) -> PersonLine:
    day = noon.date()
    fields = who.fields if who else {}
    instant = min(max(noon, entry.during.start), entry.during.end - timedelta(seconds=1))
    # On a day that is only half inside the stay, the half inside counts.
    instant = instant if instant.date() == day else noon
    stretches = outlook(entry, item, signed_on)
    return PersonLine(
        code=entry.code,
        name=who.name if who else entry.code,
        rank=str(fields.get("rank", "")),
        role=str(fields.get("role", "")),
        item=entry.item,
        is_animal=entry.is_animal,
        handler=str(fields.get("handler", "")),
        languages=", ".join(_language(one) for one in fields.get("languages", ())),
        weapon=str(fields.get("weapon_number", "")),
        certificates=_certificates(entry, item, day),
        vetting=_vetting(entry, day),
        accreditation=_accreditation(entry, day),
        briefing=_briefing(entry),
        presence=_presence(entry),
        travel=travel,
        missing=tuple(map(missing_words, missing_conditions(entry, item, signed_on, instant))),
        stretches=tuple(_stretch(one) for one in stretches if one.missing),
        start=entry.during.start,
        end=entry.during.end,
        is_active=entry.is_active,
        is_absent=entry.is_no_show and not entry.is_struck,
    )


def _language(row: Mapping[str, str]) -> str:
    return f"{row['language']} {row['level_of_language']}"


def _certificates(entry: Entry, item: Item | None, day: date) -> tuple[CertificateLine, ...]:
    asked = () if item is None else item.certificates
    names = dict.fromkeys(
        (*asked, *((WEAPON_PERMIT,) if entry.is_armed else ()), *entry.certificates)
    )
    found = []
    for name in names:
        until = entry.certificates.get(name)
        if until is None or until < day:
            look = "critical"
        elif until < entry.during.end.date() - timedelta(days=1):
            look = "short"
        else:
            look = "met"
        found.append(CertificateLine(name, until, look))
    return tuple(found)


def _vetting(entry: Entry, day: date) -> tuple[str, str]:
    if entry.vetting == "refused":
        return pgettext("vetting", "refused"), "critical"
    if entry.vetting != "cleared":
        return pgettext("vetting", "not yet"), "idle"
    if entry.vetted_until is not None and entry.vetted_until < day:
        return pgettext("vetting", "ended"), "critical"
    return pgettext("vetting", "cleared"), "met"


def _accreditation(entry: Entry, day: date) -> tuple[str, str]:
    if not entry.is_accredited:
        return pgettext("accreditation", "not yet"), "idle"
    if entry.accredited_until is not None and entry.accredited_until < day:
        return pgettext("accreditation", "ended"), "critical"
    return pgettext("accreditation", "valid"), "met"


def _briefing(entry: Entry) -> tuple[str, str]:
    if entry.briefed_on is None:
        return pgettext("briefing", "not yet"), "idle"
    if entry.languages and entry.briefed_in and entry.briefed_in not in entry.languages:
        return _("in %(language)s only") % {"language": entry.briefed_in}, "critical"
    return pgettext("briefing", "held"), "met"


def _presence(entry: Entry) -> tuple[str, str]:
    if entry.is_no_show:
        return pgettext("presence", "did not come"), "critical"
    if entry.departed is not None:
        return pgettext("presence", "departed"), "idle"
    if entry.arrived is not None:
        return pgettext("presence", "here"), "met"
    return pgettext("presence", "expected"), "idle"


def _stretch(one: Stretch) -> StretchLine:
    return StretchLine(one.first, one.last, tuple(map(missing_words, one.missing)))


def _item(item: Item, people: Iterable[PersonLine]) -> ItemLine:
    mine = [one for one in people if one.item == item.code]
    return ItemLine(
        code=item.code,
        capability=capability_name(item.terms.capability),
        places=item.terms.places,
        people=item.people_left,
        named=len(mine),
        deployable=sum(one.is_deployable for one in mine),
    )


def _days(people: Iterable[PersonLine], first: date, last: date, shown: date) -> Iterable[DayLine]:
    people = tuple(people)
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        here = [one for one in people if one.start.date() <= day <= _last_day(one.end)]
        blocked = sum(any(part.first <= day <= part.last for part in one.stretches) for one in here)
        yield DayLine(day, len(here), len(here) - blocked, day == shown)


def _last_day(end: datetime) -> date:
    return (end - timedelta(microseconds=1)).date()


def _span(entries: Iterable[Entry], committed: Iterable[Item], today: date) -> tuple[date, date]:
    spans = [one.during for one in entries] or [one.terms.during for one in committed]
    if not spans:
        return today, today
    first = min(one.start for one in spans).date()
    last = _last_day(max(one.end for one in spans))
    return first, min(last, first + timedelta(days=120))


def _within(day: date, first: date, last: date) -> date:
    return min(max(day, first), last)
