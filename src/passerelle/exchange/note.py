"""Signed notes: checkpoints of a log, and receipts on them.

A checkpoint is three lines (origin, size, root) under the writer's two log keys. A receipt is the
reader's pair of cosignatures over the same three lines and a time, made only after the reader's
commit is durable. Formats are those of C2SP signed-note, tlog-checkpoint and tlog-cosignature, with
two types of our own for ML-DSA.

Rules: no extension line; unknown signature lines are kept and ignored; a line of the suite that is
missing or wrong is a failure, never a downgrade; the key id is a hint only, keys with equal ids are
tried in turn.

References
----------
.. [1] C2SP, signed-note, tlog-checkpoint and tlog-cosignature.
"""

from __future__ import annotations

import base64
import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from passerelle.exchange.errors import FrameError, LimitError, LocalProtocolError, SignatureError
from passerelle.exchange.lines import (
    MAX_LINES,
    LineKind,
    SignatureLine,
    is_signed_by,
    key_id,
    parse_lines,
    sign_lines,
    unbase64,
    verify_lines,
)
from passerelle.exchange.merkle import HASH_SIZE, MAX_SIZE, CompactRange

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from passerelle.exchange.suite import Algorithm, PublicKey, Signer, Suite

__all__ = [
    "MAX_LINES",
    "MAX_NOTE",
    "Checkpoint",
    "LineKind",
    "Note",
    "SignatureLine",
    "Statement",
    "is_signed_by",
    "key_id",
    "parse_lines",
    "sign_checkpoint",
    "sign_receipt",
    "sign_statement",
    "verify_checkpoint",
    "verify_lines",
    "verify_receipt",
]

MAX_NOTE: Final = 65_536
_SIZE: Final = re.compile(rb"0|[1-9][0-9]{0,15}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """State the size and the root of a log.

    Parameters
    ----------
    origin
        The log's origin.
    size
        Number of entries.
    root
        Root of the tree, 32 bytes.
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not 0 <= self.size <= MAX_SIZE or len(self.root) != HASH_SIZE or "\n" in self.origin:
            raise FrameError(
                "Expected an origin, a size up to 2**53 - 1 and a root of 32 bytes.",
                code="exchange.checkpoint",
            )

    @classmethod
    def of(cls, origin: str, tree: CompactRange) -> Checkpoint:
        """State what a compact range holds."""
        return cls(origin, tree.size, tree.root)

    @property
    def text(self) -> bytes:
        """Three lines with their newlines: what a log key signs."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n".encode()

    @classmethod
    def parse(cls, text: bytes) -> Checkpoint:
        """Read the three lines and nothing else.

        Raises
        ------
        FrameError
            When there are other lines, a leading zero, or a root that is no SHA-256.
        """
        lines = text.split(b"\n")
        if len(lines) != 4 or lines[3] or not _SIZE.fullmatch(lines[1]):
            raise FrameError("Expected three lines of a checkpoint.", code="exchange.checkpoint")
        try:
            found = cls(lines[0].decode("ascii"), int(lines[1]), unbase64(lines[2]))
        except UnicodeDecodeError as error:
            raise FrameError("Expected an ASCII origin.", code="exchange.checkpoint") from error
        if not found.origin or found.text != text:
            raise FrameError("Expected a canonical checkpoint.", code="exchange.checkpoint")
        return found


@dataclass(frozen=True, slots=True)
class Note:
    """Hold a text and its signature lines, known or not.

    Parameters
    ----------
    text
        What is signed; ends with a newline.
    lines
        Signature lines, in order.
    """

    text: bytes
    lines: tuple[SignatureLine, ...]

    def encode(self) -> bytes:
        """Write text, empty line and signature lines."""
        return self.text + b"\n" + b"".join(line.encode() for line in self.lines)

    @classmethod
    def parse(cls, data: bytes) -> Note:
        """Read a note, strictly.

        Raises
        ------
        LimitError
            When it is longer than 64 KiB or has more than 32 lines.
        FrameError
            When it is no note.
        """
        if len(data) > MAX_NOTE:
            raise LimitError(
                "Expected a note of at most {limit} bytes.",
                code="exchange.note-size",
                limit=MAX_NOTE,
            )
        text, gap, tail = data.rpartition(b"\n\n")
        if not gap or not text:
            raise FrameError("Expected a text, an empty line and lines.", code="exchange.note")
        return cls(text + b"\n", parse_lines(tail))


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> Note:
    """Sign as the writer of the log; the caller has made the size durable before."""
    return Note(
        checkpoint.text, sign_lines(checkpoint.origin, LineKind.LOG, signer, checkpoint.text)
    )


def verify_checkpoint(
    note: Note, origin: str, suite: Suite, keys: Sequence[PublicKey]
) -> Checkpoint:
    """Check the origin and every line of the suite, and return what is stated.

    Raises
    ------
    FrameError
        When the text is no checkpoint.
    SignatureError
        When the origin is another, or a line of the suite is missing or wrong.
    """
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != origin:
        raise SignatureError(
            "Expected a checkpoint of {origin}.", code="exchange.note-origin", origin=origin
        )
    verify_lines(note.lines, origin, LineKind.LOG, suite=suite, keys=keys, data=note.text)
    return checkpoint


def sign_receipt(
    checkpoint: Checkpoint, node: str, signer: Signer, time: int
) -> tuple[SignatureLine, ...]:
    """Sign that everything up to the checkpoint is durable here.

    Parameters
    ----------
    checkpoint
        What was committed; the caller has made it durable before.
    node
        Our node, the key name.
    signer
        Receipt keys of the node.
    time
        Unix seconds of our clock.
    """
    lines = []
    data = _cosigned(checkpoint, time)
    for key, signature in zip(signer.public_keys, signer.sign(data), strict=True):
        blob = key_id(node, LineKind.RECEIPT, key) + struct.pack(">Q", time) + signature
        lines.append(SignatureLine(node, blob))
    return tuple(lines)


def verify_receipt(
    checkpoint: Checkpoint,
    node: str,
    suite: Suite,
    keys: Sequence[PublicKey],
    lines: Iterable[SignatureLine],
) -> int:
    """Check a receipt and return its time in Unix seconds.

    Both lines must carry the same time. Lines of others are ignored.

    Raises
    ------
    SignatureError
        When a line of the suite is missing or wrong, or the two times differ.
    """
    wanted: dict[Algorithm, set[int]] = {algorithm: set() for algorithm in suite.signatures}
    for line in lines:
        if line.name != node or len(line.blob) < 12:
            continue
        (time,) = struct.unpack(">Q", line.blob[4:12])
        if time > MAX_SIZE:
            continue
        for key in keys:
            if (
                key.algorithm in wanted
                and line.blob[:4] == key_id(node, LineKind.RECEIPT, key)
                and key.verifies(line.blob[12:], _cosigned(checkpoint, time))
            ):
                wanted[key.algorithm].add(time)
    common = set.intersection(*wanted.values())
    if not common:
        raise SignatureError(
            "Expected a receipt of {node} with both signatures at one time.",
            code="exchange.receipt-invalid",
            node=node,
        )
    return min(common)


@dataclass(frozen=True, slots=True)
class Statement:
    """Hold a signed note whose first line says what it is: a pull, a suffix or a peer notice.

    Parameters
    ----------
    kind
        First line, for example ``passerelle/pull/v1``.
    fields
        The lines after it.
    """

    kind: str
    fields: tuple[str, ...]

    @property
    def text(self) -> bytes:
        """All lines with their newlines."""
        return "".join(f"{line}\n" for line in (self.kind, *self.fields)).encode()

    @classmethod
    def parse(cls, text: bytes) -> Statement:
        """Read the lines.

        Raises
        ------
        FrameError
            When the text is not ASCII.
        """
        try:
            lines = text.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise FrameError("Expected ASCII lines.", code="exchange.statement") from error
        if len(lines) < 2 or lines[-1]:
            raise FrameError("Expected lines ended by newlines.", code="exchange.statement")
        return cls(lines[0], tuple(lines[1:-1]))


def sign_statement(statement: Statement, name: str, signer: Signer, kind: LineKind) -> Note:
    """Sign a statement with all keys of the signer."""
    if any("\n" in line or not line for line in (statement.kind, *statement.fields)):
        raise LocalProtocolError("Expected single lines.", code="exchange.statement")
    return Note(statement.text, sign_lines(name, kind, signer, statement.text))


def _cosigned(checkpoint: Checkpoint, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n".encode() + checkpoint.text
