"""Attachments at rest: one file of chunks each, under a key of its own, resumed where it was cut.

Each chunk of ciphertext is encrypted once more under the key of the attachment, so that destroying
the dossier key, which wraps that key, erases it. Until an entry claims it, an attachment lies under a
throw-away key; unclaimed ones go after seven days.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction
from django.db.models import Sum

from passerelle.exchange.blob import CHUNK, Upload
from passerelle.exchange.errors import FrameError, InconsistentError, LimitError
from passerelle.exchange.merkle import HASH_SIZE
from passerelle.exchange.seal import unwrap, wrap
from passerelle.node.exchange.models import Blob

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from passerelle.node.exchange.station import Station

__all__ = [
    "ATTACHMENT_LIMIT",
    "begin",
    "claim",
    "count",
    "follow",
    "is_complete",
    "missing",
    "put_chunk",
    "read_chunk",
    "read_chunks",
    "read_slot",
    "sweep",
    "write_chunk",
    "write_slots",
]

ATTACHMENT_LIMIT: Final = 256 * 1024 * 1024
"""Bytes of one attachment, unless the agreement says otherwise."""

UNCLAIMED_LIMIT: Final = 4 * ATTACHMENT_LIMIT
"""Bytes that a peer may have lying here without an entry that names them."""

_KEPT: Final = timedelta(days=7)
_NONCE: Final = 12
_SLOT: Final = _NONCE + CHUNK + 16


def begin(
    node: Station, peer: str, upload: Upload, now: datetime, *, case: str = "", ours: bool = False
) -> Blob:
    """Make room for an attachment; what is there already stays.

    Parameters
    ----------
    node
        Our own side.
    peer
        Who sends it, or for whom it is.
    upload
        Its root, size and chunk hashes, checked.
    now
        The present instant.
    case
        Dossier that claims it; empty when the entry has not come yet.
    ours
        Whether this node wrote it.

    Raises
    ------
    LimitError
        When the peer has too much lying here unclaimed.
    """
    found = Blob.objects.filter(pk=upload.root).first()
    if found is not None:
        return found
    if not case:
        lying = Blob.objects.filter(peer=peer, case="").aggregate(total=Sum("size"))["total"] or 0
        if lying + upload.size > UNCLAIMED_LIMIT:
            raise LimitError(
                "Expected at most {limit} bytes of attachments that no entry names.",
                code="exchange.blob-quota",
                limit=UNCLAIMED_LIMIT,
            )
    holder = node.keys.key(case or _throw_away(upload.root), now.timestamp())
    wrapped = wrap(holder, upload.root, secrets.token_bytes(32), secrets.token_bytes(_NONCE))
    return Blob.objects.create(
        root=upload.root,
        size=upload.size,
        leaves=b"".join(upload.leaves),
        key=wrapped,
        case=case,
        peer=peer,
        ours=ours,
        at=now,
    )


def follow(row: Blob, done: int | None = None) -> Upload:
    """Return how far an attachment has come: as counted, or as ``done`` says."""
    leaves = bytes(row.leaves)
    parts = tuple(leaves[at : at + HASH_SIZE] for at in range(0, len(leaves), HASH_SIZE))
    return Upload(row.root, row.size, parts, row.done if done is None else done)


def is_complete(root: str) -> bool:
    """Tell whether every chunk of an attachment is here."""
    row = Blob.objects.filter(pk=root).first()
    return row is not None and follow(row).complete


def put_chunk(node: Station, root: str, offset: int, chunk: bytes) -> int:
    """Check the next chunk, make it durable, and return the bytes held.

    Raises
    ------
    FrameError, InconsistentError
        When it is not the next chunk, or not the one that the root names.
    """
    row = Blob.objects.filter(pk=root).first()
    if row is None:
        raise FrameError("Expected an attachment that was begun.", code="exchange.blob-unknown")
    after = follow(row).take(offset, chunk)
    write_chunk(node, row, chunk)
    return after.offset


def write_chunk(node: Station, row: Blob, chunk: bytes) -> None:
    """Write the next chunk of an attachment and count it, once it is durable."""
    write_slots(node, row, row.done, (chunk,))
    count(node, row, row.done + 1)


def write_slots(node: Station, row: Blob, number: int, parts: Iterable[bytes]) -> int:
    """Write chunks from a place on, not yet durable; return the number after the last one.

    Raises
    ------
    InconsistentError
        When the attachment was erased.
    """
    key = _key(node, row)
    if key is None:
        raise InconsistentError("Expected an attachment not erased.", code="exchange.blob-erased")
    aead, path = AESGCM(key), _path(node.folder, row.root)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(
            descriptor, fcntl.LOCK_EX
        )  # a chunk sent twice is written one time after the other
        os.lseek(descriptor, number * _SLOT, os.SEEK_SET)
        for chunk in parts:
            nonce = secrets.token_bytes(_NONCE)
            view = memoryview(nonce + aead.encrypt(nonce, chunk, _place(row.root, number)))
            while view:
                view = view[os.write(descriptor, view) :]
            number += 1
    finally:
        os.close(descriptor)
    return number


def count(node: Station, row: Blob, done: int) -> None:
    """Make what was written durable, and count it."""
    descriptor = os.open(_path(node.folder, row.root), os.O_RDWR)
    try:
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)
    Blob.objects.filter(pk=row.root, done__lt=done, key=bytes(row.key)).update(done=done)
    row.done = done


def read_chunk(node: Station, row: Blob, number: int) -> bytes | None:
    """Return one chunk of ciphertext; ``None`` when it is not here, or was erased."""
    return read_slot(node, row, number) if 0 <= number < row.done else None


def read_slot(node: Station, row: Blob, number: int) -> bytes | None:
    """Return the chunk that was written at a place, counted or not; ``None`` when none was."""
    key, path = _key(node, row), _path(node.folder, row.root)
    if key is None or not path.is_file():
        return None
    with path.open("rb") as file:
        file.seek(number * _SLOT)
        sealed = file.read(_NONCE + 16 + min(CHUNK, row.size - number * CHUNK))
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], _place(row.root, number))
    except (InvalidTag, ValueError):
        return None


def read_chunks(node: Station, row: Blob) -> Iterator[bytes]:
    """Return the ciphertext chunk by chunk.

    Raises
    ------
    FrameError
        When a chunk is not here, was erased or was altered.
    """
    for number in range(len(bytes(row.leaves)) // HASH_SIZE):
        chunk = read_chunk(node, row, number)
        if chunk is None:
            raise FrameError("Expected chunk {n}.", code="exchange.blob-missing", n=number)
        yield chunk


def claim(node: Station, case: str, roots: tuple[str, ...], now: datetime) -> None:
    """Bind attachments to the dossier of the entry that names them; called inside its transaction."""
    for row in Blob.objects.filter(root__in=roots, case=""):
        key = _key(node, row)
        if key is None:
            continue
        holder = node.keys.key(case, now.timestamp())
        wrapped = wrap(holder, row.root, key, secrets.token_bytes(_NONCE))
        Blob.objects.filter(pk=row.root).update(key=wrapped, case=case)
        transaction.on_commit(partial(node.keys.destroy, _throw_away(row.root)))


def missing(roots: tuple[str, ...]) -> list[str]:
    """Return those of some attachments that are not complete here."""
    return [root for root in roots if not is_complete(root)]


def sweep(node: Station, now: datetime) -> int:
    """Throw away what no entry claimed for seven days; return how many."""
    old = list(Blob.objects.filter(case="", at__lt=now - _KEPT))
    for row in old:
        node.keys.destroy(_throw_away(row.root))
        _path(node.folder, row.root).unlink(missing_ok=True)
        row.delete()
    return len(old)


def _key(node: Station, row: Blob) -> bytes | None:
    holder = node.keys.find(row.case or _throw_away(row.root))
    if holder is None:
        return None
    try:
        return unwrap(holder, row.root, bytes(row.key))
    except FrameError:
        return None


def _throw_away(root: str) -> str:
    return f"blob/{root}"


def _path(folder: Path, root: str) -> Path:
    return folder / "blobs" / root[:2] / root


def _place(root: str, number: int) -> bytes:
    return f"{root}/{number}".encode()
