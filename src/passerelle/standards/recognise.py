"""Saying what a file from outside is, and whether it holds: for the command line and for inboxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.problems import Issue
from passerelle.standards.de import read_envelope
from passerelle.standards.de.values import NS_DE
from passerelle.standards.problems import FormatError
from passerelle.standards.rm import read_message
from passerelle.standards.rm.tables import NS_MESSAGE
from passerelle.standards.samu import read_distribution
from passerelle.standards.stix import StixSchemas, find_faults
from passerelle.standards.strict_json import read_json
from passerelle.standards.xml import Limits, SchemaFolder, read_xml

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Recognised", "recognise"]

_LARGE: Final = 24 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Recognised:
    """Say what a file is.

    Parameters
    ----------
    format
        Name of the format.
    contents
        What is in it, one line each.
    warnings
        What is worth a look and refuses nothing.
    schema_checked
        Whether the published schema was asked too.
    """

    format: str
    contents: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    schema_checked: bool = False


def recognise(content: bytes, *, name: str, schemas: Path | None = None) -> Recognised:
    """Read a file whose format is not known beforehand.

    Parameters
    ----------
    content
        The file.
    name
        Its name in error messages.
    schemas
        Folder of published schemas; ``None`` to skip that check.

    Raises
    ------
    FormatError
        When it is none of the formats we read, or breaks its own rules.
    SchemaFolderError
        When the folder is absent or holds other files than the published ones.
    """
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _json(content, name, schemas)
    root = read_xml(content, name=name, limits=Limits(n_bytes=_LARGE))
    folder = SchemaFolder(schemas) if schemas is not None else None
    if str(root.tag).startswith(f"{{{NS_MESSAGE}}}"):
        return _message(content, name, folder)
    if str(root.tag).startswith(f"{{{NS_DE}}}"):
        envelope = read_envelope(content, name=name, schemas=folder)
        inside = [_message(one.xml, name, folder) for one in envelope.payloads]
        head = f"{envelope.kind} {envelope.id}, {envelope.status}, from {envelope.sender}"
        handling = f"TLP:{envelope.handling.tlp}" if envelope.handling else "no handling of ours"
        return Recognised(
            "EDXL-DE 2.0",
            (head, handling, *(line for one in inside for line in one.contents)),
            tuple(warning for one in inside for warning in one.warnings),
            folder is not None,
        )
    expected = "EDXL-RM, EDXL-DE, STIX or a message of the French health hub"
    raise FormatError([Issue(name, 1, "", "format.unknown", expected, str(root.tag)[:80])])


def _message(content: bytes, name: str, schemas: SchemaFolder | None) -> Recognised:
    received = read_message(content, name=name, schemas=schemas)
    message = received.message
    head = f"{message.type} {message.id}, {len(message.lines)} line(s)"
    warnings = (
        f"{one.path}: expected {one.expected} (rule {one.rule.number})" for one in received.warnings
    )
    return Recognised("EDXL-RM 1.0", (head,), tuple(warnings), received.schema_checked)


def _json(content: bytes, name: str, schemas: Path | None) -> Recognised:
    document: Any = read_json(content, name=name, n_bytes=_LARGE)  # any shape is possible
    if document.get("type") != "bundle":
        distribution = read_distribution(content, name=name)
        head = f"{type(distribution.message).__name__} {distribution.id}, {distribution.status}"
        return Recognised("French health hub", (head,))
    objects = document.get("objects")
    if not isinstance(objects, list) or not all(
        isinstance(one, dict) and {"id", "type"} <= one.keys() for one in objects
    ):
        raise FormatError([Issue(name, 0, "objects", "stix.bundle", "a list of STIX objects")])
    if schemas is None:
        expected = "a folder of schemas (--schemas): without it STIX is not examined"
        raise FormatError([Issue(name, 0, "", "stix.no-schemas", expected)])
    judge = StixSchemas(schemas)
    issues = [issue for one in objects for issue in judge.check(one, name=name)]
    if issues:
        raise FormatError(issues)
    faults = tuple(str(issue) for issue in find_faults(objects, name=name))
    kinds = sorted({str(one["type"]) for one in objects})
    return Recognised("STIX 2.1", (f"{len(objects)} object(s): {', '.join(kinds)}",), faults, True)
