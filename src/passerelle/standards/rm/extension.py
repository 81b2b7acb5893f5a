"""Our extension of EDXL-RM: what the standard cannot say, in one strict child of TypeInfo.

``TypeInfo`` may hold any XML. We put one element there, ``urn:passerelle:rm-ext:1``, with the full
record of a line and, in the first line of a message, the other fields of the act and the proof that
points into the log (entry id, size, root). Records are canonical JSON (RFC 8785). A reader who does
not know the extension loses what :mod:`losses` lists; one who does gets the record back whole, and
checks that it agrees with what the message says in its own elements.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.canonical import canonical_bytes
from passerelle.kernel.problems import Issue
from passerelle.standards.problems import FormatError
from passerelle.standards.rm.tables import NS_MESSAGE
from passerelle.standards.xml.fragment import Fragment, fragment_of
from passerelle.standards.xml.reading import line_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml import etree

    from passerelle.kernel.canonical import Json

__all__ = ["NS_EXTENSION", "Extension", "Proof", "read_extension", "write_extension"]

NS_EXTENSION: Final = "urn:passerelle:rm-ext:1"
_MAX_JSON: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Proof:
    """Point into the log: entry id, size of the tree and its root, in hexadecimal."""

    entry: str
    size: int
    root: str


@dataclass(frozen=True, slots=True)
class Extension:
    """Hold what our child of TypeInfo says.

    Parameters
    ----------
    record
        The full record of the line; ``None`` when the line has none.
    act
        The other fields of the act; in the first line only.
    proof
        Where the act stands in the log.
    """

    record: Mapping[str, Json] | None = None
    act: Mapping[str, Json] | None = None
    proof: Proof | None = None


def write_extension(extension: Extension) -> Fragment:
    """Write TypeInfo with our extension."""
    from lxml import etree  # noqa: PLC0415 - slow import

    root = etree.Element(f"{{{NS_MESSAGE}}}TypeInfo", nsmap={"rmsg": NS_MESSAGE})
    child = etree.SubElement(
        root, f"{{{NS_EXTENSION}}}extension", {"version": "1"}, nsmap={"px": NS_EXTENSION}
    )
    if extension.proof is not None:
        proof = extension.proof
        etree.SubElement(
            child,
            f"{{{NS_EXTENSION}}}proof",
            {"entry": proof.entry, "size": str(proof.size), "root": proof.root},
        )
    for name, value in (("act", extension.act), ("record", extension.record)):
        if value is not None:
            element = etree.SubElement(child, f"{{{NS_EXTENSION}}}{name}")
            element.text = canonical_bytes(dict(value)).decode("utf-8")
    return fragment_of(root)


def read_extension(type_info: Fragment | None, *, name: str) -> Extension | None:
    """Read our extension; ``None`` when TypeInfo is absent or holds something else.

    Parameters
    ----------
    type_info
        TypeInfo of a resource.
    name
        Name of the document in error messages.

    Raises
    ------
    FormatError
        When it is our extension and not as it must be.
    """
    if type_info is None:
        return None
    root = type_info.element()
    ours = [child for child in root if str(child.tag).startswith(f"{{{NS_EXTENSION}}}")]
    if not ours:
        return None
    element = ours[0]
    if len(ours) > 1 or element.tag != f"{{{NS_EXTENSION}}}extension" or len(root) > 1:
        raise _refused(element, name, "one extension and nothing beside it")
    if list(element.attrib.items()) != [("version", "1")]:
        raise _refused(element, name, "version 1")
    texts: dict[str, Mapping[str, Json]] = {}
    proof = None
    for child in element:
        tag = str(child.tag).removeprefix(f"{{{NS_EXTENSION}}}")
        if tag == "proof" and proof is None and len(child) == 0:
            proof = _proof(child, name)
        elif tag in {"act", "record"} and tag not in texts and not child.attrib and not len(child):
            texts[tag] = _json(child, name)
        else:
            raise _refused(child, name, "proof, act and record, each once at most")
    return Extension(texts.get("record"), texts.get("act"), proof)


def _proof(element: etree._Element, name: str) -> Proof:
    values = {str(key): str(value) for key, value in element.attrib.items()}
    if values.keys() != {"entry", "size", "root"} or not values["size"].isascii():
        raise _refused(element, name, "entry, size and root")
    if not values["size"].isdecimal() or len(values["size"]) > 16:
        raise _refused(element, name, "a size in decimal")
    return Proof(values["entry"], int(values["size"]), values["root"])


def _json(element: etree._Element, name: str) -> Mapping[str, Json]:
    text = element.text or ""
    try:
        # json gives whatever was written; the checks below narrow it.
        value: Any = json.loads(text) if len(text) <= _MAX_JSON else None
        is_canonical = isinstance(value, dict) and canonical_bytes(value).decode("utf-8") == text
    except (ValueError, RecursionError):
        is_canonical = False
    if not is_canonical:
        raise _refused(element, name, "an object in canonical JSON (RFC 8785)")
    record: Mapping[str, Json] = value
    return record


def _refused(element: etree._Element, name: str, expected: str) -> FormatError:
    place = "Resource/TypeInfo"
    return FormatError([Issue(name, line_of(element), place, "rm.extension", expected)])
