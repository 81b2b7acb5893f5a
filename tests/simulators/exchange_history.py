"""Histories in the world of :mod:`exchange_world`: what happens, in which order, and how it ends."""

from __future__ import annotations

import random
from dataclasses import replace

from tests.simulators.exchange_epoch import go_on
from tests.simulators.exchange_world import (
    FOREIGN,
    LIMITS,
    LOG_KEYS,
    ORIGIN,
    OTHER,
    RECEIPT_KEYS,
    CrashError,
    World,
    ensure,
    entry,
)

from passerelle.exchange import receiver, sender
from passerelle.exchange.effects import Receive, Reply
from passerelle.exchange.frame import PushFrame
from passerelle.exchange.merkle import CompactRange, leaf_hash
from passerelle.exchange.note import Checkpoint, Note, sign_checkpoint, sign_receipt

ACTIONS = {
    "release": 18,
    "turn": 40,
    "replay": 8,
    "apply": 10,
    "late_receipt": 5,
    "backup": 4,
    "restore_a": 1.5,
    "restore_b": 1.5,
    "suffix": 6,
    "skew": 2,
    "wait": 8,
    "blobs": 4,
}
HOSTILE = {"forged_push": 12, "hostile_push": 14, "hostile_reply": 14}


def run_history(seed: int, *, actions: int = 45) -> World:
    """Run one history; raises a violation, or returns the world at its end.

    Parameters
    ----------
    seed
        The whole history follows from it. One in three has a hostile peer, one in four no clock
        trouble and no restore.
    actions
        Actions before the faults stop.
    """
    world = World(seed)
    world.hostile = seed % 3 == 0
    gentle = seed % 4 == 0
    weights = dict(ACTIONS)
    if gentle:
        for name in ("restore_a", "restore_b", "skew"):
            del weights[name]
    if world.hostile:
        weights |= HOSTILE
    names, shares = list(weights), list(weights.values())
    for _ in range(actions):
        act(world, world.random.choices(names, shares)[0])
        world.check()
    settle(world)
    return world


def act(world: World, name: str) -> None:
    """Do one thing; a crash of A ends it."""
    world.now += world.random.choice((0.05, 1.0, 20.0))
    try:
        ACTS[name](world)
    except CrashError:
        world.a_start()


def settle(world: World) -> None:
    """Stop all faults; both sides must converge with nothing but turns and time."""
    world.calm, world.blobs_complete = True, True
    world.skew = {"a": 0.0, "b": 0.0}
    if world.hostile:
        check_lies(world)
        return
    # Only a restored reader that nobody writes to needs the heartbeat of a day.
    world.now += 200_000.0 if world.b_restored else 0.0
    for _ in range(60):
        world.now += 1000.0
        world.a_start()
        world.fetch_suffix()
        if world.lost_unsent:
            go_on(world)
            return
        world.a_turn()
        world.apply()
        world.check()
        if is_settled(world):
            break
    world.apply()
    ensure(
        world.a.state.cosigned == len(world.a.entries), "both sides converge when faults stop: A"
    )
    ensure(len(world.b.entries) == len(world.a.entries), "both sides converge: B")
    ensure(world.b.cursor == len(world.b.entries), "everything is applied in the end")


def is_settled(world: World) -> bool:
    """Tell whether both hold the same and A has the receipt for it."""
    size = len(world.a.entries)
    return len(world.b.entries) == size == world.a.state.cosigned == world.a.state.held


# ---------------------------------------------------------------- what may happen


def _replay(world: World) -> None:
    if world.pushes:
        world.b_push(world.random.choice(world.pushes))


def _backup(world: World) -> None:
    if world.random.random() < 0.5:
        world.a_backup = world.a.copy()
    else:
        world.b_backup = world.b.copy()


def _restore_a(world: World) -> None:
    world.a, world.a_restored = world.a_backup.copy(), True
    world.first_attempt = {size: float(at) for size, at in world.a.state.attempts}
    world.last_accepted = world.a.state.last_receipt
    world.a_start()


def _restore_b(world: World) -> None:
    world.b = world.b_backup.copy()
    world.b_restored = True


def _skew(world: World) -> None:
    node = world.random.choice("ab")
    world.skew[node] = world.random.choice((0.0, 140.0, -140.0, 3600.0, -86_400.0, 3.2e7))
    world.skewed = world.skewed or abs(world.skew[node]) > 140.0


def _wait(world: World) -> None:
    world.now += world.random.choice((1.0, 60.0, 1000.0))


def _blobs(world: World) -> None:
    world.blobs_complete = True


# ---------------------------------------------------------------- without the other side's keys


def forged_push(world: World) -> None:
    """Somebody on the way alters, cuts or forges a push; nothing of it may be stored."""
    if not world.pushes:
        return
    frame = PushFrame.parse(world.random.choice(world.pushes), LIMITS)
    kind = world.random.choice(("flip", "cut", "foreign", "drop-ml-dsa", "origin", "swap"))
    data = frame.encode()
    if kind == "flip":
        at = world.random.randrange(len(data))
        data = data[:at] + bytes([data[at] ^ (1 << world.random.randrange(8))]) + data[at + 1 :]
    elif kind == "cut":
        data = data[: world.random.randrange(len(data))]
    elif kind == "foreign":
        signed = sign_checkpoint(Checkpoint.parse(frame.note.text), FOREIGN)
        data = replace(frame, note=signed).encode()
    elif kind == "drop-ml-dsa":
        data = replace(frame, note=Note(frame.note.text, frame.note.lines[:1])).encode()
    elif kind == "origin":
        stated = Checkpoint.parse(frame.note.text)
        other = sign_checkpoint(replace(stated, origin=str(OTHER)), LOG_KEYS)
        data = replace(frame, note=other).encode()
    elif len(frame.entries) > 1:
        data = replace(frame, entries=frame.entries[::-1]).encode()
    same = data == frame.encode()
    before, size = list(world.b.entries), len(world.b.entries)
    reply = world.b_push(data)
    if not same and reply is not None and kind != "flip":
        ensure(reply.status != 200, "nothing forged is receipted")
    if not same:
        honest = [(h, b) for h, b, _ in world.b.entries[size:]]
        ensure(world.b.entries[:size] == before, "nothing forged changes what is held")
        ensure(
            honest == world.a.entries[size : size + len(honest)] or not honest,
            "nothing forged is stored",
        )


# ---------------------------------------------------------------- with the writer's own keys


def hostile_push(world: World) -> None:
    """The writer itself lies: forks, gaps, wrong sums, wrong bodies. Refused, or proved."""
    held = [(h, b) for h, b, _ in world.b.entries]
    size = len(held)
    kind = world.random.choice(
        ("equal-fork", "old-fork", "gap", "sum", "shift", "body", "root", "extra", "replay")
    )
    fresh = (entry(size, "sound", 3),)
    status: set[int] = {409, 422}
    if kind == "equal-fork" and size:
        frame = _signed(0, (), [*held[:-1], entry(size - 1, "sound", 9)], old=size)
        status, proof = {422}, "fork"
    elif kind == "old-fork" and len(world.b.notes) > 1:
        known = min(world.b.notes)
        frame = _signed(0, (), [*held[: known - 1], entry(known - 1, "sound", 9)], old=size)
        status, proof = {422}, "fork"
    elif kind == "gap":
        frame = _signed(0, fresh, [*held, entry(size, "sound", 8), fresh[0]], old=size + 1)
        status, proof = {409}, ""
    elif kind == "sum":
        frame = _signed(0, fresh, [*held, *fresh, *fresh], old=size)
        status, proof = {422}, "inconsistent"
    elif kind == "shift":
        frame = _signed(1, fresh, [*held, *fresh], old=size)
        status, proof = {422}, "inconsistent"
    elif kind == "body":
        frame = _signed(0, ((fresh[0][0], b"another body"),), [*held, *fresh], old=size)
        status, proof = {422}, "inconsistent"
    elif kind == "root":
        frame = _signed(0, fresh, [*held, entry(size, "sound", 7)], old=size)
        status, proof = {422}, "inconsistent"
    elif kind == "replay" and size:
        # An older, honest frame again: what is held already is not taken twice.
        frame = _signed(0, (held[-1],), held, old=size - 1)
        status, proof = {409}, ""
    else:
        frame = _signed(0, (*fresh, *fresh), [*held, *fresh], old=size)
        status, proof = {422}, "inconsistent"
    world.b.evidence.clear()
    reply = world.b_push(frame.encode())
    if reply is not None:
        ensure(reply.status in status, f"a hostile writer is refused: {kind}")
        ensure(not proof or proof in world.b.evidence, f"a hostile writer is proved: {kind}")
    ensure([(h, b) for h, b, _ in world.b.entries] == held, f"lies are not stored: {kind}")
    world.b.evidence.clear()


def _signed(
    shift: int,
    entries: tuple[tuple[bytes, bytes], ...],
    over: list[tuple[bytes, bytes]],
    *,
    old: int,
) -> PushFrame:
    tree = CompactRange().extend(leaf_hash(h) for h, _ in over)
    stated = Checkpoint(str(ORIGIN), tree.size + shift, tree.root)
    return PushFrame(old, entries, sign_checkpoint(stated, LOG_KEYS))


# ---------------------------------------------------------------- with the reader's own keys


def hostile_reply(world: World) -> None:
    """The reader itself lies: about sizes, receipts, times. A believes nothing that is not signed."""
    world.a_start()
    state = world.a.state
    if state.phase is not sender.Phase.IDLE or state.size == 0:
        return
    end = min(state.size, state.held + LIMITS.entries)
    try:
        checkpoint = world.sign(end)
    except CrashError:
        return
    now = world.clock("a")
    state = replace(
        state,
        phase=sender.Phase.ATTEMPTED,
        offered=checkpoint,
        attempts=tuple(
            {**dict(state.attempts), end: dict(state.attempts).get(end, int(now))}.items()
        ),
    )
    world.first_attempt.setdefault(end, now)
    kind = world.random.choice(
        ("foreign", "one-line", "future", "past", "two-times", "other-size", "conflict", "status")
    )
    before = state.cosigned
    after, effects = sender.step(
        state, _lie(world, kind, checkpoint, now), now, world.random.random
    )
    if kind not in {"conflict", "status"}:
        ensure(after.cosigned == before, f"no false receipt is believed: {kind}")
        ensure(any(type(e).__name__ == "Evidence" for e in effects), f"a lie is kept: {kind}")
    ensure(after.cosigned == before, "no lie moves what is cosigned")
    if kind == "conflict":
        ensure(after.held <= after.size, "no lie moves the cursor beyond what is committed")
    world.a.state = replace(state, phase=sender.Phase.IDLE, attempts=state.attempts)


def _lie(world: World, kind: str, checkpoint: Checkpoint, now: float) -> sender.Event:
    keys = RECEIPT_KEYS.public_keys
    time = int(now)
    if kind == "conflict":
        return sender.Conflict(
            world.random.choice((0, checkpoint.size + 1, checkpoint.size + 10**6))
        )
    if kind == "status":
        return world.random.choice((sender.Busy(1e9), sender.NoAnswer(), sender.Refused(404, b"")))
    if kind == "foreign":
        lines = sign_receipt(checkpoint, ORIGIN.reader, FOREIGN, time)
    elif kind == "one-line":
        lines = sign_receipt(checkpoint, ORIGIN.reader, RECEIPT_KEYS, time)[:1]
    elif kind == "future":
        lines = sign_receipt(checkpoint, ORIGIN.reader, RECEIPT_KEYS, time + 3600)
    elif kind == "past":
        first = dict(world.a.state.attempts).get(checkpoint.size, time)
        lines = sign_receipt(checkpoint, ORIGIN.reader, RECEIPT_KEYS, min(first, time) - 400)
    elif kind == "two-times":
        first_line = sign_receipt(checkpoint, ORIGIN.reader, RECEIPT_KEYS, time)[0]
        second_line = sign_receipt(checkpoint, ORIGIN.reader, RECEIPT_KEYS, time + 1)[1]
        lines = (first_line, second_line)
    else:
        other = replace(checkpoint, size=checkpoint.size + 1)
        lines = sign_receipt(other, ORIGIN.reader, RECEIPT_KEYS, time)
    return sender.ReceiptArrived(lines, keys)


def check_lies(world: World) -> None:
    """At the end of a hostile history: a closed log takes nothing, and B still answers honestly."""
    closed = replace(world.b.state, closed=True, phase=receiver.Phase.OPEN, pending=None)
    frame = _signed(0, (entry(0, "sound"),), [entry(0, "sound")], old=0)
    _, effects = receiver.step(closed, world.push_event(frame.encode()), world.now, random.random)
    ensure(
        [e.status for e in effects if isinstance(e, Reply)] == [404], "a closed log takes nothing"
    )
    ensure(not any(isinstance(e, Receive) for e in effects), "a closed log stores nothing")


ACTS = {
    "release": lambda world: world.release(),
    "turn": lambda world: world.a_turn(),
    "replay": _replay,
    "apply": lambda world: world.apply(),
    "late_receipt": lambda world: world.late_receipt(),
    "backup": _backup,
    "restore_a": _restore_a,
    "restore_b": _restore_b,
    "suffix": lambda world: world.fetch_suffix(),
    "skew": _skew,
    "wait": _wait,
    "blobs": _blobs,
    "forged_push": forged_push,
    "hostile_push": hostile_push,
    "hostile_reply": hostile_reply,
}
