"""Hardened reading of XML.

Two passes. The first, with expat, looks at the events only and refuses, before any tree exists: a
document type declaration (and with it every entity, DTD and external subset), depth over the limit,
too many elements or attributes, and encodings outside a short list. The second builds the tree with
libxml2, entities unresolved, network shut, comments and processing instructions left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.parsers import expat

from passerelle.kernel.problems import Issue
from passerelle.standards.problems import FormatError

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["Limits", "guard_xml", "line_of", "read_xml"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bound what is read.

    Parameters
    ----------
    n_bytes
        Longest document.
    depth
        Deepest nesting of elements.
    n_elements
        Most elements.
    n_attributes
        Most attributes of one element.
    """

    n_bytes: int = 4 * 1024 * 1024
    depth: int = 64
    n_elements: int = 100_000
    n_attributes: int = 64

    def __post_init__(self) -> None:
        for name in ("n_bytes", "depth", "n_elements", "n_attributes"):
            if getattr(self, name) < 1:
                raise ValueError(f"Expected {name} >= 1, got {getattr(self, name)}.")


_ENCODINGS: Final = frozenset({"utf-8", "us-ascii", "iso-8859-1", "utf-16"})
_DEFAULT: Final = Limits()


def read_xml(content: bytes, *, name: str, limits: Limits = _DEFAULT) -> etree._Element:
    """Read a document from outside and return its root element.

    Parameters
    ----------
    content
        The document.
    name
        Name of the document in error messages.
    limits
        Bounds.

    Returns
    -------
    etree._Element
        The root; no comment, no processing instruction, no entity in the tree.

    Raises
    ------
    FormatError
        When the document is too long, not well formed, or holds what is refused.
    """
    from lxml import etree  # noqa: PLC0415 - slow import

    guard_xml(content, name=name, limits=limits)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
    )
    try:
        return etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 0
        raise _refused(name, line, "xml.not-well-formed", "well-formed XML", error) from None


def guard_xml(content: bytes, *, name: str, limits: Limits = _DEFAULT) -> None:
    """Make only the first pass: for documents that another library will build.

    Parameters
    ----------
    content, name, limits
        As in :func:`read_xml`.

    Raises
    ------
    FormatError
        When the document is too long, not well formed, or holds what is refused.
    """
    if len(content) > limits.n_bytes:
        raise _refused(name, 0, "xml.too-long", f"at most {limits.n_bytes} bytes", len(content))
    _Guard(name, limits).pass_over(content)


def line_of(element: etree._Element) -> int:
    """Return the line on which an element begins; 0 when it was not read from a document."""
    line: object = element.sourceline  # the stubs give it no type
    return line if isinstance(line, int) else 0


def _refused(name: str, line: int, code: str, expected: str, found: object) -> FormatError:
    return FormatError([Issue(name, line, "", code, expected, str(found)[:80])])


class _Guard:
    """Watch the events of a first pass and refuse what the limits and rules do not allow."""

    def __init__(self, name: str, limits: Limits) -> None:
        self._name = name
        self._limits = limits
        self._depth = 0
        self._n_elements = 0
        self._parser = expat.ParserCreate()
        self._parser.XmlDeclHandler = self._declaration
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def pass_over(self, content: bytes) -> None:
        """Read all events.

        Raises
        ------
        FormatError
            At the first thing refused.
        """
        try:
            self._parser.Parse(content, True)
        except expat.ExpatError as error:
            found = expat.ErrorString(error.code)
            raise _refused(
                self._name, error.lineno, "xml.not-well-formed", "well-formed XML", found
            ) from None
        except (LookupError, ValueError, UnicodeError) as error:
            raise self._refused("xml.encoding", "a known encoding", error) from None

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in _ENCODINGS:
            expected = "an encoding of " + ", ".join(sorted(_ENCODINGS))
            raise self._refused("xml.encoding", expected, encoding)

    def _doctype(self, name: str, *_: object) -> None:
        raise self._refused("xml.doctype", "no document type declaration", name)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._n_elements += 1
        if self._depth > self._limits.depth:
            expected = f"elements at most {self._limits.depth} deep"
            raise self._refused("xml.too-deep", expected, tag)
        if self._n_elements > self._limits.n_elements:
            expected = f"at most {self._limits.n_elements} elements"
            raise self._refused("xml.too-many-elements", expected, tag)
        if len(attributes) > self._limits.n_attributes:
            expected = f"at most {self._limits.n_attributes} attributes"
            raise self._refused("xml.too-many-attributes", expected, tag)

    def _end(self, _tag: str) -> None:
        self._depth -= 1

    def _refused(self, code: str, expected: str, found: object) -> FormatError:
        line = self._parser.CurrentLineNumber
        return _refused(self._name, line, code, expected, found)
