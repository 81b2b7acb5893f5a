"""Signature lines of a note: their form, their keys, and whether a set of them is enough.

References
----------
.. [1] C2SP, signed-note and tlog-cosignature.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from passerelle.exchange.errors import FrameError, LimitError, SignatureError
from passerelle.exchange.suite import Algorithm

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from passerelle.exchange.suite import PublicKey, Signer, Suite

__all__ = [
    "MAX_LINES",
    "LineKind",
    "SignatureLine",
    "is_signed_by",
    "key_id",
    "parse_lines",
    "sign_lines",
    "unbase64",
    "verify_lines",
]

MAX_LINES: Final = 32
_DASH: Final = "— ".encode()


class LineKind(Enum):
    """Say what a signature line means; the value is the tail of a type of our own."""

    LOG = "passerelle/"
    RECEIPT = "passerelle/cosignature-"


_STANDARD: Final = {
    (LineKind.LOG, Algorithm.ED25519): b"\x01",
    (LineKind.RECEIPT, Algorithm.ED25519): b"\x04",
}


@lru_cache(maxsize=1024)
def key_id(name: str, kind: LineKind, key: PublicKey) -> bytes:
    """Return the four bytes that hint at a key in a signature line."""
    own = b"\xff" + (kind.value + key.algorithm.value).encode()
    line_type = _STANDARD.get((kind, key.algorithm), own)
    return hashlib.sha256(name.encode() + b"\n" + line_type + key.raw).digest()[:4]


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """Hold one signature line of a note.

    Parameters
    ----------
    name
        Key name: the origin for log lines, the node for receipts.
    blob
        Key id (4 bytes) and signature.
    """

    name: str
    blob: bytes

    def encode(self) -> bytes:
        """Write the line with its newline."""
        return _DASH + self.name.encode() + b" " + base64.b64encode(self.blob) + b"\n"

    @classmethod
    def parse(cls, line: bytes) -> SignatureLine:
        """Read one line without its newline.

        Raises
        ------
        FrameError
            When it is no signature line.
        """
        parts = line.removeprefix(_DASH).split(b" ")
        if not line.startswith(_DASH) or len(parts) != 2 or not parts[0] or b"+" in parts[0]:
            raise FrameError("Expected a signature line.", code="exchange.note-line")
        blob = unbase64(parts[1])
        if len(blob) < 5:
            raise FrameError("Expected a signature after the key id.", code="exchange.note-line")
        try:
            return cls(parts[0].decode(), blob)
        except UnicodeDecodeError as error:
            raise FrameError("Expected UTF-8 in a key name.", code="exchange.note-line") from error


def parse_lines(data: bytes) -> tuple[SignatureLine, ...]:
    """Read signature lines, each ended by a newline; at least one, at most 32.

    Raises
    ------
    LimitError, FrameError
        When there are too many, none, or one is malformed.
    """
    lines = data.split(b"\n")
    if len(lines) < 2 or lines[-1]:
        raise FrameError("Expected signature lines.", code="exchange.note")
    if len(lines) - 1 > MAX_LINES:
        raise LimitError(
            "Expected at most {limit} signature lines.", code="exchange.note-lines", limit=MAX_LINES
        )
    return tuple(SignatureLine.parse(line) for line in lines[:-1])


def verify_lines(
    lines: Iterable[SignatureLine],
    name: str,
    kind: LineKind,
    *,
    suite: Suite,
    keys: Sequence[PublicKey],
    data: bytes,
) -> None:
    """Check that each algorithm of the suite has a line that verifies under one of the keys.

    Raises
    ------
    SignatureError
        When one is missing or wrong.
    """
    missing = set(suite.signatures)
    for line in lines:
        if line.name != name:
            continue
        for key in keys:
            if (
                key.algorithm in missing
                and line.blob[:4] == key_id(name, kind, key)
                and key.verifies(line.blob[4:], data)
            ):
                missing.discard(key.algorithm)
    if missing:
        raise SignatureError(
            "Expected valid signatures of {name} with {missing}.",
            code="exchange.signature-invalid",
            name=name,
            missing=", ".join(sorted(algorithm.value for algorithm in missing)),
        )


def is_signed_by(
    lines: Iterable[SignatureLine], name: str, kind: LineKind, keys: Sequence[PublicKey]
) -> bool:
    """Tell whether every one of our own keys has left its line; looks at hints, not at signatures."""
    found = {line.blob[:4] for line in lines if line.name == name}
    return all(key_id(name, kind, key) in found for key in keys)


def sign_lines(name: str, kind: LineKind, signer: Signer, data: bytes) -> tuple[SignatureLine, ...]:
    """Sign with every key of a signer, each in its own line."""
    return tuple(
        SignatureLine(name, key_id(name, kind, key) + signature)
        for key, signature in zip(signer.public_keys, signer.sign(data), strict=True)
    )


def unbase64(data: bytes) -> bytes:
    """Read standard base64 in its one canonical form."""
    try:
        found = base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise FrameError("Expected base64.", code="exchange.base64") from error
    if base64.b64encode(found) != data:
        raise FrameError("Expected canonical base64.", code="exchange.base64")
    return found
