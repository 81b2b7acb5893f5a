"""Opening a spreadsheet from outside without trusting it.

Before any library builds a workbook: the archive is bounded (length, number and size of parts), every
XML part passes the same guard as any XML (no document type, no entity), and what can act or reach
outside is refused by name: macros, macro sheets, controls, embedded objects, external links, old or
encrypted files.
"""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from typing import TYPE_CHECKING, Final

from passerelle.kernel.problems import Issue
from passerelle.standards.problems import FormatError
from passerelle.standards.xml import Limits
from passerelle.standards.xml.reading import guard_xml

if TYPE_CHECKING:
    from openpyxl import Workbook

__all__ = ["open_workbook"]

_MAX_FILE: Final = 16 * 1024 * 1024
_MAX_PARTS: Final = 2_000
_MAX_PART: Final = 32 * 1024 * 1024
_MAX_ALL: Final = 64 * 1024 * 1024
_XML: Final = Limits(n_bytes=_MAX_PART, n_elements=1_000_000, n_attributes=128)
_ACTIVE: Final = {
    "vbaproject": "no macros",
    "macrosheets": "no macro sheets",
    "dialogsheets": "no dialog sheets",
    "activex": "no controls",
    "ctrlprops": "no controls",
    "embeddings": "no embedded objects",
    "externallinks": "no links to other files",
    "connections.xml": "no data connections",
    "querytables": "no data connections",
    "customui": "no own ribbon",
}
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    UnicodeError,
    ValueError,
)
"""What the standard library raises on archives that are not what they say."""
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def open_workbook(content: bytes, *, name: str) -> Workbook:
    """Open a workbook from outside.

    Parameters
    ----------
    content
        The file.
    name
        Name of the file in error messages.

    Raises
    ------
    FormatError
        When the file is no plain XLSX within the bounds.
    """
    from openpyxl import load_workbook  # noqa: PLC0415 - slow import

    _guard_archive(content, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on parts it leaves out, such as themes
            return load_workbook(io.BytesIO(content), data_only=False, keep_links=False)
    except Exception as error:  # noqa: BLE001 - the library raises whatever a broken part provokes
        raise _refused(name, "form.not-readable", "a readable XLSX file", str(error)) from None


def _guard_archive(content: bytes, name: str) -> None:
    if len(content) > _MAX_FILE:
        raise _refused(name, "form.too-long", f"at most {_MAX_FILE} bytes", str(len(content)))
    if content.startswith(_OLE):
        expected = "an XLSX file without password; neither the old XLS format"
        raise _refused(name, "form.not-xlsx", expected, "OLE2 container")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _guard_parts(archive, name)
    except _BROKEN as error:
        raise _refused(name, "form.not-xlsx", "an XLSX file", str(error)) from None


def _guard_parts(archive: zipfile.ZipFile, name: str) -> None:
    parts = archive.infolist()
    total = sum(part.file_size for part in parts)
    if len(parts) > _MAX_PARTS or total > _MAX_ALL or any(p.file_size > _MAX_PART for p in parts):
        expected = f"at most {_MAX_PARTS} parts and {_MAX_ALL} bytes unpacked"
        raise _refused(name, "form.too-large", expected, f"{len(parts)} parts, {total} bytes")
    if "[Content_Types].xml" not in archive.namelist():
        raise _refused(name, "form.not-xlsx", "an XLSX file", "another archive")
    for part in parts:
        lowered = part.filename.lower()
        for sign, expected in _ACTIVE.items():
            if sign in lowered:
                raise _refused(name, "form.active-content", expected, part.filename)
        if lowered.endswith((".xml", ".rels", ".vml")):
            with archive.open(part) as stream:
                text = stream.read(_MAX_PART + 1)  # a part may lie about its size
            guard_xml(text, name=f"{name}/{part.filename}", limits=_XML)
            if b"macroEnabled" in text and lowered == "[content_types].xml":
                raise _refused(name, "form.active-content", "no macros", "a macro-enabled file")


def _refused(name: str, code: str, expected: str, found: str) -> FormatError:
    return FormatError([Issue(name, 0, "", code, expected, found[:80])])
