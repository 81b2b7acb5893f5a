"""EDXL-RM in: hardened parse → schema (where configured) → structure → prose rules → value.

Structure is checked against :mod:`tables` and :mod:`shapes`, which say the same as the schemas, so a
node without the schema files refuses the same messages. All issues of a message are reported at
once. Nothing unknown is dropped: an element or attribute that the message may not hold is an issue.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.problems import Issue
from passerelle.standards.problems import FormatError
from passerelle.standards.rm import values
from passerelle.standards.rm.rules import Breach, Rule, find_breaches
from passerelle.standards.rm.shapes import SHAPES, Content, Part, namespace_of
from passerelle.standards.rm.tables import (
    NS_MESSAGE,
    MessageType,
    ScheduleType,
    multiplicity,
    schedule_types,
    schema_file,
)
from passerelle.standards.xml import SchemaSet, read_xml
from passerelle.standards.xml.element_reader import ElementReader
from passerelle.standards.xml.fragment import XSI, fragment_of
from passerelle.standards.xml.reading import line_of

if TYPE_CHECKING:
    from datetime import datetime

    from lxml import etree

    from passerelle.standards.xml import SchemaFolder

__all__ = ["Received", "read_message", "read_tree"]


@dataclass(frozen=True, slots=True)
class Received:
    """Hold a message that was read, and what one should know about it.

    Parameters
    ----------
    message
        The message.
    warnings
        Breaches that do not refuse it.
    schema_checked
        Whether it was checked against the published schema; if not, no folder is configured.
    """

    message: values.Message
    warnings: tuple[Breach, ...]
    schema_checked: bool


def read_message(
    content: bytes, *, name: str = "message", schemas: SchemaFolder | None = None
) -> Received:
    """Read one message.

    Parameters
    ----------
    content
        The XML document.
    name
        Name of the document in error messages.
    schemas
        Folder of published schemas; without it the schema check is skipped.

    Raises
    ------
    FormatError
        With every issue of the first stage that found one.
    """
    return read_tree(read_xml(content, name=name), name=name, schemas=schemas)


def read_tree(root: etree._Element, *, name: str, schemas: SchemaFolder | None = None) -> Received:
    """Read one message from a tree that :func:`read_xml` made.

    Parameters
    ----------
    root
        Root element of the message.
    name, schemas
        As in :func:`read_message`.

    Raises
    ------
    FormatError
        With every issue of the first stage that found one.
    """
    kind = _message_type(root, name)
    if schemas is not None:
        issues = schemas.check(root, SchemaSet.RM, schema_file(kind), name=name)
        if issues:
            raise FormatError(issues)
    reader = _Reader(kind, name)
    message = reader.value(values.Message, root, "", "")
    if message is None or reader.issues:
        raise FormatError(reader.issues)
    breaches = find_breaches(message)
    refused = [_issue(breach, name) for breach in breaches if not breach.is_warning]
    if refused:
        raise FormatError(refused)
    return Received(message, breaches, schemas is not None)


def _message_type(root: etree._Element, name: str) -> MessageType:
    tag = str(root.tag)
    for kind in MessageType:
        if tag == f"{{{NS_MESSAGE}}}{kind}":
            return kind
    expected = f"one of the sixteen EDXL-RM messages in {NS_MESSAGE}"
    raise FormatError([Issue(name, line_of(root), "", "rm.unknown-message", expected, tag)])


def _issue(breach: Breach, name: str) -> Issue:
    expected = f"{breach.expected} (rule {breach.rule.number}: {breach.rule.labels.en})"
    return Issue(name, 0, breach.path, breach.rule.code, expected, breach.found)


_HINTS: Final = frozenset({f"{{{XSI}}}schemaLocation", f"{{{XSI}}}noNamespaceSchemaLocation"})
_INSTANT: Final = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?", re.ASCII
)
_DOUBLE: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|-?INF|NaN", re.ASCII)
_MANY: Final = frozenset("*+")
_NEEDED: Final = frozenset("1+")


class _Reader(ElementReader):
    """Turn elements into values by the table of shapes, collecting issues on the way."""

    def __init__(self, kind: MessageType, name: str) -> None:
        super().__init__(name, "rm")
        self._kind = kind

    # The table decides which class is built from which fields; mypy cannot follow it, hence Any.
    def value(self, of: type, element: etree._Element, path: str, place: str) -> Any:
        """Read one element with children.

        Parameters
        ----------
        of
            Class of the value.
        element
            The element.
        path
            Names from below the root, for :func:`multiplicity`.
        place
            The same with numbers, for people.
        """
        self._no_attributes(element, place)
        if (element.text or "").strip() or any((child.tail or "").strip() for child in element):
            self._issue(element, place, "rm.stray-text", "elements only", element.text)
        found = self._children(of, element, path, place)
        fields: dict[str, Any] = {}
        complete = True
        for part in SHAPES[of]:
            sign = self._sign(part, path)
            content = found.get(part.field, [])
            if sign in _MANY:
                fields[part.field] = tuple(content)
            elif content:
                fields[part.field] = content[0]
            if sign in _NEEDED and not content:
                complete = False
                if part.field not in found:
                    self._issue(element, _join(place, part.tag), "rm.missing", part.tag, "none")
        if not complete or any(None in content for content in found.values()):
            return None
        try:
            return of(**fields)
        except ValueError as error:
            expected = str(error).removeprefix("Expected ").rstrip(".")
            self._issue(element, place, "rm.content", expected, "")
            return None

    def _children(
        self, of: type, element: etree._Element, path: str, place: str
    ) -> dict[str, list[Any]]:
        parts = SHAPES[of]
        tags = [f"{{{namespace_of(part, of, self._kind)}}}{part.tag}" for part in parts]
        found: dict[str, list[Any]] = {}
        position = 0
        for child in element:
            tag = str(child.tag)
            if tag not in tags:
                expected = "one of " + ", ".join(part.tag for part in parts)
                self._issue(child, place, "rm.unknown-element", expected, tag)
                continue
            index = tags.index(tag)
            part = parts[index]
            sign = self._sign(part, path)
            here = _join(place, part.tag)
            number = len(found.setdefault(part.field, [])) + 1
            if index < position:
                self._issue(
                    child, here, "rm.order", "elements in the order of the schema", part.tag
                )
            position = max(position, index)
            if sign == ".":
                self._issue(child, here, "rm.not-allowed", f"no {part.tag} in {self._kind}", "one")
            elif number > 1 and sign not in _MANY:
                self._issue(child, here, "rm.too-many", f"one {part.tag}", str(number))
            if sign in _MANY:
                here += f"[{number}]"
            found[part.field].append(self._content(part, child, _join(path, part.tag), here))
        return found

    def _content(self, part: Part, element: etree._Element, path: str, place: str) -> Any:
        if part.content is Content.FRAGMENT:
            try:
                return fragment_of(element)
            except FormatError as error:
                self.issues.extend(error.issues)
                return None
        if part.content is Content.VALUE:
            assert part.of is not None
            return self.value(part.of, element, path, place)
        self._no_attributes(element, place)
        if len(element):
            self._issue(element, place, "rm.stray-element", "text only", str(element[0].tag))
            return None
        return self._text(part, element, place)

    def _text(self, part: Part, element: etree._Element, place: str) -> Any:
        text = element.text or ""
        if part.content is Content.URI:
            return " ".join(text.split())
        if part.content is Content.INSTANT:
            return self._instant(element, place, text.strip())
        if part.content is Content.AMOUNT:
            return self._amount(element, place, text.strip())
        return self._choice(part, element, place, text) if part.of else text

    def _choice(self, part: Part, element: etree._Element, place: str, text: str) -> Any:
        assert part.of is not None
        allowed = {str(choice) for choice in part.of}  # type: ignore[attr-defined]  # an enum
        if part.of is MessageType:
            allowed = {str(self._kind)}
        elif part.of is ScheduleType:
            allowed = {str(kind) for kind in schedule_types(self._kind)}
        return self._one_of(element, place, text, {one: part.of(one) for one in allowed})

    def _instant(self, element: etree._Element, place: str, text: str) -> datetime | None:
        match = _INSTANT.fullmatch(text)
        if match is not None and match[3] in {None, "Z"}:
            expected = f"an offset such as +00:00 (rule 3: {Rule.INSTANT.labels.en})"
            self._issue(element, place, Rule.INSTANT.code, expected, text)
            return None
        if match is None or match[2] is not None:
            self._issue(element, place, "rm.instant", "a date-time in whole seconds", text)
            return None
        return self._at(element, place, text, "a date and time that exist")

    def _amount(self, element: etree._Element, place: str, text: str) -> float | None:
        if _DOUBLE.fullmatch(text) is None:
            self._issue(element, place, "rm.amount", "a number", text)
            return None
        return float(text)

    def _no_attributes(self, element: etree._Element, place: str) -> None:
        for name in element.attrib:
            if str(name) not in _HINTS:
                self._issue(element, place, "rm.attribute", "no attribute", str(name))

    def _sign(self, part: Part, path: str) -> str:
        return part.sign or multiplicity(self._kind, _join(path, part.tag))


def _join(path: str, tag: str) -> str:
    return f"{path}/{tag}" if path else tag
