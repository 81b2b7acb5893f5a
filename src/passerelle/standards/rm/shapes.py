"""How the values of :mod:`values` lie in XML: one table for reading and for writing.

Each value has an ordered list of parts. A part names the element, its namespace, the field, the kind
of content and how often it may occur; for elements whose number differs between messages the sign is
looked up in :mod:`tables` by path. ``Funding`` children are in the message namespace in
RequestResource only: the schemas disagree with one another there, and both are followed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from passerelle.standards.rm import values
from passerelle.standards.rm.tables import NS_MESSAGE, NS_TYPES, MessageType, ScheduleType

__all__ = ["SHAPES", "Content", "Part", "namespace_of"]


class Content(Enum):
    """What an element holds."""

    TEXT = auto()
    URI = auto()
    INSTANT = auto()
    AMOUNT = auto()
    CHOICE = auto()
    VALUE = auto()
    FRAGMENT = auto()


@dataclass(frozen=True, slots=True)
class Part:
    """Describe one child element of a value.

    Parameters
    ----------
    tag, field
        Name of the element and of the dataclass field.
    content
        What it holds.
    sign
        How often: ``1 ? * +``; empty when :mod:`tables` says so for each message.
    of
        Enumeration or value class of the content, where it has one.
    namespace
        Namespace of the element.
    """

    tag: str
    field: str
    content: Content = Content.TEXT
    sign: str = ""
    of: type | None = None
    namespace: str = NS_MESSAGE


def namespace_of(part: Part, owner: type, message: MessageType) -> str:
    """Return the namespace of a part, minding the exception of Funding."""
    if owner is values.Funding and message is MessageType.REQUEST_RESOURCE:
        return NS_MESSAGE
    return part.namespace


def _t(
    tag: str, field: str, content: Content = Content.TEXT, sign: str = "?", of: type | None = None
) -> Part:
    """Describe a part in the namespace of types."""
    return Part(tag, field, content, sign, of, NS_TYPES)


_VALUE, _CHOICE, _INSTANT = Content.VALUE, Content.CHOICE, Content.INSTANT

SHAPES: Final[dict[type, tuple[Part, ...]]] = {
    values.Message: (
        Part("MessageID", "id"),
        Part("SentDateTime", "sent", _INSTANT),
        Part("MessageContentType", "type", _CHOICE, of=MessageType),
        Part("MessageDescription", "description"),
        Part("OriginatingMessageID", "originating_id"),
        Part("PrecedingMessageID", "preceding_id"),
        Part("IncidentInformation", "incidents", _VALUE, of=values.Incident),
        Part("MessageRecall", "recall", _VALUE, of=values.Recall),
        Part("Funding", "funding", _VALUE, of=values.Funding),
        Part("ContactInformation", "contacts", _VALUE, of=values.Contact),
        Part("ResourceInformation", "lines", _VALUE, of=values.Line),
    ),
    values.Line: (
        Part("ResourceInfoElementID", "id"),
        Part("ResponseInformation", "response", _VALUE, of=values.Response),
        Part("Resource", "resource", _VALUE, of=values.Resource),
        Part("AssignmentInformation", "assignment", _VALUE, of=values.Assignment),
        Part("ScheduleInformation", "schedules", _VALUE, of=values.Schedule),
    ),
    values.Resource: (
        Part("ResourceID", "id"),
        Part("Name", "name"),
        Part("TypeStructure", "kind", _VALUE, of=values.ValueList),
        Part("TypeInfo", "type_info", Content.FRAGMENT),
        Part("Keyword", "keywords", _VALUE, of=values.ValueList),
        Part("Description", "description"),
        Part("Credentials", "credentials"),
        Part("Certifications", "certifications"),
        Part("SpecialRequirements", "special_requirements"),
        Part("ResponsibleParty", "responsible", _VALUE, of=values.Contact),
        Part("OwnershipInformation", "ownership", _VALUE, of=values.Ownership),
        Part("ResourceStatus", "status", _VALUE, of=values.ResourceStatus),
    ),
    values.ResourceStatus: (
        Part("InventoryRefreshDateTime", "refreshed", _INSTANT),
        Part("DeploymentStatus", "deployment", _VALUE, of=values.ValueList),
        Part("Availability", "availability"),
    ),
    values.Assignment: (
        Part("Quantity", "quantity", _VALUE, of=values.Quantity),
        Part("Restrictions", "restrictions"),
        Part("AnticipatedFunction", "function"),
        Part("PriceQuote", "price", _VALUE, of=values.Quantity),
        Part("OrderID", "order_id"),
        Part("AssignmentInstructions", "instructions", _VALUE, of=values.Instructions),
    ),
    values.Schedule: (
        Part("ScheduleType", "kind", _CHOICE, of=ScheduleType),
        Part("DateTime", "at", _INSTANT),
        Part("Location", "place", _VALUE, of=values.Location),
    ),
    values.Incident: (_t("IncidentID", "id"), _t("IncidentDescription", "description")),
    values.Recall: (
        _t("RecallMessageID", "message_id", sign="1"),
        _t("RecallType", "kind", _CHOICE, "1", values.RecallType),
    ),
    values.Funding: (_t("FundCode", "code"), _t("FundingInfo", "info")),
    values.Contact: (
        _t("ContactDescription", "description"),
        _t("ContactRole", "role", _CHOICE, "?", values.ContactRole),
        _t("Radio", "radios", _VALUE, "*", values.Radio),
        _t("ContactLocation", "location", _VALUE, "?", values.Location),
        _t("AdditionalContactInformation", "party", Content.FRAGMENT),
    ),
    values.Radio: (
        _t("RadioType", "kind", _VALUE, "1", values.ValueList),
        _t("RadioChannel", "channel", sign="1"),
    ),
    values.Response: (
        _t("PrecedingResourceInfoElementID", "line_id", sign="1"),
        _t("ResponseType", "answer", _CHOICE, "1", values.Answer),
        _t("ReasonCode", "reason_code", _VALUE, "?", values.ValueList),
        _t("ResponseReason", "reason"),
    ),
    values.Ownership: (
        _t("Owner", "owner"),
        _t("OwningJurisdiction", "jurisdiction"),
        _t("HomeDispatch", "home_dispatch"),
        _t("HomeUnit", "home_unit"),
    ),
    values.Quantity: (
        _t("QuantityText", "texts", sign="*"),
        _t("MeasuredQuantity", "measured", _VALUE, "?", values.Measured),
    ),
    values.Measured: (
        _t("Amount", "amount", Content.AMOUNT, "1"),
        _t("UnitOfMeasure", "unit", _VALUE, "?", values.ValueList),
    ),
    values.Instructions: (
        _t("ModeOfTransportation", "transport"),
        _t("NavigationInstructions", "navigation"),
        _t("ReportingInstructions", "reporting"),
    ),
    values.Location: (
        _t("LocationDescription", "description"),
        _t("Address", "address", Content.FRAGMENT),
        _t("TargetArea", "area", Content.FRAGMENT),
    ),
    values.ValueList: (
        _t("ValueListURN", "urn", Content.URI, "1"),
        _t("Value", "values", sign="+"),
    ),
}
"""Every value with its parts, in the order of the schema."""
