"""One element of foreign content, kept whole.

Some places of a format hold any XML (addresses, shapes, extensions). We do not take it apart: it is
kept as exclusive canonical XML (W3C, Exclusive XML Canonicalization 1.0), so that two equal contents
are equal values and what was read is written again. Prefixes that only occur inside texts lose their
binding, which canonicalization cannot see; those in ``xsi:type`` are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from passerelle.kernel.problems import Issue
from passerelle.standards.problems import FormatError
from passerelle.standards.xml.reading import Limits, line_of, read_xml

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["Fragment", "fragment_of"]

XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_LIMITS: Final = Limits(n_bytes=256 * 1024, depth=32, n_elements=5_000)


@dataclass(frozen=True, slots=True)
class Fragment:
    """Hold one element in exclusive canonical form.

    Parameters
    ----------
    xml
        The element; brought into canonical form on the way in.

    Raises
    ------
    FormatError
        When it is not one well-formed element within the limits.
    """

    xml: bytes

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "xml", _canonical(read_xml(self.xml, name="fragment", limits=_LIMITS))
        )

    def element(self) -> etree._Element:
        """Return the element as a tree of its own."""
        return read_xml(self.xml, name="fragment", limits=_LIMITS)


def fragment_of(element: etree._Element) -> Fragment:
    """Cut an element out of a tree."""
    return Fragment(_canonical(element))


def _canonical(element: etree._Element) -> bytes:
    from lxml import etree  # noqa: PLC0415 - slow import

    typed = {
        str(value).split(":", maxsplit=1)[0]
        for part in element.iter()
        for name, value in part.attrib.items()
        if name == f"{{{XSI}}}type" and ":" in str(value)
    }
    try:
        content: bytes = etree.tostring(
            element,
            method="c14n",
            exclusive=True,
            with_tail=False,
            with_comments=False,
            inclusive_ns_prefixes=sorted(typed) or None,
        )
    except (etree.C14NError, ValueError) as error:  # a relative namespace name, for example
        expected = "content with absolute namespace names"
        issue = Issue("fragment", line_of(element), "", "xml.namespace", expected, str(error))
        raise FormatError([issue]) from None
    return content
