"""A deterministic world of two nodes that runs the shipping machines of the exchange.

One seed drives everything: loss, duplicates, wrong order, delay, crashes before and after each
commit, restores from backup, clocks, and a hostile peer with and without the other side's keys. The
seed is the bug report. Only signatures are simulated (keyed hashes of the right length), because a
history would otherwise spend its time in ML-DSA.

After each action the invariants are checked; at the end faults stop and both sides must converge.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache

from passerelle.exchange import receiver, sender
from passerelle.exchange.effects import (
    Evidence,
    Mark,
    Receive,
    Reply,
    Send,
    Sign,
    SignReceipt,
    StoreReceipt,
)
from passerelle.exchange.frame import FrameLimits, PushFrame, parse_receipt
from passerelle.exchange.header import Attachment, Body, Handling, Header, Kind, Status
from passerelle.exchange.merkle import CompactRange, leaf_hash
from passerelle.exchange.names import Origin
from passerelle.exchange.note import Checkpoint, Note, sign_checkpoint, sign_receipt
from passerelle.exchange.seal import ciphertext_hash
from passerelle.exchange.suite import S1, PublicKey

ORIGIN = Origin("a.example", "b.example")
OTHER = Origin("c.example", "b.example")
NOW = 1_700_000_000.0
BLOB = "b" * 64
LIMITS = FrameLimits(entries=8)


receiver.parse_header = cache(receiver.parse_header)
"""A third of a history went into reading the same few headers again; the function is pure."""


class ViolationError(AssertionError):
    """An invariant does not hold."""


class CrashError(Exception):
    """The process is killed here."""


def ensure(holds: object, name: str) -> None:
    """Raise a violation unless the invariant holds."""
    if not holds:
        raise ViolationError(name)


class SimKey(PublicKey):
    """Verify keyed hashes instead of signatures."""

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Tell whether the simulated signature is of this key."""
        return signature == simulated(self, data)


def simulated(key: PublicKey, data: bytes) -> bytes:
    """Return a stand-in for a signature: a keyed hash, repeated to the right length."""
    digest = hashlib.sha256(key.raw[:32] + data).digest()
    size = key.algorithm.signature_size
    return (digest * (size // 32 + 1))[:size]


class SimSigner:
    """Sign with simulated keys, drawn from a name."""

    def __init__(self, name: str) -> None:
        self._keys = tuple(
            SimKey(a, (hashlib.sha256(name.encode()).digest() * 82)[: a.key_size])
            for a in S1.signatures
        )

    @property
    def public_keys(self) -> tuple[PublicKey, ...]:
        """The pair of keys."""
        return self._keys

    def sign(self, data: bytes) -> tuple[bytes, ...]:
        """Sign with both."""
        return tuple(simulated(key, data) for key in self._keys)


LOG_KEYS, RECEIPT_KEYS, FOREIGN = SimSigner("a-log"), SimSigner("b-receipt"), SimSigner("mallory")
MARKS = (
    ("poison", Mark.UNREADABLE),
    ("misplaced", Mark.MISPLACED),
    ("crit", Mark.NOT_UNDERSTOOD),
    ("erased", Mark.ERASED),
)
VARIANTS = ("sound", "bare", "poison", "misplaced", "crit", "erased", "blob")


@cache
def entry(index: int, variant: str, story: int = 0) -> tuple[bytes, bytes]:
    """Return header and body of one entry; ``story`` makes another entry for the same place."""
    content = f"body {index} {story}".encode()
    body = Body("application/json", len(content), ciphertext_hash(content))
    header = Header(
        origin=ORIGIN,
        index=index + 1 if variant == "misplaced" else index,
        from_office="cooperation",
        to_office="cooperation",
        kind=Kind.REPORT,
        status=Status.TEST,
        case=f"{story:032x}",
        issued=datetime.fromtimestamp(NOW, UTC),
        seen=0,
        handling=Handling(),
        body=None if variant == "bare" else body,
        att=(Attachment(1, BLOB, "c" * 64),) if variant == "blob" else (),
        crit=("future",) if variant == "crit" else (),
        ext=(("future", 1),) if variant == "crit" else (),
    )
    if variant == "poison":
        return b'{"v": 1, "broken"' + str(index * 100 + story).encode(), content
    return header.encode(), b"" if variant in {"bare", "erased"} else content


@dataclass
class Writer:
    """What node A keeps; ``guard`` lies outside the database and survives a restore."""

    entries: list[tuple[bytes, bytes]] = field(default_factory=list)
    state: sender.SenderState = field(
        default_factory=lambda: sender.SenderState(str(ORIGIN), ORIGIN.reader, S1)
    )
    checkpoints: dict[int, Note] = field(default_factory=dict)
    evidence: list[str] = field(default_factory=list)

    def copy(self) -> Writer:
        """Take a backup."""
        return Writer(list(self.entries), self.state, dict(self.checkpoints), list(self.evidence))


@dataclass
class Reader:
    """What node B keeps."""

    entries: list[tuple[bytes, bytes, Mark]] = field(default_factory=list)
    state: receiver.ReceiverState = field(
        default_factory=lambda: receiver.ReceiverState(str(ORIGIN), ORIGIN.reader, S1)
    )
    notes: dict[int, Note] = field(default_factory=dict)
    applied: list[int] = field(default_factory=list)
    cursor: int = 0
    evidence: list[str] = field(default_factory=list)

    def copy(self) -> Reader:
        """Take a backup."""
        return Reader(
            list(self.entries),
            self.state,
            dict(self.notes),
            list(self.applied),
            self.cursor,
            list(self.evidence),
        )


class World:
    """Two nodes, a network and fate.

    Parameters
    ----------
    seed
        Drives everything.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.now = NOW
        self.skew = {"a": 0.0, "b": 0.0}
        self.a, self.b = Writer(), Reader()
        self.a_backup, self.b_backup = self.a.copy(), self.b.copy()
        self.guard = (0, CompactRange().root)
        self.signed: dict[int, bytes] = {}
        self.issued: list[tuple[bytes, bytes]] = []
        self.durable_at_b = 0
        self.first_attempt: dict[int, float] = {}
        self.last_accepted = 0
        self.pushes: list[bytes] = []
        self.receipts: list[tuple[Checkpoint, bytes]] = []
        self.lost_unsent = self.hostile = False
        self.a_restored = self.b_restored = False
        self.skewed = self.calm = False
        self.blobs_complete = False
        self.looked_at = 0

    # ------------------------------------------------------------ fate

    def chance(self, probability: float) -> bool:
        """Tell whether misfortune strikes."""
        return not self.calm and self.random.random() < probability

    def point(self, name: str) -> None:
        """Pass a commit point; the process may be killed here."""
        del name
        if self.chance(0.04):
            raise CrashError

    def clock(self, node: str) -> float:
        """Read a node's clock."""
        return self.now + self.skew[node]

    # ------------------------------------------------------------ the writer's shell

    def release(self) -> None:
        """Release one to three acts at A, durable at once, unless A is stopped."""
        if self.guard[0] > len(self.a.entries):
            return
        for _ in range(self.random.randint(1, 3)):
            index = len(self.a.entries)
            variant = self.random.choices(VARIANTS, (60, 10, 4, 4, 4, 4, 6))[0]
            item = entry(index, variant, self.random.randint(0, 3))
            if index < len(self.issued):
                self.issued[index:] = []
            self.issued.append(item)
            self.a.entries.append(item)
        self.a.state, _ = sender.step(
            self.a.state, sender.Released(len(self.a.entries)), self.clock("a"), self.random.random
        )

    def a_start(self) -> None:
        """Start A anew: an attempt cut short is idle again; a guard file ahead stops the log."""
        phase = self.a.state.phase
        if phase in {sender.Phase.SIGNING, sender.Phase.ATTEMPTED}:
            phase = sender.Phase.IDLE
        if self.guard[0] > len(self.a.entries):
            phase = sender.Phase.STOPPED
        self.a.state = replace(self.a.state, phase=phase)

    def sign(self, size: int) -> Checkpoint:
        """Guard file first, then the signature over a committed size."""
        tree = CompactRange().extend(leaf_hash(h) for h, _ in self.a.entries[:size])
        ensure(tree.size == size, "signs only what is committed")
        self.point("a.before-guard")
        if size > self.guard[0]:
            self.guard = (size, tree.root)
        self.point("a.after-guard")
        before = self.signed.setdefault(size, tree.root)
        ensure(before == tree.root, "never signs two roots of one size")
        note = sign_checkpoint(Checkpoint.of(str(ORIGIN), tree), LOG_KEYS)
        self.a.checkpoints[size] = note
        return Checkpoint.parse(note.text)

    def a_step(self, event: sender.Event) -> list[object]:
        """Step the machine and commit what it says."""
        before = self.a.state
        now = self.clock("a")
        state, effects = sender.step(before, event, now, self.random.random)
        for effect in effects:
            if isinstance(effect, Sign):
                self.a.state = state
                return self.a_step(sender.Signed(self.sign(effect.size)))
        self.point("a.before-commit")
        self.a.state = state
        for size, at in state.attempts:
            self.first_attempt.setdefault(size, float(at))
        ensure(state.cosigned >= before.cosigned, "what is cosigned never shrinks")
        ensure(state.next_due <= now + 901, "never waits longer than agreed")
        ensure(len(state.attempts) <= 64, "remembers few attempts")
        for effect in effects:
            if isinstance(effect, StoreReceipt):
                self.accepted(effect, now)
            elif isinstance(effect, Evidence):
                self.a.evidence.append(effect.kind)
        self.point("a.after-commit")
        return list(effects)

    def accepted(self, effect: StoreReceipt, now: float) -> None:
        """Check a receipt that A believes, by other means than A's."""
        size = effect.checkpoint.size
        ensure(size <= self.durable_at_b, "a receipt stands for what B made durable")
        ensure(effect.time <= now + 300, "no receipt from the future is believed")
        first = self.first_attempt.get(size, now)
        first, last = min(first, now), min(self.last_accepted, now)
        ensure(effect.time >= int(first) - 300, "no receipt before the first attempt is believed")
        ensure(effect.time >= last - 300, "receipts do not run backwards")
        ahead = self.last_accepted > now
        self.last_accepted = effect.time if ahead else max(self.last_accepted, effect.time)

    def a_turn(self) -> None:
        """Give A a turn: sign, send, take the answer."""
        self.a_start()
        if self.a.state.phase is not sender.Phase.IDLE:
            return
        end = min(
            len(self.a.entries), self.a.state.held + self.random.choice((1, 3, LIMITS.entries))
        )
        for effect in self.a_step(sender.Turn(end)):
            if isinstance(effect, Send):
                self.send(effect)

    def send(self, send: Send) -> None:
        """Push over a network that loses, doubles and delays."""
        ensure(send.checkpoint.size in self.a.checkpoints, "sends only stored checkpoints")
        ensure(self.guard[0] >= send.checkpoint.size, "the guard file is synced before sending")
        entries = tuple(self.a.entries[send.old : send.checkpoint.size])
        frame = PushFrame(send.old, entries, self.a.checkpoints[send.checkpoint.size]).encode()
        self.pushes = [*self.pushes[-12:], frame]
        reply = None
        if not self.chance(0.2):
            reply = self.b_push(frame)
            if self.chance(0.1):
                self.b_push(frame)
        if self.chance(0.2):
            reply = None
        self.now += self.random.choice((0.0, 0.1, 5.0, 400.0)) if not self.calm else 0.1
        self.a_step(self.event(reply))

    def event(self, reply: Reply | None) -> sender.Event:
        """Turn an answer into an event, as the shell of the node does."""
        if reply is None:
            return sender.NoAnswer()
        if reply.status == 200:
            return sender.ReceiptArrived(parse_receipt(reply.body), RECEIPT_KEYS.public_keys)
        if reply.status == 409:
            return sender.Conflict(int(reply.body))
        if reply.status == 429:
            return sender.Busy(5.0)
        return sender.Refused(reply.status, reply.body)

    def fetch_suffix(self) -> None:
        """After a restore, A takes its own entries back from B, verified by its own signatures."""
        if self.a.state.phase is not sender.Phase.STOPPED:
            return
        have = len(self.a.entries)
        sizes = [size for size in self.b.notes if size >= have]
        if sizes:
            size = max(sizes)
            items = tuple((h, b) for h, b, _ in self.b.entries[have:size])
            frame = PushFrame(have, items, self.b.notes[size])
            tree = CompactRange().extend(leaf_hash(h) for h, _ in self.a.entries)
            mine = receiver.ReceiverState(str(ORIGIN), ORIGIN.reader, S1, tree=tree)
            event = receiver.PushArrived(
                frame.encode(),
                LOG_KEYS.public_keys,
                FrameLimits(entries=1000),
                has_blob=lambda _root: True,
                root_at=lambda _size: None,
            )
            _, effects = receiver.step(mine, event, self.clock("a"), self.random.random)
            for effect in effects:
                if isinstance(effect, Receive):
                    self.a.entries += [(e.header, e.body) for e in effect.entries]
        if len(self.a.entries) >= self.guard[0]:
            event2 = sender.Recovered(max(len(self.a.entries), self.a.state.size))
            if event2.size == len(self.a.entries):
                self.a.state, _ = sender.step(
                    self.a.state, event2, self.clock("a"), self.random.random
                )
        else:
            # Signed, never delivered, and lost: only a new epoch goes on from here.
            self.lost_unsent = True

    def late_receipt(self) -> None:
        """A receipt comes by courier, long after its push."""
        if not self.receipts or self.a.state.phase is not sender.Phase.IDLE:
            return
        checkpoint, lines = self.random.choice(self.receipts)
        if checkpoint.size > len(self.a.entries) or checkpoint.size <= self.a.state.cosigned:
            return
        state = replace(self.a.state, phase=sender.Phase.ATTEMPTED, offered=checkpoint)
        event = sender.ReceiptArrived(parse_receipt(lines), RECEIPT_KEYS.public_keys)
        after, _ = sender.step(state, event, self.clock("a"), self.random.random)
        calm = not (self.skewed or self.hostile or self.a_restored or self.b_restored)
        ensure(not calm or after.cosigned == checkpoint.size, "a late receipt is believed")
        if after.cosigned > self.a.state.cosigned:
            self.a.state = state
            self.a_step(event)

    # ------------------------------------------------------------ the reader's shell

    def push_event(self, frame: bytes) -> receiver.PushArrived:
        """Give a frame the surroundings of B."""
        return receiver.PushArrived(
            frame,
            LOG_KEYS.public_keys,
            LIMITS,
            has_blob=lambda _root: self.blobs_complete,
            root_at=lambda size: (
                Checkpoint.parse(self.b.notes[size].text).root if size in self.b.notes else None
            ),
        )

    def b_push(self, frame: bytes, *, nested: bool = False) -> Reply | None:
        """Answer a push; ``None`` when B was killed on the way."""
        try:
            return self._b_push(frame, nested=nested)
        except CrashError:
            self.b.state = replace(self.b.state, phase=receiver.Phase.OPEN, pending=None)
            return None

    def _b_push(self, frame: bytes, *, nested: bool) -> Reply:
        now = self.clock("b")
        before = replace(self.b.state, phase=receiver.Phase.OPEN, pending=None)
        state, effects = receiver.step(before, self.push_event(frame), now, self.random.random)
        reply = None
        for effect in effects:
            if isinstance(effect, Receive):
                if not nested and self.pushes and self.chance(0.05):
                    self.b_push(self.random.choice(self.pushes), nested=True)
                if len(self.b.entries) != effect.old:
                    late = receiver.Superseded(len(self.b.entries))
                    _, effects = receiver.step(state, late, now, self.random.random)
                    return next(e for e in effects if isinstance(e, Reply))
                self.point("b.before-commit")
                self.commit(effect, state)
                self.point("b.after-commit")
                state, effects = receiver.step(state, receiver.Committed(), now, self.random.random)
            elif isinstance(effect, Evidence):
                self.b.evidence.append(effect.kind)
            elif isinstance(effect, Reply):
                reply = effect
        if reply is not None:
            ensure(reply.status != 200, "no receipt without a durable copy")
            return reply
        return self.receipt(state, effects, now)

    def commit(self, effect: Receive, state: receiver.ReceiverState) -> None:
        """Store entries, note and range at B in one transaction."""
        ensure(effect.tree.size == effect.old + len(effect.entries), "stores all entries or none")
        for item in effect.entries:
            self.b.entries.append((item.header, item.body, item.mark))
        self.b.notes[effect.tree.size] = effect.note
        self.b.state = replace(
            state, phase=receiver.Phase.OPEN, pending=None, last_receipt=self.b.state.last_receipt
        )

    def receipt(
        self, state: receiver.ReceiverState, effects: tuple[object, ...], now: float
    ) -> Reply:
        """Sign, keep and give the receipt."""
        sign = next(e for e in effects if isinstance(e, SignReceipt))
        ensure(
            sign.checkpoint.size == len(self.b.entries) and sign.checkpoint.root == self.b_root(),
            "a receipt names exactly what is durable",
        )
        ensure(abs(sign.time - now) <= 1, "our receipts tell our time")
        self.durable_at_b = max(self.durable_at_b, sign.checkpoint.size)
        lines = sign_receipt(sign.checkpoint, ORIGIN.reader, RECEIPT_KEYS, sign.time)
        signed = receiver.ReceiptSigned(lines, sign.time)
        state, effects = receiver.step(state, signed, now, self.random.random)
        ensure(any(isinstance(e, StoreReceipt) for e in effects), "every receipt made is kept")
        self.b.state = replace(self.b.state, last_receipt=state.last_receipt)
        reply = next(e for e in effects if isinstance(e, Reply))
        self.receipts = [*self.receipts[-6:], (sign.checkpoint, reply.body)]
        self.point("b.after-receipt")
        return reply

    def b_root(self) -> bytes:
        """Compute B's root from its entries, not from its range."""
        return CompactRange().extend(leaf_hash(h) for h, _, _ in self.b.entries).root

    def apply(self) -> None:
        """Give B's consumer the next entries; cursor and effect commit together."""
        while self.b.cursor < len(self.b.entries):
            staged = [*self.b.applied, self.b.cursor]
            if self.chance(0.05):
                return
            self.b.applied, self.b.cursor = staged, self.b.cursor + 1

    # ------------------------------------------------------------ invariants

    def check(self) -> None:
        """Check what must hold after every action."""
        held = [(h, b) for h, b, _ in self.b.entries]
        if not self.hostile:
            ensure(held == self.issued[: len(held)], "B holds A's entries, in order, unaltered")
        ensure(self.b.applied == list(range(self.b.cursor)), "applies each entry exactly once")
        if self.looked_at != len(self.b.entries):
            for index, (header, body, mark) in enumerate(self.b.entries):
                self.check_mark(index, header, body, mark)
            self.looked_at = len(self.b.entries)
            ensure(self.b.state.tree.root == self.b_root(), "B's range leads to its entries")
        known = max(len(self.a.entries), len(self.b.entries))
        if not self.b_restored and not self.lost_unsent:
            ensure(self.a.state.cosigned <= known, "nothing acknowledged is lost")
        if not self.hostile:
            ensure("fork" not in self.a.evidence + self.b.evidence, "accuses nobody of a fork")
            ensure("inconsistent" not in self.b.evidence, "accuses nobody of contradiction")
            ensure(self.a.state.phase is not sender.Phase.HELD, "honest peers are never refused")
            ensure(self.skewed or "clock" not in self.a.evidence, "accuses no right clock")
            restored = "receiver-restored" in self.a.evidence
            ensure(self.b_restored or not restored, "accuses nobody of a restore")

    def check_mark(self, index: int, header: bytes, body: bytes, mark: Mark) -> None:
        """Check that each entry at B is marked as what it is."""
        wanted = expected_marks(index).get((header, body), Mark.SOUND)
        ensure(mark is wanted, "every entry is marked as what it is")


@cache
def expected_marks(index: int) -> dict[tuple[bytes, bytes], Mark]:
    """Give the mark of every unsound entry that may stand in a place."""
    return {entry(index, variant, story): mark for variant, mark in MARKS for story in range(4)}
