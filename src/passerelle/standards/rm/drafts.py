"""EDXL-RM messages as drafts of acts of reinforcement.

A draft is what an officer completes and the procedure signs. With our extension it is whole, after a
check that extension and message say the same; without it, it holds what the standard's own elements
carry exactly, and ``missing`` names the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from passerelle.kernel.problems import Issue
from passerelle.kernel.times import format_instant
from passerelle.standards.problems import FormatError
from passerelle.standards.rm.acts import MESSAGES, ROWS
from passerelle.standards.rm.extension import Extension, read_extension
from passerelle.standards.rm.fields import line_of_record, record_of_line
from passerelle.standards.rm.tables import MessageType, ScheduleType
from passerelle.standards.rm.values import Answer, RecallType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.kernel.canonical import Json
    from passerelle.standards.rm import values

__all__ = ["Draft", "draft_of_message"]

_T = MessageType


@dataclass(frozen=True, slots=True)
class Draft:
    """Propose an act from a message.

    Parameters
    ----------
    act
        Name of the act.
    payload
        Its fields as far as known.
    missing
        What an officer must add, as field names; ``lines[1].posts`` for a field of a record.
    is_whole
        Whether our extension carried the act whole.
    """

    act: str
    payload: Mapping[str, Json]
    missing: tuple[str, ...] = ()
    is_whole: bool = False


def draft_of_message(
    message: values.Message, *, required: Mapping[str, Sequence[str]] | None = None
) -> Draft | None:
    """Propose the act that a message stands for; ``None`` when the procedure has none.

    Parameters
    ----------
    message
        The message; its rules hold.
    required
        Required fields by act and by kind of record, from the procedure's definition; what of them
        is not known is listed as missing.

    Raises
    ------
    FormatError
        When our extension is there and disagrees with the message.
    """
    act = _act_of(message)
    if act is None:
        return None
    wanted = required or {}
    extensions = [
        read_extension(line.resource.type_info if line.resource else None, name=message.id)
        for line in message.lines
    ]
    first = extensions[0] if extensions else None
    payload: dict[str, Json] = dict(first.act) if first and first.act else _plain(act, message)
    missing = [name for name in wanted.get(act, ()) if name not in payload]
    if act in ROWS:
        field, kind = ROWS[act]
        rows = [
            _row(kind, line, extension, message)
            for line, extension in zip(message.lines, extensions, strict=True)
            if not _is_declined(line)
        ]
        payload[field] = rows
        missing = [name for name in missing if name != field]
        missing += [
            f"{field}[{number}].{name}"
            for number, row in enumerate(rows, start=1)
            for name in wanted.get(kind, ())
            if name not in row
        ]
    is_whole = bool(first and first.act is not None) and not missing
    return Draft(act, payload, tuple(missing), is_whole)


def _act_of(message: values.Message) -> str | None:
    use = MESSAGES[message.type]
    if message.type is _T.REQUEST_RESOURCE:
        if message.recall is None:
            return "request"
        return "amend" if message.recall.kind is RecallType.UPDATE else None
    if message.type is _T.RESPONSE_TO_REQUEST_RESOURCE:
        if message.recall is not None and message.recall.kind is RecallType.CANCEL:
            return "withdraw-offer"
        return "decline" if all(_is_declined(line) for line in message.lines) else "offer"
    return use.acts[0] if use.acts else None


def _is_declined(line: values.Line) -> bool:
    return line.response is not None and line.response.answer is Answer.DECLINE


def _plain(act: str, message: values.Message) -> dict[str, Json]:
    """Return the fields of an act that the standard's own elements carry."""
    payload: dict[str, Json] = {}
    line = message.lines[0] if message.lines else None
    if act == "decline":
        payload["declined_lines"] = [one.response.line_id for one in message.lines if one.response]
    elif act == "accept":
        payload["accepted_offers"] = [
            one.resource.id for one in message.lines if one.resource and one.resource.id
        ]
    elif act == "withdraw-offer" and line and line.resource and line.resource.id:
        payload["offer"] = line.resource.id
    elif act in {"release", "recall", "extend"} and line is not None:
        record = record_of_line("commitment-line", line)
        payload["item"] = line.id
        if "people" in record and act != "extend":
            payload["people"] = record["people"]
        at = [
            one.at for one in line.schedules if one.kind is ScheduleType.REQUESTED_RETURN_DEPARTURE
        ]
        if at and at[0] is not None:
            payload["to" if act == "extend" else "from"] = format_instant(at[0])
    if message.description:
        name = {"query": "questions", "clarify": "text", "offer": "remarks"}.get(act, "reason")
        text = message.description
        payload[name] = text.split("\n") if act == "query" else text
    return payload


def _row(
    kind: str, line: values.Line, extension: Extension | None, message: values.Message
) -> dict[str, Json]:
    if extension is None or extension.record is None:
        record = record_of_line(kind, line)
        if kind == "offer":
            record |= _answer_fields(line)
        return record
    record = dict(extension.record)
    try:
        expected = line_of_record(kind, record, response=line.response)
    except (KeyError, TypeError, ValueError, AttributeError):
        expected = None
    resource = line.resource
    assert resource is not None  # the extension stood in it
    if expected != replace(line, resource=replace(resource, type_info=None)):
        found = f"line {line.id}"
        wanted = "an extension that says what the message says"
        raise FormatError(
            [Issue(message.id, 0, "Resource/TypeInfo", "rm.extension", wanted, found)]
        )
    return record


def _answer_fields(line: values.Line) -> dict[str, Json]:
    if line.response is None:
        return {"answer": "unsolicited"}
    accepted = line.response.answer is Answer.ACCEPT
    fields: dict[str, Json] = {
        "line": line.response.line_id,
        "answer": "full" if accepted else "conditional",
    }
    if not accepted and line.response.reason:
        fields["conditions"] = [{"subject": "other", "text": line.response.reason[:200]}]
    return fields
