"""What the lists of information and of judicial requests show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from passerelle.desk.boards.dossiers import urgency
from passerelle.desk.boards.standing import code_words
from passerelle.procedures.casework.extradition import release_due
from passerelle.procedures.deadlines import next_due
from passerelle.procedures.reinforcement.terms import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from passerelle.node.dossiers.models import Dossier as Row
    from passerelle.procedures.dossier import Dossier
    from passerelle.procedures.values import Act

__all__ = ["JudicialLine", "MessageLine", "judicial_lines", "message_lines", "subject_of"]

_RANK: Final = {"FLASH": 0, "URGENT": 1, "PRIORITY": 2, "ROUTINE": 3, "": 4}
_SUBJECTS: Final = ("subject", "title", "what", "scope", "group", "type", "outlook")
_OPEN: Final = frozenset({"asked", "acknowledged", "clarifying", "part-answered", "reported"})
_STEPS: Final = (
    ("acknowledge", ("acknowledge",)),
    ("decide", ("admit", "admit-partly", "refuse", "grant")),
    ("execute", ("complete", "complete-partly", "surrender")),
)


@dataclass(frozen=True, slots=True)
class MessageLine:
    """Show one exchange of information."""

    case: str
    subject: str
    kind: str
    is_cyber: bool
    is_ours: bool
    author: str
    urgency: str
    urgency_words: str
    tlp: str
    police: str
    onward: str
    state: str
    is_open: bool
    due_at: datetime | None
    due_words: str
    due_is_ours: bool
    look: str
    remaining: str
    touched_at: datetime


@dataclass(frozen=True, slots=True)
class JudicialLine:
    """Show one judicial request: metadata only."""

    case: str
    reference: str
    is_ours: bool
    peer: str
    measure: str
    instrument: str
    article: str
    urgent: bool
    state: str
    sent_on: date | None
    waits: tuple[tuple[str, int | None], ...]
    due_at: datetime | None
    due_words: str
    look: str
    remaining: str
    release_on: date | None
    touched_at: datetime


def message_lines(
    found: Iterable[tuple[Row, Dossier]], now: datetime, language: str
) -> list[MessageLine]:
    """Show exchanges of information, open ones first, then by urgency and deadline."""
    lines = [_message(row, value, now, language) for row, value in found]
    return sorted(
        lines,
        key=lambda line: (
            not line.is_open,
            _RANK.get(line.urgency, 4),
            line.due_at is None,
            line.due_at or line.touched_at,
            line.case,
        ),
    )


def judicial_lines(
    found: Iterable[tuple[Row, Dossier]], now: datetime, language: str
) -> list[JudicialLine]:
    """Show judicial requests: those with a date of release first, then by deadline."""
    lines = [_judicial(row, value, now, language) for row, value in found]
    return sorted(
        lines,
        key=lambda line: (
            line.release_on is None,
            line.release_on or now.date(),
            line.due_at is None,
            line.due_at or line.touched_at,
            line.case,
        ),
    )


def subject_of(opened: Act, language: str) -> str:
    """Return what an exchange is about, as its first act says; empty when it does not."""
    found = next((text for name in _SUBJECTS if (text := text_of(opened.payload, name))), "")
    return code_words(found, language)[:140]


def _message(row: Row, value: Dossier, now: datetime, language: str) -> MessageLine:
    opened = value.opened
    marks = opened.payload.get("handling")
    handling = marks if isinstance(marks, dict) else {}
    due = next_due(value, now)
    look, remaining = urgency(due.due if due else None, now)
    newest = value.last("answer", "answer-part") or opened
    level = text_of(opened.payload, "urgency")
    return MessageLine(
        case=row.case,
        subject=subject_of(opened, language) or row.case[:8],
        kind=value.definition.acts[opened.name].labels.get(language),
        is_cyber=row.procedure == "cyber-report",
        is_ours=opened.side == row.side,
        author=value.procedure.parties[opened.side],
        urgency=level,
        urgency_words=code_words(level, language) if level else "",
        tlp=str(handling.get("tlp", "")),
        police=str(handling.get("police", "")),
        onward=text_of(newest.payload, "onward"),
        state=value.current.labels.get(language),
        is_open=value.state in _OPEN,
        due_at=due.due if due else None,
        due_words=due.labels.get(language) if due else "",
        due_is_ours=due is not None and due.side == row.side,
        look=look,
        remaining=remaining,
        touched_at=value.steps[-1].act.at,
    )


def _judicial(row: Row, value: Dossier, now: datetime, language: str) -> JudicialLine:
    opened, sent = value.opened, value.last("send")
    fields = opened.payload if sent is None else sent.payload
    due = next_due(value, now)
    look, remaining = urgency(due.due if due else None, now)
    waits = []
    for name, acts in _STEPS:
        done = value.last(*acts)
        days = None if sent is None or done is None else (done.at - sent.at).days
        waits.append((name, days))
    return JudicialLine(
        case=row.case,
        reference=text_of(fields, "reference") or row.case[:8],
        is_ours=row.side == "requesting",
        peer=row.corridor.peer_state,
        measure=code_words(text_of(fields, "measure_code"), language),
        instrument=text_of(fields, "instrument"),
        article=text_of(fields, "article"),
        urgent=fields.get("urgent") is True,
        state=value.current.labels.get(language),
        sent_on=None if sent is None else sent.at.date(),
        waits=tuple(waits),
        due_at=due.due if due else None,
        due_words=due.labels.get(language) if due else "",
        look=look,
        remaining=remaining,
        release_on=release_due(value),
        touched_at=value.steps[-1].act.at,
    )
