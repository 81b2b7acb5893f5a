"""Event folders on their way in and out: packed to the same bytes, unpacked without surprises.

What comes from outside is checked before it touches the disk: how many files, how large they are
once unpacked, what they are called. A packed folder that we made ourselves has sorted names and no
times, so equal folders have equal digests.
"""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from passerelle.kernel.ids import is_code
from passerelle.kernel.problems import InputError, Issue

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FolderLimits", "pack", "unpack", "unpacked"]

SUFFIXES: Final = frozenset({".toml", ".csv", ".md"})
MOST_FILES: Final = 40
_SETTINGS: Final = "event.toml"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


class FolderLimits:
    """Cap what is taken in.

    Parameters
    ----------
    most_bytes
        All files together, unpacked.
    most_rows
        Lines in one file.
    """

    __slots__ = ("most_bytes", "most_rows")

    def __init__(self, most_bytes: int, most_rows: int) -> None:
        self.most_bytes = most_bytes
        self.most_rows = most_rows


def pack(folder: Path, limits: FolderLimits, *, programme: str | None = None) -> bytes:
    """Pack the files of an event folder under its name; the same files give the same bytes.

    Parameters
    ----------
    folder
        The folder.
    limits
        The caps.
    programme
        File of the sessions that are planned, where the folder holds more than one programme; it
        is written into ``event.toml`` of what is packed. What stands there holds when left out.

    Raises
    ------
    InputError
        When there is no such folder, it holds no table, or it is too large.
    """
    if not folder.is_dir():
        raise InputError(
            [Issue(folder.name, 0, "", "event.no-folder", "an event folder", str(folder))]
        )
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.suffix in SUFFIXES)
    if not files:
        raise InputError(
            [Issue(folder.name, 0, "", "event.empty", "venues.csv and sessions.csv", "no file")]
        )
    _check_sizes({path.name: path.stat().st_size for path in files}, limits)
    contents = {path.name: path.read_bytes() for path in files}
    if programme is not None:
        contents[_SETTINGS] = _choosing(contents.get(_SETTINGS, b""), programme)
    _check_rows(contents, limits)
    return _write(folder.resolve().name, contents)


def unpack(packed: bytes, limits: FolderLimits) -> tuple[str, dict[str, bytes]]:
    """Read a packed folder that came from outside; return its name and its files.

    The name is empty when the files are packed without a folder around them.

    Raises
    ------
    InputError
        When it is no archive, too large once unpacked, or holds names that do not belong there.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(packed))
    except zipfile.BadZipFile:
        raise InputError(
            [Issue("upload", 0, "", "event.not-an-archive", "a ZIP file of an event folder")]
        ) from None
    with archive:
        members = [info for info in archive.infolist() if not info.is_dir()]
        top, names = _flat_names([info.filename for info in members])
        _check_sizes(dict(zip(names, (info.file_size for info in members), strict=True)), limits)
        contents = {
            name: _read_member(archive, info) for name, info in zip(names, members, strict=True)
        }
    _check_rows(contents, limits)
    return top, contents


@contextmanager
def unpacked(packed: bytes, limits: FolderLimits, name: str = "event") -> Iterator[Path]:
    """Lay a packed folder out in a temporary place while the block runs.

    Parameters
    ----------
    packed
        The packed folder.
    limits
        The caps.
    name
        Name of the folder when the archive has none; an event without ``event.toml`` is called so.
    """
    top, contents = unpack(packed, limits)
    with tempfile.TemporaryDirectory(prefix="passerelle-event-") as place:
        folder = Path(place) / (top or name)
        folder.mkdir()
        for file, content in contents.items():
            (folder / file).write_bytes(content)
        yield folder


def _choosing(settings: bytes, programme: str) -> bytes:
    """Write into ``event.toml`` which programme is planned, in place of what it said of that."""
    kept = re.sub(rb"(?m)^programme\s*=.*\n?", b"", settings, count=1)
    return f'programme = "{programme}"\n'.encode() + kept


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(info) as file:
            # One byte more than announced shows an archive that lies about its sizes.
            content = file.read(info.file_size + 1)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error):
        content = b""
    if len(content) != info.file_size:
        raise InputError(
            [Issue(info.filename[:80], 0, "", "event.damaged", "a whole file in the archive")]
        )
    return content


def _write(name: str, contents: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for file in sorted(contents):
            info = zipfile.ZipInfo(f"{name}/{file}", _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            archive.writestr(info, contents[file])
    return sink.getvalue()


def _flat_names(paths: list[str]) -> tuple[str, list[str]]:
    """Drop the one folder that people pack around the files; refuse any other shape."""
    parts = [PurePosixPath(path).parts for path in paths]
    tops = {part[0] for part in parts if part}
    top = ""
    if len(tops) == 1 and all(len(part) == 2 for part in parts):
        top = tops.pop()
        parts = [part[1:] for part in parts]
    issues = [
        Issue(path[:80], 0, "", "event.bad-name", "a file of an event folder (.toml, .csv, .md)")
        for path, part in zip(paths, parts, strict=True)
        if len(part) != 1
        or not is_code(part[0])
        or PurePosixPath(part[0]).suffix not in SUFFIXES
        or (top and not is_code(top))
    ]
    names = [part[-1] for part in parts if part]
    if len(set(names)) != len(names):
        issues.append(Issue("upload", 0, "", "event.double-name", "every file once"))
    if not names:
        issues.append(Issue("upload", 0, "", "event.empty", "venues.csv and sessions.csv"))
    if issues:
        raise InputError(issues)
    return top, names


def _check_sizes(sizes: dict[str, int], limits: FolderLimits) -> None:
    if len(sizes) > MOST_FILES:
        raise InputError(
            [
                Issue(
                    "upload",
                    0,
                    "",
                    "event.too-many",
                    f"{MOST_FILES} files at most",
                    str(len(sizes)),
                )
            ]
        )
    total = sum(sizes.values())
    if total > limits.most_bytes:
        expected = f"{limits.most_bytes // 2**20} MB at most once unpacked"
        raise InputError(
            [Issue("upload", 0, "", "event.too-large", expected, f"{total / 2**20:.1f} MB")]
        )


def _check_rows(contents: dict[str, bytes], limits: FolderLimits) -> None:
    issues = [
        Issue(
            name,
            0,
            "",
            "event.too-many-rows",
            f"{limits.most_rows} rows at most",
            str(content.count(b"\n")),
        )
        for name, content in contents.items()
        if content.count(b"\n") > limits.most_rows + 1
    ]
    if issues:
        raise InputError(issues)
