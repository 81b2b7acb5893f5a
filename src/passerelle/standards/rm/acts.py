"""Acts of reinforcement as EDXL-RM messages.

A translator never makes an act: :func:`message_of_act` projects one that was signed; the way back is
:mod:`drafts`. :data:`MESSAGES` is the table of what becomes what, for all sixteen messages. Without
our extension a message carries only what the standard can say, and somebody has to agree to the list
of losses first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.times import parse_instant
from passerelle.standards.problems import LossError
from passerelle.standards.rm import values
from passerelle.standards.rm.extension import Extension, write_extension
from passerelle.standards.rm.fields import line_of_record, losses
from passerelle.standards.rm.tables import MessageType, ScheduleType
from passerelle.standards.rm.values import Answer, RecallType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from passerelle.standards.rm.extension import Proof


__all__ = ["MESSAGES", "ROWS", "Header", "MessageUse", "message_of_act"]

_T = MessageType


@dataclass(frozen=True, slots=True)
class MessageUse:
    """Say what a message is among our acts.

    Parameters
    ----------
    entry
        Kind of the log entry.
    acts
        Acts of the reinforcement procedure that it carries; empty when the procedure has none and
        the message stays an attachment of an information act.
    remark
        What to know about it.
    """

    entry: str
    acts: tuple[str, ...]
    remark: str = ""


MESSAGES: Final[dict[MessageType, MessageUse]] = {
    _T.REQUEST_RESOURCE: MessageUse("request", ("request", "amend"), "amend is a recall Update"),
    _T.RESPONSE_TO_REQUEST_RESOURCE: MessageUse(
        "offer", ("offer", "decline", "decline-all", "withdraw-offer"), "all declined: refuse"
    ),
    _T.REQUISITION_RESOURCE: MessageUse("accept", ("accept",), "funding and quantity required"),
    _T.COMMIT_RESOURCE: MessageUse("commitment", ("commit",), "the only message that allocates"),
    _T.REQUEST_INFORMATION: MessageUse("request", ("query",)),
    _T.RESPONSE_TO_REQUEST_INFORMATION: MessageUse("report", ("clarify",)),
    _T.OFFER_UNSOLICITED_RESOURCE: MessageUse("offer", ("offer",), "answer unsolicited"),
    _T.RELEASE_RESOURCE: MessageUse("report", ("release",)),
    _T.REQUEST_RETURN: MessageUse("request", ("recall",)),
    _T.RESPONSE_TO_REQUEST_RETURN: MessageUse("accept", (), "a recall needs no consent here"),
    _T.REQUEST_QUOTE: MessageUse("request", (), "cost is part of the offer here"),
    _T.RESPONSE_TO_REQUEST_QUOTE: MessageUse("offer", (), "cost is part of the offer here"),
    _T.REQUEST_RESOURCE_DEPLOYMENT_STATUS: MessageUse("request", (), "both sides see the counts"),
    _T.REPORT_RESOURCE_DEPLOYMENT_STATUS: MessageUse("report", (), "counts only, never people"),
    _T.REQUEST_EXTENDED_DEPLOYMENT_DURATION: MessageUse("extend", ("extend",), "co-signed here"),
    _T.RESPONSE_TO_REQUEST_EXTENDED_DEPLOYMENT_DURATION: MessageUse("accept", (), "co-signed here"),
}
"""For each of the sixteen messages: kind of entry, acts, remark."""

ROWS: Final = {
    "request": ("lines", "request-line"),
    "amend": ("lines", "request-line"),
    "offer": ("offers", "offer"),
    "commit": ("items", "commitment-line"),
}
"""For acts with records: their field, and the kind of record."""

_TYPE_OF: Final = {act: kind for kind, use in reversed(MESSAGES.items()) for act in use.acts}
_ANSWERS: Final = {
    "full": Answer.ACCEPT,
    "partial": Answer.ACCEPT,
    "conditional": Answer.PROVISIONAL,
    "counter": Answer.PROVISIONAL,
}


@dataclass(frozen=True, slots=True)
class Header:
    """Give what a message needs beside the act.

    Parameters
    ----------
    message_id, originating_id, preceding_id
        Entry ids of the act, of the first act of the dossier, and of the one it answers.
    sent
        When the act was made.
    event, event_name
        The event.
    contact, role
        Office that sends, and its role.
    funding
        Who pays, in words; an order needs it.
    recalled_id
        Entry that this one replaces or withdraws.
    proof
        Where the act stands in the log.
    """

    message_id: str
    originating_id: str
    sent: datetime
    event: str
    event_name: str
    contact: str
    role: values.ContactRole
    preceding_id: str | None = None
    funding: str = ""
    recalled_id: str = ""
    proof: Proof | None = None


def message_of_act(
    act: str,
    payload: Mapping[str, Any],
    header: Header,
    *,
    known: Mapping[str, Mapping[str, Any]] | None = None,
    extended: bool = True,
    lossy: bool = False,
) -> values.Message:
    """Project an act of reinforcement.

    Parameters
    ----------
    act
        Name of the act.
    payload
        Its fields, checked by the procedure.
    header
        What the message needs beside them.
    known
        Offers by code and items by code, for acts that only name them.
    extended
        Whether our extension goes along. Without it the other side gets what the standard carries.
    lossy
        Whether somebody has seen and agreed to the list of losses; needed without the extension.

    Raises
    ------
    LossError
        When the extension stays out, something would be lost, and nobody agreed to that.
    KeyError
        When the act has no message, or names an offer or item that is not known.
    """
    lost = () if extended else tuple(_lost(act, payload))
    if lost and not lossy:
        raise LossError(
            "Expected consent to lose {fields}; EDXL-RM cannot carry them.",
            code="rm.losses",
            fields=", ".join(lost),
        )
    lines = tuple(_lines(act, payload, known or {}))
    if extended and lines:
        lines = tuple(_extended(act, payload, header, lines))
    kind = _TYPE_OF[act]
    if act == "offer" and all(row["answer"] == "unsolicited" for row in payload["offers"]):
        kind = _T.OFFER_UNSOLICITED_RESOURCE
    recall = None
    if act in {"amend", "withdraw-offer"}:
        how = RecallType.UPDATE if act == "amend" else RecallType.CANCEL
        recall = values.Recall(header.recalled_id, how)
    return values.Message(
        type=kind,
        id=header.message_id,
        sent=header.sent,
        originating_id=header.originating_id,
        preceding_id=None
        if kind in {_T.REQUEST_RESOURCE, _T.OFFER_UNSOLICITED_RESOURCE}
        else header.preceding_id,
        description=_description(act, payload),
        incidents=(values.Incident(header.event, header.event_name),),
        recall=recall,
        funding=(values.Funding(info=header.funding),)
        if header.funding and kind is not _T.OFFER_UNSOLICITED_RESOURCE
        else (),
        contacts=(values.Contact(description=header.contact, role=header.role),),
        lines=lines,
    )


def _lost(act: str, payload: Mapping[str, Any]) -> Iterator[str]:
    field, kind = ROWS.get(act, ("", ""))
    for number, row in enumerate(payload.get(field, ()), start=1):
        yield from (f"{field}[{number}].{name}" for name in losses(kind, row))
    carried = {field, "reason", "text", "questions", "item", "people", "from", "to", "offer"}
    carried |= {"accepted_offers", "declined_lines"}
    yield from (name for name in payload if name not in carried)


def _lines(
    act: str, payload: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]
) -> Iterator[values.Line]:
    if act in ROWS:
        field, kind = ROWS[act]
        for row in payload[field]:
            yield line_of_record(kind, row, response=_response(act, row))
    elif act in {"decline", "decline-all"}:
        code = payload["reason_code"]
        for line in payload.get("declined_lines", known):
            reason = values.ValueList("urn:passerelle:decline:1", (code,))
            answer = values.Response(line, Answer.DECLINE, reason, payload.get("reason"))
            yield values.Line(line, answer)
    elif act == "withdraw-offer":
        row = known[payload["offer"]]
        yield line_of_record("offer", row, response=_response("offer", row))
    elif act == "accept":
        for code in payload["accepted_offers"]:
            yield _ordered(line_of_record("offer", known[code]))
    elif act in {"release", "recall", "extend"}:
        yield _changed(act, payload, known[payload["item"]])
    elif act not in {"query", "clarify"}:
        raise KeyError(act)


def _response(act: str, row: Mapping[str, Any]) -> values.Response | None:
    if act == "commit":
        return values.Response(row["offer"], Answer.ACCEPT)
    if act != "offer" or row["answer"] == "unsolicited":
        return None
    answer = _ANSWERS[row["answer"]]
    words = [f"{one['subject']}: {one['text']}" for one in row.get("conditions", ())]
    reason = "; ".join(words) or ("counter-offer" if row["answer"] == "counter" else None)
    if answer is Answer.PROVISIONAL and reason is None:
        reason = "conditional"
    return values.Response(row["line"], answer, reason=reason)


def _ordered(line: values.Line) -> values.Line:
    """An order asks for what was offered: its dates become requested ones."""
    kinds = {
        ScheduleType.BEGIN_AVAILABLE: ScheduleType.REQUESTED_ARRIVAL,
        ScheduleType.END_AVAILABLE: ScheduleType.ESTIMATED_RETURN_DEPARTURE,
    }
    schedules = tuple(replace(one, kind=kinds[one.kind]) for one in line.schedules)
    return replace(line, schedules=schedules)


def _changed(act: str, payload: Mapping[str, Any], item: Mapping[str, Any]) -> values.Line:
    people = payload.get("people", item["people"])
    line = line_of_record("commitment-line", {**item, "people": people})
    at = parse_instant(payload["to" if act == "extend" else "from"])
    kind = ScheduleType.REQUESTED_RETURN_DEPARTURE
    return replace(line, schedules=(values.Schedule(kind, at),))


def _extended(
    act: str, payload: Mapping[str, Any], header: Header, lines: tuple[values.Line, ...]
) -> Iterator[values.Line]:
    field, _ = ROWS.get(act, ("", ""))
    rows: Sequence[Mapping[str, Any] | None] = payload.get(field) or [None] * len(lines)
    rest = {name: value for name, value in payload.items() if name != field}
    for number, (line, row) in enumerate(zip(lines, rows, strict=True)):
        first = number == 0
        extension = Extension(row, rest if first else None, header.proof if first else None)
        resource = line.resource or values.Resource(name="declined")
        yield replace(line, resource=replace(resource, type_info=write_extension(extension)))


def _description(act: str, payload: Mapping[str, Any]) -> str | None:
    if act == "query":
        return "\n".join(payload["questions"])
    text = payload.get("text") or payload.get("reason") or payload.get("remarks")
    return None if text is None else str(text)
