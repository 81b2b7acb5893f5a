"""``passerelle bench exchange``: signed, sealed, receipted acts, durable on both sides.

Two real nodes on this machine: the reader is served by its own process over loopback HTTP, the
writer's worker runs in this one, and acts are released by processes of their own, one transaction an
act unless a batch is asked for. An act counts when its receipt is verified and stored. Four commits
lie behind every push: release, checkpoint, the reader's entries, the receipt.
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from passerelle.cli.benches.exchange_nodes import peak_of_children_mb, two_nodes
from passerelle.cli.benches.results import peak_memory_mb, write_result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

    from passerelle.node.exchange.worker import ExchangeWorker

_BODY: Final = {"procedure": "reinforcement", "act": "ask", "text": "x" * 700}
_WINDOW: Final = 200
"""Acts without receipt at which a producer waits: steady state, not a growing backlog."""

PARTS: Final = ("batch", "sustained", "latency", "drain", "upload")


@click.command()
@click.option("--seconds", default=10.0, show_default=True, help="For each figure.")
@click.option("--backlog", default=5000, show_default=True, help="Acts drained at the end.")
@click.option("--attachment", default=128, show_default=True, help="MiB uploaded.")
@click.option("--producers", default=2, show_default=True, help="Processes that release acts.")
@click.option("--database", type=click.Choice(["sqlite", "postgresql"]), default="sqlite")
@click.option("--port", default=9210, show_default=True, help="Port of the reader.")
@click.option("--part", "parts", type=click.Choice(PARTS), multiple=True, help="Only these.")
def command(
    *,
    seconds: float,
    backlog: int,
    attachment: int,
    producers: int,
    database: str,
    port: int,
    parts: tuple[str, ...],
) -> None:
    """Measure acts per second in batches and one by one, latency at 50 a second, and a backlog.

    For PostgreSQL run it below pg_virtualenv; two databases are made there.
    """
    wanted = parts or PARTS
    found: dict[str, Any] = {"database": database, "body_bytes": 1000, "producers": producers}
    with (
        tempfile.TemporaryDirectory(prefix="passerelle-bench-") as folder,
        two_nodes(Path(folder), database, port) as nodes,
    ):
        peer = nodes.reader
        worker = _worker()
        _batch(worker, peer, 1, 1.0)

        def measure(name: str, figure: Callable[[], dict[str, float]]) -> None:
            before = nodes.cpu_seconds()
            found[name] = figure()
            count = found[name].get("acts", attachment)
            found[name] |= _cpu_an_act(before, nodes.cpu_seconds(), count)
            click.echo(f"{name}: {found[name]}")

        if "batch" in wanted:
            for size in (1, 10, 100):
                measure(f"batch_{size}", partial(_batch, worker, peer, size, seconds))
        if "sustained" in wanted:
            measure("sustained", lambda: _load(worker, peer, producers, 0.0, seconds))
        if "latency" in wanted:
            measure("at_50_per_s", lambda: _load(worker, peer, 1, 50.0, seconds))
        if "drain" in wanted:
            measure("drain", lambda: _drain(worker, peer, backlog))
        if "upload" in wanted:
            measure("upload", lambda: _upload(peer, attachment, Path(folder)))
        found["memory_mb"] = peak_memory_mb()
        found["memory_of_other_processes_mb"] = peak_of_children_mb()
    click.echo(str(write_result("exchange", found)))


def _cpu_an_act(before: dict[str, float], after: dict[str, float], acts: float) -> dict[str, float]:
    """Return the processor time an act of each side and in all, in milliseconds."""
    found = {name: 1000 * (after[name] - before[name]) / max(1.0, acts) for name in after}
    return {
        f"cpu_ms_{name}": round(ms, 3)
        for name, ms in (found | {"all": sum(found.values())}).items()
    }


def _worker() -> ExchangeWorker:
    from passerelle.kernel.clock import SystemClock
    from passerelle.node.exchange.transport import HttpTransport
    from passerelle.node.exchange.worker import ExchangeWorker

    return ExchangeWorker(SystemClock(), HttpTransport())


def _release(peer: str, count: int) -> int:
    """Release acts; returns the size of the log after them."""
    from passerelle.exchange.header import Kind
    from passerelle.kernel.clock import SystemClock
    from passerelle.node.exchange.acts import NewAct, Release, release_acts

    acts = [NewAct(peer, Kind.REPORT, "ab" * 16, _BODY) for _ in range(count)]
    last = release_acts(acts, clock=SystemClock())[-1]
    if not isinstance(last, Release):
        raise click.ClickException(f"Not released: {last.code} {last.detail}")
    return last.index + 1


def _cosigned() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT cosigned FROM exchange_cursor")
        return int(cursor.fetchone()[0])


def _batch(worker: ExchangeWorker, peer: str, size: int, seconds: float) -> dict[str, float]:
    """Release a batch in one transaction, send it, take the receipt; again and again, alone."""
    turns, started = [], time.monotonic()
    while time.monotonic() - started < seconds:
        begun = time.monotonic()
        target = _release(peer, size)
        while _cosigned() < target:
            if not worker.round():
                time.sleep(0.001)
        turns.append(time.monotonic() - begun)
    elapsed = time.monotonic() - started
    acts = len(turns) * size
    return {"acts": acts, "acts_per_s": round(acts / elapsed, 1), **_quantiles(turns)}


def _load(
    worker: ExchangeWorker, peer: str, producers: int, rate: float, seconds: float
) -> dict[str, float]:
    """Let producers release act by act while the worker runs as it ships; 0 is as fast as they may.

    Latency runs from before the release to the instant at which its receipt was seen stored.
    """
    begin = _cosigned()
    seen: list[tuple[int, float]] = [(begin, time.monotonic())]
    with _producing(peer, producers, rate, seconds) as released:

        def done() -> bool:
            size = _cosigned()
            if size > seen[-1][0]:
                seen.append((size, time.monotonic()))
            released.take()
            return not released.running and size >= released.last

        worker.run(done)
    latencies = _latencies(seen, released.at)
    elapsed = seen[-1][1] - min(released.at.values())
    return {
        "acts": len(latencies),
        "acts_per_s": round(len(latencies) / elapsed, 1),
        "acts_per_push": round((seen[-1][0] - begin) / (len(seen) - 1), 1),
        **_quantiles(latencies),
    }


def _latencies(seen: list[tuple[int, float]], released: dict[int, float]) -> list[float]:
    found, before = [], seen[0][0]
    for size, at in seen[1:]:
        found += [at - released[n] for n in range(before + 1, size + 1) if n in released]
        before = size
    return found


@dataclass(slots=True)
class _Released:
    """Gather what producers tell: the size that each release led to, and when it was begun."""

    pipes: list[Connection]
    at: dict[int, float] = field(default_factory=dict)

    @property
    def running(self) -> bool:
        return bool(self.pipes)

    @property
    def last(self) -> int:
        return max(self.at, default=0)

    def take(self) -> None:
        for pipe in list(self.pipes):
            while pipe in self.pipes and pipe.poll():
                told = pipe.recv()
                if told is None:
                    self.pipes.remove(pipe)
                else:
                    self.at.update(told)


@contextmanager
def _producing(peer: str, producers: int, rate: float, seconds: float) -> Iterator[_Released]:
    from django.db import connections

    connections.close_all()  # a child must not share a connection
    forked = multiprocessing.get_context("fork")
    pipes, processes = [], []
    for _ in range(producers):
        here, there = forked.Pipe(duplex=False)
        process = forked.Process(target=_produce, args=(there, peer, rate / producers, seconds))
        process.start()
        there.close()
        pipes.append(here)
        processes.append(process)
    yield _Released(pipes)
    for process in processes:
        process.join()


def _produce(told: Connection, peer: str, rate: float, seconds: float) -> None:
    """Release act by act: at a rate, or as fast as receipts keep up."""
    started, number = time.monotonic(), 0
    found: dict[int, float] = {}
    while time.monotonic() - started < seconds:
        if rate:
            time.sleep(max(0.0, started + number / rate - time.monotonic()))
        begun = time.monotonic()
        size = _release(peer, 1)
        found[size] = begun
        number += 1
        if number % 10 == 0 or rate:
            told.send(found)
            found = {}
        while not rate and number % 10 == 0 and size - _cosigned() > _WINDOW:
            time.sleep(0.01)
    told.send(found)
    told.send(None)


def _drain(worker: ExchangeWorker, peer: str, backlog: int) -> dict[str, float]:
    """Release a backlog, then send all of it."""
    begun = time.monotonic()
    target = 0
    for start in range(0, backlog, 500):
        target = _release(peer, min(500, backlog - start))
    started = time.monotonic()
    while _cosigned() < target:
        if not worker.round():
            time.sleep(0.01)
    elapsed = time.monotonic() - started
    return {
        "acts": backlog,
        "seconds": round(elapsed, 2),
        "acts_per_s": round(backlog / elapsed, 1),
        "released_per_s": round(backlog / (started - begun), 1),
    }


def _upload(peer: str, size_mb: int, folder: Path) -> dict[str, float]:
    """Seal a file as an attachment and upload it; processor time is told for each MiB."""
    from passerelle.kernel.clock import SystemClock
    from passerelle.node.exchange.attachments import stage
    from passerelle.node.exchange.transport import HttpTransport
    from passerelle.node.exchange.uploading import Uploads

    path = folder / "attachment"
    with path.open("wb") as file:
        for _ in range(size_mb):
            file.write(os.urandom(1 << 20))
    begun = time.monotonic()
    stage(peer, "ab" * 16, [path], clock=SystemClock())
    started = time.monotonic()
    uploads = Uploads(SystemClock(), HttpTransport(), time.monotonic)
    while uploads.round():
        pass
    elapsed = time.monotonic() - started
    return {
        "mib": size_mb,
        "mib_per_s": round(size_mb / elapsed, 1),
        "sealed_mib_per_s": round(size_mb / (started - begun), 1),
    }


def _quantiles(values: list[float]) -> dict[str, float]:
    ordered = sorted(values) or [0.0]
    last = len(ordered) - 1
    return {
        "p50_ms": round(1000 * statistics.median(ordered), 1),
        "p95_ms": round(1000 * ordered[int(last * 0.95)], 1),
        "p99_ms": round(1000 * ordered[int(last * 0.99)], 1),
    }
