"""The tables of writer and reader: every pair, and every boundary on both of its sides."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.simulators.exchange_world import FOREIGN, LOG_KEYS, ORIGIN, RECEIPT_KEYS, entry

from passerelle.exchange import receiver, sender
from passerelle.exchange.effects import (
    Alarm,
    Evidence,
    Receive,
    Reply,
    RequestSuffix,
    Schedule,
    Send,
    Sign,
    SignReceipt,
    StoreReceipt,
)
from passerelle.exchange.errors import LocalProtocolError
from passerelle.exchange.frame import FrameLimits, PushFrame
from passerelle.exchange.merkle import CompactRange, leaf_hash
from passerelle.exchange.note import Checkpoint, sign_checkpoint, sign_receipt
from passerelle.exchange.suite import S1

NOW = 1_700_000_000.0
ENTRIES = [entry(index, "sound") for index in range(4)]
TREE = [CompactRange().extend(leaf_hash(h) for h, _ in ENTRIES[:size]) for size in range(5)]
SENDER = sender.SenderState(str(ORIGIN), ORIGIN.reader, S1, size=4, last_receipt=int(NOW))
READER = receiver.ReceiverState(str(ORIGIN), ORIGIN.reader, S1)
IDLE, ATTEMPTED = sender.Phase.IDLE, sender.Phase.ATTEMPTED


def checkpoint(size: int) -> Checkpoint:
    """State a size of the log."""
    return Checkpoint.of(str(ORIGIN), TREE[size])


def step(state: sender.SenderState, event: sender.Event, now: float = NOW) -> sender.Step:
    """Step the writer; jitter draws one half."""
    return sender.step(state, event, now, lambda: 0.5)


def offered(size: int = 4, **fields: object) -> sender.SenderState:
    """Return a writer that has offered a size."""
    state = replace(SENDER, phase=ATTEMPTED, offered=checkpoint(size))
    return replace(state, **{"attempts": ((size, int(NOW)),)} | fields)  # type: ignore[arg-type]


def receipt(size: int, time: float, signer: object = RECEIPT_KEYS) -> sender.ReceiptArrived:
    """Make a receipt of the reader."""
    lines = sign_receipt(checkpoint(size), ORIGIN.reader, signer, int(time))  # type: ignore[arg-type]
    return sender.ReceiptArrived(lines, RECEIPT_KEYS.public_keys)


EVENTS: list[sender.Event] = [
    sender.Released(4),
    sender.Turn(4),
    sender.Signed(checkpoint(4)),
    receipt(4, NOW),
    sender.Conflict(2),
    sender.Busy(1.0),
    sender.NoAnswer(),
    sender.Refused(403, b""),
    sender.Recovered(4),
    sender.Resumed(),
    sender.Contact(),
]


@pytest.mark.parametrize("phase", sender.Phase)
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_a_pair_of_the_writer_is_in_its_table_or_a_mistake(
    phase: sender.Phase, event: sender.Event
) -> None:
    state = replace(SENDER, phase=phase, offered=checkpoint(4))

    if (phase, type(event)) in sender.TRANSITIONS:
        step(state, event)
    else:
        with pytest.raises(LocalProtocolError) as found:
            step(state, event)
        assert found.value.code == "exchange.sender-event"


def test_the_table_of_the_writer_has_no_other_pairs() -> None:
    assert len(sender.TRANSITIONS) == 2 * len(sender.Phase) + 10


def test_a_log_grows_or_stays() -> None:
    assert step(SENDER, sender.Released(4)) == (SENDER, ())
    assert step(SENDER, sender.Released(9)) == (replace(SENDER, size=9), ())
    with pytest.raises(LocalProtocolError):
        step(SENDER, sender.Released(3))


def test_a_turn_signs_what_the_batch_reaches_and_no_more() -> None:
    for end, signed in ((0, 0), (2, 2), (4, 4), (9, 4)):
        state, effects = step(SENDER, sender.Turn(end))

        assert (state.phase, effects) == (sender.Phase.SIGNING, (Sign(str(ORIGIN), signed),))
    ahead = replace(SENDER, held=3)
    assert step(ahead, sender.Turn(1))[1] == (Sign(str(ORIGIN), 3),)


def test_a_turn_waits_for_its_instant() -> None:
    waiting = replace(SENDER, next_due=NOW + 5)

    assert step(waiting, sender.Turn(4)) == (waiting, (Schedule(NOW + 5),))
    assert step(waiting, sender.Turn(4), NOW + 5)[0].phase is sender.Phase.SIGNING


def test_a_wait_beyond_the_longest_is_not_believed() -> None:
    longest = replace(SENDER, next_due=NOW + sender.MAX_BACKOFF)
    beyond = replace(SENDER, next_due=NOW + sender.MAX_BACKOFF + 1)

    assert step(longest, sender.Turn(4))[1] == (Schedule(NOW + sender.MAX_BACKOFF),)
    assert step(beyond, sender.Turn(4))[0].phase is sender.Phase.SIGNING


def test_a_settled_log_is_silent_for_a_day() -> None:
    settled = replace(SENDER, held=4, cosigned=4)

    assert settled.settled
    assert not replace(settled, cosigned=3).settled
    assert not replace(settled, held=3).settled
    assert step(settled, sender.Turn(4), NOW + sender.HEARTBEAT - 1) == (settled, ())
    assert step(settled, sender.Turn(4), NOW + sender.HEARTBEAT)[1] == (Sign(str(ORIGIN), 4),)
    empty = replace(settled, size=0, held=0, cosigned=0)
    assert step(empty, sender.Turn(0), NOW + 2 * sender.HEARTBEAT) == (empty, ())


def test_only_a_checkpoint_of_the_committed_log_is_sent() -> None:
    signing = replace(SENDER, phase=sender.Phase.SIGNING, held=1)

    state, effects = step(signing, sender.Signed(checkpoint(1)))
    assert (state.phase, effects) == (ATTEMPTED, (Send(str(ORIGIN), 1, checkpoint(1)),))
    assert state.attempts == ((1, int(NOW)),)
    foreign = Checkpoint("c.example/to/b.example/epoch-1", 2, TREE[2].root)
    for wrong in (checkpoint(0), replace(checkpoint(4), size=5), foreign):
        with pytest.raises(LocalProtocolError):
            step(signing, sender.Signed(wrong))


def test_the_first_attempt_of_a_size_is_remembered_for_64_sizes() -> None:
    tried = replace(SENDER, phase=sender.Phase.SIGNING, attempts=((4, 17),))
    many = replace(tried, attempts=tuple((n, n) for n in range(100, 164)))

    assert step(tried, sender.Signed(checkpoint(4)))[0].attempts == ((4, 17),)
    assert step(many, sender.Signed(checkpoint(4)))[0].attempts == (
        *((n, n) for n in range(101, 164)),
        (4, int(NOW)),
    )


@pytest.mark.parametrize("time", [-300, 0, 300])
def test_a_receipt_is_believed_within_300_seconds(time: int) -> None:
    state, effects = step(offered(tries=3), receipt(4, NOW + time))

    assert (state.phase, state.held, state.cosigned, state.tries) == (IDLE, 4, 4, 0)
    assert (state.attempts, state.last_receipt) == ((), max(int(NOW), int(NOW) + time))
    assert [type(effect) for effect in effects] == [StoreReceipt]


@pytest.mark.parametrize("time", [-301, 301])
def test_a_receipt_beyond_300_seconds_is_evidence_of_a_clock(time: int) -> None:
    state, effects = step(offered(tries=3), receipt(4, NOW + time))

    assert (state.phase, state.held, state.cosigned, state.tries) == (IDLE, 4, 0, 4)
    assert [type(effect) for effect in effects] == [Evidence, Alarm, Schedule]
    assert effects[1] == Alarm("clock")


def test_a_receipt_may_not_be_older_than_the_last_but_for_300_seconds() -> None:
    later = offered(last_receipt=int(NOW) + 100, attempts=((4, int(NOW) - 900),))

    assert step(later, receipt(4, NOW - 200), NOW + 200)[0].cosigned == 4
    assert step(later, receipt(4, NOW - 201), NOW + 200)[0].cosigned == 0


def test_a_last_receipt_noted_by_a_clock_that_was_ahead_is_forgotten() -> None:
    ahead = offered(last_receipt=int(NOW) + 10_000)

    state, _ = step(ahead, receipt(4, NOW))

    assert (state.cosigned, state.last_receipt) == (4, int(NOW))


def test_a_false_receipt_is_kept_and_changes_nothing() -> None:
    state, effects = step(offered(), receipt(4, NOW, FOREIGN))

    assert (state.held, state.cosigned, state.tries) == (0, 0, 1)
    assert isinstance(effects[0], Evidence)
    assert (effects[0].kind, effects[1]) == ("receipt-invalid", Alarm("receipt-invalid"))


def test_what_is_cosigned_never_shrinks_and_older_attempts_go() -> None:
    state, _ = step(offered(2, cosigned=3, attempts=((2, 1), (3, 2), (4, 3))), receipt(2, NOW))

    assert (state.held, state.cosigned, state.attempts) == (2, 3, ((4, 3),))


@pytest.mark.parametrize(
    ("size", "held", "phase", "kinds"),
    [
        (5, 0, sender.Phase.STOPPED, [Alarm, RequestSuffix]),
        (4, 4, IDLE, []),
        (2, 2, IDLE, []),
        (1, 1, IDLE, [Evidence, Alarm]),
    ],
)
def test_a_conflict_moves_the_cursor_or_stops(
    size: int, held: int, phase: sender.Phase, kinds: list[type]
) -> None:
    state, effects = step(offered(cosigned=2), sender.Conflict(size))

    assert (state.held, state.phase, state.cosigned) == (held, phase, 2)
    assert [type(effect) for effect in effects] == kinds


def test_a_reader_that_contradicts_itself_is_given_time() -> None:
    state, effects = step(offered(held=2, cosigned=2, tries=1), sender.Conflict(2))

    assert (state.held, state.tries, state.next_due) == (2, 2, NOW + 1.0)
    assert effects == (Schedule(NOW + 1.0),)


@pytest.mark.parametrize(
    ("tries", "pause"), [(0, 0.5), (1, 1.0), (3, 4.0), (9, 256.0), (10, 450.0), (5000, 450.0)]
)
def test_pauses_double_up_to_fifteen_minutes(tries: int, pause: float) -> None:
    state, effects = step(offered(tries=tries), sender.NoAnswer())

    assert (state.phase, state.tries, state.next_due) == (IDLE, tries + 1, NOW + pause)
    assert effects == (Schedule(NOW + pause),)


@pytest.mark.parametrize(("asked", "due"), [(-5.0, 0.5), (20.0, 20.0), (1e9, sender.MAX_BACKOFF)])
def test_a_busy_reader_is_given_what_it_asks_within_reason(asked: float, due: float) -> None:
    state, effects = step(offered(), sender.Busy(asked))

    assert (state.tries, state.next_due, effects) == (1, NOW + due, (Schedule(NOW + due),))


def test_a_refusal_waits_for_a_person_and_a_missing_attachment_does_not() -> None:
    held, effects = step(offered(), sender.Refused(403, b"x" * 70_000, b"sent"))
    waiting, _ = step(offered(), sender.Refused(424, b""))

    assert held.phase is sender.Phase.HELD
    parts = (checkpoint(4).text, b"403", b"x" * 65_536, b"sent")
    assert effects == (Evidence("refused", parts), Alarm("refused"))
    assert (waiting.phase, waiting.tries) == (IDLE, 1)


def test_a_stopped_log_goes_on_when_nothing_is_missing() -> None:
    stopped = replace(SENDER, phase=sender.Phase.STOPPED, tries=7)

    state, _ = step(stopped, sender.Recovered(4))

    assert (state.phase, state.size, state.tries, state.next_due) == (IDLE, 4, 0, NOW)
    with pytest.raises(LocalProtocolError):
        step(stopped, sender.Recovered(3))


def test_contact_and_a_decision_end_the_waiting() -> None:
    waiting = replace(SENDER, tries=5, next_due=NOW + 60)
    due = replace(SENDER, tries=5, next_due=NOW - 60)

    assert step(waiting, sender.Contact())[0] == replace(SENDER, next_due=NOW)
    assert step(due, sender.Contact())[0].next_due == NOW - 60
    held = replace(waiting, phase=sender.Phase.HELD)
    assert step(held, sender.Resumed())[0] == replace(SENDER, next_due=NOW)


# ---------------------------------------------------------------- the reader


def push(old: int, size: int, *, stated: int | None = None, root: int | None = None) -> bytes:
    """Write a frame over the entries from ``old`` up to ``size``."""
    tree = TREE[size if root is None else root]
    note = sign_checkpoint(
        Checkpoint(str(ORIGIN), size if stated is None else stated, tree.root), LOG_KEYS
    )
    return PushFrame(old, tuple(ENTRIES[old:size]), note).encode()


def take(state: receiver.ReceiverState, data: bytes) -> receiver.Step:
    """Let a push arrive."""
    event = receiver.PushArrived(
        data,
        LOG_KEYS.public_keys,
        FrameLimits(entries=3),
        has_blob=lambda _root: False,
        root_at=lambda size: TREE[size].root if size < 3 else None,
    )
    return receiver.step(state, event, NOW, lambda: 0.5)


def answers(effects: tuple[object, ...]) -> list[tuple[int, bytes]]:
    """List the replies among effects."""
    return [(effect.status, effect.body) for effect in effects if isinstance(effect, Reply)]


HOLDING = replace(READER, tree=TREE[2])


def test_a_push_is_stored_committed_signed_and_answered_in_that_order() -> None:
    storing, effects = take(HOLDING, push(2, 4))
    assert [type(effect) for effect in effects] == [Receive]
    assert storing.phase is receiver.Phase.STORING
    assert isinstance(effects[0], Receive)
    assert (effects[0].old, effects[0].tree, len(effects[0].entries)) == (2, TREE[4], 2)

    signing, effects = receiver.step(storing, receiver.Committed(), NOW, lambda: 0.5)
    assert effects == (SignReceipt(checkpoint(4), int(NOW)),)

    lines = sign_receipt(checkpoint(4), ORIGIN.reader, RECEIPT_KEYS, int(NOW))
    signed = receiver.ReceiptSigned(lines, int(NOW))
    done, effects = receiver.step(signing, signed, NOW, lambda: 0.5)
    assert (done.phase, done.pending, done.last_receipt) == (
        receiver.Phase.OPEN,
        None,
        int(NOW),
    )
    assert [type(effect) for effect in effects] == [StoreReceipt, Reply]


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (push(1, 3), (409, b"2\n")),
        (push(3, 4), (409, b"2\n")),
        (push(2, 3, stated=4, root=4), (422, b"")),
        (push(2, 3, root=4), (422, b"")),
        (b"no frame", (400, b"")),
        (push(0, 4), (413, b"")),
    ],
)
def test_a_push_that_does_not_fit_changes_nothing(data: bytes, answer: tuple[int, bytes]) -> None:
    state, effects = take(HOLDING, data)

    assert (state, answers(effects)) == (HOLDING, [answer])


def test_an_empty_push_of_what_is_held_is_receipted_again() -> None:
    state, effects = take(HOLDING, push(2, 2))

    assert (state.phase, effects) == (
        receiver.Phase.RECEIPTING,
        (SignReceipt(checkpoint(2), int(NOW)),),
    )


@pytest.mark.parametrize("size", [1, 2])
def test_another_root_of_a_size_held_is_a_fork(size: int) -> None:
    state, effects = take(HOLDING, push(2, 2, stated=size, root=3))

    assert state == HOLDING
    assert [type(effect) for effect in effects] == [Evidence, Alarm, Reply]
    assert answers(effects) == [(422, b"")]


def test_a_closed_log_takes_nothing() -> None:
    closed = replace(HOLDING, closed=True)

    state, effects = take(closed, push(2, 4))

    assert (state, answers(effects)) == (closed, [(404, b"")])


def test_a_push_overtaken_by_another_is_told_the_size() -> None:
    storing, _ = take(HOLDING, push(2, 4))

    state, effects = receiver.step(storing, receiver.Superseded(3), NOW, lambda: 0.5)

    assert (state.phase, state.pending) == (receiver.Phase.OPEN, None)
    assert answers(effects) == [(409, b"3\n")]


@pytest.mark.parametrize("phase", receiver.Phase)
@pytest.mark.parametrize(
    "event",
    [receiver.Committed(), receiver.Superseded(1), receiver.ReceiptSigned((), 1)],
    ids=lambda event: type(event).__name__,
)
def test_a_pair_of_the_reader_is_in_its_table_or_a_mistake(
    phase: receiver.Phase, event: receiver.Event
) -> None:
    state = replace(HOLDING, phase=phase, pending=checkpoint(2))

    if (phase, type(event)) in receiver.TRANSITIONS:
        receiver.step(state, event, NOW, lambda: 0.5)
    else:
        with pytest.raises(LocalProtocolError) as found:
            receiver.step(state, event, NOW, lambda: 0.5)
        assert found.value.code == "exchange.receiver-event"
