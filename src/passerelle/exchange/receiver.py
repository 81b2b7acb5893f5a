"""The reader's side of one log, as a table.

======== ================ ======================================================================
phase    event            what happens
======== ================ ======================================================================
open     push arrived     parse, verify, compare; store all entries or none → storing, or reply
storing  committed        the transaction is durable: sign the receipt → receipting
storing  superseded       another push was faster: 409 → open
receipting receipt signed store it, answer 200 → open
======== ================ ======================================================================

Checks go from cheap to dear and are complete before any effect: frame (400, 413), signatures under
the newest accepted keys (403), sizes (409), sums and roots (422), attachments (424). A push never
stores part of its entries. An entry that cannot be read inside a validly signed log is stored,
receipted and marked, and so is one of a kind that was not agreed or for an office nobody has: a
poison entry never blocks a log.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from passerelle.exchange.effects import (
    Alarm,
    CloseLog,
    Effect,
    Evidence,
    Mark,
    Receive,
    Reply,
    SignReceipt,
    StoredEntry,
    StoreReceipt,
)
from passerelle.exchange.errors import InconsistentError, RemoteProtocolError
from passerelle.exchange.frame import FrameLimits, PushFrame, receipt_bytes
from passerelle.exchange.header import Kind, parse_header
from passerelle.exchange.machine import find_step
from passerelle.exchange.merkle import CompactRange, leaf_hash
from passerelle.exchange.names import Origin
from passerelle.exchange.note import Checkpoint, verify_checkpoint
from passerelle.exchange.peer import Agreed
from passerelle.exchange.seal import ciphertext_hash

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.exchange.header import Header
    from passerelle.exchange.note import Note, SignatureLine
    from passerelle.exchange.suite import PublicKey, Suite

    Rng: TypeAlias = Callable[[], float]

__all__ = [
    "TRANSITIONS",
    "Committed",
    "Event",
    "Phase",
    "PushArrived",
    "ReceiptSigned",
    "ReceiverState",
    "Superseded",
    "step",
]

UNDERSTOOD: Final[frozenset[str]] = frozenset()
"""Extensions that this version understands when an entry says that it must."""


class Phase(Enum):
    """Say where the reader stands with one push."""

    OPEN = "open"
    STORING = "storing"
    RECEIPTING = "receipting"


@dataclass(frozen=True, slots=True)
class ReceiverState:
    """Hold what the reader knows of one log.

    Parameters
    ----------
    origin, reader, suite
        The log, our node, the agreed suite.
    tree
        Compact range over all entries held.
    note
        Last checkpoint held; ``None`` before the first.
    closed
        Whether the epoch is over.
    last_receipt
        Time of our last receipt, for display.
    phase, pending
        The push in hand; never stored.
    """

    origin: str
    reader: str
    suite: Suite
    tree: CompactRange = CompactRange()  # noqa: RUF009 - frozen
    note: Note | None = None
    closed: bool = False
    last_receipt: int = 0
    phase: Phase = Phase.OPEN
    pending: Checkpoint | None = None


@dataclass(frozen=True, slots=True)
class PushArrived:
    """A push came in.

    Parameters
    ----------
    data
        The frame.
    keys
        Log keys of the newest accepted card.
    limits
        As agreed.
    has_blob
        Tells whether an attachment is complete here.
    root_at
        Gives the root of an earlier size that we hold, if known; used to prove a fork.
    agreed
        Kinds and offices that the two sides agreed on.
    judge_epoch
        Says why the body of an entry 0 does not begin a new epoch; nothing when it does.
    """

    data: bytes
    keys: tuple[PublicKey, ...]
    limits: FrameLimits
    has_blob: Callable[[str], bool]
    root_at: Callable[[int], bytes | None]
    agreed: Agreed = Agreed()  # noqa: RUF009 - frozen
    judge_epoch: Callable[[bytes], str] = lambda _body: "exchange.epoch-unknown"


@dataclass(frozen=True, slots=True)
class Committed:
    """The entries are durable."""


@dataclass(frozen=True, slots=True)
class Superseded:
    """Another push was stored first; the log holds ``size``."""

    size: int


@dataclass(frozen=True, slots=True)
class ReceiptSigned:
    """The receipt lines are signed."""

    lines: tuple[SignatureLine, ...]
    time: int


Event: TypeAlias = PushArrived | Committed | Superseded | ReceiptSigned
Step: TypeAlias = tuple[ReceiverState, tuple[Effect, ...]]


def step(state: ReceiverState, event: Event, now: float, rng: Rng) -> Step:
    """Decide what follows from one event; arguments as for the sender.

    Raises
    ------
    LocalProtocolError
        When the event cannot happen in this phase: a mistake of the shell.
    """
    handler = find_step(TRANSITIONS, state.phase, event, "exchange.receiver-event")
    return handler(state, event, now, rng)


def _push(state: ReceiverState, event: PushArrived, now: float, rng: Rng) -> Step:
    del rng
    if state.closed:
        return state, (Reply(404, code="exchange.log-closed"),)
    try:
        frame = PushFrame.parse(event.data, event.limits)
        stated = verify_checkpoint(frame.note, state.origin, state.suite, event.keys)
    except RemoteProtocolError as error:
        return state, (Reply(error.status, code=error.code),)
    fork = _find_fork(state, frame, stated, event)
    if fork:
        return state, fork
    if frame.old != state.tree.size:
        return state, (_conflict(state.tree.size),)
    if not frame.entries and stated.size == state.tree.size:
        pending = replace(state, phase=Phase.RECEIPTING, pending=stated)
        return pending, (SignReceipt(stated, int(now)),)
    return _take_entries(state, frame, stated, event)


def _take_entries(
    state: ReceiverState,
    frame: PushFrame,
    stated: Checkpoint,
    event: PushArrived,
) -> Step:
    try:
        entries, tree = _read_entries(state, frame, stated, event.agreed)
    except InconsistentError as error:
        notes = tuple(note.encode() for note in (state.note, frame.note) if note)
        reply = Reply(error.status, code=error.code)
        return state, (Evidence("inconsistent", notes), Alarm("inconsistent"), reply)
    closing, refusal = _begin_epoch(state, entries, event)
    if refusal:
        notes = (frame.note.encode(), entries[0].header, entries[0].body)
        reply = Reply(422, code=refusal)
        return state, (Evidence("epoch", notes), Alarm("epoch"), reply)
    missing = [root for entry in entries for root in entry.needs if not event.has_blob(root)]
    if missing:
        body = "".join(f"{root}\n" for root in missing).encode()
        return state, (Reply(424, body, code="exchange.blob-missing"),)
    effect = Receive(state.origin, state.tree.size, entries, frame.note, tree)
    storing = replace(state, tree=tree, note=frame.note, phase=Phase.STORING, pending=stated)
    return storing, (*closing, effect)


def _begin_epoch(
    state: ReceiverState, entries: tuple[StoredEntry, ...], event: PushArrived
) -> tuple[tuple[CloseLog, ...], str]:
    """Look at entry 0 of a later epoch: what it closes, or why it begins nothing."""
    origin = Origin.parse(state.origin)
    if origin.epoch == 1 or state.tree.size or not entries:
        return (), ""
    first = entries[0]
    if first.mark is not Mark.SOUND or first.kind != Kind.NOTICE_EPOCH.value:
        return (), "exchange.epoch-notice"
    refusal = event.judge_epoch(first.body)
    if refusal:
        return (), refusal
    return (CloseLog(str(replace(origin, epoch=origin.epoch - 1))),), ""


def _committed(state: ReceiverState, event: Committed, now: float, rng: Rng) -> Step:
    del event, rng
    assert state.pending is not None
    receipting = replace(state, phase=Phase.RECEIPTING)
    return receipting, (SignReceipt(state.pending, int(now)),)


def _superseded(state: ReceiverState, event: Superseded, now: float, rng: Rng) -> Step:
    del now, rng
    return replace(state, phase=Phase.OPEN, pending=None), (_conflict(event.size),)


def _receipt_signed(state: ReceiverState, event: ReceiptSigned, now: float, rng: Rng) -> Step:
    del now, rng
    assert state.pending is not None
    store = StoreReceipt(state.pending, event.lines, event.time, ours=True)
    done = replace(state, phase=Phase.OPEN, pending=None, last_receipt=event.time)
    return done, (store, Reply(200, receipt_bytes(event.lines)))


def _find_fork(
    state: ReceiverState, frame: PushFrame, stated: Checkpoint, event: PushArrived
) -> tuple[Effect, ...]:
    """Compare with what we hold at the stated size: another root under one key proves a fork."""
    if stated.size > state.tree.size:
        return ()
    held = state.tree.root if stated.size == state.tree.size else event.root_at(stated.size)
    if held is None or held == stated.root:
        return ()
    parts = [frame.note.encode(), held]
    if state.note:
        parts.append(state.note.encode())
    return (
        Evidence("fork", tuple(parts)),
        Alarm("fork"),
        Reply(422, code="exchange.fork"),
    )


def _read_entries(
    state: ReceiverState, frame: PushFrame, stated: Checkpoint, agreed: Agreed
) -> tuple[tuple[StoredEntry, ...], CompactRange]:
    if frame.old + len(frame.entries) != stated.size:
        raise InconsistentError(
            "Expected a checkpoint over the entries sent.", code="exchange.push-size"
        )
    entries = []
    for index, (header, body) in enumerate(frame.entries, start=frame.old):
        entries.append(_judge(state.origin, index, header, body, agreed))
    tree = state.tree.extend(entry.leaf for entry in entries)
    if tree.root != stated.root:
        raise InconsistentError(
            "Expected entries that lead to the signed root.", code="exchange.push-root"
        )
    return tuple(entries), tree


def _judge(origin: str, index: int, data: bytes, body: bytes, agreed: Agreed) -> StoredEntry:
    """Read one header; what is wrong inside a signed log is marked, what is wrong beside it refused."""
    leaf = leaf_hash(data)
    try:
        header = parse_header(data)
    except RemoteProtocolError:
        return StoredEntry(index, data, body, leaf, Mark.UNREADABLE, "")
    if str(header.origin) != origin or header.index != index:
        mark = Mark.MISPLACED
    elif not _body_fits(header, body):
        mark = Mark.ERASED
    elif not set(header.crit) <= UNDERSTOOD:
        mark = Mark.NOT_UNDERSTOOD
    elif not agreed.has_offices(header.from_office, header.to_office):
        mark = Mark.NO_OFFICE
    elif not agreed.is_signed_off(header):
        mark = Mark.BAD_SIGNOFF
    else:
        mark = Mark.SOUND if agreed.admits(header.kind, header.status) else Mark.NOT_AGREED
    placed = mark is not Mark.MISPLACED
    found = header.att if placed else ()
    needs = tuple(item.root for item in found if item.policy == "with")
    roots = tuple(item.root for item in found)
    return StoredEntry(
        index,
        data,
        body,
        leaf,
        mark,
        header.case,
        header.kind.value,
        needs,
        roots,
        header.to_office,
    )


def _body_fits(header: Header, body: bytes) -> bool:
    """Tell whether the body is there; ``False`` when it says that it was erased."""
    if header.body is None:
        if body:
            raise InconsistentError("Expected no body.", code="exchange.push-body")
        return True
    if not body and header.body.size:
        return False
    if len(body) != header.body.size or ciphertext_hash(body) != header.body.ct:
        raise InconsistentError(
            "Expected the body that the header names.", code="exchange.push-body"
        )
    return True


def _conflict(size: int) -> Reply:
    return Reply(409, f"{size}\n".encode(), code="exchange.conflict")


Handler: TypeAlias = (
    "Callable[[ReceiverState, Any, float, Rng], Step]"  # Any: the one event of its row
)

TRANSITIONS: Final[dict[tuple[Phase, type], Handler]] = {
    (Phase.OPEN, PushArrived): _push,
    (Phase.STORING, Committed): _committed,
    (Phase.STORING, Superseded): _superseded,
    (Phase.RECEIPTING, ReceiptSigned): _receipt_signed,
}
"""Every phase and event that may meet; any other pair is a mistake of the shell."""
