"""The writer's side of one log, as a table.

======== ============ ==========================================================================
phase    event        what happens
======== ============ ==========================================================================
idle     turn         something unreceipted, or silent for a day: sign the size of the batch
signing  signed       remember the first attempt, send → attempted
attempted receipt     all lines valid, time in window: store, move the cursor → idle
attempted conflict    forward, rewind, evidence "receiver restored", or stop → idle, stopped
attempted busy        back off → idle
attempted no answer   back off → idle
attempted refused     keep both sides' bytes, a person decides → held
stopped  recovered    the missing suffix is back → idle
held     resumed      a person decided → idle
any      released     the log grew
any      contact      the peer was heard: the back-off is reset
======== ============ ==========================================================================

The cursor ``held`` may go down; ``cosigned`` never does. No clock orders anything: the wall clock
only decides whether a receipt's time is believed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from passerelle.exchange.effects import (
    Alarm,
    Effect,
    Evidence,
    RequestSuffix,
    Schedule,
    Send,
    Sign,
    StoreReceipt,
)
from passerelle.exchange.errors import LocalProtocolError, SignatureError
from passerelle.exchange.machine import find_step
from passerelle.exchange.note import verify_receipt
from passerelle.exchange.sender_events import (
    Busy,
    Conflict,
    Contact,
    Event,
    NoAnswer,
    ReceiptArrived,
    Recovered,
    Refused,
    Released,
    Resumed,
    Signed,
    Turn,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.exchange.note import Checkpoint
    from passerelle.exchange.suite import Suite

    Rng: TypeAlias = Callable[[], float]

__all__ = [
    "CLOCK_WINDOW",
    "HEARTBEAT",
    "MAX_BACKOFF",
    "TRANSITIONS",
    "Busy",
    "Conflict",
    "Contact",
    "Event",
    "NoAnswer",
    "Phase",
    "ReceiptArrived",
    "Recovered",
    "Refused",
    "Released",
    "Resumed",
    "SenderState",
    "Signed",
    "Turn",
    "step",
]

CLOCK_WINDOW: Final = 300
"""Seconds by which two clocks may differ before a receipt is not believed."""

MAX_BACKOFF: Final = 900.0
"""Longest pause between two attempts, in seconds."""


HEARTBEAT: Final = 86_400.0
"""Seconds after which a settled log asks for its receipt again: a restored reader shows itself."""


class Phase(Enum):
    """Say where the writer stands."""

    IDLE = "idle"
    SIGNING = "signing"
    ATTEMPTED = "attempted"
    STOPPED = "stopped"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class SenderState:
    """Hold all that survives between two turns.

    Parameters
    ----------
    origin, reader, suite
        The log, the node that reads it, the agreed suite.
    size
        Entries committed here.
    held
        Entries that the reader is thought to hold; may go down.
    cosigned
        Largest size with an accepted receipt; never goes down.
    phase
        Where we stand.
    offered
        Checkpoint of the last attempt.
    attempts
        First attempt of each unreceipted size: (size, Unix seconds).
    last_receipt
        Time in the last accepted receipt.
    tries
        Attempts since the last success.
    next_due
        Earliest next attempt, Unix seconds.
    """

    origin: str
    reader: str
    suite: Suite
    size: int = 0
    held: int = 0
    cosigned: int = 0
    phase: Phase = Phase.IDLE
    offered: Checkpoint | None = None
    attempts: tuple[tuple[int, int], ...] = ()
    last_receipt: int = 0
    tries: int = 0
    next_due: float = 0.0

    @property
    def settled(self) -> bool:
        """Whether nothing is left to send or to be receipted."""
        return self.held >= self.size and self.cosigned >= self.size


Step: TypeAlias = tuple[SenderState, tuple[Effect, ...]]


def step(state: SenderState, event: Event, now: float, rng: Rng) -> Step:
    """Decide what follows from one event.

    Parameters
    ----------
    state
        Where we stand.
    event
        What happened.
    now
        Our wall clock, Unix seconds.
    rng
        Uniform numbers in [0, 1), for jitter.

    Raises
    ------
    LocalProtocolError
        When the event cannot happen in this phase: a mistake of the shell.
    """
    handler = find_step(TRANSITIONS, state.phase, event, "exchange.sender-event")
    if state.next_due > now + MAX_BACKOFF:
        # The wall clock was ahead when this was written: nobody waits a year for that.
        state = replace(state, next_due=now)
    return handler(state, event, now, rng)


def _released(state: SenderState, event: Released, now: float, rng: Rng) -> Step:
    del now, rng
    if event.size < state.size:
        raise LocalProtocolError(
            "Expected the log to grow from {size}, got {found}.",
            code="exchange.sender-shrunk",
            size=state.size,
            found=event.size,
        )
    return replace(state, size=event.size), ()


def _turn(state: SenderState, event: Turn, now: float, rng: Rng) -> Step:
    del rng
    if state.settled and (not state.size or abs(now - state.last_receipt) < HEARTBEAT):
        return state, ()
    if now < state.next_due:
        return state, (Schedule(state.next_due),)
    end = max(state.held, min(event.batch_end, state.size))
    return replace(state, phase=Phase.SIGNING), (Sign(state.origin, end),)


def _signed(state: SenderState, event: Signed, now: float, rng: Rng) -> Step:
    del rng
    checkpoint = event.checkpoint
    if checkpoint.origin != state.origin or not state.held <= checkpoint.size <= state.size:
        raise LocalProtocolError(
            "Expected a checkpoint of the committed log.", code="exchange.sender-checkpoint"
        )
    attempts = state.attempts
    if checkpoint.size not in dict(attempts):
        attempts = (*attempts, (checkpoint.size, int(now)))[-64:]
    state = replace(state, phase=Phase.ATTEMPTED, offered=checkpoint, attempts=attempts)
    return state, (Send(state.origin, state.held, checkpoint),)


def _receipt(state: SenderState, event: ReceiptArrived, now: float, rng: Rng) -> Step:
    assert state.offered is not None
    try:
        time = verify_receipt(state.offered, state.reader, state.suite, event.keys, event.lines)
    except SignatureError:
        return _disbelieve(state, event, "receipt-invalid", now, rng)
    first = dict(state.attempts).get(state.offered.size, int(now))
    # What was noted while our own clock was ahead is not held against the reader.
    too_old = time < min(max(first, state.last_receipt), now) - CLOCK_WINDOW
    if too_old or time > now + CLOCK_WINDOW:
        held = replace(state, held=max(state.held, state.offered.size))
        return _disbelieve(held, event, "clock", now, rng)
    size = state.offered.size
    cosigned = max(state.cosigned, size)
    done = replace(
        state,
        phase=Phase.IDLE,
        held=size,
        cosigned=cosigned,
        attempts=tuple(item for item in state.attempts if item[0] > cosigned),
        last_receipt=time if state.last_receipt > now else max(state.last_receipt, time),
        tries=0,
        next_due=now,
    )
    return done, (StoreReceipt(state.offered, event.lines, time, ours=False),)


def _disbelieve(
    state: SenderState, event: ReceiptArrived, reason: str, now: float, rng: Rng
) -> Step:
    """Keep a receipt as evidence, and ask again later."""
    assert state.offered is not None
    waiting, effects = _back_off(state, now, rng)
    parts = (state.offered.text, *(line.encode() for line in event.lines))
    return waiting, (Evidence(reason, parts), Alarm(reason), *effects)


def _conflict(state: SenderState, event: Conflict, now: float, rng: Rng) -> Step:
    assert state.offered is not None
    if event.size > state.size:
        stopped = replace(state, phase=Phase.STOPPED)
        return stopped, (Alarm("own-store-behind"), RequestSuffix(state.origin, state.size))
    effects: tuple[Effect, ...] = ()
    if event.size < state.cosigned:
        parts = (state.offered.text, str(event.size).encode())
        effects = (Evidence("receiver-restored", parts), Alarm("receiver-restored"))
    if event.size == state.held:
        # The reader contradicts itself: it holds what we offered from, and yet refused it.
        waiting, more = _back_off(state, now, rng)
        return waiting, (*effects, *more)
    moved = replace(state, phase=Phase.IDLE, held=event.size, next_due=now)
    return moved, effects


def _busy(state: SenderState, event: Busy, now: float, rng: Rng) -> Step:
    waiting, _ = _back_off(state, now, rng)
    due = max(waiting.next_due, now + min(max(event.retry_after, 0.0), MAX_BACKOFF))
    return replace(waiting, next_due=due), (Schedule(due),)


def _no_answer(state: SenderState, event: NoAnswer, now: float, rng: Rng) -> Step:
    del event
    return _back_off(state, now, rng)


def _refused(state: SenderState, event: Refused, now: float, rng: Rng) -> Step:
    assert state.offered is not None
    if event.status == 424:
        return _back_off(state, now, rng)
    parts = (state.offered.text, str(event.status).encode(), event.body[:65_536], event.sent)
    return replace(state, phase=Phase.HELD), (Evidence("refused", parts), Alarm("refused"))


def _recovered(state: SenderState, event: Recovered, now: float, rng: Rng) -> Step:
    del rng
    if event.size < state.size:
        raise LocalProtocolError(
            "Expected at least {size} entries.", code="exchange.sender-shrunk", size=state.size
        )
    return replace(state, phase=Phase.IDLE, size=event.size, next_due=now, tries=0), ()


def _resumed(state: SenderState, event: Resumed, now: float, rng: Rng) -> Step:
    del event, rng
    return replace(state, phase=Phase.IDLE, next_due=now, tries=0), ()


def _contact(state: SenderState, event: Contact, now: float, rng: Rng) -> Step:
    del event, rng
    return replace(state, tries=0, next_due=min(state.next_due, now)), ()


def _back_off(state: SenderState, now: float, rng: Rng) -> Step:
    """Wait a random time up to 1 s, 2 s, 4 s, … 15 min (full jitter)."""
    pause = min(MAX_BACKOFF, 2.0 ** min(state.tries, 10)) * rng()
    waiting = replace(state, phase=Phase.IDLE, tries=state.tries + 1, next_due=now + pause)
    return waiting, (Schedule(waiting.next_due),)


Handler: TypeAlias = (
    "Callable[[SenderState, Any, float, Rng], Step]"  # Any: the one event of its row
)

TRANSITIONS: Final[dict[tuple[Phase, type], Handler]] = {
    **{(phase, Released): _released for phase in Phase},
    **{(phase, Contact): _contact for phase in Phase},
    (Phase.IDLE, Turn): _turn,
    (Phase.SIGNING, Signed): _signed,
    (Phase.SIGNING, NoAnswer): _no_answer,
    (Phase.ATTEMPTED, ReceiptArrived): _receipt,
    (Phase.ATTEMPTED, Conflict): _conflict,
    (Phase.ATTEMPTED, Busy): _busy,
    (Phase.ATTEMPTED, NoAnswer): _no_answer,
    (Phase.ATTEMPTED, Refused): _refused,
    (Phase.STOPPED, Recovered): _recovered,
    (Phase.HELD, Resumed): _resumed,
}
"""Every phase and event that may meet; any other pair is a mistake of the shell."""
