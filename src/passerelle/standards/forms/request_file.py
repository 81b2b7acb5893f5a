"""A request as JSON: goes along in its pack, so that an answer can be read by whoever has the pack."""

from __future__ import annotations

from typing import Any, Final

from passerelle.kernel.canonical import canonical_bytes
from passerelle.kernel.problems import Issue
from passerelle.kernel.times import Interval, format_instant, parse_instant
from passerelle.standards.forms.request import AskedLine, Request
from passerelle.standards.marks import Handling, Onward, Status, Tlp
from passerelle.standards.problems import FormatError
from passerelle.standards.strict_json import read_json

__all__ = ["read_request", "write_request"]

_FORMAT: Final = "passerelle-request/1"


def write_request(request: Request) -> bytes:
    """Write a request as canonical JSON."""
    return canonical_bytes(
        {
            "format": _FORMAT,
            "reference": request.reference,
            "event": request.event,
            "event_name": request.event_name,
            "zone": request.zone,
            "sender": request.sender,
            "addressee": request.addressee,
            "contact": request.contact,
            "answer_by": format_instant(request.answer_by),
            "issued": format_instant(request.issued),
            "status": request.status.value,
            "tlp": request.handling.tlp.value,
            "marks": list(request.handling.marks),
            "releasable_to": list(request.handling.releasable_to),
            "onward": request.handling.onward.value,
            "items": list(request.items),
            **({"limits": dict(request.limits)} if request.limits else {}),
            "lines": [
                {
                    "line": line.line,
                    "capability": line.capability,
                    "posts": line.posts,
                    "present": line.present,
                    "people": line.people,
                    "places": list(line.places),
                    "from": format_instant(line.during.start),
                    "to": format_instant(line.during.end),
                    "task": line.task,
                }
                for line in request.lines
            ],
        }
    )


def read_request(content: bytes, *, name: str) -> Request:
    """Read a request.

    Parameters
    ----------
    content
        The JSON document.
    name
        Name of the document in error messages.

    Raises
    ------
    FormatError
        When it is not a request.
    """
    document: Any = read_json(content, name=name)  # taken apart below, any shape is possible
    try:
        return _request(document)
    except (KeyError, TypeError, ValueError) as error:
        issue = Issue(name, 0, "", "request.content", f"a request, {_FORMAT}", str(error)[:80])
        raise FormatError([issue]) from None


def _request(document: Any) -> Request:
    def text(key: str) -> str:
        return str(_typed(document[key], str))

    if text("format") != _FORMAT:
        raise ValueError(f"format {text('format')}")
    return Request(
        reference=text("reference"),
        event=text("event"),
        event_name=text("event_name"),
        zone=text("zone"),
        sender=text("sender"),
        addressee=text("addressee"),
        contact=text("contact"),
        answer_by=parse_instant(text("answer_by")),
        issued=parse_instant(text("issued")),
        lines=tuple(_line(line) for line in _typed(document["lines"], list)),
        items=_texts(document["items"]),
        limits={code: _typed(n, int) for code, n in document.get("limits", {}).items()},
        status=Status(text("status")),
        handling=Handling(
            tlp=Tlp(text("tlp")),
            marks=_texts(document["marks"]),
            releasable_to=_texts(document["releasable_to"]),
            onward=Onward(text("onward")),
        ),
    )


def _line(line: Any) -> AskedLine:
    return AskedLine(
        line=_typed(line["line"], str),
        capability=_typed(line["capability"], str),
        posts=_typed(line["posts"], int),
        present=_typed(line["present"], int),
        people=_typed(line["people"], int),
        places=_texts(line["places"]),
        during=Interval(parse_instant(line["from"]), parse_instant(line["to"])),
        task=_typed(line["task"], str),
    )


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_typed(one, str) for one in _typed(value, list))


def _typed(value: Any, of: type) -> Any:
    if not isinstance(value, of) or isinstance(value, bool):
        raise TypeError(f"{of.__name__} expected")
    return value
