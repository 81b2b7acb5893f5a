"""EDXL out and in: acts of a dossier as messages in envelopes, messages as drafts of acts.

What leaves is a projection of acts that were said, wrapped in EDXL-DE with the handling of the request;
fields that a reader without our extension does not get are listed beforehand. What comes in makes a draft
and never an act: an officer completes it and says it. Neither names a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.problems import RefusedError
from passerelle.node.dossiers.kinds import kind_of
from passerelle.node.dossiers.queries import open_dossier_value
from passerelle.node.dossiers.sheets import COUNTED
from passerelle.node.exchange.station import station
from passerelle.procedures.loading import definition
from passerelle.procedures.reinforcement.offers import offers
from passerelle.standards.de import (
    KIND_OF_ENTRY,
    Envelope,
    Kind,
    read_envelope,
    write_envelope,
)
from passerelle.standards.de.values import NS_DE
from passerelle.standards.marks import Handling, Status, Tlp
from passerelle.standards.rm import read_message, write_message
from passerelle.standards.rm.acts import MESSAGES, ROWS, Header, message_of_act
from passerelle.standards.rm.drafts import draft_of_message
from passerelle.standards.rm.fields import losses
from passerelle.standards.rm.values import ContactRole
from passerelle.standards.xml import read_xml
from passerelle.standards.xml.fragment import Fragment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.kernel.canonical import Json
    from passerelle.node.dossiers.models import Dossier
    from passerelle.procedures.dossier import Dossier as DossierValue
    from passerelle.procedures.values import Act

__all__ = ["Incoming", "Outgoing", "outgoing", "read_drafts", "write_out"]

_ACTS: Final = frozenset(act for use in MESSAGES.values() for act in use.acts)
_RECALLS: Final = {"amend": ("request", "amend"), "withdraw-offer": ("offer",)}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Describe one act that can leave as a message.

    Parameters
    ----------
    act_id, act
        Which act.
    message
        Name of the EDXL-RM message.
    losses
        Fields that a reader without our extension does not get, ``lines[1].phases``.
    """

    act_id: str
    act: str
    message: str
    losses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Incoming:
    """Describe one message that was read.

    Parameters
    ----------
    message, message_id
        Its name and id.
    act
        Act for which it stands; empty when the procedure has none and it is only read.
    payload
        Fields of the draft.
    missing
        What an officer must add.
    is_whole
        Whether our extension carried the act whole.
    warnings
        Breaches that do not refuse it.
    """

    message: str
    message_id: str
    act: str
    payload: Mapping[str, Json]
    missing: tuple[str, ...]
    is_whole: bool
    warnings: tuple[str, ...]


def outgoing(case: str) -> list[Outgoing]:
    """List the acts of a dossier that can leave, oldest first."""
    row, _heard, found = _open(case)
    first = next(iter(found.steps)).act.id
    return [
        Outgoing(
            act.id,
            act.name,
            _message(row, found, act, first).type.value,
            tuple(_lost(act)),
        )
        for act in found.effective(*_ACTS)
    ]


def write_out(case: str, act_id: str) -> bytes:
    """Write one act as EDXL-RM in EDXL-DE.

    Raises
    ------
    RefusedError
        When there is no such act, or it has no message.
    """
    row, _heard, found = _open(case)
    act = next((one for one in found.effective(*_ACTS) if one.id == act_id), None)
    if act is None:
        raise RefusedError(
            "There is no act {act} with a message.", code="edxl.unknown-act", act=act_id[:64]
        )
    first = next(iter(found.steps)).act.id
    node = station().identity
    envelope = Envelope(
        id=act.id,
        sender=f"cooperation@{node.node}",
        sent=act.issued,
        expires=act.issued,
        status=Status.EXERCISE if node.exercise else Status.ACTUAL,
        kind=KIND_OF_ENTRY.get(kind_of(act.name).value, Kind.REPORT),
        payloads=(Fragment(write_message(_message(row, found, act, first))),),
        handling=_handling(found),
        recipients=(row.corridor.peer,),
        incident_ids=(row.event or "none",),
    )
    return write_envelope(envelope)


def read_drafts(content: bytes, name: str) -> list[Incoming]:
    """Read an envelope, or a message alone, into drafts.

    Raises
    ------
    FormatError
        With every issue found, by line and place.
    """
    root = read_xml(content, name=name)
    if str(root.tag).startswith(f"{{{NS_DE}}}"):
        parts = [one.xml for one in read_envelope(content, name=name).payloads]
    else:
        parts = [content]
    return [_incoming(part, name) for part in parts]


def _incoming(content: bytes, name: str) -> Incoming:
    received = read_message(content, name=name)
    message = received.message
    draft = draft_of_message(message, required=_required())
    return Incoming(
        message=message.type.value,
        message_id=message.id,
        act="" if draft is None else draft.act,
        payload={} if draft is None else draft.payload,
        missing=() if draft is None else draft.missing,
        is_whole=draft is not None and draft.is_whole,
        warnings=tuple(f"{one.path}: {one.expected}" for one in received.warnings),
    )


def _required() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, rule in definition(COUNTED).acts.items():
        schema: Any = rule.schema.document  # JSON Schema
        found[name] = tuple(schema.get("required", ()))
        field, kind = ROWS.get(name, ("", ""))
        if field:
            found[kind] = tuple(schema["properties"][field]["items"].get("required", ()))
    return found


def _open(case: str) -> tuple[Dossier, object, DossierValue]:
    row, heard, found = open_dossier_value(case)
    if row.procedure != COUNTED:
        raise RefusedError("{case} has no EDXL form.", code="edxl.unknown", case=case[:32])
    return row, heard, found


def _message(row: Dossier, found: DossierValue, act: Act, first: str) -> Any:
    earlier = [one.id for one in found.effective(*_ACTS) if one.id != act.id]
    before = [step.act.id for step in found.steps]
    place = before.index(act.id)
    recalled = [
        step.act.id for step in found.steps[:place] if step.act.name in _RECALLS.get(act.name, ())
    ]
    is_host = act.side == found.definition.sides[0]
    state = found.procedure.parties.get(act.side, act.side)
    header = Header(
        message_id=act.id,
        originating_id=first,
        sent=act.issued,
        event=row.event or "none",
        event_name=row.event or "none",
        contact=f"{found.definition.roles[act.role].labels.get('en')}, {state}",
        role=ContactRole.REQUESTER if is_host else ContactRole.RESPONDING_ORG,
        preceding_id=(act.re or tuple(before[:place][-1:]) or tuple(earlier[:1]) or (first,))[0],
        funding="as agreed in the arrangement" if act.name == "accept" else "",
        recalled_id=recalled[-1] if recalled else "",
    )
    return message_of_act(act.name, act.payload, header, known=_known(found))


def _known(found: DossierValue) -> dict[str, Mapping[str, Any]]:
    known: dict[str, Mapping[str, Any]] = {code: one.details for code, one in offers(found).items()}
    for act in found.effective("commit"):
        rows: Any = act.payload["items"]  # checked by the schema: a list of records
        known |= {row["item"]: row for row in rows}
    return known


def _lost(act: Act) -> list[str]:
    field, kind = ROWS.get(act.name, ("", ""))
    rows: Any = act.payload.get(field, ())  # checked by the schema: a list of records
    return [
        f"{field}[{number}].{name}"
        for number, row in enumerate(rows, start=1)
        for name in losses(kind, row)
    ]


def _handling(found: DossierValue) -> Handling:
    request = found.last("request", "amend")
    marks: Any = (found.opened.payload if request is None else request.payload).get("handling")
    marks = marks or found.opened.payload.get("handling") or {}
    police = marks.get("police", "H0")
    return Handling(tlp=Tlp(marks.get("tlp", "AMBER")), marks=(police,) if police != "H0" else ())
