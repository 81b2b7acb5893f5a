"""Two real nodes on this machine for benchmarks: the reader is served, the writer is entered."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Nodes", "peak_of_children_mb", "two_nodes"]

_AGREED: Final = {
    "limits": {
        "per_second": 100_000,
        "burst": 1_000_000,
        "catch_up": 1_000_000,
        "attachment": 1 << 30,
    }
}
"""What the two agree on, so that the quota of an ordinary peer does not bound the measurement."""


@dataclass(frozen=True, slots=True)
class Nodes:
    """Say which processes the two nodes are made of.

    Parameters
    ----------
    reader
        Name of the node that is served.
    reader_pid
        Its first process.
    postmaster_pid
        First process of the database server of both; 0 with SQLite.
    """

    reader: str
    reader_pid: int
    postmaster_pid: int

    def cpu_seconds(self) -> dict[str, float]:
        """Return the processor time used so far: here and by producers, by the reader, by PostgreSQL."""
        own = sum(os.times()[:4])
        others = {"reader": self.reader_pid, "database": self.postmaster_pid}
        return {"writer": own} | {name: _cpu_below(pid) for name, pid in others.items() if pid}


@contextmanager
def two_nodes(folder: Path, database: str, port: int) -> Iterator[Nodes]:
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
        _agree(url, here)
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
        yield Nodes("reader", served.pid, _postmaster())
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


def _agree(url: str, data: Path) -> None:
    """Write the agreed limits into the table of peers, in a process of that node."""
    code = (
        "import sys; from pathlib import Path; from passerelle.node.installation import enter;"
        "enter(Path(sys.argv[1])); from passerelle.node.exchange.models import Peer;"
        f"Peer.objects.update(agreement={_AGREED!r})"
    )
    subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code, str(data)], env=_environment(url), check=True
    )


def _postmaster() -> int:
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = int(cursor.fetchone()[0])
    return int(_stat(Path(f"/proc/{backend}"))[1])


def _cpu_below(pid: int) -> float:
    """Return the processor time of a process, its descendants, and those that they outlived; Linux."""
    stats = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            stats[int(path.name)] = _stat(path)
        except OSError:
            continue
    found, wanted = 0.0, [pid]
    while wanted:
        parent = wanted.pop()
        if parent in stats:
            found += sum(map(int, stats[parent][11:15])) / os.sysconf("SC_CLK_TCK")
        wanted += [child for child, fields in stats.items() if int(fields[1]) == parent]
    return found


def _stat(process: Path) -> list[str]:
    """Return the fields of a process after its name: its state, its parent and so on."""
    return (process / "stat").read_text().rpartition(")")[2].split()


def peak_of_children_mb() -> int:
    """Return the largest resident size of any living child process, in MB of 2**20 bytes; Linux."""
    found = [0]
    parents = {os.getpid()}
    for path in sorted(Path("/proc").glob("[0-9]*/status"), key=lambda p: int(p.parent.name)):
        try:
            fields = dict(line.split(":", 1) for line in path.read_text().splitlines())
        except (OSError, ValueError):
            continue
        if int(fields["PPid"]) in parents and "VmHWM" in fields:
            parents.add(int(fields["Pid"]))
            found.append(int(fields["VmHWM"].split()[0]) // 1024)
    return max(found)


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
