"""Event folders on their way in and out: packed to the same bytes, unpacked without surprises.

What comes from outside is checked before it touches the disk: how many files, how large they are
once unpacked, what they are called. A packed folder that we made ourselves has sorted names and no
times, so equal folders have equal digests.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from passerelle.kernel.problems import InputError, Issue

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FolderLimits", "pack", "unpack", "unpacked"]

SUFFIXES: Final = frozenset({".toml", ".csv", ".md"})
MOST_FILES: Final = 40
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


def pack(folder: Path, limits: FolderLimits) -> bytes:
    """Pack the files of an event folder; the same files give the same bytes.

    Raises
    ------
    InputError
        When there is no such folder, it lacks ``event.toml``, or it is too large.
    """
    if not (folder / "event.toml").is_file():
        raise InputError(
            [Issue(folder.name, 0, "", "event.no-folder", "a folder with event.toml", str(folder))]
        )
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.suffix in SUFFIXES)
    _check_sizes({path.name: path.stat().st_size for path in files}, limits)
    contents = {path.name: path.read_bytes() for path in files}
    _check_rows(contents, limits)
    return _write(contents)


def unpack(packed: bytes, limits: FolderLimits) -> dict[str, bytes]:
    """Read a packed folder that came from outside.

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
        names = _flat_names([info.filename for info in members])
        sizes = dict(zip(names, (info.file_size for info in members), strict=True))
        _check_sizes(sizes, limits)
        contents: dict[str, bytes] = {}
        for name, info in zip(names, members, strict=True):
            with archive.open(info) as file:
                # One byte more than announced shows an archive that lies about its sizes.
                contents[name] = file.read(info.file_size + 1)
            if len(contents[name]) != info.file_size:
                raise InputError([Issue(name, 0, "", "event.false-size", "its announced size")])
    _check_rows(contents, limits)
    return contents


@contextmanager
def unpacked(packed: bytes, limits: FolderLimits) -> Iterator[Path]:
    """Lay a packed folder out in a temporary folder while the block runs."""
    contents = unpack(packed, limits)
    with tempfile.TemporaryDirectory(prefix="passerelle-event-") as name:
        folder = Path(name)
        for file, content in contents.items():
            (folder / file).write_bytes(content)
        yield folder


def _write(contents: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(contents):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            archive.writestr(info, contents[name])
    return sink.getvalue()


def _flat_names(paths: list[str]) -> list[str]:
    """Drop the one folder that people pack around the files; refuse any other shape."""
    parts = [Path(path).parts for path in paths]
    tops = {part[0] for part in parts}
    if len(tops) == 1 and all(len(part) == 2 for part in parts):
        parts = [part[1:] for part in parts]
    issues = [
        Issue(path[:80], 0, "", "event.bad-name", "a file of an event folder (.toml, .csv, .md)")
        for path, part in zip(paths, parts, strict=True)
        if len(part) != 1 or Path(part[0]).suffix not in SUFFIXES or part[0].startswith(".")
    ]
    names = [part[-1] for part in parts]
    if len(set(names)) != len(names):
        issues.append(Issue("upload", 0, "", "event.double-name", "every file once"))
    if issues:
        raise InputError(issues)
    return names


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
