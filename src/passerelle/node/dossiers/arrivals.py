"""Check-ins of an arrival desk: kept on a device while the line is down, taken here exactly once.

A device draws a key for every check-in and sends it until it is answered. The key is inserted in the
transaction that says the act; a check-in that comes again is answered as the first time. What another
desk said meanwhile makes a conflict with its reason in words, and nothing is said:

    taken    the act is said
    known    somebody recorded the same before
    refused  the procedure refuses it now; an officer looks
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from django.db import IntegrityError, transaction

from passerelle.kernel.times import format_instant
from passerelle.node.dossiers.domain import say
from passerelle.node.dossiers.models import CheckIn
from passerelle.node.dossiers.queries import open_dossier_value
from passerelle.procedures.reinforcement.roll import roll
from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from passerelle.kernel.canonical import Json
    from passerelle.kernel.clock import Clock
    from passerelle.node.accounts.actor import Actor
    from passerelle.procedures.reinforcement.roll import Entry

__all__ = ["DEEDS", "Answer", "Outcome", "Sent", "take_check_in"]

DEEDS: Final = frozenset({"arrive", "no-show", "depart"})
"""What a desk records; the names of the acts."""
ROLE: Final = "arrival-desk"
_KEY: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_AHEAD: Final = timedelta(minutes=10)


class Outcome(StrEnum):
    """What came of a check-in."""

    TAKEN = "taken"
    KNOWN = "known"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Sent:
    """Hold one check-in as a device sent it.

    Parameters
    ----------
    key
        32 hexadecimal digits, drawn by the device.
    what
        One of :data:`DEEDS`.
    person
        Reference of the person.
    at
        When it happened, by the clock of the device.
    place
        Where; needed for an arrival.
    """

    key: str
    what: str
    person: str
    at: datetime
    place: str = ""

    def __post_init__(self) -> None:
        if _KEY.fullmatch(self.key) is None:
            raise ValueError(f"Expected a key of 32 hexadecimal digits, got {self.key[:40]!r}.")
        if self.what not in DEEDS:
            raise ValueError(f"Expected one of {sorted(DEEDS)}, got {self.what[:40]!r}.")

    def fields(self) -> Mapping[str, Json]:
        """Return the fields of the act."""
        found: dict[str, Json] = {"person": self.person, "at": format_instant(self.at)}
        return found | ({"place": self.place} if self.what == "arrive" else {})


@dataclass(frozen=True, slots=True)
class Answer:
    """Say what came of a check-in; ``code`` is that of the refusal."""

    key: str
    outcome: Outcome
    code: str = ""
    refusal: Refusal | None = None


def take_check_in(case: str, sent: Sent, *, actor: Actor, clock: Clock) -> Answer:
    """Take one check-in: say its act unless it was said before or cannot be said now.

    Raises
    ------
    RefusedError
        As for :func:`~.domain.say`: missing role, brake, trust; nothing is kept then, and the
        device sends it again.
    """
    try:
        with transaction.atomic():
            return _take(case, sent, actor, clock)
    except IntegrityError:
        # The same key came twice at the same time: the other transaction has answered.
        return _answered(sent.key) or Answer(sent.key, Outcome.REFUSED, "arrivals.busy")


def _take(case: str, sent: Sent, actor: Actor, clock: Clock) -> Answer:
    before = _answered(sent.key)
    if before is not None:
        return before
    row, _heard, dossier = open_dossier_value(case)
    entry = roll(dossier, {sent.person}).get(sent.person)
    answer = Answer(sent.key, Outcome.KNOWN) if _is_known(entry, sent.what) else None
    released = ""
    if answer is None and sent.at > clock.now() + _AHEAD:
        answer = Answer(sent.key, Outcome.REFUSED, "arrivals.clock")
    if answer is None:
        result = say(case, sent.what, sent.fields(), ROLE, actor=actor, clock=clock)
        if isinstance(result, Refusal):
            answer = Answer(sent.key, Outcome.REFUSED, result.code, result)
        else:
            answer, released = Answer(sent.key, Outcome.TAKEN), result.entry_id
    CheckIn.objects.create(
        key=sent.key,
        dossier=row,
        what=sent.what,
        outcome=answer.outcome.value,
        code=answer.code,
        entry=released,
        at=clock.now(),
    )
    return answer


def _answered(key: str) -> Answer | None:
    row = CheckIn.objects.filter(key=key).first()
    return None if row is None else Answer(key, Outcome(row.outcome), row.code)


def _is_known(entry: Entry | None, what: str) -> bool:
    """Tell whether the record says already what the desk wants to say."""
    if entry is None or entry.is_struck:
        return False
    is_here = entry.arrived is not None and entry.departed is None
    return {
        "arrive": is_here,
        "depart": entry.departed is not None,
        "no-show": entry.is_no_show,
    }[what]
