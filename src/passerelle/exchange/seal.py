"""Content: keys, padding, chunked encryption, commitments, and the seals to offices.

One random entry key gives everything by HKDF: body key and salt, attachment keys and salts. So one
seal for each office carries all. The content is framed with its length, padded to one of five
sizes, encrypted in records of 16 KiB with a key commitment. What is hashed and signed is only the
ciphertext and a salted commitment: destroying the key erases the content, every proof still holds.

References
----------
.. [1] C2SP chunked-encryption, version 1, here with AES-256-GCM and SHA-256.
.. [2] RFC 5869 (HKDF), RFC 9180 (HPKE).
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from passerelle.exchange.errors import FrameError, InconsistentError, LocalProtocolError
from passerelle.exchange.jcs import write

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.exchange.suite import SealKey, Suite

__all__ = [
    "INLINE_LIMIT",
    "PREFIX",
    "RECORD",
    "SALT",
    "TAG",
    "EntryKey",
    "SealedContent",
    "ciphertext_hash",
    "commitment",
    "content_keys",
    "decrypt",
    "encrypt",
    "open_content",
    "pad",
    "padded_size",
    "schedule",
    "seal_content",
    "seal_info",
    "seal_key_id",
    "unpad",
    "unwrap",
    "wrap",
]

INLINE_LIMIT: Final = 256 * 1024
"""Largest frame of a body: length, content and zeros."""

_SIZES: Final = (1024, 4096, 16_384, 65_536, INLINE_LIMIT)
RECORD: Final = 16_384
"""Bytes of plain text a record."""

TAG: Final = 16
SALT: Final = 24
PREFIX: Final = SALT + 32
"""Bytes before the first record: salt and key commitment."""

_INFO: Final = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\x00"


@dataclass(frozen=True, slots=True)
class EntryKey:
    """Derive the keys and salts of one entry.

    Parameters
    ----------
    secret
        32 random bytes.
    suite
        Gives the hash of the derivation.
    """

    secret: bytes
    suite: Suite

    def __post_init__(self) -> None:
        if len(self.secret) != 32:
            raise FrameError("Expected an entry key of 32 bytes.", code="exchange.entry-key")

    def derive(self, label: str) -> bytes:
        """Return 32 bytes for ``body-key``, ``body-salt``, ``att-key/0``, ``att-salt/0``, …."""
        algorithm = hashes.SHA256() if self.suite.hkdf == "sha256" else hashes.SHA512()
        info = f"passerelle/v1/{label}".encode()
        return HKDF(algorithm, 32, salt=None, info=info).derive(self.secret)


@dataclass(frozen=True, slots=True)
class SealedContent:
    """Hold one encrypted content and what the header says of it.

    Parameters
    ----------
    ciphertext
        Salt, commitment and records.
    commit
        Salted commitment to the content, hexadecimal.
    ct
        SHA-256 of the ciphertext, hexadecimal.
    """

    ciphertext: bytes
    commit: str
    ct: str


def pad(content: bytes) -> bytes:
    """Frame content: u64 length, content, zeros up to 1, 4, 16, 64 or 256 KiB.

    Raises
    ------
    LocalProtocolError
        When the frame would pass 256 KiB; larger content goes as an attachment.
    """
    size = padded_size(len(content))
    return struct.pack(">Q", len(content)) + content + bytes(size - 8 - len(content))


def padded_size(length: int) -> int:
    """Return the size of the frame for a content of ``length`` bytes.

    Raises
    ------
    LocalProtocolError
        When no frame is large enough.
    """
    for size in _SIZES:
        if length + 8 <= size:
            return size
    raise LocalProtocolError(
        "Expected a body of at most {limit} bytes, got {length}; send it as an attachment.",
        code="exchange.body-size",
        limit=INLINE_LIMIT - 8,
        length=length,
    )


def unpad(frame: bytes) -> bytes:
    """Take the content out of a frame; padding must be zeros of the right length.

    Raises
    ------
    FrameError
        When the frame is malformed.
    """
    if len(frame) >= 8:
        (length,) = struct.unpack(">Q", frame[:8])
        if length + 8 <= len(frame) == padded_size(length) and not any(frame[8 + length :]):
            return frame[8 : 8 + length]
    raise FrameError("Expected a padded frame.", code="exchange.body-frame")


def encrypt(key: bytes, salt: bytes, plaintext: bytes) -> bytes:
    """Encrypt in records of 16 KiB under a key used once; overhead 56 bytes and 0.1 %.

    Parameters
    ----------
    key
        32 bytes.
    salt
        24 bytes that never repeat for this key.
    plaintext
        What is hidden.
    """
    if len(salt) != SALT:
        raise LocalProtocolError("Expected a salt of 24 bytes.", code="exchange.salt")
    derived = schedule(key, salt)
    aead, base = AESGCM(derived[:32]), int.from_bytes(derived[32:44])
    parts = [salt, derived[44:]]
    for number in range(len(plaintext) // RECORD + 1):
        record = plaintext[number * RECORD : (number + 1) * RECORD]
        parts.append(aead.encrypt((base ^ number).to_bytes(12), record, None))
    return b"".join(parts)


def decrypt(key: bytes, ciphertext: bytes) -> bytes:
    """Decrypt and check key commitment, every record and the end.

    Raises
    ------
    FrameError
        When the ciphertext is truncated, extended, altered or of another key.
    """
    derived = schedule(key, ciphertext[:SALT])
    body = ciphertext[PREFIX:]
    tail = len(body) % (RECORD + TAG)
    if not hmac.compare_digest(ciphertext[SALT:PREFIX], derived[44:]) or tail < TAG:
        raise FrameError("Expected a whole ciphertext of this key.", code="exchange.ciphertext")
    aead, base = AESGCM(derived[:32]), int.from_bytes(derived[32:44])
    parts = []
    try:
        for number, at in enumerate(range(0, len(body), RECORD + TAG)):
            record = body[at : at + RECORD + TAG]
            parts.append(aead.decrypt((base ^ number).to_bytes(12), record, None))
    except InvalidTag as error:
        raise FrameError("Expected an unaltered ciphertext.", code="exchange.ciphertext") from error
    return b"".join(parts)


def commitment(salt: bytes, content: bytes) -> str:
    """Commit to content under a salt that dies with it, in hexadecimal."""
    return hashlib.sha256(b"passerelle/commit/v1\x00" + salt + content).hexdigest()


def ciphertext_hash(ciphertext: bytes) -> str:
    """Return the field ``ct``."""
    return hashlib.sha256(ciphertext).hexdigest()


def seal_content(
    key: EntryKey, content: bytes, random_bytes: Callable[[int], bytes], label: str = "body"
) -> SealedContent:
    """Encrypt a body (padded) or an attachment (not padded) under an entry key.

    Parameters
    ----------
    key
        The entry's key.
    content
        Plain content.
    random_bytes
        Source of randomness.
    label
        ``body``, or ``att/<i>`` for attachment ``i``.
    """
    secret, salt = content_keys(key, label)
    frame = pad(content) if label == "body" else content
    ciphertext = encrypt(secret, random_bytes(SALT), frame)
    return SealedContent(ciphertext, commitment(salt, content), ciphertext_hash(ciphertext))


def open_content(key: EntryKey, ciphertext: bytes, commit: str, label: str = "body") -> bytes:
    """Decrypt and check the commitment of the header.

    Raises
    ------
    FrameError
        When the ciphertext does not decrypt.
    InconsistentError
        When the content is not what the header commits to.
    """
    secret, salt = content_keys(key, label)
    plain = decrypt(secret, ciphertext)
    content = unpad(plain) if label == "body" else plain
    if commitment(salt, content) != commit:
        raise InconsistentError(
            "Expected the content that the header commits to.", code="exchange.commitment"
        )
    return content


def seal_info(
    suite: Suite, *, origin: str, index: int, office: str, key: str, header_hash: str
) -> bytes:
    """Bind a seal to its place: suite, log, position, office, key and header.

    Parameters
    ----------
    suite, origin, index
        Where the entry stands.
    office, key
        Whom the seal is for, and the id of the office's key.
    header_hash
        SHA-256 of the canonical header without ``body.enc``, hexadecimal.
    """
    return write(
        {
            "suite": suite.name,
            "origin": origin,
            "index": index,
            "office": office,
            "key": key,
            "header": header_hash,
        }
    )


def seal_key_id(key: SealKey) -> str:
    """Return the id of a seal key: 16 hexadecimal digits of the hash of its parts."""
    return _key_id(key.parts)


@lru_cache(maxsize=256)
def _key_id(parts: tuple[bytes, bytes]) -> str:
    return hashlib.sha256(b"".join(parts)).hexdigest()[:16]


def wrap(dossier_key: bytes, entry_id: str, data: bytes, nonce: bytes) -> bytes:
    """Wrap data at rest under the dossier key, bound to the entry.

    Parameters
    ----------
    dossier_key
        32 bytes; destroying them erases what is wrapped.
    entry_id
        Associated data.
    data
        What is kept.
    nonce
        12 fresh random bytes.
    """
    return nonce + AESGCM(dossier_key).encrypt(nonce, data, entry_id.encode())


def unwrap(dossier_key: bytes, entry_id: str, wrapped: bytes) -> bytes:
    """Undo :func:`wrap`.

    Raises
    ------
    FrameError
        When the key is another, or what was stored was altered.
    """
    try:
        return AESGCM(dossier_key).decrypt(wrapped[:12], wrapped[12:], entry_id.encode())
    except (InvalidTag, ValueError) as error:
        raise FrameError("Expected an unaltered body at rest.", code="exchange.at-rest") from error


def content_keys(key: EntryKey, label: str) -> tuple[bytes, bytes]:
    """Return key and salt of ``body``, or of ``att/<i>``."""
    if label == "body":
        return key.derive("body-key"), key.derive("body-salt")
    kind, _, number = label.partition("/")
    return key.derive(f"{kind}-key/{number}"), key.derive(f"{kind}-salt/{number}")


def schedule(key: bytes, salt: bytes) -> bytes:
    """Derive record key (32), base nonce (12) and key commitment (32) of one ciphertext."""
    return HKDFExpand(hashes.SHA256(), 76, _INFO + salt).derive(key)
