"""A node that can be killed at a named point: a parent forks a child for each deed.

Run as ``python -m tests.simulators.exchange_kill FOLDER``. It reads one JSON line a deed on standard
input and answers one line: what the child found, or that it was killed. The parent never opens the
database, so a child begins as a fresh process would.
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

    from passerelle.node.exchange import receiving, sending, store
    from passerelle.node.exchange.keystore import KeyStore
    from passerelle.node.exchange.models import CheckpointRow

    places = {
        "release.range": (store, "grow"),
        "guard": (sending, "write_guard"),
        "checkpoint": (CheckpointRow, "save"),
        "key": (KeyStore, "key"),
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
    """Carry out one deed of a node."""
    from passerelle.exchange import sender
    from passerelle.exchange.effects import Send
    from passerelle.exchange.header import Kind
    from passerelle.exchange.note import Checkpoint, Note
    from passerelle.kernel.clock import SystemClock
    from passerelle.node.exchange import receiving, sending, store
    from passerelle.node.exchange.acts import NewAct, release_acts
    from passerelle.node.exchange.delivery import deliver
    from passerelle.node.exchange.health import rehash
    from passerelle.node.exchange.models import CheckpointRow, Cursor, Entry, Log, Nonce
    from passerelle.node.exchange.station import station
    from passerelle.node.exchange.transport import Answer
    from passerelle.node.exchange.worker import _event

    clock, what = SystemClock(), deed["do"]
    if what == "release":
        acts = [NewAct(deed["peer"], Kind.REPORT, deed["case"], {"n": n}) for n in range(deed["n"])]
        release_acts(acts, clock=clock)
    elif what in {"offer", "answer"}:
        log = Log.objects.get(direction="out")
        cursor = Cursor.objects.get(pk=log.id)
        record = store.find_peer(log.peer_id)
        assert record is not None
        assert record.trust.card is not None
        turn = sending.Turn(station(), log, clock, lambda: 0.0, cursor.lease_no)
        state = store.load_sender(log, cursor, record.suite)
        if what == "offer":
            _, effects = turn.step(state, sender.Turn(sending.batch_end(log, state.held)))
            for effect in effects:
                if isinstance(effect, Send):
                    frame = sending.build_frame(station(), log, effect)
                    size = effect.checkpoint.size
                    return {"frame": base64.b64encode(frame).decode(), "size": size}
        else:
            row = CheckpointRow.objects.filter(log=log, size=deed["size"]).first()
            assert row is not None
            stated = Checkpoint.parse(Note.parse(bytes(row.note)).text)
            answer = Answer(deed["status"], base64.b64decode(deed["body"]))
            keys = record.trust.card.receipt_keys_at(clock.now())
            turn.step(sending.offered(state, stated), _event(answer, keys, b""))
    elif what == "push":
        reply = receiving.take_push(deed["log"], base64.b64decode(deed["frame"]), clock)
        return {"status": reply.status, "body": base64.b64encode(reply.body).decode()}
    elif what == "deliver":
        # The consumer's own table: one row an act, in the transaction of the cursor.
        number = [0]

        def apply(act: Any) -> None:
            number[0] += 1
            Nonce.objects.create(nonce=f"{act.index:032x}", at=0.0)

        deliver("kill-test", apply, directions=("in",))
        return {"applied": number[0]}
    logs = {log.direction: log for log in Log.objects.all()}
    return {
        "size": {name: log.size for name, log in logs.items()},
        "root": {name: log.root for name, log in logs.items()},
        "entries": Entry.objects.count(),
        "cosigned": sum(Cursor.objects.values_list("cosigned", flat=True)),
        "applied": Nonce.objects.filter(at=0.0).count(),
        "fault": "".join(rehash(log) for log in logs.values()),
        "log": logs["out"].id if "out" in logs else "",
    }


def main() -> None:
    """Fork a child for each line."""
    from passerelle.node.installation import enter

    enter(Path(sys.argv[1]))
    import passerelle.node.exchange.health
    import passerelle.node.exchange.worker  # noqa: F401 - loaded once, for all children
    from passerelle.node.exchange.station import station

    station()
    for line in sys.stdin:
        deed = json.loads(line)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            if deed.get("kill"):
                arm(*deed["kill"])
            try:
                answer = do(deed)
            except Exception as error:  # noqa: BLE001 - told to the parent
                answer = {"error": f"{type(error).__name__}: {error}"}
            os.write(writer, json.dumps(answer).encode())
            os.close(writer)
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as pipe:
            data = pipe.read()
        _, status = os.waitpid(child, 0)
        told = json.dumps({"killed": True}) if os.WIFSIGNALED(status) else data.decode()
        sys.stdout.write(told + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
