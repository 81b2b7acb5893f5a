"""EDXL-RM out: value → tree by the table of shapes → our own reader and the schema → bytes.

What is written is read back before it leaves. If the reader finds an issue or another value, the
message does not leave: then it could not have been carried whole.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from passerelle.kernel.problems import Issue
from passerelle.standards.problems import FormatError
from passerelle.standards.rm.reading import read_message
from passerelle.standards.rm.shapes import SHAPES, Content, Part, namespace_of
from passerelle.standards.rm.tables import NS_MESSAGE, NS_TYPES

if TYPE_CHECKING:
    from lxml import etree

    from passerelle.standards.rm.tables import MessageType
    from passerelle.standards.rm.values import Message
    from passerelle.standards.xml import SchemaFolder

__all__ = ["write_message"]


def write_message(message: Message, *, schemas: SchemaFolder | None = None) -> bytes:
    """Write one message.

    Parameters
    ----------
    message
        The message.
    schemas
        Folder of published schemas; without it only our own checks stand before the exit.

    Returns
    -------
    bytes
        The XML document in UTF-8.

    Raises
    ------
    FormatError
        When the message breaks the standard, or holds what it cannot carry.
    """
    from lxml import etree  # noqa: PLC0415 - slow import

    root = etree.Element(
        f"{{{NS_MESSAGE}}}{message.type}", nsmap={"rmsg": NS_MESSAGE, "rm": NS_TYPES}
    )
    try:
        _fill(root, message, message.type)
    except ValueError as error:
        issue = Issue(message.id, 0, "", "rm.text", "texts that XML can carry", str(error))
        raise FormatError([issue]) from None
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    if read_message(content, name=message.id, schemas=schemas).message != message:
        issue = Issue(message.id, 0, "", "rm.not-carried", "content that is read back the same")
        raise FormatError([issue])
    return content


# The table decides which class has which fields; mypy cannot follow it, hence Any.
def _fill(parent: etree._Element, value: Any, kind: MessageType) -> None:
    for part in SHAPES[type(value)]:
        content = getattr(value, part.field)
        if content is None:
            continue
        for item in content if isinstance(content, tuple) else (content,):
            parent.append(_element(part, item, type(value), kind))


def _element(part: Part, item: Any, owner: type, kind: MessageType) -> etree._Element:
    from lxml import etree  # noqa: PLC0415 - slow import

    tag = f"{{{namespace_of(part, owner, kind)}}}{part.tag}"
    if part.content is Content.FRAGMENT:
        element: etree._Element = item.element()
        if element.tag != tag:
            raise ValueError(f"Expected a {part.tag}, got {element.tag!r}.")
        return element
    element = etree.Element(tag)
    if part.content is Content.VALUE:
        _fill(element, item, kind)
    elif part.content is Content.INSTANT:
        element.text = _instant(item)
    elif part.content is Content.AMOUNT:
        element.text = _amount(item)
    else:
        element.text = str(item)
    return element


def _instant(instant: datetime) -> str:
    """Write ``+00:00``: the standard forbids ``Z``."""
    if instant.tzinfo is None or instant.microsecond:
        raise ValueError(f"Expected an aware instant of whole seconds, got {instant!r}.")
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _amount(amount: float) -> str:
    if abs(amount) < 2**53 and amount == int(amount):
        return str(int(amount))
    return {"inf": "INF", "-inf": "-INF", "nan": "NaN"}.get(repr(amount), repr(amount))
