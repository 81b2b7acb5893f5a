"""A plan as iCalendar (RFC 5545): one event a posting, per group and per site.

``UID`` is the posting's key and survives replans. ``SEQUENCE`` rises when start, end, place or the
group that serves changes, not for wording. A posting that is gone stays in the calendar as
``STATUS:CANCELLED`` with a higher sequence until thirty days after its end, because clients treat a
missing event unevenly. ``DTSTAMP`` and ``LAST-MODIFIED`` come from the published version, so the
same plan gives the same bytes. Times are UTC.

A calendar of a plan whose handling is not CLEAR or GREEN is ``CLASS:PRIVATE`` and carries no text
on the place or task unless the caller says that the feed is protected.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from passerelle.kernel.labels import Labels
from passerelle.standards.marks import STATUS_LABELS, Status
from passerelle.standards.plans.columns import capability_name, harmless_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from passerelle.standards.plans.postings import PlanDocument, Posting

__all__ = [
    "KEPT_AFTER_END",
    "CalendarEntry",
    "Change",
    "Mail",
    "Method",
    "changes",
    "follow_plan",
    "write_calendar",
]

KEPT_AFTER_END: Final = timedelta(days=30)
"""How long a cancelled posting stays in the feed after its end."""

_ADDRESS: Final = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,253}", re.ASCII)
_DUTY = Labels("Service", "Duty", "خدمة")


class Method(StrEnum):
    """What a calendar sent by mail asks for (RFC 5546); a feed has no method."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


class Change(StrEnum):
    """How a posting differs between two versions."""

    NEW = "new"
    MOVED = "moved"
    REWORDED = "reworded"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Mail:
    """Say that a calendar goes by mail, which RFC 5546 wants with an organiser and an attendee.

    Parameters
    ----------
    method
        Request or cancel.
    organiser, attendee
        Mail addresses of the office that plans and of the crew or person.
    """

    method: Method
    organiser: str
    attendee: str

    def __post_init__(self) -> None:
        for address in (self.organiser, self.attendee):
            if _ADDRESS.fullmatch(address) is None:
                raise ValueError(f"Expected a mail address, got {address[:80]!r}.")


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """Remember what a subscriber has been told of one posting.

    Parameters
    ----------
    posting
        The posting as last published.
    sequence
        Revision number, 0 for a new posting.
    modified
        When the version was published that last changed it.
    cancelled
        Whether the posting is gone.
    """

    posting: Posting
    sequence: int
    modified: datetime
    cancelled: bool = False

    def __post_init__(self) -> None:
        if self.sequence < 0:
            raise ValueError(f"Expected sequence >= 0, got {self.sequence}.")


def follow_plan(known: Mapping[str, CalendarEntry], plan: PlanDocument) -> dict[str, CalendarEntry]:
    """Bring what subscribers know up to a newly published version.

    Parameters
    ----------
    known
        Entries after the version before, by posting key; empty for the first version.
    plan
        The version published now.

    Returns
    -------
    dict of str to CalendarEntry
        Entries after this version, by posting key: the plan's postings, and the cancelled ones that ended
        less than thirty days before it was published.
    """
    entries = {
        posting.key: _next(known.get(posting.key), posting, plan.published)
        for posting in plan.postings
    }
    for key, entry in known.items():
        if key in entries or entry.posting.during.end + KEPT_AFTER_END < plan.published:
            continue
        if entry.cancelled:
            entries[key] = entry
        else:
            entries[key] = CalendarEntry(
                entry.posting, entry.sequence + 1, plan.published, cancelled=True
            )
    return entries


def changes(
    before: Mapping[str, CalendarEntry], after: Mapping[str, CalendarEntry]
) -> dict[str, Change]:
    """List the postings that a new version changed, by key: the notices to send.

    Parameters
    ----------
    before, after
        Entries before and after :func:`follow_plan`.
    """
    found: dict[str, Change] = {}
    for key, entry in after.items():
        old = before.get(key)
        if old == entry:
            continue
        if entry.cancelled:
            found[key] = Change.CANCELLED
        elif old is None or old.cancelled:
            found[key] = Change.NEW
        else:
            found[key] = Change.REWORDED if old.sequence == entry.sequence else Change.MOVED
    return found


def write_calendar(
    entries: Iterable[CalendarEntry],
    plan: PlanDocument,
    *,
    name: str,
    node: str,
    language: str = "en",
    protected: bool = False,
    mail: Mail | None = None,
) -> bytes:
    """Write entries as one calendar.

    Parameters
    ----------
    entries
        What subscribers are told, usually of one group or one site.
    plan
        The published version: event, marks, zone.
    name
        Name of the calendar, for example the group's.
    node
        Node id, the right side of every UID.
    language
        Language of the texts.
    protected
        Whether the feed is secret enough for venue-sensitive text although handling is private.
    mail
        Set when the calendar goes by mail; all entries then belong to its attendee.

    Returns
    -------
    bytes
        The calendar, CRLF, folded at 75 octets.
    """
    is_open = protected or not plan.handling.is_private
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Passerelle//Plan//EN",
        "CALSCALE:GREGORIAN",
        *([f"METHOD:{mail.method}"] if mail else []),
        f"X-WR-CALNAME:{_escaped(_marked(name, plan, language))}",
        f"X-WR-TIMEZONE:{plan.zone}",
    ]
    ordered = sorted(entries, key=lambda e: (e.posting.during.start, e.posting.key))
    for entry in ordered:
        event = list(_event(entry, plan, node, language, is_open=is_open))
        if mail:
            people = [f"ORGANIZER:mailto:{mail.organiser}", f"ATTENDEE:mailto:{mail.attendee}"]
            event[1:1] = people
        lines += event
    lines.append("END:VCALENDAR")
    return "".join(part for line in lines for part in _folded(line)).encode("utf-8")


def _next(known: CalendarEntry | None, posting: Posting, published: datetime) -> CalendarEntry:
    if known is None:
        return CalendarEntry(posting, 0, published)
    if not known.cancelled and _essence(known.posting) == _essence(posting):
        if known.posting == posting:
            return known
        return replace(known, posting=posting, modified=published)
    return CalendarEntry(posting, known.sequence + 1, published)


def _essence(posting: Posting) -> tuple[object, ...]:
    return (posting.during, posting.site, posting.post, posting.group, posting.crew)


def _event(
    entry: CalendarEntry, plan: PlanDocument, node: str, language: str, *, is_open: bool
) -> Iterator[str]:
    posting = entry.posting
    what = capability_name(posting.capability, language) if is_open else _DUTY.get(language)
    summary = _marked(f"{what} · {posting.site}" if is_open else what, plan, language)
    yield "BEGIN:VEVENT"
    yield f"UID:{_escaped(posting.key)}@{node}"
    yield f"DTSTAMP:{_utc(entry.modified)}"
    yield f"LAST-MODIFIED:{_utc(entry.modified)}"
    yield f"SEQUENCE:{entry.sequence}"
    yield f"DTSTART:{_utc(posting.during.start)}"
    yield f"DTEND:{_utc(posting.during.end)}"
    yield f"SUMMARY:{_escaped(summary)}"
    if is_open:
        place = f"{posting.site_name} · {posting.post}" if posting.post else posting.site_name
        yield f"LOCATION:{_escaped(place)}"
        yield f"DESCRIPTION:{_escaped(_description(posting, plan, language))}"
    yield f"STATUS:{'CANCELLED' if entry.cancelled else 'CONFIRMED'}"
    yield f"CLASS:{'PRIVATE' if plan.handling.is_private else 'PUBLIC'}"
    yield f"CATEGORIES:{_escaped(plan.status.value.upper())}"
    yield "TRANSP:OPAQUE"
    if not entry.cancelled:
        yield from ("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT2H")
        yield f"DESCRIPTION:{_escaped(summary)}"
        yield "END:VALARM"
    yield "END:VEVENT"


def _description(posting: Posting, plan: PlanDocument, language: str) -> str:
    lines = [
        f"{posting.group_name} ({posting.group}) · {posting.crews} × {posting.people // posting.crews}"
    ]
    if posting.task:
        lines.append(posting.task.get(language))
    if posting.escort:
        lines.append(f"+ {posting.escort}")
    lines.append(f"{plan.event} v{plan.version} · TLP:{plan.handling.tlp}")
    return "\n".join(lines)


def _marked(text: str, plan: PlanDocument, language: str) -> str:
    if plan.status is Status.ACTUAL:
        return text
    return f"{STATUS_LABELS[plan.status].get(language)} · {text}"


def _utc(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    text = harmless_text(text).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """Cut a line into parts of at most 75 octets, never inside a character (RFC 5545, 3.1)."""
    room, start, used = 75, 0, 0
    for index, character in enumerate(line):
        size = len(character.encode("utf-8"))
        if used + size > room:
            yield f"{line[start:index]}\r\n "
            room, start, used = 74, index, 0
        used += size
    yield f"{line[start:]}\r\n"
