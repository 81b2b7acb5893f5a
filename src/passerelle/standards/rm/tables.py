"""EDXL-RM 1.0 as data: the sixteen messages, which element each may hold, which dates each may name.

Source: OASIS Standard EDXL-RM 1.0 (1 November 2008, errata of 22 December 2009) and its schemas. The
tables are the schema's multiplicities in one view; a test compares them with the schema files. They
drive reading and writing (:mod:`shapes`, :mod:`reading`, :mod:`writing`), so structure is checked
even where no schema folder is configured.

Columns are messages, in the order of :class:`MessageType`. Signs: ``.`` not allowed, ``1`` exactly
one, ``?`` at most one, ``*`` any number, ``+`` one or more. Under an optional parent a child marked
``1`` binds only when the parent is there.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "FIRST_OF_THREAD",
    "NS_MESSAGE",
    "NS_TYPES",
    "RESPONSES",
    "MessageType",
    "ScheduleType",
    "multiplicity",
    "schedule_types",
    "schema_file",
]

NS_MESSAGE: Final = "urn:oasis:names:tc:emergency:EDXL:RM:1.0:msg"
NS_TYPES: Final = "urn:oasis:names:tc:emergency:EDXL:RM:1.0"


class MessageType(StrEnum):
    """The sixteen messages, by the name of their root element."""

    REQUEST_RESOURCE = "RequestResource"
    RESPONSE_TO_REQUEST_RESOURCE = "ResponseToRequestResource"
    REQUISITION_RESOURCE = "RequisitionResource"
    COMMIT_RESOURCE = "CommitResource"
    REQUEST_INFORMATION = "RequestInformation"
    RESPONSE_TO_REQUEST_INFORMATION = "ResponseToRequestInformation"
    OFFER_UNSOLICITED_RESOURCE = "OfferUnsolicitedResource"
    RELEASE_RESOURCE = "ReleaseResource"
    REQUEST_RETURN = "RequestReturn"
    RESPONSE_TO_REQUEST_RETURN = "ResponseToRequestReturn"
    REQUEST_QUOTE = "RequestQuote"
    RESPONSE_TO_REQUEST_QUOTE = "ResponseToRequestQuote"
    REQUEST_RESOURCE_DEPLOYMENT_STATUS = "RequestResourceDeploymentStatus"
    REPORT_RESOURCE_DEPLOYMENT_STATUS = "ReportResourceDeploymentStatus"
    REQUEST_EXTENDED_DEPLOYMENT_DURATION = "RequestExtendedDeploymentDuration"
    RESPONSE_TO_REQUEST_EXTENDED_DEPLOYMENT_DURATION = "ResponseToRequestExtendedDeploymentDuration"


class ScheduleType(StrEnum):
    """What a date and place of a line mean."""

    REQUESTED_ARRIVAL = "RequestedArrival"
    ESTIMATED_ARRIVAL = "EstimatedArrival"
    ACTUAL_ARRIVAL = "ActualArrival"
    REQUESTED_DEPARTURE = "RequestedDeparture"
    ESTIMATED_DEPARTURE = "EstimatedDeparture"
    ACTUAL_DEPARTURE = "ActualDeparture"
    REQUESTED_RETURN_DEPARTURE = "RequestedReturnDeparture"
    ESTIMATED_RETURN_DEPARTURE = "EstimatedReturnDeparture"
    ACTUAL_RETURN_DEPARTURE = "ActualReturnDeparture"
    REQUESTED_RETURN_ARRIVAL = "RequestedReturnArrival"
    ESTIMATED_RETURN_ARRIVAL = "EstimatedReturnArrival"
    ACTUAL_RETURN_ARRIVAL = "ActualReturnArrival"
    BEGIN_AVAILABLE = "BeginAvailable"
    END_AVAILABLE = "EndAvailable"
    COMMITTED = "Committed"
    CURRENT = "Current"
    REPORT_TO = "ReportTo"
    ROUTE = "Route"


FIRST_OF_THREAD: Final = frozenset(
    {MessageType.REQUEST_RESOURCE, MessageType.OFFER_UNSOLICITED_RESOURCE}
)
"""Messages that always open a thread."""

RESPONSES: Final = frozenset(
    {
        MessageType.RESPONSE_TO_REQUEST_RESOURCE,
        MessageType.COMMIT_RESOURCE,
        MessageType.RESPONSE_TO_REQUEST_INFORMATION,
        MessageType.RESPONSE_TO_REQUEST_RETURN,
        MessageType.RESPONSE_TO_REQUEST_QUOTE,
        MessageType.RESPONSE_TO_REQUEST_EXTENDED_DEPLOYMENT_DURATION,
    }
)
"""Messages that answer another and must name it."""

_ELEMENTS: Final = """
MessageID                            1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1
SentDateTime                         1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1
MessageContentType                   1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1
MessageDescription                   ? ? ? ? 1 ? ? ? ? ? ? ? ? ? ? ?
OriginatingMessageID                 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1
PrecedingMessageID                   . 1 ? 1 ? 1 . ? ? 1 ? 1 ? ? ? 1
IncidentInformation                  * * * * * * * * * * * * * * * *
MessageRecall                        ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ?
Funding                              * * + * * * . * * * * * * * * *
ContactInformation                   + + + + + + + + + + + + + + + +
ResourceInformation                  + + + + * * + + + + + + + + + +
  ResourceInfoElementID              1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1
  ResponseInformation                . 1 . 1 . ? . ? . 1 ? 1 . ? . 1
    PrecedingResourceInfoElementID   1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1
    ResponseType                     1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1
    ReasonCode                       ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ?
    ResponseReason                   ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ?
  Resource                           1 ? 1 ? ? ? 1 1 1 ? 1 ? 1 ? 1 ?
    ResourceID                       ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ?
    Name                             ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ?
    TypeStructure                    ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ?
    TypeInfo                         ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ?
    Keyword                          * * * * * * * * * * * * * * * *
    Description                      ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ?
    Credentials                      ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ?
    Certifications                   ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ?
    SpecialRequirements              ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ?
    ResponsibleParty                 . ? ? ? ? ? ? ? ? ? ? ? ? ? ? ?
    OwnershipInformation             . ? ? ? ? ? ? ? ? ? ? ? ? ? ? ?
    ResourceStatus                   . ? . ? ? ? ? ? ? 1 . ? . ? ? ?
      InventoryRefreshDateTime       . ? . ? ? ? ? . . . . ? . ? . .
      DeploymentStatus               . ? . ? ? ? ? ? ? 1 . ? . ? ? ?
      Availability                   . ? . . ? ? ? ? ? 1 . ? . ? ? ?
  AssignmentInformation              ? ? 1 ? ? ? ? ? ? ? ? ? ? ? ? ?
    Quantity                         ? ? 1 1 ? ? ? 1 ? ? ? ? ? ? ? ?
    Restrictions                     ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ?
    AnticipatedFunction              ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ?
    PriceQuote                       . ? ? ? ? ? ? ? ? ? . 1 ? ? ? ?
    OrderID                          . . . ? ? ? . ? ? ? . . ? ? ? ?
    AssignmentInstructions           . ? ? ? ? ? ? ? ? ? ? ? ? ? . ?
  ScheduleInformation                * * * * * * * * * * * * * * * *
    ScheduleType                     1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1
    DateTime                         ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ?
    Location                         ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ?
"""

_SCHEDULES: Final = """
RequestedArrival            x x x x x x . x x x x x x x x x
EstimatedArrival            . x x x x x x x x x . x x x x x
ActualArrival               . . . . x x . x x x . . x x x x
RequestedDeparture          x x x x x x . x x x x x x x x x
EstimatedDeparture          . x x x x x x x x x . x x x x x
ActualDeparture             . . . x x x . x x x . . x x x x
RequestedReturnDeparture    . x . x x x x x x x . x x x x x
EstimatedReturnDeparture    x x x x x x . x . x x x x x x x
ActualReturnDeparture       . . . . x x . x . x . . x x . .
RequestedReturnArrival      . x . x x x x x x x . x x x x x
EstimatedReturnArrival      x . x x x x . x . x x x x x x x
ActualReturnArrival         . . . . x x . . . . . . x x . .
BeginAvailable              . x . x x x x x x x . x x x . .
EndAvailable                . x . x x x x x x x . x x x . x
Committed                   . . . x x x . x x x . . x x x x
Current                     . . . x x x . x . x . . . x . .
ReportTo                    x x x x x x . x x x x x x x x x
Route                       x x x x x x x x x x x x x x x x
"""


def schema_file(message: MessageType) -> str:
    """Return the path of a message's schema inside its set."""
    return f"edxl-rm/1.0/EDXL-RM{message}.xsd"


def multiplicity(message: MessageType, path: str) -> str:
    """Return the sign of an element in a message, for example ``"?"``.

    Parameters
    ----------
    message
        The message.
    path
        Names from below the root, joined by ``/``, for example
        ``ResourceInformation/Resource/Name``.

    Raises
    ------
    KeyError
        When no message knows the element.
    """
    return _elements()[path][message]


def schedule_types(message: MessageType) -> frozenset[ScheduleType]:
    """Return the schedule types that a message may hold."""
    return frozenset(kind for kind, signs in _schedules().items() if signs[message] == "x")


@cache
def _elements() -> Mapping[str, Mapping[MessageType, str]]:
    found: dict[str, Mapping[MessageType, str]] = {}
    path: list[str] = []
    for line in _ELEMENTS.strip("\n").splitlines():
        name, *signs = line.split()
        depth = (len(line) - len(line.lstrip())) // 2
        path = [*path[:depth], name]
        found["/".join(path)] = dict(zip(MessageType, signs, strict=True))
    return found


@cache
def _schedules() -> Mapping[ScheduleType, Mapping[MessageType, str]]:
    rows = (line.split() for line in _SCHEDULES.strip("\n").splitlines())
    return {ScheduleType(name): dict(zip(MessageType, signs, strict=True)) for name, *signs in rows}
