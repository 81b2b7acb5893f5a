"""Bugs put into the shipping machines on purpose: the simulator must find every one.

Each bug is a patch that holds while a block runs. The score (found of planted) is a gate: a simulator
that misses a planted bug would miss its like in earnest.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from tests.simulators import exchange_world as world
from tests.simulators.exchange_history import run_history

from passerelle.exchange import note, receiver, sender
from passerelle.exchange.effects import Alarm, Evidence, Mark, Receive, Reply, SignReceipt
from passerelle.exchange.errors import InconsistentError, RemoteProtocolError
from passerelle.exchange.frame import PushFrame
from passerelle.exchange.note import Checkpoint, LineKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

S, R = sender, receiver
Patches = list[Any]


def _sender(phase: sender.Phase, event: type, change: Callable[..., Any]) -> Any:
    """Replace one row of the writer's table by a change of the row."""
    good = S.TRANSITIONS[phase, event]
    return patch.dict(S.TRANSITIONS, {(phase, event): lambda s, e, n, r: change(good, s, e, n, r)})


def _receiver(phase: receiver.Phase, event: type, change: Callable[..., Any]) -> Any:
    """Replace one row of the reader's table by a change of the row."""
    good = R.TRANSITIONS[phase, event]
    return patch.dict(R.TRANSITIONS, {(phase, event): lambda s, e, n, r: change(good, s, e, n, r)})


def _after(**fields: Any) -> Callable[..., Any]:
    """Change fields of the state after a good step; a callable gets (before, after)."""

    def change(good: Any, s: Any, e: Any, n: float, r: Any) -> Any:
        state, effects = good(s, e, n, r)
        values = {k: (v(s, state, e) if callable(v) else v) for k, v in fields.items()}
        return replace(state, **values), effects

    return change


def _rewrite(change: Callable[..., Any]) -> Callable[..., Any]:
    """Change the effects of a good step; ``change`` gets the state before and one effect."""

    def step(good: Any, s: Any, e: Any, n: float, r: Any) -> Any:
        state, effects = good(s, e, n, r)
        found = (change(s, effect) for effect in effects)
        return state, tuple(effect for effect in found if effect is not None)

    return step


def _accuse(good: Any, s: Any, e: Any, n: float, r: Any) -> Any:
    """Accuse the reader of a restore at every conflict."""
    state, effects = good(s, e, n, r)
    return state, (*effects, Evidence("receiver-restored", ()))


def _without(*kinds: type) -> Callable[..., Any]:
    """Drop effects of some kinds."""

    def change(good: Any, s: Any, e: Any, n: float, r: Any) -> Any:
        state, effects = good(s, e, n, r)
        return state, tuple(effect for effect in effects if not isinstance(effect, kinds))

    return change


def _push_with(**fields: Any) -> Callable[..., Any]:
    """Give the reader's push other surroundings."""
    return lambda good, s, e, n, r: good(s, replace(e, **fields), n, r)


def _unsized(good: Any, s: Any, e: Any, n: float, r: Any) -> Any:
    """Take a push whatever its ``old`` says: the gap check is missing."""
    frame = PushFrame.parse(e.data, e.limits)
    return good(s, replace(e, data=replace(frame, old=s.tree.size).encode()), n, r)


def _no_conflict_when(wrong: Callable[[int, int], bool]) -> Callable[..., Any]:
    """Skip the comparison of sizes in some cases only."""

    def change(good: Any, s: Any, e: Any, n: float, r: Any) -> Any:
        try:
            frame = PushFrame.parse(e.data, e.limits)
        except RemoteProtocolError:
            return good(s, e, n, r)
        if not wrong(frame.old, s.tree.size):
            return good(s, e, n, r)
        stated = Checkpoint.parse(frame.note.text)
        tree = s.tree.extend(world.leaf_hash(header) for header, _ in frame.entries)
        entries = tuple(
            R._judge(s.origin, s.tree.size + i, header, body)
            for i, (header, body) in enumerate(frame.entries)
        )
        effect = Receive(s.origin, s.tree.size, entries, frame.note, tree)
        pending = replace(s, tree=tree, note=frame.note, phase=R.Phase.STORING, pending=stated)
        return pending, (effect,)

    return change


def _believe(good: Any, s: Any, e: Any, n: float, r: Any) -> Any:
    """Believe any receipt."""
    with patch.object(S, "verify_receipt", lambda *_: int(n)):
        return good(s, e, n, r)


def _window(change: Callable[[int, float], int]) -> Callable[..., Any]:
    """See the time of a receipt otherwise than it is."""

    def step(good: Any, s: Any, e: Any, n: float, r: Any) -> Any:
        true = note.verify_receipt
        with patch.object(S, "verify_receipt", lambda *a: change(true(*a), n)):
            return good(s, e, n, r)

    return step


def _only_ed25519(*args: Any, **kwargs: Any) -> None:
    """Check the classical family only."""
    suite = replace(kwargs["suite"], signatures=kwargs["suite"].signatures[:1])
    _VERIFY_LINES(*args, **{**kwargs, "suite": suite})


_VERIFY_LINES = note.verify_lines


def _any_origin(found: Any, origin: str, suite: Any, keys: Any, **_: Any) -> Checkpoint:
    """Forget to compare the origin."""
    del origin
    checkpoint = Checkpoint.parse(found.text)
    _VERIFY_LINES(
        found.lines, checkpoint.origin, LineKind.LOG, suite=suite, keys=keys, data=found.text
    )
    return checkpoint


def _one_family_receipt(checkpoint: Any, node: str, suite: Any, keys: Any, lines: Any) -> int:
    """Be content with the classical line of a receipt."""
    return _VERIFY_RECEIPT(
        checkpoint, node, replace(suite, signatures=suite.signatures[:1]), keys, lines
    )


_VERIFY_RECEIPT = note.verify_receipt


def _half(good: Any, s: Any, e: Any, n: float, r: Any) -> Any:
    """Store only the first half of a push."""
    state, effects = good(s, e, n, r)
    cut = tuple(
        replace(x, entries=x.entries[: len(x.entries) // 2]) if isinstance(x, Receive) else x
        for x in effects
    )
    return state, cut


def _early(good: Any, s: Any, e: Any, n: float, r: Any) -> Any:
    """Sign the receipt before the commit."""
    state, effects = good(s, e, n, r)
    if state.phase is R.Phase.STORING:
        return replace(state, phase=R.Phase.RECEIPTING), (SignReceipt(state.pending, int(n)),)
    return state, effects


def _poison_blocks(origin: str, index: int, data: bytes, body: bytes) -> Any:
    """Refuse a push because of one unreadable entry."""
    found = _JUDGE(origin, index, data, body)
    if found.mark is Mark.UNREADABLE:
        raise InconsistentError("Bug.", code="bug")
    return found


_JUDGE = R._judge


def _marks(before: Mark, after: Mark) -> Any:
    """Mark entries wrongly."""

    def judge(origin: str, index: int, data: bytes, body: bytes) -> Any:
        found = _JUDGE(origin, index, data, body)
        return replace(found, mark=after) if found.mark is before else found

    return patch.object(R, "_judge", judge)


def _no_root(state: Any, frame: Any, stated: Any) -> Any:
    """Forget to compare the root."""
    try:
        return _READ(state, frame, stated)
    except InconsistentError as error:
        if error.code != "exchange.push-root":
            raise
    entries = tuple(
        R._judge(state.origin, i, h, b) for i, (h, b) in enumerate(frame.entries, start=frame.old)
    )
    return entries, state.tree.extend(item.leaf for item in entries)


def _no_sum(state: Any, frame: Any, stated: Any) -> Any:
    """Forget to compare the number of entries with the size."""
    return _READ(state, frame, replace(stated, size=frame.old + len(frame.entries)))


_READ = R._read_entries


def _no_fork(*_: Any) -> tuple[()]:
    """Never look for a fork."""
    return ()


def _no_old_fork(state: Any, frame: Any, stated: Any, event: Any) -> Any:
    """Look for forks at the present size only."""
    return _FORK(state, frame, stated, event) if stated.size == state.tree.size else ()


_FORK = R._find_fork


# Mistakes of the shell: methods of the world done wrong.


def _sign_without_guard(node: world.World, size: int) -> Checkpoint:
    kept = node.guard
    checkpoint = _SIGN(node, size)
    node.guard = kept
    return checkpoint


def _start_ignores_guard(node: world.World) -> None:
    kept, node.guard = node.guard, (0, b"")
    _START(node)
    node.guard = kept


def _release_ignores_guard(node: world.World) -> None:
    kept, node.guard = node.guard, (0, b"")
    _RELEASE(node)
    node.guard = kept


def _apply_twice(node: world.World) -> None:
    while node.b.cursor < len(node.b.entries):
        node.b.applied = [*node.b.applied, node.b.cursor]
        if node.chance(0.05):
            return
        node.b.cursor += 1


def _apply_never(node: world.World) -> None:
    while node.b.cursor < len(node.b.entries):
        node.b.cursor += 1
        if node.chance(0.05):
            return
        node.b.applied = [*node.b.applied, node.b.cursor - 1]


def _commit_overwrites(node: world.World, effect: Receive, state: Any) -> None:
    _COMMIT(node, effect, state)
    if effect.old:
        node.b.entries[effect.old - 1] = node.b.entries[-1]


def _receipt_for_signed(node: world.World, state: Any, effects: Any, now: float) -> Reply:
    sign = next(x for x in effects if isinstance(x, SignReceipt))
    more = replace(sign.checkpoint, size=sign.checkpoint.size + 1)
    return _RECEIPT(node, state, (replace(sign, checkpoint=more),), now)


_SIGN, _START, _RELEASE = world.World.sign, world.World.a_start, world.World.release
_COMMIT, _RECEIPT = world.World.commit, world.World.receipt
_W = world.World
_IDLE, _SENT = S.Phase.IDLE, S.Phase.ATTEMPTED


def _shell(name: str, wrong: Any) -> Any:
    return patch.object(_W, name, wrong)


BUGS: dict[str, Callable[[], Any]] = {
    # the writer
    "conflict never rewinds": lambda: _sender(
        _SENT, S.Conflict, _after(held=lambda s, a, e: max(s.held, a.held))
    ),
    "conflict never goes forward": lambda: _sender(
        _SENT, S.Conflict, _after(held=lambda s, a, e: min(s.held, a.held))
    ),
    "conflict rewinds by one too many": lambda: _sender(
        _SENT, S.Conflict, _after(held=lambda s, a, e: a.held + 1)
    ),
    "restore of the reader accuses always": lambda: _sender(_SENT, S.Conflict, _accuse),
    "conflict beyond our size is believed": lambda: _sender(
        _SENT,
        S.Conflict,
        lambda good, s, e, n, r: (
            (replace(s, phase=_IDLE, held=e.size, next_due=n), ())
            if e.size > s.size
            else good(s, e, n, r)
        ),
    ),
    "conflict lowers what is cosigned": lambda: _sender(
        _SENT, S.Conflict, _after(cosigned=lambda s, a, e: min(a.cosigned, e.size))
    ),
    "conflict stops the log": lambda: _sender(_SENT, S.Conflict, _after(phase=S.Phase.HELD)),
    "any receipt is believed": lambda: _sender(_SENT, S.ReceiptArrived, _believe),
    "one family of a receipt is enough": lambda: patch.object(
        S, "verify_receipt", _one_family_receipt
    ),
    "receipts from the future are believed": lambda: _sender(
        _SENT, S.ReceiptArrived, _window(lambda t, n: min(t, int(n)))
    ),
    "receipts from the past are believed": lambda: _sender(
        _SENT, S.ReceiptArrived, _window(lambda t, n: max(t, int(n)))
    ),
    "a window of ten seconds": lambda: patch.object(S, "CLOCK_WINDOW", 10),
    "no window before": lambda: patch.object(S, "CLOCK_WINDOW", 10**6),
    "first attempt is forgotten": lambda: _sender(
        S.Phase.SIGNING,
        S.Signed,
        lambda good, s, e, n, r: good(replace(s, attempts=()), e, n, r),
    ),
    "attempts grow without end": lambda: _sender(
        S.Phase.SIGNING,
        S.Signed,
        _after(attempts=lambda s, a, e: (*a.attempts, *a.attempts, (0, 0))),
    ),
    "a receipt moves the cursor only": lambda: _sender(
        _SENT, S.ReceiptArrived, _after(cosigned=lambda s, a, e: s.cosigned)
    ),
    "a receipt cosigns everything": lambda: _sender(
        _SENT, S.ReceiptArrived, _after(cosigned=lambda s, a, e: a.size)
    ),
    "a receipt may lower what is cosigned": lambda: _sender(
        _SENT, S.ReceiptArrived, _after(cosigned=lambda s, a, e: s.offered.size - 1)
    ),
    "an accepted receipt is not stored": lambda: patch.object(
        _W, "event", lambda self, reply: S.NoAnswer()
    ),
    "settled without a receipt": lambda: patch.object(
        S.SenderState, "settled", property(lambda s: s.held >= s.size)
    ),
    "no heartbeat": lambda: patch.object(S, "HEARTBEAT", 1e12),
    "back-off without a cap": lambda: patch.object(S, "MAX_BACKOFF", 1e9),
    "no answer stops the log": lambda: _sender(_SENT, S.NoAnswer, _after(phase=S.Phase.HELD)),
    "a missing attachment stops the log": lambda: _sender(
        _SENT, S.Refused, _after(phase=S.Phase.HELD)
    ),
    "the batch begins too late": lambda: _sender(
        S.Phase.SIGNING,
        S.Signed,
        _rewrite(lambda s, y: replace(y, old=min(y.old + 1, y.checkpoint.size))),
    ),
    "the batch begins at what is cosigned": lambda: _sender(
        S.Phase.SIGNING,
        S.Signed,
        _rewrite(lambda s, y: replace(y, old=min(s.cosigned, y.checkpoint.size))),
    ),
    "more is signed than is committed": lambda: _sender(
        _IDLE,
        S.Turn,
        _rewrite(lambda s, y: replace(y, size=y.size + 1) if hasattr(y, "size") else y),
    ),
    # the reader
    "the gap check is missing": lambda: _receiver(
        R.Phase.OPEN, R.PushArrived, _no_conflict_when(lambda old, held: old > held)
    ),
    "duplicates are appended": lambda: _receiver(
        R.Phase.OPEN, R.PushArrived, _no_conflict_when(lambda old, held: old < held)
    ),
    "sizes are not compared at all": lambda: _receiver(
        R.Phase.OPEN, R.PushArrived, _no_conflict_when(lambda old, held: old != held)
    ),
    "the root is not compared": lambda: patch.object(R, "_read_entries", _no_root),
    "the sum is not compared": lambda: patch.object(R, "_read_entries", _no_sum),
    "the body is not compared": lambda: patch.object(
        R, "_body_fits", lambda header, body: bool(body) or header.body is None
    ),
    "signatures are not verified": lambda: patch.object(
        R, "verify_checkpoint", lambda n, *_: Checkpoint.parse(n.text)
    ),
    "one family of a checkpoint is enough": lambda: patch.object(
        note, "verify_lines", _only_ed25519
    ),
    "the origin is not compared": lambda: patch.object(R, "verify_checkpoint", _any_origin),
    "half a push is stored": lambda: _receiver(R.Phase.OPEN, R.PushArrived, _half),
    "the receipt precedes the commit": lambda: _receiver(R.Phase.OPEN, R.PushArrived, _early),
    "a closed log takes entries": lambda: _receiver(
        R.Phase.OPEN,
        R.PushArrived,
        lambda good, s, e, n, r: good(replace(s, closed=False), e, n, r),
    ),
    "forks are not looked for": lambda: patch.object(R, "_find_fork", _no_fork),
    "old forks are not looked for": lambda: patch.object(R, "_find_fork", _no_old_fork),
    "forks are refused without evidence": lambda: _receiver(
        R.Phase.OPEN, R.PushArrived, _without(Evidence, Alarm)
    ),
    "a poison entry blocks the log": lambda: patch.object(R, "_judge", _poison_blocks),
    "an unreadable entry passes as sound": lambda: _marks(Mark.UNREADABLE, Mark.SOUND),
    "a misplaced entry passes as sound": lambda: _marks(Mark.MISPLACED, Mark.SOUND),
    "an erased body passes as sound": lambda: _marks(Mark.ERASED, Mark.SOUND),
    "what must be understood is ignored": lambda: _marks(Mark.NOT_UNDERSTOOD, Mark.SOUND),
    "a late push is receipted": lambda: _receiver(
        R.Phase.STORING,
        R.Superseded,
        lambda good, s, e, n, r: (replace(s, phase=R.Phase.OPEN, pending=None), (Reply(200),)),
    ),
    "the receipt tells a wrong time": lambda: _receiver(
        R.Phase.STORING, R.Committed, _rewrite(lambda s, y: replace(y, time=y.time + 60))
    ),
    "a receipt made is not kept": lambda: _receiver(
        R.Phase.RECEIPTING,
        R.ReceiptSigned,
        _rewrite(lambda s, y: y if isinstance(y, Reply) else None),
    ),
    "an empty push is a conflict": lambda: _receiver(
        R.Phase.OPEN,
        R.PushArrived,
        lambda good, s, e, n, r: (
            (s, (Reply(409, b"%d\n" % s.tree.size),))
            if PushFrame.parse(e.data, e.limits).entries == ()
            else good(s, e, n, r)
        ),
    ),
    "attachments are never complete": lambda: _receiver(
        R.Phase.OPEN, R.PushArrived, _push_with(has_blob=lambda _root: False)
    ),
    # the shell
    "the guard file is not written": lambda: _shell("sign", _sign_without_guard),
    "the guard file is not read": lambda: _both(
        _shell("a_start", _start_ignores_guard), _shell("release", _release_ignores_guard)
    ),
    "an act is applied twice": lambda: _shell("apply", _apply_twice),
    "an act is applied never": lambda: _shell("apply", _apply_never),
    "a commit overwrites": lambda: _shell("commit", _commit_overwrites),
    "a receipt for more than is durable": lambda: _shell("receipt", _receipt_for_signed),
}


@contextmanager
def _both(*patches: Any) -> Iterator[None]:
    with ExitStack() as stack:
        for item in patches:
            stack.enter_context(item)
        yield


def find(bug: str, seeds: range) -> tuple[int, str] | None:
    """Run histories with a bug planted until one shows it; returns the seed and what showed."""
    for seed in seeds:
        with BUGS[bug]():
            try:
                run_history(seed)
            except Exception as error:  # noqa: BLE001 - any fault shows the bug
                return seed, f"{type(error).__name__}: {error}"
    return None
