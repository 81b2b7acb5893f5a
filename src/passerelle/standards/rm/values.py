"""EDXL-RM messages as values.

A value can hold whatever the schema lets through and a little more; what the standard demands beyond
that is in :mod:`rules` and :mod:`thread`, so that every breach is reported at once and by name.
``None`` is an element that is absent, ``""`` one that is there and empty. Instants are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from passerelle.standards.rm.tables import MessageType, ScheduleType
    from passerelle.standards.xml.fragment import Fragment

__all__ = [
    "Answer",
    "Assignment",
    "Contact",
    "ContactRole",
    "Funding",
    "Incident",
    "Instructions",
    "Line",
    "Location",
    "Measured",
    "Message",
    "Ownership",
    "Quantity",
    "Radio",
    "Recall",
    "RecallType",
    "Resource",
    "ResourceStatus",
    "Response",
    "Schedule",
    "ValueList",
]


class Answer(StrEnum):
    """How a line is answered (ResponseType)."""

    ACCEPT = "Accept"
    DECLINE = "Decline"
    PROVISIONAL = "Provisional"


class RecallType(StrEnum):
    """Whether an earlier message is replaced or withdrawn."""

    UPDATE = "Update"
    CANCEL = "Cancel"


class ContactRole(StrEnum):
    """Who a contact is to the message."""

    SENDER = "Sender"
    REQUESTER = "Requester"
    SUBJECT_MATTER_EXPERT = "SubjectMatterExpert"
    APPROVER = "Approver"
    RESPONDING_ORG = "RespondingOrg"
    OWNER = "Owner"


@dataclass(frozen=True, slots=True)
class ValueList:
    """Name values of a published list.

    Parameters
    ----------
    urn
        Name of the list.
    values
        One value or more.
    """

    urn: str
    values: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise ValueError("Expected at least one value.")


@dataclass(frozen=True, slots=True)
class Incident:
    """Name the event that a message is about, by ``id``, ``description`` or both."""

    id: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Recall:
    """Replace or withdraw the earlier message ``message_id``."""

    message_id: str
    kind: RecallType


@dataclass(frozen=True, slots=True)
class Funding:
    """Say who pays, by ``code``, ``info`` or both."""

    code: str | None = None
    info: str | None = None


@dataclass(frozen=True, slots=True)
class Location:
    """Name a place in words, as a postal address (CIQ) or as an area (GML, latitude first)."""

    description: str | None = None
    address: Fragment | None = None
    area: Fragment | None = None


@dataclass(frozen=True, slots=True)
class Radio:
    """Name a radio type and a channel."""

    kind: ValueList
    channel: str


@dataclass(frozen=True, slots=True)
class Contact:
    """Name an office: words, role, radios, place, further particulars (CIQ party)."""

    description: str | None = None
    role: ContactRole | None = None
    radios: tuple[Radio, ...] = ()
    location: Location | None = None
    party: Fragment | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """Answer the line ``line_id`` of the preceding message."""

    line_id: str
    answer: Answer
    reason_code: ValueList | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Ownership:
    """Say to whom a resource belongs."""

    owner: str | None = None
    jurisdiction: str | None = None
    home_dispatch: str | None = None
    home_unit: str | None = None


@dataclass(frozen=True, slots=True)
class ResourceStatus:
    """Say how a resource stands: last inventory, deployment, availability."""

    refreshed: datetime | None = None
    deployment: ValueList | None = None
    availability: str | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """Describe what is asked or offered; one of ``id``, ``name`` and ``kind`` at least."""

    id: str | None = None
    name: str | None = None
    kind: ValueList | None = None
    type_info: Fragment | None = None
    keywords: tuple[ValueList, ...] = ()
    description: str | None = None
    credentials: str | None = None
    certifications: str | None = None
    special_requirements: str | None = None
    responsible: Contact | None = None
    ownership: Ownership | None = None
    status: ResourceStatus | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """State an amount of a unit."""

    amount: float
    unit: ValueList | None = None


@dataclass(frozen=True, slots=True)
class Quantity:
    """State how much, in words or measured, never both."""

    texts: tuple[str, ...] = ()
    measured: Measured | None = None

    def __post_init__(self) -> None:
        if bool(self.texts) == (self.measured is not None):
            raise ValueError("Expected either texts or a measured amount.")


@dataclass(frozen=True, slots=True)
class Instructions:
    """Say how to come and where to report."""

    transport: str | None = None
    navigation: str | None = None
    reporting: str | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """Say how much, for what, under which restrictions, at what price."""

    quantity: Quantity | None = None
    restrictions: str | None = None
    function: str | None = None
    price: Quantity | None = None
    order_id: str | None = None
    instructions: Instructions | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """Name a time and a place and what they mean."""

    kind: ScheduleType
    at: datetime | None = None
    place: Location | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """Hold one resource of a message (ResourceInformation).

    Parameters
    ----------
    id
        Unique in the message.
    response
        Answer to a line of the preceding message.
    resource, assignment, schedules
        What, how much and for what, when and where.
    """

    id: str
    response: Response | None = None
    resource: Resource | None = None
    assignment: Assignment | None = None
    schedules: tuple[Schedule, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """Hold one EDXL-RM message.

    Parameters
    ----------
    type
        Which of the sixteen.
    id
        MessageID.
    sent
        When it was sent. It never orders messages.
    originating_id
        MessageID of the first message of the thread.
    contacts
        One or more.
    lines
        The resources.
    description
        Words for people.
    preceding_id
        MessageID of the message that this one answers or follows.
    incidents, recall, funding
        The event, what is replaced or withdrawn, who pays.
    """

    type: MessageType
    id: str
    sent: datetime
    originating_id: str
    contacts: tuple[Contact, ...]
    lines: tuple[Line, ...] = ()
    description: str | None = None
    preceding_id: str | None = None
    incidents: tuple[Incident, ...] = ()
    recall: Recall | None = None
    funding: tuple[Funding, ...] = ()
