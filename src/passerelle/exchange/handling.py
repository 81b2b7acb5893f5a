"""How an act may be handled, and until when an answer is owed: two fields of an entry header."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from passerelle.exchange._fields import refuse
from passerelle.exchange.names import is_node

if TYPE_CHECKING:
    from passerelle.exchange._fields import Fields
    from passerelle.kernel.canonical import Json

__all__ = ["CODE", "Due", "Handling", "parse_due", "parse_handling"]

CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._+-]{0,63}", re.ASCII)
"""A code: of a purpose, a calendar, an extension."""

_DATE_OR_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Due:
    """Say until when an answer is owed.

    Parameters
    ----------
    value
        Amount, at least 1.
    unit
        ``hours``, ``calendar`` (days) or ``working`` (days).
    calendar
        Name of an agreed calendar; empty for hours and calendar days.
    start
        ``sent``, ``receipt`` or ``confirmed_receipt``.
    """

    value: int
    unit: str
    start: str
    calendar: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.value <= 100_000 or self.unit not in {"hours", "calendar", "working"}:
            raise refuse("due", "1 to 100000 hours, calendar or working days")
        if self.start not in {"sent", "receipt", "confirmed_receipt"}:
            raise refuse("due_from", "sent, receipt or confirmed_receipt")
        if self.calendar and not CODE.fullmatch(self.calendar):
            raise refuse("due.calendar", "the code of a calendar")

    def to_object(self) -> dict[str, Json]:
        """Return the JSON object of ``due``; the start has a field of its own."""
        found: dict[str, Json] = {"value": self.value, "unit": self.unit}
        if self.calendar:
            found["calendar"] = self.calendar
        return found


@dataclass(frozen=True, slots=True)
class Handling:
    """Say how the act may be handled.

    Parameters
    ----------
    tlp
        Traffic light: ``clear``, ``green``, ``amber``, ``amber+strict`` or ``red``.
    releasable_to
        Nodes that may see it beside the reader; 64 at most.
    onward
        ``none``, ``consent`` or ``free``.
    purpose
        Code of the purpose, 64 characters at most; may be empty.
    retain_until
        Date or instant; may be empty.
    mark
        National marking: scheme, value and its equivalent; may be empty.
    """

    tlp: str = "amber"
    releasable_to: tuple[str, ...] = ()
    onward: str = "none"
    purpose: str = ""
    retain_until: str = ""
    mark: tuple[str, str, str] | None = None

    def __post_init__(self) -> None:
        if self.tlp not in {"clear", "green", "amber", "amber+strict", "red"}:
            raise refuse("handling.tlp", "clear, green, amber, amber+strict or red")
        if self.onward not in {"none", "consent", "free"}:
            raise refuse("handling.onward", "none, consent or free")
        if len(self.releasable_to) > 64 or not all(map(is_node, self.releasable_to)):
            raise refuse("handling.releasable_to", "at most 64 nodes")
        if self.purpose and not CODE.fullmatch(self.purpose):
            raise refuse("handling.purpose", "a code of at most 64 characters")
        if self.retain_until and not _DATE_OR_TIME.fullmatch(self.retain_until):
            raise refuse("handling.retain_until", "a date or an instant in UTC")
        if self.mark and not all(0 < len(part) <= 64 for part in self.mark):
            raise refuse("handling.mark", "scheme, value and equivalent of 1 to 64 characters")

    def to_object(self) -> dict[str, Json]:
        """Return the JSON object; fields that hold nothing are absent."""
        found: dict[str, Json] = {"tlp": self.tlp, "onward": self.onward}
        if self.releasable_to:
            found["releasable_to"] = list(self.releasable_to)
        if self.purpose:
            found["purpose"] = self.purpose
        if self.retain_until:
            found["retain_until"] = self.retain_until
        if self.mark:
            scheme, value, equivalent = self.mark
            found["mark"] = {"scheme": scheme, "value": value, "equivalent": equivalent}
        return found


def parse_handling(fields: Fields) -> Handling:
    """Read the field ``handling``."""
    mark = fields.object("mark") if fields.has("mark") else None
    found = Handling(
        tlp=fields.text("tlp"),
        onward=fields.text("onward"),
        releasable_to=fields.texts("releasable_to"),
        purpose=fields.text("purpose", ""),
        retain_until=fields.text("retain_until", ""),
        mark=(mark.text("scheme"), mark.text("value"), mark.text("equivalent")) if mark else None,
    )
    if mark:
        mark.finish()
    fields.finish()
    return found


def parse_due(top: Fields) -> Due | None:
    """Read the fields ``due`` and ``due_from``; ``None`` when no answer is owed."""
    if not top.has("due"):
        return None
    fields = top.object("due")
    found = Due(
        value=fields.integer("value"),
        unit=fields.text("unit"),
        start=top.text("due_from"),
        calendar=fields.text("calendar", ""),
    )
    fields.finish()
    return found
