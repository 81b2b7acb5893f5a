"""A node that can be killed at a named point: a parent forks a child, and another after each kill.

Run as ``python -m tests.simulators.exchange_kill FOLDER``. It reads one JSON line a deed on standard
input and answers one line: what the child found, or that it was killed. The parent looks once, so
that all code is loaded, then closes the database and forgets every cache: a child begins as a fresh
process would, but in milliseconds.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

POINTS = (
    "release.range",
    "release.commit",
    "guard",
    "checkpoint",
    "attempt.commit",
    "receipt-taken.commit",
    "key",
    "entries.commit",
    "receipt.sign",
    "receipt.commit",
    "deliver.commit",
)
"""Commit points; each is killed before and after."""

DEEDS = {
    "release.range": "release",
    "release.commit": "release",
    "guard": "offer",
    "checkpoint": "offer",
    "attempt.commit": "offer",
    "receipt-taken.commit": "answer",
    "key": "push",
    "entries.commit": "push",
    "receipt.sign": "push",
    "receipt.commit": "push",
    "deliver.commit": "deliver",
}
"""In which deed a point lies."""


def _deadly(function: Any, when: str) -> Any:
    def call(*args: Any, **kwargs: Any) -> Any:
        if when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)
        return result

    return call


def arm(point: str, when: str) -> None:
    """Make a point deadly in this process."""
    from django.db import connection

    from passerelle.node.exchange import receiving, sending, statements, store
    from passerelle.node.exchange.keystore import KeyStore

    places = {
        "release.range": (store, "grow"),
        "guard": (sending, "write_guard"),
        "checkpoint": (statements, "add_checkpoint"),
        "key": (KeyStore, "keys"),
        "receipt.sign": (receiving, "sign_receipt"),
    }
    if point in places:
        owner, name = places[point]
        setattr(owner, name, _deadly(getattr(owner, name), when))
        return
    commit, seen = connection.commit, [0]
    wanted = 2 if point == "receipt.commit" else 1

    def counted() -> None:
        seen[0] += 1
        if seen[0] == wanted:
            _deadly(commit, when)()
        else:
            commit()

    connection.commit = counted  # type: ignore[method-assign]


def do(deed: dict[str, Any]) -> dict[str, Any]:
    """Carry out one deed of a node; the answer tells where the logs stand afterwards."""
    return DO[deed["do"]](deed) | _standing()


def _release(deed: dict[str, Any]) -> dict[str, Any]:
    from passerelle.exchange.header import Kind
    from passerelle.kernel.clock import SystemClock
    from passerelle.node.exchange.acts import NewAct, release_acts

    acts = [NewAct(deed["peer"], Kind.REPORT, deed["case"], {"n": n}) for n in range(deed["n"])]
    release_acts(acts, clock=SystemClock())
    return {}


def _turn() -> tuple[Any, Any, Any]:
    from passerelle.kernel.clock import SystemClock
    from passerelle.node.exchange import sending, store
    from passerelle.node.exchange.models import Cursor, Log
    from passerelle.node.exchange.station import station

    log = Log.objects.get(direction="out")
    cursor = Cursor.objects.get(pk=log.id)
    record = store.find_peer(log.peer_id)
    assert record is not None
    turn = sending.Turn(station(), log, SystemClock(), lambda: 0.0, cursor.lease_no)
    return turn, store.load_sender(log, cursor, record.suite), record


def _offer(deed: dict[str, Any]) -> dict[str, Any]:
    from passerelle.exchange import sender
    from passerelle.exchange.effects import Send
    from passerelle.node.exchange import sending
    from passerelle.node.exchange.station import station

    del deed
    turn, state, _ = _turn()
    _, effects = turn.step(state, sender.Turn(sending.batch_end(turn.log, state.held)))
    for effect in effects:
        if isinstance(effect, Send):
            frame = sending.build_frame(station(), turn.log, effect)
            return {
                "frame": base64.b64encode(frame).decode(),
                "offered": effect.checkpoint.size,
            }
    return {}


def _answer(deed: dict[str, Any]) -> dict[str, Any]:
    from passerelle.exchange.note import Checkpoint
    from passerelle.kernel.clock import SystemClock
    from passerelle.node.exchange import sending, statements
    from passerelle.node.exchange.transport import Answer
    from passerelle.node.exchange.worker import _event

    turn, state, record = _turn()
    note = statements.checkpoint_of(turn.log.id, deed["offered"])
    assert note is not None
    answer = Answer(deed["status"], base64.b64decode(deed["body"]))
    keys = record.trust.card.receipt_keys_at(SystemClock().now())
    stated = Checkpoint.parse(note.text)
    turn.step(sending.offered(state, stated), _event(answer, keys, b""))
    return {}


def _push(deed: dict[str, Any]) -> dict[str, Any]:
    from passerelle.kernel.clock import SystemClock
    from passerelle.node.exchange import receiving

    reply = receiving.take_push(deed["log"], base64.b64decode(deed["frame"]), SystemClock())
    return {"status": reply.status, "body": base64.b64encode(reply.body).decode()}


def _deliver(deed: dict[str, Any]) -> dict[str, Any]:
    from passerelle.node.exchange.delivery import deliver
    from passerelle.node.exchange.models import Nonce

    def apply(act: Any) -> None:
        # The consumer's own table: one row an act, in the transaction of the cursor.
        Nonce.objects.create(nonce=f"{act.index:032x}", at=0.0)

    del deed
    deliver("kill-test", apply, directions=("in",))
    return {}


def _look(deed: dict[str, Any]) -> dict[str, Any]:
    from passerelle.node.exchange.health import rehash
    from passerelle.node.exchange.models import Log, Nonce

    logs = Log.objects.all()
    return {
        "root": {log.direction: log.root for log in logs},
        "applied": Nonce.objects.filter(at=0.0).count(),
        "fault": "".join(rehash(log) for log in logs) if deed.get("rehash") else "",
    }


def _standing() -> dict[str, Any]:
    from passerelle.node.exchange.models import Cursor, Log

    logs = {log.direction: log for log in Log.objects.all()}
    return {
        "size": {name: log.size for name, log in logs.items()},
        "cosigned": sum(Cursor.objects.values_list("cosigned", flat=True)),
        "log": logs["out"].id if "out" in logs else "",
    }


DO = {
    "release": _release,
    "offer": _offer,
    "answer": _answer,
    "push": _push,
    "deliver": _deliver,
    "look": _look,
}


def _warm() -> None:
    """Load all code and statements by one look, then be as a process that has opened nothing."""
    from django.db import connections

    import passerelle.node.exchange.acts
    import passerelle.node.exchange.delivery
    import passerelle.node.exchange.receiving
    import passerelle.node.exchange.worker  # noqa: F401 - loaded once, for all children
    from passerelle.node.exchange import sending, store
    from passerelle.node.exchange.station import station

    do({"do": "look", "rehash": True})
    for peer in ("fr", "ma"):
        store.find_peer(peer)
    connections.close_all()
    sending._RANGES.clear()
    store._TRUST.clear()
    station().keys._cache.clear()


class Child:
    """A process of the node, forked from the warm parent; lives until it is killed."""

    def __init__(self) -> None:
        deeds, self._deeds = os.pipe()
        self._answers, answers = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._deeds)
            os.close(self._answers)
            _serve(deeds, answers)
        os.close(deeds)
        os.close(answers)
        self._lines = os.fdopen(self._answers, "rb")

    def carry_out(self, line: str) -> bytes:
        """Hand over one deed; nothing comes back when the child was killed over it."""
        os.write(self._deeds, line.encode())
        return self._lines.readline()

    def end(self) -> bool:
        """Let the child end; tell whether it had been killed."""
        os.close(self._deeds)
        self._lines.close()
        _, status = os.waitpid(self.pid, 0)
        return os.WIFSIGNALED(status)


def _serve(deeds: int, answers: int) -> None:
    with os.fdopen(deeds) as lines:
        for line in lines:
            deed = json.loads(line)
            if deed.get("kill"):
                arm(*deed["kill"])
            try:
                answer = do(deed)
            except Exception as error:  # noqa: BLE001 - told to the parent
                answer = {"error": f"{type(error).__name__}: {error}"}
            os.write(answers, json.dumps(answer).encode() + b"\n")
    os._exit(0)


def main() -> None:
    """Keep a child that carries out each line; fork another when it was killed."""
    from passerelle.node.installation import enter

    enter(Path(sys.argv[1]))
    _warm()
    child: Child | None = None
    for line in sys.stdin:
        child = child or Child()
        told = child.carry_out(line).decode()
        if not told or json.loads(line).get("kill"):
            # Killed, or armed in vain: the next deed meets a process that knows nothing of it.
            killed, child = child.end(), None
            told = told or json.dumps({"killed": killed}) + "\n"
        sys.stdout.write(told)
        sys.stdout.flush()
    if child is not None:
        child.end()


if __name__ == "__main__":
    main()
