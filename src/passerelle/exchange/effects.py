"""What the machines ask of their shell. Effects are values; the shell carries them out in order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from passerelle.exchange.merkle import CompactRange
    from passerelle.exchange.note import Checkpoint, Note, SignatureLine

__all__ = [
    "Alarm",
    "CloseLog",
    "Effect",
    "Evidence",
    "Mark",
    "Receive",
    "Reply",
    "RequestSuffix",
    "Schedule",
    "Send",
    "Sign",
    "SignReceipt",
    "StoreReceipt",
    "StoredEntry",
]


class Mark(Enum):
    """Say in what condition an entry was stored; all but ``SOUND`` and ``ERASED`` get a ``refuse``."""

    SOUND = "sound"
    ERASED = "erased"
    UNREADABLE = "unreadable"
    MISPLACED = "misplaced"
    NOT_UNDERSTOOD = "not-understood"
    NOT_AGREED = "not-agreed"
    NO_OFFICE = "no-office"
    BAD_SIGNOFF = "bad-signoff"


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """Hold one entry on its way into the store.

    Parameters
    ----------
    index
        Position.
    header, body
        Bytes as they arrived.
    leaf
        Leaf hash.
    mark
        Condition.
    case, kind
        Dossier and kind; empty when the header cannot be read.
    needs
        Roots of attachments that must be complete before the entry is taken.
    attached
        Roots of all its attachments.
    office
        Office addressed; empty when the header cannot be read.
    """

    index: int
    header: bytes
    body: bytes
    leaf: bytes
    mark: Mark
    case: str
    kind: str = ""
    needs: tuple[str, ...] = ()
    attached: tuple[str, ...] = ()
    office: str = ""


@dataclass(frozen=True, slots=True)
class Receive:
    """Store entries, note and range in one transaction, only if the log still holds ``old``."""

    origin: str
    old: int
    entries: tuple[StoredEntry, ...]
    note: Note
    tree: CompactRange


@dataclass(frozen=True, slots=True)
class CloseLog:
    """Close the log of the epoch before as it is held; in the transaction that begins the next one."""

    origin: str


@dataclass(frozen=True, slots=True)
class SignReceipt:
    """Sign the receipt over a committed checkpoint."""

    checkpoint: Checkpoint
    time: int


@dataclass(frozen=True, slots=True)
class StoreReceipt:
    """Store a receipt, ours or the peer's, over a checkpoint."""

    checkpoint: Checkpoint
    lines: tuple[SignatureLine, ...]
    time: int
    ours: bool


@dataclass(frozen=True, slots=True)
class Sign:
    """Sync the guard file, then sign and store the checkpoint of a committed size."""

    origin: str
    size: int


@dataclass(frozen=True, slots=True)
class Send:
    """Push the entries from ``old`` up to the size of the checkpoint."""

    origin: str
    old: int
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class RequestSuffix:
    """Ask the reader for our own entries from ``old`` on: we were restored."""

    origin: str
    old: int


@dataclass(frozen=True, slots=True)
class Reply:
    """Answer on the wire."""

    status: int
    body: bytes = b""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Come back at an instant (Unix seconds)."""

    at: float


@dataclass(frozen=True, slots=True)
class Alarm:
    """Tell a person; the code names what happened."""

    code: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Keep bytes that show what the other side did."""

    kind: str
    parts: tuple[bytes, ...]


Effect: TypeAlias = (
    Alarm
    | CloseLog
    | Evidence
    | Receive
    | Reply
    | RequestSuffix
    | Schedule
    | Send
    | Sign
    | SignReceipt
    | StoreReceipt
)
