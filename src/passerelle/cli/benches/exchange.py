"""``passerelle bench exchange``: signed, sealed, receipted acts, durable on both sides.

Two real nodes on this machine: the reader is served by its own process over loopback HTTP, the
writer releases and sends in this one. An act counts when its receipt is verified and stored, so four
commits lie behind every batch: release, checkpoint, the reader's entries, the receipt.
"""

from __future__ import annotations

import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from passerelle.cli.benches.results import peak_memory_mb, write_result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.node.exchange.worker import ExchangeWorker

_BODY = {"procedure": "reinforcement", "act": "ask", "text": "x" * 700}


@click.command()
@click.option("--seconds", default=10.0, show_default=True, help="For each batch size.")
@click.option("--backlog", default=5000, show_default=True, help="Acts drained at the end.")
@click.option("--database", type=click.Choice(["sqlite", "postgresql"]), default="sqlite")
@click.option("--port", default=9210, show_default=True, help="Port of the reader.")
def command(seconds: float, backlog: int, database: str, port: int) -> None:
    """Measure acts per second at batch 1, 10 and 100, latency at 50 a second, and a backlog.

    For PostgreSQL run it below pg_virtualenv; two databases are made there.
    """
    found: dict[str, Any] = {"database": database, "body_bytes": 1000}
    with (
        tempfile.TemporaryDirectory(prefix="passerelle-bench-") as folder,
        two_nodes(Path(folder), database, port) as (writer, peer),
    ):
        worker = _worker(writer)
        _batch(worker, peer, 1, 1.0)
        for size in (1, 10, 100):
            found[f"batch_{size}"] = _batch(worker, peer, size, seconds)
            click.echo(f"batch {size:>3}: {found[f'batch_{size}']}")
        found["at_50_per_s"] = _open_loop(worker, peer, 50.0, seconds)
        click.echo(f"at 50/s: {found['at_50_per_s']}")
        found["drain"] = _drain(worker, peer, backlog)
        click.echo(f"drain: {found['drain']}")
        found["memory_mb"] = peak_memory_mb()
    click.echo(str(write_result("exchange", found)))


@contextmanager
def two_nodes(folder: Path, database: str, port: int) -> Iterator[tuple[Path, str]]:
    """Make two nodes that trust each other; serve the reader, enter the writer."""
    reader, writer = folder / "reader", folder / "writer"
    urls = _databases(database)
    _run(urls[1], "init", str(reader), "--name", "reader", "--state", "MA", "--port", str(port))
    _run(urls[0], "init", str(writer), "--name", "writer", "--state", "FR", "--port", str(port + 1))
    for here, there, name, url in (
        (writer, reader, "reader", urls[0]),
        (reader, writer, "writer", urls[1]),
    ):
        from passerelle.exchange.trust import fingerprint

        root = there / "exchange" / "trust" / "1.root.json"
        arguments = ["--root", str(root), "--fingerprint", fingerprint(root.read_bytes())]
        trust = ["--trust", str(there / "exchange" / "trust")]
        _run(url, "peer", "add", str(here), name, *arguments, *trust)
    environment = _environment(urls[1]) | {"PASSERELLE_LOG_LEVEL": "warning"}
    command_line = [sys.executable, "-m", "passerelle.cli", "serve", str(reader)]
    served = subprocess.Popen(  # noqa: S603 - our own command
        command_line, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(port)
        os.environ.update(_environment(urls[0]) | {"PASSERELLE_LOG_LEVEL": "warning"})
        from passerelle.node.installation import enter

        enter(writer)
        yield writer, "reader"
    finally:
        served.terminate()
        served.wait(timeout=20)


def _databases(database: str) -> tuple[str, str]:
    if database == "sqlite":
        return "", ""
    import psycopg

    names = [f"bench_{secrets.token_hex(4)}" for _ in range(2)]
    with psycopg.connect("dbname=postgres", autocommit=True) as connection:
        for name in names:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return f"postgresql:///{names[0]}", f"postgresql:///{names[1]}"


def _environment(url: str) -> dict[str, str]:
    found = dict(os.environ)
    found.pop("PASSERELLE_DATA", None)
    found.pop("PASSERELLE_DATABASE_URL", None)
    return found | ({"PASSERELLE_DATABASE_URL": url} if url else {})


def _run(url: str, *arguments: str) -> None:
    subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "passerelle.cli", *arguments],
        env=_environment(url),
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _wait(port: int) -> None:
    for _ in range(1200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise click.ClickException(f"The reader does not answer on port {port}.")


def _worker(writer: Path) -> ExchangeWorker:
    del writer
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
    from passerelle.node.exchange.models import Cursor

    return Cursor.objects.values_list("cosigned", flat=True)[0]


def _batch(worker: ExchangeWorker, peer: str, size: int, seconds: float) -> dict[str, float]:
    """Release a batch, send it, take the receipt; again and again."""
    turns, started = [], time.monotonic()
    while time.monotonic() - started < seconds:
        begun = time.monotonic()
        target = _release(peer, size)
        while _cosigned() < target:
            if not worker.round():
                time.sleep(0.001)
        turns.append(time.monotonic() - begun)
    elapsed = time.monotonic() - started
    return {"acts_per_s": round(len(turns) * size / elapsed, 1), **_quantiles(turns)}


def _open_loop(worker: ExchangeWorker, peer: str, rate: float, seconds: float) -> dict[str, float]:
    """Release at a steady rate in another thread and measure each act until its receipt."""
    released: dict[int, float] = {}
    begin = _cosigned()

    def produce() -> None:
        from django.db import connection

        started = time.monotonic()
        for number in range(int(rate * seconds)):
            time.sleep(max(0.0, started + number / rate - time.monotonic()))
            begun = time.monotonic()
            released[_release(peer, 1)] = begun
        connection.close()

    thread = threading.Thread(target=produce)
    thread.start()
    latencies: list[float] = []
    done = begin
    while thread.is_alive() or done < max(released, default=begin):
        if not worker.round():
            time.sleep(0.005)
        now, reached = time.monotonic(), _cosigned()
        latencies += [now - released[n] for n in range(done + 1, reached + 1) if n in released]
        done = reached
    thread.join()
    return {"acts": len(latencies), **_quantiles(latencies)}


def _drain(worker: ExchangeWorker, peer: str, backlog: int) -> dict[str, float]:
    """Release a backlog, then send all of it."""
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
    }


def _quantiles(values: list[float]) -> dict[str, float]:
    ordered = sorted(values) or [0.0]
    last = len(ordered) - 1
    return {
        "p50_ms": round(1000 * statistics.median(ordered), 1),
        "p95_ms": round(1000 * ordered[int(last * 0.95)], 1),
        "p99_ms": round(1000 * ordered[int(last * 0.99)], 1),
    }
