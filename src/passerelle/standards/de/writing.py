"""EDXL-DE out: value → envelope, read back before it leaves.

Every text of an envelope is a token of 1 to 1,023 characters; a longer or empty one is refused here,
since a validator on the other side would refuse it there.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from passerelle.kernel.problems import Issue
from passerelle.standards.de.reading import read_envelope
from passerelle.standards.de.values import (
    ADDRESS_SCHEME,
    KEYWORDS,
    NS_CT,
    NS_DE,
    NS_EXT,
    NS_XLINK,
)
from passerelle.standards.marks import MarkError, Status
from passerelle.standards.problems import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

    from passerelle.standards.de.values import Attachment, Envelope
    from passerelle.standards.xml import SchemaFolder
    from passerelle.standards.xml.fragment import Fragment

__all__ = ["write_envelope"]

_STATUS: Final = {
    Status.ACTUAL: "Actual",
    Status.EXERCISE: "Exercise",
    Status.TEST: "Test",
}


def write_envelope(envelope: Envelope, *, schemas: SchemaFolder | None = None) -> bytes:
    """Write an envelope.

    Parameters
    ----------
    envelope
        The envelope; its handling must be set, nothing leaves unmarked.
    schemas
        Folder of published schemas.

    Raises
    ------
    MarkError
        When the envelope has no handling, or is a system notice of an exercise or test.
    FormatError
        When it holds what the format cannot carry.
    """
    from lxml import etree  # noqa: PLC0415 - slow import

    if envelope.handling is None:
        raise MarkError("Expected handling marks, got none.", code="de.no-handling")
    if envelope.is_system and envelope.status is not Status.ACTUAL:
        raise MarkError(
            "Expected a notice that is meant; the format cannot mark a {status} notice.",
            code="de.system-status",
            status=envelope.status,
        )
    root = etree.Element(
        f"{{{NS_DE}}}edxlDistribution",
        {f"{{{NS_XLINK}}}type": "extended"},
        # The stubs forget that None names the default namespace.
        nsmap={None: NS_DE, "xlink": NS_XLINK, "ct": NS_CT, "ext": NS_EXT},  # type: ignore[dict-item]
    )
    try:
        _head(root, envelope)
        _descriptor(root, envelope)
        _content(root, envelope)
    except ValueError as error:
        issue = Issue(envelope.id, 0, "", "de.text", "tokens of 1 to 1,023 characters", str(error))
        raise FormatError([issue]) from None
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    if read_envelope(content, name=envelope.id, schemas=schemas) != envelope:
        issue = Issue(envelope.id, 0, "", "de.not-carried", "content that is read back the same")
        raise FormatError([issue])
    return content


def _head(root: etree._Element, envelope: Envelope) -> None:
    _text(root, "distributionID", envelope.id)
    _text(root, "senderID", envelope.sender)
    _text(root, "dateTimeSent", _instant(envelope.sent))
    _text(root, "dateTimeExpires", _instant(envelope.expires))
    status = "System" if envelope.is_system else _STATUS[envelope.status]
    _text(root, "distributionStatus", status)
    _text(root, "distributionKind", envelope.kind)
    for extension in envelope.extensions:
        element = _child(root, "extension", NS_EXT)
        _text(element, "community", extension.community, NS_EXT)
        _text(element, "id", extension.id, NS_EXT)
        for name, values in extension.parameters:
            parameter = _child(element, "parameter", NS_EXT)
            _text(parameter, "nameURI", name, NS_EXT)
            for value in values:
                _text(parameter, "value", value, NS_EXT)


def _descriptor(root: etree._Element, envelope: Envelope) -> None:
    descriptor = _child(root, "descriptor")
    descriptor.set(f"{{{NS_XLINK}}}type", "resource")
    _text(descriptor, "combinedConfidentiality", "Unclassified")
    if envelope.language:
        _text(descriptor, "language", envelope.language)
    _unread(descriptor, envelope, "senderRole", "recipientRole")
    for urn, values in (*_handling(envelope), *envelope.keywords):
        keyword = _child(descriptor, "keyword")
        _text(keyword, "ValueListURI", urn, NS_CT)
        for value in values:
            _text(keyword, "Value", value, NS_CT)
    if envelope.recipients:
        address = _child(descriptor, "explicitAddress")
        _text(address, "explicitAddressScheme", ADDRESS_SCHEME)
        for recipient in envelope.recipients:
            _text(address, "explicitAddressValue", recipient)
    _unread(descriptor, envelope, "explicitAddress", "targetAreas")
    for name in ("urgency", "severity", "certainty"):
        if getattr(envelope, name):
            _text(descriptor, name, getattr(envelope, name))
    for incident in envelope.incident_ids:
        _text(descriptor, "incidentID", incident)
    for incident in envelope.incidents:
        _text(descriptor, "incidentDescription", incident)
    _unread(descriptor, envelope, "link", "extension")


def _handling(envelope: Envelope) -> Iterator[tuple[str, tuple[str, ...]]]:
    handling = envelope.handling
    assert handling is not None
    yield KEYWORDS["tlp"], (handling.tlp.value,)
    if handling.marks:
        yield KEYWORDS["marks"], handling.marks
    if handling.releasable_to:
        yield KEYWORDS["releasable_to"], handling.releasable_to
    yield KEYWORDS["onward"], (handling.onward.value,)


def _unread(descriptor: etree._Element, envelope: Envelope, *tags: str) -> None:
    for fragment in envelope.unread:
        element = fragment.element()
        if str(element.tag).rpartition("}")[2] in tags:
            descriptor.append(element)


def _content(root: etree._Element, envelope: Envelope) -> None:
    if not envelope.payloads and not envelope.attachments:
        return
    content = _child(root, "content")
    content.set(f"{{{NS_XLINK}}}type", "resource")
    for payload in envelope.payloads:
        _payload(_object(content), payload)
    for attachment in envelope.attachments:
        _attachment(_object(content), attachment)


def _object(content: etree._Element) -> etree._Element:
    element = _child(content, "contentObject")
    element.set(f"{{{NS_XLINK}}}type", "resource")
    return element


def _payload(parent: etree._Element, payload: Fragment) -> None:
    inside = _child(_child(parent, "contentXML"), "embeddedXMLContent")
    inside.append(payload.element())


def _attachment(parent: etree._Element, attachment: Attachment) -> None:
    other = _child(parent, "otherContent")
    _text(other, "mimeType", attachment.media_type)
    _text(other, "size", str(len(attachment.content)))
    _text(other, "digest", base64.b64encode(attachment.digest).decode("ascii"))
    element = _child(other, "contentData")
    element.text = base64.b64encode(attachment.content).decode("ascii")


def _child(parent: etree._Element, tag: str, namespace: str = NS_DE) -> etree._Element:
    from lxml import etree  # noqa: PLC0415 - slow import

    return etree.SubElement(parent, f"{{{namespace}}}{tag}")


def _text(parent: etree._Element, tag: str, text: str, namespace: str = NS_DE) -> None:
    if not 1 <= len(text) <= 1023 or text != " ".join(text.split()):
        raise ValueError(f"{tag}: {text[:40]!r}")
    _child(parent, tag, namespace).text = text


def _instant(instant: datetime) -> str:
    if instant.tzinfo is None or instant.microsecond:
        raise ValueError(f"Expected an aware instant of whole seconds, got {instant!r}.")
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
