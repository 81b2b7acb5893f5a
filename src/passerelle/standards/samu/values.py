"""Requests, answers and refusals of the hub as values, checked against its lists."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias

from passerelle.standards.patterns import LINEAR
from passerelle.standards.rm.values import Answer

if TYPE_CHECKING:
    from datetime import datetime

    from passerelle.standards.marks import Status

__all__ = [
    "Distribution",
    "HubAnswer",
    "HubKind",
    "HubMessage",
    "HubRefusal",
    "HubRequest",
    "HubStatus",
]

_CASE: Final = re.compile(LINEAR[r"^([a-zA-Z0-9_-]+\.?){4,10}$"])
_REQUEST: Final = re.compile(r"([a-zA-Z0-9_-]+\.){3,8}request(\.[a-zA-Z0-9_-]+){1,2}")
_CONVENTIONS: Final = frozenset(
    ["DRSIS", "MISSION", "ITSP", "CARENCE", "CONVENT", "SPE", "HORS", "AUTRE1", "AUTRE2", "AUTRE3"]
)
_PURPOSES: Final = frozenset(
    [
        "SAP",
        "REGUL",
        "CUMP",
        "SMUR",
        "MG",
        "PARAMED",
        "SAMU",
        "RELEVE",
        "NOVI",
        "TIH",
        "BRANCARD",
        "BARIA",
    ]
)
_DEADLINES: Final = frozenset(
    ["DEL0", "ASAP", "30M", "45M", "1H", "2H", "4H", "8H", "12H", "24H", "RDV"]
)
_LONGEST: Final = 128


class HubStatus(StrEnum):
    """How a request is answered."""

    ACCEPTED = "ACCEPTEE"
    PARTIAL = "PARTIELLE"
    REFUSED = "REFUSEE"
    DEFERRED = "DIFFEREE"

    @property
    def answer(self) -> Answer:
        """The EDXL-RM answer that says the same."""
        return {
            HubStatus.ACCEPTED: Answer.ACCEPT,
            HubStatus.PARTIAL: Answer.PROVISIONAL,
            HubStatus.REFUSED: Answer.DECLINE,
            HubStatus.DEFERRED: Answer.PROVISIONAL,
        }[self]


class HubKind(StrEnum):
    """What a distribution is for; a request travels as Report."""

    REPORT = "Report"
    UPDATE = "Update"
    CANCEL = "Cancel"
    ACK = "Ack"
    ERROR = "Error"


@dataclass(frozen=True, slots=True)
class HubRequest:
    """Ask for one resource (RS-DR).

    Parameters
    ----------
    case_id, request_id
        Names of the case and of the request.
    at
        When it was asked; an aware instant, whose offset travels.
    purpose
        Effect wanted, of the hub's list.
    convention, deadline
        Legal frame and delay, of the hub's lists; empty when absent.
    text
        In words.
    is_cancelled
        Whether the request is taken back.
    """

    case_id: str
    request_id: str
    at: datetime
    purpose: str
    convention: str = ""
    deadline: str = ""
    text: str = ""
    is_cancelled: bool = False

    def __post_init__(self) -> None:
        _check(self.case_id, self.request_id, self.at, self.deadline)
        if self.purpose not in _PURPOSES:
            raise ValueError(f"Expected a purpose of the hub, got {self.purpose[:40]!r}.")
        if self.convention and self.convention not in _CONVENTIONS:
            raise ValueError(f"Expected a convention of the hub, got {self.convention[:40]!r}.")


@dataclass(frozen=True, slots=True)
class HubAnswer:
    """Answer one request (RS-RR).

    Parameters
    ----------
    case_id, request_id
        Names of the case and of the request.
    at
        When it was answered.
    status
        The answer.
    deadline
        Delay offered; needed in a partial answer.
    text
        In words: the reason of a refusal.
    """

    case_id: str
    request_id: str
    at: datetime
    status: HubStatus
    deadline: str = ""
    text: str = ""

    def __post_init__(self) -> None:
        _check(self.case_id, self.request_id, self.at, self.deadline)
        if self.status is HubStatus.PARTIAL and not self.deadline:
            raise ValueError("Expected a deadline in a partial answer.")


@dataclass(frozen=True, slots=True)
class HubRefusal:
    """Refuse a message for its form (RS-ERROR).

    Parameters
    ----------
    code, name
        Code and name of the error.
    cause
        In words.
    distribution_id
        The message refused.
    """

    code: int
    name: str
    cause: str
    distribution_id: str


HubMessage: TypeAlias = HubRequest | HubAnswer | HubRefusal
"""What a distribution can hold."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """Hold one message in its envelope.

    Parameters
    ----------
    id, sender, recipient
        Names on the hub.
    sent, expires
        When it was sent, until when it is valid.
    status
        Actual or exercise; the hub knows no test.
    kind
        What it is for.
    message
        The message.
    language
        Language of its texts.
    """

    id: str
    sender: str
    recipient: str
    sent: datetime
    expires: datetime
    status: Status
    kind: HubKind
    message: HubMessage
    language: str = "fr-FR"

    def __post_init__(self) -> None:
        if self.sent.tzinfo is None or self.expires.tzinfo is None:
            raise ValueError("Expected aware instants.")
        if self.expires < self.sent:
            raise ValueError("Expected expires >= sent.")


def _check(case_id: str, request_id: str, at: datetime, deadline: str) -> None:
    if len(case_id) > _LONGEST or _CASE.match(case_id) is None:
        raise ValueError(f"Expected a case id of the hub, got {case_id[:40]!r}.")
    if len(request_id) > _LONGEST or _REQUEST.fullmatch(request_id) is None:
        raise ValueError(f"Expected a request id of the hub, got {request_id[:40]!r}.")
    if at.tzinfo is None or at.microsecond:
        raise ValueError(f"Expected an aware instant of whole seconds, got {at!r}.")
    if deadline and deadline not in _DEADLINES:
        raise ValueError(f"Expected a deadline of the hub, got {deadline[:40]!r}.")
