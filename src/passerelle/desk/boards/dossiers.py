"""What the pages of dossiers show: the inbox by deadline, and one dossier in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from passerelle.desk import formats
from passerelle.desk.boards.act_form import fact_lines
from passerelle.node.dossiers.paper import ON_PAPER, proxy_of
from passerelle.node.exchange.queries import ProofState, proofs_of
from passerelle.procedures.deadlines import due
from passerelle.procedures.forms import form_of
from passerelle.procedures.loading import DEFINITIONS, definition
from passerelle.procedures.values import DeadlineStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from passerelle.desk.boards.act_form import FactLine
    from passerelle.kernel.canonical import Json
    from passerelle.kernel.labels import Labels
    from passerelle.node.dossiers.folding import Heard
    from passerelle.node.dossiers.models import Dossier
    from passerelle.node.exchange.queries import ActProof
    from passerelle.procedures.dossier import Dossier as DossierValue
    from passerelle.procedures.values import Act

__all__ = [
    "DeadlineLine",
    "InboxLine",
    "StepLine",
    "deadline_lines",
    "inbox_lines",
    "said_line",
    "step_lines",
    "urgency",
]

_SOON: Final = timedelta(hours=24)
_FEW: Final = 3
_ALL: Final = 100_000


@dataclass(frozen=True, slots=True)
class InboxLine:
    """Show one dossier in the list."""

    case: str
    reference: str
    peer: str
    procedure: str
    state: str
    is_ours: bool
    due_at: datetime | None
    due_words: str
    look: str
    remaining: str
    n_acts: int
    is_settled: bool
    touched_at: datetime
    event: str


@dataclass(frozen=True, slots=True)
class DeadlineLine:
    """Show one deadline: who must act until when, in both local times."""

    words: str
    owner: str
    due_at: datetime | None
    local: tuple[tuple[str, str, str], ...]
    look: str
    status: str
    remaining: str


@dataclass(frozen=True, slots=True)
class StepLine:
    """Show one act: who said what, when, and what is proved about it.

    ``n_rows`` counts the records (lines, offers, people) that the facts leave out, because the page of the act
    itself shows them.
    """

    act_id: str
    words: str
    office: str
    is_ours: bool
    state: str
    issued: datetime
    received: datetime | None
    is_effective: bool
    proof: str
    proof_look: str
    facts: tuple[FactLine, ...]
    refusal: str = ""
    is_hidden: bool = False
    proxy: str = ""
    n_rows: int = 0


def inbox_lines(rows: Iterable[Dossier], now: datetime, language: str) -> list[InboxLine]:
    """Show summaries in the reader's language."""
    found = []
    for row in rows:
        shape = definition(row.procedure) if row.procedure in DEFINITIONS else None
        state = shape.states[row.state].labels.get(language) if shape else row.state
        rule = shape.deadlines.get(row.due_name) if shape else None
        look, remaining = urgency(row.due_at, now)
        found.append(
            InboxLine(
                case=row.case,
                reference=row.reference or row.case[:8],
                peer=row.corridor.peer_state,
                procedure=shape.labels.get(language) if shape else row.procedure,
                state=state,
                is_ours=row.due_side == row.side,
                due_at=row.due_at,
                due_words=rule.labels.get(language) if rule else "",
                look=look,
                remaining=remaining,
                n_acts=row.n_acts,
                is_settled=row.is_settled,
                touched_at=row.touched_at,
                event=row.event,
            )
        )
    return found


def deadline_lines(dossier: DossierValue, now: datetime, language: str) -> list[DeadlineLine]:
    """Show the deadlines of a dossier, those that run first."""
    found = []
    for one in due(dossier, now):
        is_open = one.status in {DeadlineStatus.RUNNING, DeadlineStatus.PASSED}
        look, remaining = urgency(one.due, now) if is_open else ("idle", "")
        role = dossier.definition.roles[one.owner]
        parties = dossier.procedure.parties
        found.append(
            DeadlineLine(
                words=one.labels.get(language),
                owner=f"{role.labels.get(language)} ({parties.get(one.side, one.side)})",
                due_at=one.due,
                local=tuple(
                    (parties.get(side, side), *_local_words(text, language))
                    for side, text in one.local.items()
                ),
                look=look,
                status=_status(one.status),
                remaining=remaining,
            )
        )
    return sorted(found, key=lambda line: line.look == "idle")


def step_lines(
    dossier: DossierValue, heard: Heard, language: str, hides: frozenset[str] = frozenset()
) -> tuple[list[StepLine], list[StepLine]]:
    """Show what was said, oldest first, and what was refused; not the fields of acts in ``hides``.

    Records beyond a few are left to the page of the act (:func:`said_line`).
    """
    proofs = proofs_of(list(heard.places.values()))
    said = [
        _step(
            dossier,
            heard,
            step.act,
            language,
            proofs=proofs,
            state=dossier.definition.states[step.after].labels
            if step.before != step.after
            else None,
            is_effective=step.is_effective,
            is_hidden=step.act.name in hides,
        )
        for step in dossier.steps
    ]
    refused = [
        _step(
            dossier,
            heard,
            one.act,
            language,
            proofs=proofs,
            refusal=one.refusal.text(language),
            is_hidden=one.act.name in hides,
        )
        for one in dossier.refused
    ]
    return said, refused


def said_line(
    dossier: DossierValue,
    heard: Heard,
    act_id: str,
    language: str,
    hides: frozenset[str] = frozenset(),
) -> StepLine | None:
    """Show one act with all its fields; ``None`` when the dossier does not hold it."""
    step = next((one for one in dossier.steps if one.act.id == act_id), None)
    if step is None:
        return None
    proofs = proofs_of([heard.places[act_id]] if act_id in heard.places else [])
    return _step(
        dossier, heard, step.act, language, proofs=proofs, is_effective=step.is_effective,
        is_hidden=step.act.name in hides, most_rows=_ALL,
    )  # fmt: skip


def _step(
    dossier: DossierValue,
    heard: Heard,
    act: Act,
    language: str,
    *,
    proofs: Mapping[tuple[str, int], ActProof],
    state: Labels | None = None,
    is_effective: bool = True,
    refusal: str = "",
    is_hidden: bool = False,
    most_rows: int = _FEW,
) -> StepLine:
    shape = dossier.definition
    rule, role = shape.acts.get(act.name), shape.roles.get(act.role)
    place = heard.places.get(act.id)
    proof, look = _proof(proofs[place]) if place else _unshared(act)
    payload, n_rows = _few_rows(act.payload, most_rows)
    office = role.labels.get(language) if role else act.role
    return StepLine(
        act_id=act.id,
        words=rule.labels.get(language) if rule else act.name,
        office=f"{office} ({dossier.procedure.parties.get(act.side, act.side)})",
        proxy=proxy_of(act.person),
        is_ours=act.side == heard.side,
        state=state.get(language) if state else "",
        issued=act.issued,
        received=act.received,
        is_effective=is_effective,
        proof=proof,
        proof_look=look,
        facts=fact_lines(form_of(rule), payload, language) if rule and not is_hidden else (),
        n_rows=n_rows,
        refusal=refusal,
        is_hidden=is_hidden,
    )


def _unshared(act: Act) -> tuple[str, str]:
    """Say of an act that stands in no shared log where it does stand."""
    if act.origin.endswith(ON_PAPER):
        return _("in our own log; no receipt will come"), "idle"
    return "", "idle"


def _few_rows(payload: Mapping[str, Json], most: int) -> tuple[Mapping[str, Json], int]:
    """Leave records out when there are too many; return what stays, and how many were left out."""
    lists = {
        name: len(value)
        for name, value in payload.items()
        if isinstance(value, list | tuple) and value and isinstance(value[0], dict)
    }
    if sum(lists.values()) <= most:
        return payload, 0
    rest = {name: value for name, value in payload.items() if name not in lists}
    return rest, sum(lists.values())


def _proof(found: ActProof) -> tuple[str, str]:
    """Say in words what is proved about an act."""
    words = {
        ProofState.RELEASED: (_("signed here, not sent yet"), "idle"),
        ProofState.ATTEMPTED: (_("sent, no receipt yet"), "short"),
        ProofState.RECEIPTED: (_("the partner signed that it holds this"), "met"),
        ProofState.HELD: (_("received, and our receipt is signed"), "met"),
    }
    return words[found.state]


def _local_words(text: str, language: str) -> tuple[str, str]:
    """Write a local date-time as day, and time with its offset."""
    moment = datetime.fromisoformat(text)
    return formats.day(moment, language), f"{formats.clock(moment)} {text[-6:]}"


def _status(status: DeadlineStatus) -> str:
    return {
        DeadlineStatus.WAITING: _("waits for the receipt"),
        DeadlineStatus.RUNNING: _("running"),
        DeadlineStatus.STOPPED: _("stopped during the hold"),
        DeadlineStatus.MET: _("kept"),
        DeadlineStatus.MET_LATE: _("kept late"),
        DeadlineStatus.PASSED: _("overdue"),
    }[status]


def urgency(due_at: datetime | None, now: datetime) -> tuple[str, str]:
    """Say how urgent a deadline is: grey over 24 h, amber under, red overdue; always with a word."""
    if due_at is None:
        return "idle", ""
    left = due_at - now
    if left < timedelta(0):
        return "critical", _late(-left)
    return ("short" if left < _SOON else "idle"), _left(left)


def _late(by: timedelta) -> str:
    days, hours, minutes = by.days, by // timedelta(hours=1), by // timedelta(minutes=1)
    if days:
        return ngettext("overdue by %(n)d day", "overdue by %(n)d days", days) % {"n": days}
    if hours:
        return ngettext("overdue by %(n)d hour", "overdue by %(n)d hours", hours) % {"n": hours}
    words = ngettext("overdue by %(n)d minute", "overdue by %(n)d minutes", minutes)
    return words % {"n": minutes}


def _left(left: timedelta) -> str:
    days, hours, minutes = left.days, left // timedelta(hours=1), left // timedelta(minutes=1)
    if days:
        return ngettext("%(n)d day left", "%(n)d days left", days) % {"n": days}
    if hours:
        return ngettext("%(n)d hour left", "%(n)d hours left", hours) % {"n": hours}
    return ngettext("%(n)d minute left", "%(n)d minutes left", minutes) % {"n": minutes}
