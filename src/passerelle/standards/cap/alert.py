"""An alert as CAP 1.2 (OASIS Standard, 2010): out only.

One ``info`` a language, the language always written (absent, it means American English). The rules of
the prose are checked when the value is built: Restricted needs a restriction, Private needs addresses,
Update, Cancel and Ack name what they are about, ids hold no space and no comma, polygons close,
latitude comes first. ``parameter`` carries the entry id and acknowledge-by; handling travels as
scope, restriction and ``code``. The status Draft is never written: a draft does not leave.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from passerelle.kernel.labels import LANGUAGES, Labels
from passerelle.kernel.problems import Issue
from passerelle.standards.marks import Handling, MarkError, Status, Tlp
from passerelle.standards.problems import FormatError
from passerelle.standards.xml import SchemaSet, read_xml

if TYPE_CHECKING:
    from lxml import etree

    from passerelle.standards.xml import SchemaFolder

__all__ = [
    "Alert",
    "Area",
    "Certainty",
    "MessageKind",
    "Reference",
    "Severity",
    "Urgency",
    "write_alert",
]

NS_CAP: Final = "urn:oasis:names:tc:emergency:cap:1.2"
_SCHEMA: Final = "CAP-v1.2.xsd"
_ID: Final = re.compile(r"[^\s,<&]+")
_STATUS: Final = {Status.ACTUAL: "Actual", Status.EXERCISE: "Exercise", Status.TEST: "Test"}
_CATEGORIES: Final = frozenset(
    [
        "Geo",
        "Met",
        "Safety",
        "Security",
        "Rescue",
        "Fire",
        "Health",
        "Env",
        "Transport",
        "Infra",
        "CBRNE",
        "Other",
    ]
)
_RESPONSES: Final = frozenset(
    ["Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"]
)


class MessageKind(StrEnum):
    """What a message does (msgType); Error is for machines and not written."""

    ALERT = "Alert"
    UPDATE = "Update"
    CANCEL = "Cancel"
    ACK = "Ack"


class Urgency(StrEnum):
    """How soon to act."""

    IMMEDIATE = "Immediate"
    EXPECTED = "Expected"
    FUTURE = "Future"
    PAST = "Past"
    UNKNOWN = "Unknown"


class Severity(StrEnum):
    """How bad it is."""

    EXTREME = "Extreme"
    SEVERE = "Severe"
    MODERATE = "Moderate"
    MINOR = "Minor"
    UNKNOWN = "Unknown"


class Certainty(StrEnum):
    """How sure it is."""

    OBSERVED = "Observed"
    LIKELY = "Likely"
    POSSIBLE = "Possible"
    UNLIKELY = "Unlikely"
    UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True)
class Reference:
    """Name an earlier message by sender, identifier and the instant it was sent."""

    sender: str
    identifier: str
    sent: datetime

    def __post_init__(self) -> None:
        _check_ids(sender=self.sender, identifier=self.identifier)


@dataclass(frozen=True, slots=True)
class Area:
    """Name an area in words, with polygons or circles.

    Parameters
    ----------
    description
        In words.
    polygons
        Rings of latitude and longitude in degrees; closed, four points or more.
    circles
        Latitude, longitude, radius in kilometres.
    """

    description: str
    polygons: tuple[tuple[tuple[float, float], ...], ...] = ()
    circles: tuple[tuple[float, float, float], ...] = ()

    def __post_init__(self) -> None:
        for ring in self.polygons:
            if len(ring) < 4 or ring[0] != ring[-1]:
                raise ValueError("Expected a closed polygon of at least four points.")
        points = [point for ring in self.polygons for point in ring]
        points += [(circle[0], circle[1]) for circle in self.circles]
        for lat, lon in points:
            if not (-90 <= lat <= 90 and -180 <= lon <= 180):
                raise ValueError(f"Expected latitude, then longitude in degrees, got {lat}, {lon}.")
        for circle in self.circles:
            if circle[2] < 0:
                raise ValueError(f"Expected a radius >= 0 km, got {circle[2]}.")


@dataclass(frozen=True, slots=True)
class Alert:
    """Hold one alert.

    Parameters
    ----------
    identifier, sender
        Entry id and ``office@node``; no space, comma, ``<`` or ``&``.
    sent
        When it was sent.
    status, handling
        Marks.
    kind
        Alert, update, cancel or acknowledgement.
    event
        Kind of event, in the three languages.
    headline, description, instruction
        Texts in the three languages.
    urgency, severity, certainty
        As the standard has them.
    categories
        At least one category.
    responses
        What to do, of the standard's list.
    addresses
        Nodes addressed, when handling is private.
    references
        Earlier messages; needed for all kinds but Alert.
    expires
        Until when it holds.
    acknowledge_by
        Until when to acknowledge; ``None`` when not asked.
    areas
        Where.
    incident
        Code of the event that it belongs to.
    """

    identifier: str
    sender: str
    sent: datetime
    status: Status
    handling: Handling
    kind: MessageKind
    event: Labels
    headline: Labels
    description: Labels
    urgency: Urgency
    severity: Severity
    certainty: Certainty
    instruction: Labels | None = None
    categories: tuple[str, ...] = ("Security",)
    responses: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    expires: datetime | None = None
    acknowledge_by: datetime | None = None
    areas: tuple[Area, ...] = ()
    incident: str = ""

    def __post_init__(self) -> None:
        _check_ids(identifier=self.identifier, sender=self.sender)
        if self.kind is not MessageKind.ALERT and not self.references:
            raise ValueError(f"Expected references in a message of kind {self.kind}.")
        if not self.categories or not set(self.categories) <= _CATEGORIES:
            raise ValueError(f"Expected categories of CAP 1.2, got {self.categories}.")
        if not set(self.responses) <= _RESPONSES:
            raise ValueError(f"Expected responses of CAP 1.2, got {self.responses}.")
        if self.expires is not None and self.expires <= self.sent:
            raise ValueError(f"Expected expires > sent, got {self.expires}.")

    @property
    def scope(self) -> str:
        """Public for CLEAR, Private where addresses are named, else Restricted."""
        if self.handling.tlp is Tlp.CLEAR and not self.addresses:
            return "Public"
        return "Private" if self.addresses else "Restricted"


def write_alert(alert: Alert, *, schemas: SchemaFolder | None = None) -> bytes:
    """Write an alert.

    Parameters
    ----------
    alert
        The alert.
    schemas
        Folder of published schemas, to check what was written.

    Raises
    ------
    MarkError
        When the alert is for the eyes of named people only (RED) and names no address.
    FormatError
        When a text cannot be carried, or the schema refuses what was written.
    """
    from lxml import etree  # noqa: PLC0415 - slow import

    if alert.handling.tlp is Tlp.RED and not alert.addresses:
        raise MarkError("TLP:RED goes to named addresses only, got none.", code="cap.red")
    root = etree.Element(f"{{{NS_CAP}}}alert", nsmap={None: NS_CAP})  # type: ignore[dict-item]
    try:
        _head(root, alert)
        for language in LANGUAGES:
            _info(root, alert, language)
    except ValueError as error:
        issue = Issue(alert.identifier, 0, "", "cap.text", "texts that XML can carry", str(error))
        raise FormatError([issue]) from None
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    if schemas is not None:
        tree = read_xml(content, name=alert.identifier)
        issues = schemas.check(tree, SchemaSet.CAP, _SCHEMA, name=alert.identifier)
        if issues:
            raise FormatError(issues)
    return content


def _head(root: etree._Element, alert: Alert) -> None:
    _text(root, "identifier", alert.identifier)
    _text(root, "sender", alert.sender)
    _text(root, "sent", _instant(alert.sent))
    _text(root, "status", _STATUS[alert.status])
    _text(root, "msgType", alert.kind)
    _text(root, "scope", alert.scope)
    if alert.scope == "Restricted":
        _text(root, "restriction", f"TLP:{alert.handling.tlp}")
    if alert.addresses:
        _text(root, "addresses", " ".join(map(_quoted, alert.addresses)))
    for code in (f"TLP:{alert.handling.tlp}", *alert.handling.marks):
        _text(root, "code", code)
    if alert.status is not Status.ACTUAL:
        _text(root, "note", _STATUS[alert.status])
    if alert.references:
        triples = (
            f"{one.sender},{one.identifier},{_instant(one.sent)}" for one in alert.references
        )
        _text(root, "references", " ".join(triples))
    if alert.incident:
        _text(root, "incidents", _quoted(alert.incident))


def _info(root: etree._Element, alert: Alert, language: str) -> None:
    info = _child(root, "info")
    _text(info, "language", language)
    for category in alert.categories:
        _text(info, "category", category)
    _text(info, "event", alert.event.get(language))
    for response in alert.responses:
        _text(info, "responseType", response)
    _text(info, "urgency", alert.urgency)
    _text(info, "severity", alert.severity)
    _text(info, "certainty", alert.certainty)
    if alert.expires is not None:
        _text(info, "expires", _instant(alert.expires))
    _text(info, "headline", alert.headline.get(language))
    _text(info, "description", alert.description.get(language))
    if alert.instruction is not None:
        _text(info, "instruction", alert.instruction.get(language))
    _parameter(info, "urn:passerelle:entry", alert.identifier)
    if alert.acknowledge_by is not None:
        _parameter(info, "urn:passerelle:acknowledge-by", _instant(alert.acknowledge_by))
    for area in alert.areas:
        element = _child(info, "area")
        _text(element, "areaDesc", area.description)
        for ring in area.polygons:
            _text(element, "polygon", " ".join(f"{lat:.6f},{lon:.6f}" for lat, lon in ring))
        for lat, lon, radius in area.circles:
            _text(element, "circle", f"{lat:.6f},{lon:.6f} {radius:.3f}")


def _parameter(info: etree._Element, name: str, value: str) -> None:
    element = _child(info, "parameter")
    _text(element, "valueName", name)
    _text(element, "value", value)


def _child(parent: etree._Element, tag: str) -> etree._Element:
    from lxml import etree  # noqa: PLC0415 - slow import

    return etree.SubElement(parent, f"{{{NS_CAP}}}{tag}")


def _text(parent: etree._Element, tag: str, text: str) -> None:
    _child(parent, tag).text = text


def _quoted(text: str) -> str:
    return f'"{text}"' if " " in text else text


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _check_ids(**ids: str) -> None:
    for name, text in ids.items():
        if _ID.fullmatch(text) is None:
            raise ValueError(f"Expected {name} without space, comma, < or &, got {text!r}.")
