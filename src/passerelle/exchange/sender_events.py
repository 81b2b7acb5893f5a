"""What can happen to the writer of a log; each event is a row of the table in :mod:`.sender`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from passerelle.exchange.lines import SignatureLine
    from passerelle.exchange.note import Checkpoint
    from passerelle.exchange.suite import PublicKey

__all__ = [
    "Busy",
    "Conflict",
    "Contact",
    "Event",
    "NoAnswer",
    "ReceiptArrived",
    "Recovered",
    "Refused",
    "Released",
    "Resumed",
    "Signed",
    "Turn",
]


@dataclass(frozen=True, slots=True)
class Released:
    """The log grew to ``size``; the commit is durable."""

    size: int


@dataclass(frozen=True, slots=True)
class Turn:
    """The lease is held; a batch from ``held`` may reach up to ``batch_end``."""

    batch_end: int


@dataclass(frozen=True, slots=True)
class Signed:
    """The checkpoint is signed and stored."""

    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class ReceiptArrived:
    """The reader answered with receipt lines; ``keys`` are its accepted receipt keys."""

    lines: tuple[SignatureLine, ...]
    keys: tuple[PublicKey, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """The reader holds another size."""

    size: int


@dataclass(frozen=True, slots=True)
class Busy:
    """The reader asks to wait."""

    retry_after: float


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Nothing came, or nothing that can be read."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The reader refused: 403, 404, 413, 422, 424."""

    status: int
    body: bytes
    sent: bytes = b""


@dataclass(frozen=True, slots=True)
class Recovered:
    """After a restore, the missing suffix is stored again; the log has ``size`` entries."""

    size: int


@dataclass(frozen=True, slots=True)
class Resumed:
    """A person decided to go on."""


@dataclass(frozen=True, slots=True)
class Contact:
    """The peer was heard in some other way."""


Event: TypeAlias = (
    Released
    | Turn
    | Signed
    | ReceiptArrived
    | Conflict
    | Busy
    | NoAnswer
    | Refused
    | Recovered
    | Resumed
    | Contact
)
