"""Verification packs: plain tar files from which anybody proves offline what was said.

A pack has one canonical form, so that every changed byte shows: ustar, names sorted behind
``manifest.json``, no owner, no time. Withheld entries appear as their leaf hash, so the root is still
recomputed; what is disclosed is header by header, content by content.

Layout::

    manifest.json                    SHA-256 of each file
    evidence/<kind>/<n>              bytes kept against a peer
    logs/<log id>/origin             the origin
    logs/<log id>/entries            0x00 leaf hash | 0x01 u32 length header
    logs/<log id>/checkpoints        u32 length, note: what the writer signed
    logs/<log id>/receipts           u32 length, note: the same text with the reader's lines
    open/<entry id>/salt, content    the body, disclosed; without salt when it travelled clear
    open/<entry id>/att-<i>-salt, att-<i>-content    attachments, disclosed
    trust/<node>/…                   roots, role files and node.json
"""

from __future__ import annotations

import hashlib
import struct
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.exchange.jcs import write
from passerelle.exchange.names import log_id

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PackedContent", "PackedLog", "build_pack", "pack_files"]


@dataclass(frozen=True, slots=True)
class PackedLog:
    """Hold one log for a pack.

    Parameters
    ----------
    origin
        The log.
    entries
        For each position the header (disclosed) or the leaf hash (withheld).
    checkpoints
        Signed notes; the largest covers all entries.
    receipts
        Notes with the same text and the reader's lines.
    """

    origin: str
    entries: tuple[tuple[bool, bytes], ...]
    checkpoints: tuple[bytes, ...]
    receipts: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class PackedContent:
    """Disclose the content of one entry.

    Parameters
    ----------
    entry_id
        The entry.
    salt
        Its body salt.
    content
        Its content.
    label
        Empty for the body, ``att-<i>-`` for attachment ``i``.
    """

    entry_id: str
    salt: bytes
    content: bytes
    label: str = ""


def build_pack(
    logs: tuple[PackedLog, ...],
    trust: Mapping[str, Mapping[str, bytes]],
    contents: tuple[PackedContent, ...] = (),
    evidence: Mapping[str, tuple[bytes, ...]] | None = None,
) -> bytes:
    """Write a pack.

    Parameters
    ----------
    logs
        The logs.
    trust
        Trust files by node and name.
    contents
        What is disclosed.
    evidence
        Parts by kind.
    """
    files: dict[str, bytes] = {}
    for log in logs:
        folder = f"logs/{log_id(log.origin)}"
        files[f"{folder}/origin"] = log.origin.encode()
        files[f"{folder}/entries"] = b"".join(
            b"\x01" + struct.pack(">I", len(data)) + data if shown else b"\x00" + data
            for shown, data in log.entries
        )
        files[f"{folder}/checkpoints"] = _blocks(log.checkpoints)
        files[f"{folder}/receipts"] = _blocks(log.receipts)
    for node, found in trust.items():
        files |= {f"trust/{node}/{name}": data for name, data in found.items()}
    for item in contents:
        if item.salt:
            files[f"open/{item.entry_id}/{item.label}salt"] = item.salt
        files[f"open/{item.entry_id}/{item.label}content"] = item.content
    for kind, parts in (evidence or {}).items():
        files |= {f"evidence/{kind}/{number}": part for number, part in enumerate(parts)}
    listed = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    manifest = write({"v": 1, "files": listed})
    return pack_files([("manifest.json", manifest), *sorted(files.items())])


def _blocks(items: tuple[bytes, ...]) -> bytes:
    return b"".join(struct.pack(">I", len(item)) + item for item in items)


def pack_files(files: list[tuple[str, bytes]]) -> bytes:
    """Write named files in the one canonical form, in the order given."""
    parts = []
    for name, data in files:
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(data), 0o644
        parts += [info.tobuf(tarfile.USTAR_FORMAT), data, bytes(-len(data) % 512)]
    size = sum(map(len, parts))
    return b"".join([*parts, bytes(1024 + (-(size + 1024) % 10_240))])
