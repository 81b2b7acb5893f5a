"""Attachments as streams: the records of :mod:`.seal`, one piece at a time, whatever the length.

An attachment is never held in memory whole. What comes out of :func:`encrypt_stream` is byte for byte
what :func:`passerelle.exchange.seal.encrypt` would give.

References
----------
.. [1] C2SP chunked-encryption, version 1, here with AES-256-GCM and SHA-256.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from passerelle.exchange.blob import CHUNK
from passerelle.exchange.errors import FrameError, LocalProtocolError
from passerelle.exchange.seal import PREFIX, RECORD, SALT, TAG, schedule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Commitment", "chunks", "ciphertext_size", "decrypt_stream", "encrypt_stream"]

_SEALED: Final = RECORD + TAG


class Commitment:
    """Compute a salted commitment while content passes by.

    Parameters
    ----------
    salt
        The salt of the attachment.
    """

    __slots__ = ("_hash",)

    def __init__(self, salt: bytes) -> None:
        self._hash = hashlib.sha256(b"passerelle/commit/v1\x00" + salt)

    def watch(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Pass the pieces on, and count each in."""
        for piece in pieces:
            self._hash.update(piece)
            yield piece

    @property
    def value(self) -> str:
        """The commitment to everything seen so far, in hexadecimal."""
        return self._hash.hexdigest()


def ciphertext_size(length: int) -> int:
    """Return the length of the ciphertext over ``length`` bytes of content."""
    return PREFIX + length + (length // RECORD + 1) * TAG


def encrypt_stream(key: bytes, salt: bytes, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Encrypt content record by record under a key used once.

    Parameters
    ----------
    key
        32 bytes.
    salt
        24 bytes that never repeat for this key.
    pieces
        The content, in pieces of any length.
    """
    if len(salt) != SALT:
        raise LocalProtocolError("Expected a salt of 24 bytes.", code="exchange.salt")
    derived = schedule(key, salt)
    aead, base = AESGCM(derived[:32]), int.from_bytes(derived[32:44])
    yield salt + derived[44:]
    number, last = 0, b""
    for record in _regroup(pieces, RECORD):
        last = record
        if len(record) == RECORD:
            yield aead.encrypt((base ^ number).to_bytes(12), record, None)
            number += 1
    final = last if len(last) < RECORD else b""
    yield aead.encrypt((base ^ number).to_bytes(12), final, None)


def decrypt_stream(key: bytes, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Decrypt record by record; what was given out before an error must be thrown away.

    Raises
    ------
    FrameError
        When the ciphertext is truncated, extended, altered or of another key.
    """
    records = _regroup(pieces, _SEALED, head=PREFIX)
    head = next(records, b"")
    derived = schedule(key, head[:SALT])
    if not hmac.compare_digest(head[SALT:], derived[44:]):
        raise _altered()
    aead, base = AESGCM(derived[:32]), int.from_bytes(derived[32:44])
    closed = False
    for number, record in enumerate(records):
        if closed:
            raise _altered()
        try:
            plain = aead.decrypt((base ^ number).to_bytes(12), record, None)
        except InvalidTag as error:
            raise _altered() from error
        closed = len(record) < _SEALED
        if plain:
            yield plain
    if not closed:
        raise _altered()


def chunks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Regroup a ciphertext to chunks of 1 MiB, the last one shorter."""
    return _regroup(pieces, CHUNK)


def _regroup(pieces: Iterable[bytes], size: int, *, head: int = 0) -> Iterator[bytes]:
    """Cut a stream to parts of one size; the first of ``head`` bytes, the last what is left."""
    held, wanted = bytearray(), head or size
    for piece in pieces:
        held += piece
        while len(held) >= wanted:
            part = bytes(held[:wanted])
            del held[:wanted]
            yield part
            wanted = size
    if held:
        yield bytes(held)


def _altered() -> FrameError:
    return FrameError("Expected a whole, unaltered ciphertext.", code="exchange.ciphertext")
