"""EDXL-DE in: hardened parse → lax schema → structure → rules → value with the payloads cut out.

The published schema cannot hold DE and RM in one set (both load an XLink schema for the same
namespace), so the envelope is checked with the lax-payload variant and each payload is cut out and
checked alone by whoever reads it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import TYPE_CHECKING, Any, Final, TypeVar

from passerelle.standards.de.values import (
    ADDRESS_SCHEME,
    KEYWORDS,
    NS_CT,
    NS_DE,
    NS_EXT,
    Attachment,
    Envelope,
    Extension,
    Kind,
)
from passerelle.standards.marks import Handling, Onward, Status, Tlp
from passerelle.standards.problems import FormatError
from passerelle.standards.xml import Limits, SchemaSet, read_xml
from passerelle.standards.xml.element_reader import ElementReader
from passerelle.standards.xml.fragment import fragment_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from lxml import etree

    from passerelle.standards.xml import SchemaFolder
    from passerelle.standards.xml.fragment import Fragment

__all__ = ["read_envelope"]

_T = TypeVar("_T")

_LIMITS: Final = Limits(n_bytes=24 * 1024 * 1024)
_SCHEMA: Final = "edxl-de-v2.0-laxpayload.xsd"
_HEAD: Final = (
    "distributionID",
    "senderID",
    "dateTimeSent",
    "dateTimeExpires",
    "distributionStatus",
    "distributionKind",
)
_STATUS: Final = {
    "Actual": Status.ACTUAL,
    "Exercise": Status.EXERCISE,
    "Test": Status.TEST,
    "System": Status.ACTUAL,
}
_LEVELS: Final = {
    "urgency": {"Immediate", "Expected", "Future", "Past", "Unknown", "NoAppropriateDefault"},
    "severity": {"Extreme", "Severe", "Moderate", "Minor", "Unknown", "NoAppropriateDefault"},
    "certainty": {"Observed", "Likely", "Possible", "Unlikely", "Unknown", "NoAppropriateDefault"},
}
_KEPT: Final = frozenset({"senderRole", "recipientRole", "targetAreas", "link", "extension"})
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", re.ASCII)


def read_envelope(
    content: bytes, *, name: str = "envelope", schemas: SchemaFolder | None = None
) -> Envelope:
    """Read an envelope.

    Parameters
    ----------
    content
        The XML document.
    name
        Name of the document in error messages.
    schemas
        Folder of published schemas; without it only our own checks run.

    Raises
    ------
    FormatError
        With every issue of the first stage that found one.
    """
    root = read_xml(content, name=name, limits=_LIMITS)
    if schemas is not None:
        issues = schemas.check(root, SchemaSet.DE, _SCHEMA, name=name)
        if issues:
            raise FormatError(issues)
    reader = _Reader(name)
    envelope = reader.envelope(root)
    if envelope is None or reader.issues:
        raise FormatError(reader.issues)
    return envelope


class _Reader(ElementReader):
    """Take an envelope apart, collecting issues on the way."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "de")

    def envelope(self, root: etree._Element) -> Envelope | None:
        """Read the root element; ``None`` when an issue was found."""
        if root.tag != f"{{{NS_DE}}}edxlDistribution":
            self._issue(root, "", "de.root", f"edxlDistribution in {NS_DE}", str(root.tag))
            return None
        children = list(root)
        head = [str(child.tag) for child in children[: len(_HEAD)]]
        if head != [f"{{{NS_DE}}}{tag}" for tag in _HEAD]:
            self._issue(root, "", "de.head", "in order " + ", ".join(_HEAD), ", ".join(head))
            return None
        values = dict(zip(_HEAD, children, strict=False))
        sent = self._instant(values["dateTimeSent"])
        expires = self._instant(values["dateTimeExpires"])
        status = self._choice(values["distributionStatus"], _STATUS)
        kind = self._choice(values["distributionKind"], {kind.value: kind for kind in Kind})
        if sent and expires and expires < sent:
            self._issue(root, "dateTimeExpires", "de.expires", "an end after the start", "before")
        extensions = tuple(
            self._extension(child) for child in children if child.tag == f"{{{NS_EXT}}}extension"
        )
        self._rest(children)
        descriptor = root.find(f"{{{NS_DE}}}descriptor")
        described = self._descriptor(descriptor) if descriptor is not None else {}
        payloads, attachments = self._content(root.find(f"{{{NS_DE}}}content"))
        if self.issues or sent is None or expires is None or status is None or kind is None:
            return None
        return Envelope(
            id=_token(values["distributionID"]),
            sender=_token(values["senderID"]),
            sent=sent,
            expires=expires,
            status=status,
            kind=kind,
            payloads=payloads,
            attachments=attachments,
            extensions=extensions,
            is_system=_token(values["distributionStatus"]) == "System",
            **described,
        )

    def _rest(self, children: list[etree._Element]) -> None:
        known = {f"{{{NS_EXT}}}extension", f"{{{NS_DE}}}descriptor", f"{{{NS_DE}}}content"}
        for child in children[len(_HEAD) :]:
            if child.tag not in known:
                self._issue(child, "", "de.unknown-element", "extension, descriptor, content", "")
        for tag in known - {f"{{{NS_EXT}}}extension"}:
            if sum(child.tag == tag for child in children) > 1:
                self._issue(children[0], "", "de.too-many", f"one {tag.rpartition('}')[2]}", "more")

    # Keyword arguments of Envelope, each with its own type, hence Any.
    def _descriptor(self, descriptor: etree._Element) -> dict[str, Any]:
        found: dict[str, list[etree._Element]] = {}
        for child in descriptor:
            found.setdefault(str(child.tag).rpartition("}")[2], []).append(child)
        confidentiality = [_token(one) for one in found.pop("combinedConfidentiality", [])]
        if confidentiality not in ([], ["Unclassified"]):
            expected = "Unclassified; classified papers are referenced, not sent"
            self._issue(descriptor, "combinedConfidentiality", "de.classified", expected, "other")
        keywords = [self._keyword(one) for one in found.pop("keyword", [])]
        ours = [one for one in found.get("explicitAddress", []) if _scheme(one) == ADDRESS_SCHEME]
        found["explicitAddress"] = [
            one for one in found.get("explicitAddress", []) if one not in ours
        ]
        values: dict[str, Any] = {
            "handling": self._handling(descriptor, dict(keywords)),
            "keywords": tuple(one for one in keywords if one[0] not in KEYWORDS.values()),
            "recipients": tuple(_token(value) for one in ours for value in list(one)[1:]),
            "language": "".join(_token(one) for one in found.pop("language", [])),
            "incident_ids": tuple(_token(one) for one in found.pop("incidentID", [])),
            "incidents": tuple(_token(one) for one in found.pop("incidentDescription", [])),
        }
        for name, allowed in _LEVELS.items():
            levels = [
                self._choice(one, {level: level for level in allowed})
                for one in found.pop(name, [])
            ]
            values[name] = "".join(level or "" for level in levels)
        for tag in found.keys() - _KEPT - {"explicitAddress"}:
            self._issue(
                found[tag][0], tag, "de.unknown-element", "an element of the descriptor", tag
            )
        values["unread"] = tuple(fragment_of(one) for ones in found.values() for one in ones)
        return values

    def _handling(
        self, element: etree._Element, keywords: dict[str, tuple[str, ...]]
    ) -> Handling | None:
        tlp = keywords.get(KEYWORDS["tlp"])
        if tlp is None:
            return None
        try:
            (onward,) = keywords.get(KEYWORDS["onward"], (Onward.CONSENT.value,))
            (level,) = tlp
            return Handling(
                tlp=Tlp(level),
                marks=keywords.get(KEYWORDS["marks"], ()),
                releasable_to=keywords.get(KEYWORDS["releasable_to"], ()),
                onward=Onward(onward),
            )
        except ValueError as error:
            self._issue(element, "keyword", "de.handling", "handling marks of ours", str(error))
            return None

    def _keyword(self, element: etree._Element) -> tuple[str, tuple[str, ...]]:
        tags = [str(child.tag) for child in element]
        if tags[:1] != [f"{{{NS_CT}}}ValueListURI"] or set(tags[1:]) != {f"{{{NS_CT}}}Value"}:
            self._issue(element, "keyword", "de.keyword", "ValueListURI and Value", ", ".join(tags))
            return "", ()
        urn, *values = (_token(child) for child in element)
        return urn, tuple(values)

    def _extension(self, element: etree._Element) -> Extension:
        texts = {str(child.tag).rpartition("}")[2]: _token(child) for child in element}
        parameters = tuple(
            (_token(parameter[0]), tuple(_token(value) for value in list(parameter)[1:]))
            for parameter in element.findall(f"{{{NS_EXT}}}parameter")
            if len(parameter) > 1
        )
        if not {"community", "id"} <= texts.keys() or not parameters:
            self._issue(element, "extension", "de.extension", "community, id, parameter", "")
        return Extension(texts.get("community", ""), texts.get("id", ""), parameters)

    def _content(
        self, content: etree._Element | None
    ) -> tuple[tuple[Fragment, ...], tuple[Attachment, ...]]:
        payloads: list[Fragment] = []
        attachments: list[Attachment] = []
        for child in content if content is not None else ():
            if child.tag != f"{{{NS_DE}}}contentObject":
                self._issue(child, "content", "de.unknown-element", "contentObject", str(child.tag))
                continue
            embedded = child.find(f"{{{NS_DE}}}contentXML/{{{NS_DE}}}embeddedXMLContent")
            other = child.find(f"{{{NS_DE}}}otherContent")
            if embedded is not None and len(embedded) == 1:
                payloads.append(fragment_of(embedded[0]))
            elif other is not None:
                attachment = self._attachment(other)
                attachments.extend([attachment] if attachment else [])
            else:
                expected = "exactly one embedded element, or other content"
                self._issue(child, "contentObject", "de.content", expected, "")
        return tuple(payloads), tuple(attachments)

    def _attachment(self, element: etree._Element) -> Attachment | None:
        texts = {str(child.tag).rpartition("}")[2]: child.text or "" for child in element}
        try:
            content = base64.b64decode("".join(texts["contentData"].split()), validate=True)
            digest = base64.b64decode("".join(texts.get("digest", "").split()), validate=True)
        except (KeyError, binascii.Error):
            self._issue(element, "otherContent", "de.attachment", "contentData in base64", "")
            return None
        if digest and digest != hashlib.sha256(content).digest():
            self._issue(element, "digest", "de.digest", "the SHA-256 of the content", "another")
        if texts.get("size", str(len(content))).strip() != str(len(content)):
            self._issue(element, "size", "de.size", f"{len(content)} bytes", texts["size"])
        return Attachment(" ".join(texts.get("mimeType", "").split()), content)

    def _instant(self, element: etree._Element) -> datetime | None:
        text, place = _token(element), _place(element)
        expected = "a date-time with offset, without fraction and without Z"
        if _INSTANT.fullmatch(text) is None:
            self._issue(element, place, "de.instant", expected, text)
            return None
        return self._at(element, place, text, expected)

    def _choice(self, element: etree._Element, allowed: Mapping[str, _T]) -> _T | None:
        return self._one_of(element, _place(element), _token(element), allowed)


def _place(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _token(element: etree._Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split())


def _scheme(address: etree._Element) -> str:
    return _token(address[0]) if len(address) else ""
