"""The guard file: what we have signed, outside the database, synced before the first byte is sent.

A database restored from a backup is behind its guard file. Then writes stop until the missing
suffix is back: signing another root for a size that was signed before would be a fork.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.node.exchange.files import write_durably

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Guarded", "read_guard", "write_guard"]

_COMPACT_AT = 1 << 20


@dataclass(frozen=True, slots=True)
class Guarded:
    """State the largest size signed of one log, and its root."""

    size: int
    root: str


def write_guard(folder: Path, log_id: str, size: int, root: bytes) -> None:
    """Append size and root for a log and sync; the caller sends only afterwards."""
    path = folder / "guard" / log_id
    line = f"{size} {root.hex()}\n".encode()
    if not path.exists() or path.stat().st_size > _COMPACT_AT:
        before = read_guard(folder, log_id)
        kept = f"{before.size} {before.root}\n".encode() if before else b""
        write_durably(path, kept + line)
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        os.write(descriptor, line)
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)


def read_guard(folder: Path, log_id: str) -> Guarded | None:
    """Return the largest size in the guard file of a log; a torn last line is ignored."""
    path = folder / "guard" / log_id
    if not path.is_file():
        return None
    found: Guarded | None = None
    for line in path.read_bytes().split(b"\n")[:-1]:
        size, _, root = line.partition(b" ")
        if size.isdigit() and len(root) == 64 and (found is None or int(size) > found.size):
            found = Guarded(int(size), root.decode("ascii"))
    return found
