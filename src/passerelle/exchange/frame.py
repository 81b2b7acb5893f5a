"""What travels: push frames, signed requests, and courier bundles.

Lengths stand before bytes, big-endian, each checked against its own cap before it is read. A push
frame carries the entries after ``old`` and the writer's checkpoint over all of them; a frame with no
entries asks for the receipt again. A body of length 0 under a header that has a body says: erased.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from passerelle.exchange.errors import FrameError, LimitError
from passerelle.exchange.merkle import MAX_SIZE
from passerelle.exchange.note import (
    MAX_NOTE,
    LineKind,
    Note,
    SignatureLine,
    Statement,
    parse_lines,
    sign_statement,
)

if TYPE_CHECKING:
    from passerelle.exchange.suite import Signer

__all__ = [
    "Bundle",
    "FrameLimits",
    "PushFrame",
    "ReaderRequest",
    "parse_receipt",
    "peer_notice",
    "receipt_bytes",
]

_HEAD: Final = re.compile(
    rb"passerelle-push/1\nold (0|[1-9][0-9]{0,15})\nentries (0|[1-9][0-9]{0,6})\n"
    rb"note (0|[1-9][0-9]{0,6})\n\n"
)
_HEAD_MAX: Final = 96


@dataclass(frozen=True, slots=True)
class FrameLimits:
    """Bound one push, as the agreement says.

    Parameters
    ----------
    entries
        Entries in a batch.
    frame
        Bytes of the whole frame.
    header
        Bytes of one header.
    body
        Bytes of one body: 256 KiB and the overhead of encryption.
    """

    entries: int = 100
    frame: int = 4 * 1024 * 1024 + MAX_NOTE
    header: int = 65_536
    body: int = 256 * 1024 + 512


@dataclass(frozen=True, slots=True)
class PushFrame:
    """Carry entries of one log and the checkpoint over them.

    Parameters
    ----------
    old
        Size that the reader is thought to hold.
    entries
        Header and body of each entry from ``old`` on.
    note
        The checkpoint, its size ``old`` plus the number of entries.
    """

    old: int
    entries: tuple[tuple[bytes, bytes], ...]
    note: Note

    def encode(self) -> bytes:
        """Write the frame."""
        note = self.note.encode()
        parts = [
            b"passerelle-push/1\nold %d\nentries %d\nnote %d\n\n"
            % (self.old, len(self.entries), len(note))
        ]
        for header, body in self.entries:
            parts += [struct.pack(">I", len(header)), header, struct.pack(">I", len(body)), body]
        return b"".join([*parts, note])

    @classmethod
    def parse(cls, data: bytes, limits: FrameLimits) -> PushFrame:
        """Read a frame.

        Raises
        ------
        LimitError
            When a declared length or count passes its cap.
        FrameError
            When the bytes are no frame.
        """
        if len(data) > limits.frame:
            raise _too_long("frame", limits.frame)
        match = _HEAD.match(data[:_HEAD_MAX])
        if match is None:
            raise FrameError("Expected a push frame.", code="exchange.frame")
        old, count, note_size = (int(part) for part in match.groups())
        if count > limits.entries:
            raise _too_long("number of entries", limits.entries)
        if old > MAX_SIZE or note_size > MAX_NOTE:
            raise _too_long("note", MAX_NOTE)
        at, entries = match.end(), []
        for _ in range(count):
            header, at = _take(data, at, limits.header, "header")
            body, at = _take(data, at, limits.body, "body")
            if not header:
                raise FrameError("Expected a header.", code="exchange.frame")
            entries.append((header, body))
        if len(data) - at != note_size:
            raise FrameError("Expected the note at the end.", code="exchange.frame")
        return cls(old, tuple(entries), Note.parse(data[at:]))


@dataclass(frozen=True, slots=True)
class ReaderRequest:
    """Ask for entries: ``pull`` by the log's reader, ``suffix`` by its writer after a restore.

    Parameters
    ----------
    kind
        ``pull`` or ``suffix``.
    log
        Log id.
    old
        Size held by the one who asks.
    nonce
        32 hexadecimal digits, never used twice.
    time
        Unix seconds.
    """

    kind: str
    log: str
    old: int
    nonce: str
    time: int

    def sign(self, name: str, signer: Signer) -> Note:
        """Sign with both receipt keys (pull) or both log keys (suffix)."""
        statement = Statement(
            f"passerelle/{self.kind}/v1",
            (self.log, f"old {self.old}", f"nonce {self.nonce}", f"time {self.time}"),
        )
        kind = LineKind.RECEIPT if self.kind == "pull" else LineKind.LOG
        return sign_statement(statement, name, signer, kind)

    @classmethod
    def parse(cls, text: bytes) -> ReaderRequest:
        """Read the text of a request.

        Raises
        ------
        FrameError
            When it is none.
        """
        match = re.fullmatch(
            rb"passerelle/(pull|suffix)/v1\n([0-9a-f]{64})\nold (0|[1-9][0-9]{0,15})\n"
            rb"nonce ([0-9a-f]{32})\ntime (0|[1-9][0-9]{0,15})\n",
            text,
        )
        if match is None:
            raise FrameError("Expected a pull or suffix request.", code="exchange.request")
        kind, log, old, nonce, time = (part.decode() for part in match.groups())
        return cls(kind, log, int(old), nonce, int(time))


def peer_notice(log: str, *, paused: bool, time: int) -> Statement:
    """Make the notice, beside the log, that traffic is paused or active."""
    word = "paused" if paused else "active"
    return Statement("passerelle/peer/v1", (log, word, f"time {time}"))


@dataclass(frozen=True, slots=True)
class Bundle:
    """Carry files for a courier: named parts, lengths first; the whole is sealed outside.

    Parameters
    ----------
    parts
        Pairs of name and bytes, for example ``("push", …)``, ``("trust/2.root.json", …)``,
        ``("receipt", …)``.
    """

    parts: tuple[tuple[str, bytes], ...]

    def encode(self) -> bytes:
        """Write the parts in order."""
        found = [b"passerelle-bundle/1\n", struct.pack(">I", len(self.parts))]
        for name, data in self.parts:
            label = name.encode()
            found += [struct.pack(">HQ", len(label), len(data)), label, data]
        return b"".join(found)

    @classmethod
    def parse(cls, data: bytes, limit: int = 1 << 30) -> Bundle:
        """Read a bundle.

        Raises
        ------
        LimitError, FrameError
            When it is too long, or no bundle.
        """
        head = b"passerelle-bundle/1\n"
        if len(data) > limit:
            raise _too_long("bundle", limit)
        if not data.startswith(head) or len(data) < len(head) + 4:
            raise FrameError("Expected a courier bundle.", code="exchange.bundle")
        (count,) = struct.unpack_from(">I", data, len(head))
        if count > 100_000:
            raise _too_long("number of parts", 100_000)
        at, parts = len(head) + 4, []
        for _ in range(count):
            if len(data) - at < 10:
                raise FrameError("Expected a whole bundle.", code="exchange.bundle")
            label, size = struct.unpack_from(">HQ", data, at)
            at += 10
            if label > 256 or size > len(data) - at - label:
                raise FrameError("Expected a whole bundle.", code="exchange.bundle")
            try:
                name = data[at : at + label].decode("ascii")
            except UnicodeDecodeError as error:
                raise FrameError("Expected ASCII part names.", code="exchange.bundle") from error
            parts.append((name, data[at + label : at + label + size]))
            at += label + size
        if at != len(data):
            raise FrameError("Expected nothing after the bundle.", code="exchange.bundle")
        return cls(tuple(parts))


def receipt_bytes(lines: tuple[SignatureLine, ...]) -> bytes:
    """Write receipt lines as they answer a push."""
    return b"".join(line.encode() for line in lines)


def parse_receipt(data: bytes) -> tuple[SignatureLine, ...]:
    """Read receipt lines, with the limits of a note."""
    if len(data) > MAX_NOTE:
        raise _too_long("receipt", MAX_NOTE)
    return parse_lines(data)


def _take(data: bytes, at: int, cap: int, what: str) -> tuple[bytes, int]:
    if len(data) - at < 4:
        raise FrameError("Expected a length.", code="exchange.frame")
    (length,) = struct.unpack_from(">I", data, at)
    if length > cap:
        raise _too_long(what, cap)
    at += 4
    if len(data) - at < length:
        raise FrameError("Expected a whole {what}.", code="exchange.frame", what=what)
    return data[at : at + length], at + length


def _too_long(what: str, limit: int) -> LimitError:
    return LimitError(
        "Expected {what} to be at most {limit}.",
        code="exchange.frame-limit",
        what=what,
        limit=limit,
    )
