"""Let a partner be away for ten days of a simulated clock, then catch up; write a result file.

    python tools/absence_exchange.py --acts 50000
    pg_virtualenv python tools/absence_exchange.py --acts 50000 --database postgresql

Both nodes are the shipping shell over real databases, each in a process of its own with the clock
given from outside. While the partner is away the worker tries, fails and backs off; then some
answers are lost and some pushes come twice. Holds afterwards: both roots are equal, and the
partner's consumer was given every act exactly once.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import platform
import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection

    from passerelle.node.exchange.transport import Answer

HOURS = 240


class MovedClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.instant = datetime.now(UTC).replace(microsecond=0)

    def now(self) -> datetime:
        """Return the instant last set."""
        return self.instant


class Pipe:
    """Carry frames to the other process; away for a time, then careless."""

    def __init__(self, other: Connection, clock: MovedClock, rng: random.Random) -> None:
        self.other, self.clock, self.rng = other, clock, rng
        self.away = True
        self.failed = self.pushes = self.doubled = self.lost = 0

    def post(self, endpoints: Sequence[str], path: str, data: bytes) -> Answer:
        """Push, unless the partner is away."""
        from passerelle.node.exchange.transport import (  # noqa: PLC0415 - after the path is set
            Answer,
            TransportError,
        )

        del endpoints
        if self.away:
            self.failed += 1
            raise TransportError("Away.", permanent=False)
        self.pushes += 1
        reply = self._carry(path, data)
        if self.rng.random() < 0.05:
            self.doubled += 1
            self._carry(path, data)
        if self.rng.random() < 0.05:
            self.lost += 1
            raise TransportError("Lost.", permanent=False)
        return Answer(*reply)

    def _carry(self, path: str, data: bytes) -> tuple[int, bytes]:
        self.other.send((path.split("/")[1], data, self.clock.now()))
        status, body = self.other.recv()
        return int(status), bytes(body)


def serve(data: Path, environment: dict[str, str], pipe: Connection) -> None:
    """Be the partner: take pushes, then say what is held and what the consumer was given."""
    _enter(data, environment)
    from passerelle.node.exchange import receiving  # noqa: PLC0415 - app ready
    from passerelle.node.exchange.delivery import DeliveredAct, deliver  # noqa: PLC0415 - app ready
    from passerelle.node.exchange.health import rehash  # noqa: PLC0415 - app ready
    from passerelle.node.exchange.models import Log  # noqa: PLC0415 - app ready

    clock = MovedClock()
    while (told := pipe.recv()) is not None:
        log_id, frame, clock.instant = told
        reply = receiving.take_push(log_id, frame, clock)
        pipe.send((reply.status, reply.body))
    given: list[int] = []

    def apply(act: DeliveredAct) -> None:
        assert isinstance(act.body, dict)
        given.append(int(str(act.body["n"])))

    started = time.monotonic()
    while deliver("absence", apply, directions=("in",)):
        pass
    log = Log.objects.get(direction="in")
    pipe.send(
        {
            "root": log.root,
            "size": log.size,
            "fault": rehash(log),
            "given": len(given),
            "given_once": given == list(range(log.size)),
            "delivery_seconds": round(time.monotonic() - started, 1),
        }
    )


def _enter(data: Path, environment: dict[str, str]) -> None:
    import os  # noqa: PLC0415 - the environment of this process only

    os.environ.clear()
    os.environ.update(environment)
    from passerelle.node.installation import enter  # noqa: PLC0415 - app ready

    enter(data)


def play(data: Path, environment: dict[str, str], acts: int, pipe: Connection) -> dict[str, Any]:
    """Be the writer: ten days of releases and failed attempts, then the catching up."""
    _enter(data, environment)
    from passerelle.exchange.header import Kind  # noqa: PLC0415 - app ready
    from passerelle.node.exchange.acts import NewAct, release_acts  # noqa: PLC0415 - app ready
    from passerelle.node.exchange.models import Cursor, Log  # noqa: PLC0415 - app ready
    from passerelle.node.exchange.worker import ExchangeWorker  # noqa: PLC0415 - app ready

    clock, rng = MovedClock(), random.Random(7)  # noqa: S311 - misfortune, not secrets
    wire = Pipe(pipe, clock, rng)
    worker = ExchangeWorker(clock, wire, rng=rng.random)  # type: ignore[arg-type]
    released, started = 0, time.monotonic()
    for hour in range(HOURS):
        clock.instant += timedelta(hours=1)
        until = acts * (hour + 1) // HOURS
        batch = [
            NewAct("ma", Kind.REPORT, f"{n % 500:032x}", {"n": n}) for n in range(released, until)
        ]
        release_acts(batch, clock=clock)
        released = until
        worker.round()
    absent, wire.away = time.monotonic() - started, False
    clock.instant += timedelta(hours=1)
    simulated, started = clock.instant, time.monotonic()
    while Cursor.objects.values_list("cosigned", flat=True)[0] < acts:
        if not worker.round():
            clock.instant += timedelta(seconds=1)
    seconds = time.monotonic() - started
    pipe.send(None)
    partner = pipe.recv()
    log = Log.objects.get(direction="out")
    return {
        "acts": acts,
        "failed_attempts": wire.failed,
        "release_seconds": round(absent, 1),
        "pushes": wire.pushes,
        "pushes_doubled": wire.doubled,
        "answers_lost": wire.lost,
        "catch_up_seconds": round(seconds, 1),
        "acts_per_s": round(acts / seconds, 1),
        "catch_up_simulated_seconds": int((clock.instant - simulated).total_seconds()),
        "roots_equal": partner["root"] == log.root and partner["size"] == log.size == acts,
        **partner,
    }


def main() -> int:
    """Play it; exit code 1 when anything was lost or came twice."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--acts", type=int, default=50_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--no-file", action="store_true")
    chosen = parser.parse_args()
    from tools.kill_exchange import make_environments  # noqa: PLC0415 - after the path is set

    with tempfile.TemporaryDirectory(prefix="passerelle-absence-") as name:
        folder = Path(name)
        here, there = make_environments(folder, chosen.database)
        forked = multiprocessing.get_context("fork")
        ours, theirs = forked.Pipe()
        partner = forked.Process(target=serve, args=(folder / "ma", there, theirs))
        partner.start()
        found = play(folder / "fr", here, chosen.acts, ours)
        partner.join(timeout=20)
    result = {"database": chosen.database, "days": 10, **found, "python": platform.python_version()}
    print(json.dumps(result, indent=1))
    if not chosen.no_file:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        path = ROOT / "benchmarks" / "results" / f"exchange-absence-{chosen.database}-{stamp}.json"
        path.write_text(json.dumps(result, indent=1) + "\n")
    good = found["roots_equal"] and found["given_once"] and not found["fault"]
    return 0 if good and found["given"] == chosen.acts else 1


if __name__ == "__main__":
    sys.exit(main())
