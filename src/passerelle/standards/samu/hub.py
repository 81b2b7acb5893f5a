"""Messages of the hub as values, both ways.

Profiles RS-DR (request), RS-RR (answer) and RS-ERROR, each alone in an EDXL-DE envelope in JSON
(scheme ``hubex``). What the profile asks in words is checked here too: a partial answer carries a
deadline. The hub has no place for handling and none for a test: only CLEAR and GREEN leave, and
nothing marked as a test. Its purposes are medical, so for police lines this is a shape, not a
vocabulary. One request carries one line without a quantity.

The published pattern of ``caseId`` is exponential; a text is cut at 128 characters and the equal
linear pattern is used (:mod:`passerelle.standards.patterns`).
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.canonical import canonical_bytes
from passerelle.kernel.problems import Issue
from passerelle.standards.marks import Handling, MarkError, Status, Tlp
from passerelle.standards.problems import FormatError
from passerelle.standards.samu.values import (
    Distribution,
    HubAnswer,
    HubKind,
    HubMessage,
    HubRefusal,
    HubRequest,
    HubStatus,
)
from passerelle.standards.strict_json import read_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.kernel.canonical import Json

__all__ = ["read_distribution", "write_distribution"]

_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d", re.ASCII)
_LEAVES: Final = frozenset({Tlp.CLEAR, Tlp.GREEN})


def write_distribution(distribution: Distribution, handling: Handling) -> bytes:
    """Write a message for the hub.

    Parameters
    ----------
    distribution
        The message in its envelope.
    handling
        Marks of what it carries; the hub has no place for them.

    Raises
    ------
    MarkError
        When the marks do not let it leave without them, or it is a test.
    """
    if handling.tlp not in _LEAVES or handling.marks:
        raise MarkError(
            "The hub carries no handling; expected CLEAR or GREEN, got {tlp}.",
            code="samu.handling",
            tlp=" ".join([handling.tlp.value, *handling.marks]),
        )
    if distribution.status is Status.TEST:
        raise MarkError("The hub knows no test; expected actual or exercise.", code="samu.test")
    return canonical_bytes(
        {
            "distributionID": distribution.id,
            "senderID": distribution.sender,
            "dateTimeSent": _instant(distribution.sent),
            "dateTimeExpires": _instant(distribution.expires),
            "distributionStatus": distribution.status.value.capitalize(),
            "distributionKind": distribution.kind.value,
            "descriptor": {
                "language": distribution.language,
                "explicitAddress": {
                    "explicitAddressScheme": "hubex",
                    "explicitAddressValue": distribution.recipient,
                },
            },
            "content": [
                {
                    "jsonContent": {
                        "embeddedJsonContent": {"message": _message(distribution.message)}
                    }
                }
            ],
        }
    )


def read_distribution(content: bytes, *, name: str = "message") -> Distribution:
    """Read a message of the hub.

    Parameters
    ----------
    content
        The JSON document.
    name
        Name of the document in error messages.

    Raises
    ------
    FormatError
        When it is not what the profile says.
    """
    document: Any = read_json(content, name=name)  # taken apart below, any shape is possible
    try:
        _only(
            document,
            "distributionID senderID dateTimeSent dateTimeExpires distributionStatus "
            "distributionKind descriptor content",
        )
        descriptor = document["descriptor"]
        _only(descriptor, "language explicitAddress")
        _only(descriptor["explicitAddress"], "explicitAddressScheme explicitAddressValue")
        if descriptor["explicitAddress"]["explicitAddressScheme"] != "hubex":
            raise ValueError("explicitAddressScheme")  # noqa: TRY301 - one exit for all shapes
        (part,) = document["content"]
        return Distribution(
            id=_text(document["distributionID"]),
            sender=_text(document["senderID"]),
            recipient=_text(descriptor["explicitAddress"]["explicitAddressValue"]),
            sent=_time(document["dateTimeSent"]),
            expires=_time(document["dateTimeExpires"]),
            status=_status(document["distributionStatus"]),
            kind=HubKind(document["distributionKind"]),
            message=_read(part["jsonContent"]["embeddedJsonContent"]["message"]),
            language=_text(descriptor["language"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        issue = Issue(
            name, 0, "", "samu.content", "a message of the hub's profile", str(error)[:80]
        )
        raise FormatError([issue]) from None


def _message(message: HubMessage) -> Mapping[str, Json]:
    if isinstance(message, HubRequest):
        request: dict[str, Json] = {
            "requestId": message.request_id,
            "datetime": _instant(message.at),
            "purpose": message.purpose,
            **_given(convention=message.convention, deadline=message.deadline),
            **_given(freetext=message.text),
        }
        cancelled = {"status": "ANNULEE"} if message.is_cancelled else {}
        return {"resourcesRequest": {"caseId": message.case_id, "request": request, **cancelled}}
    if isinstance(message, HubAnswer):
        response: dict[str, Json] = {
            "datetime": _instant(message.at),
            "answer": message.status.value,
            **_given(deadline=message.deadline, freetext=message.text),
        }
        ids = {"caseId": message.case_id, "requestId": message.request_id}
        return {"resourcesResponse": {**ids, "response": response}}
    return {
        "error": {
            "errorCode": {"statusCode": message.code, "statusString": message.name},
            "errorCause": message.cause,
            "referencedDistributionID": message.distribution_id,
        }
    }


def _read(message: Any) -> HubMessage:
    """Take a message apart; whatever is not as expected raises."""
    ((kind, body),) = message.items()
    if kind == "resourcesRequest":
        _only(body, "caseId request status")
        _only(body["request"], "requestId datetime convention purpose deadline freetext")
        request = body["request"]
        if body.get("status", "ANNULEE") != "ANNULEE":
            raise ValueError("status")
        return HubRequest(
            case_id=_text(body["caseId"]),
            request_id=_text(request["requestId"]),
            at=_time(request["datetime"]),
            purpose=_text(request["purpose"]),
            convention=_text(request.get("convention", "")),
            deadline=_text(request.get("deadline", "")),
            text=_text(request.get("freetext", "")),
            is_cancelled="status" in body,
        )
    if kind == "resourcesResponse":
        _only(body, "caseId requestId response")
        _only(body["response"], "datetime answer deadline freetext")
        response = body["response"]
        return HubAnswer(
            case_id=_text(body["caseId"]),
            request_id=_text(body["requestId"]),
            at=_time(response["datetime"]),
            status=HubStatus(response["answer"]),
            deadline=_text(response.get("deadline", "")),
            text=_text(response.get("freetext", "")),
        )
    if kind != "error":
        raise ValueError(f"message {kind}")
    _only(body, "errorCode errorCause referencedDistributionID sourceMessage")
    code = body["errorCode"]["statusCode"]
    if isinstance(code, bool) or not isinstance(code, int):
        raise TypeError("statusCode")
    return HubRefusal(
        code=code,
        name=_text(body["errorCode"]["statusString"]),
        cause=_text(body["errorCause"]),
        distribution_id=_text(body["referencedDistributionID"]),
    )


def _only(value: Any, names: str) -> None:
    unknown = set(value) - set(names.split())
    if unknown:
        raise ValueError("unknown " + ", ".join(sorted(unknown)))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"text expected, not {type(value).__name__}")
    return value


def _status(value: Any) -> Status:
    return {"Actual": Status.ACTUAL, "Exercise": Status.EXERCISE}[value]


def _time(value: Any) -> datetime:
    if not isinstance(value, str) or _INSTANT.fullmatch(value) is None:
        raise ValueError(f"date-time with offset expected, not {value!r}")
    return datetime.fromisoformat(value)


def _given(**texts: str) -> dict[str, Json]:
    return {name: text for name, text in texts.items() if text}


def _instant(instant: datetime) -> str:
    """Write the offset that came with the instant, never ``Z``."""
    return instant.isoformat(timespec="seconds")
