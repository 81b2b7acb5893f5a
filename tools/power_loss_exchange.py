"""Cut the power of two nodes at any write, and see what is left; write a result file.

    python tools/power_loss_exchange.py --trials 10000
    python tools/power_loss_exchange.py --trials 10000 --system-library   # rollback journal

The shipping shell of both nodes runs under strace over SQLite: every write, truncation, sync,
creation, renaming and removal of a file is recorded, and every answer that a node gave. Then the
disk is rebuilt as a cut may leave it: what was synced is there; of what was not, any sector may be
there or not, and of names created, renamed or removed since their folder was synced, any number
from the beginning. Holds afterwards: the database opens and is whole, every log leads to its root,
nothing answered for is missing (acts released, receipts given, receipts taken), the guard file is
never ahead, every body opens with its key, and the consumer was given each act once.

References
----------
.. [1] Pillai et al. (2014), "All File Systems Are Not Created Equal", OSDI, for the model of what
   an unsynced file may hold.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

CALLS: Final = (
    "write,pwrite64,ftruncate,fsync,fdatasync,openat,unlink,unlinkat,rename,renameat,renameat2"
)
SECTOR: Final = 512
_CALL: Final = re.compile(r"^(\d+) +(\w+)\((.*)\) += (-?\d+)")
_STRING: Final = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')


@dataclass(slots=True)
class Inode:
    """Hold a file: what is durable, and what was done since."""

    durable: bytes = b""
    length: int = 0
    pending: list[tuple[str, int, bytes]] = field(default_factory=list)

    def sync(self) -> None:
        """Make everything durable."""
        self.durable = applied(self.durable, self.pending)
        self.pending = []


def applied(data: bytes, operations: list[tuple[str, int, bytes]]) -> bytes:
    """Return the content after writes and truncations."""
    found = bytearray(data)
    for kind, at, part in operations:
        if kind == "cut":
            del found[at:]
            found.extend(bytes(at - len(found)))
        else:
            found.extend(bytes(max(0, at - len(found))))
            found[at : at + len(part)] = part
    return bytes(found)


def torn(inode: Inode, draw: random.Random, mode: str) -> bytes:
    """Return what a cut may leave of a file."""
    if mode == "none" or not inode.pending:
        return inode.durable
    if mode == "all":
        return applied(inode.durable, inode.pending)
    kept = []
    for kind, at, part in inode.pending:
        if kind == "cut":
            kept += [(kind, at, part)] * (draw.random() < 0.5)
            continue
        sectors = range(0, len(part), SECTOR)
        kept += [(kind, at + s, part[s : s + SECTOR]) for s in sectors if draw.random() < 0.5]
    return applied(inode.durable, kept)


class Disk:
    """Replay what a node did to its files.

    Parameters
    ----------
    folder
        The node's folder, as it was when the recording began: all of it durable.
    """

    def __init__(self, folder: Path, recorded_as: Path) -> None:
        self.top = str(recorded_as)
        self.names: dict[str, Inode] = {}
        for path in folder.rglob("*"):
            if path.is_file():
                data = path.read_bytes()
                name = f"{self.top}/{path.relative_to(folder)}"
                self.names[name] = Inode(data, len(data))
        self.durable_names = dict(self.names)
        self.renamed: list[tuple[str, str, Inode | None]] = []

    def carry_out(self, call: str, paths: list[str], data: bytes, number: int) -> None:
        """Apply one recorded call."""
        path = paths[0]
        if call in {"fsync", "fdatasync"}:
            self._sync(path)
        elif call in {"unlink", "unlinkat"}:
            self.names.pop(path, None)
            self.renamed.append(("drop", path, None))
        elif call.startswith("rename"):
            inode = self.names.pop(path, Inode())
            self.names[paths[1]] = inode
            self.renamed += [("drop", path, None), ("name", paths[1], inode)]
        elif call == "openat":
            if path not in self.names:
                self.names[path] = Inode()
                self.renamed.append(("name", path, self.names[path]))
            elif number:
                self._write(path, "cut", 0, b"")
        elif call == "ftruncate":
            self._write(path, "cut", number, b"")
        else:
            at = number if call == "pwrite64" else self.names[path].length
            self._write(path, "write", at, data)

    def _write(self, path: str, kind: str, at: int, data: bytes) -> None:
        inode = self.names.get(path)
        if inode is None:
            return
        inode.pending.append((kind, at, data))
        inode.length = at if kind == "cut" else max(inode.length, at + len(data))

    def _sync(self, path: str) -> None:
        if path in self.names:
            self.names[path].sync()
            return
        rest = []
        for kind, name, inode in self.renamed:
            if Path(name).parent == Path(path):
                _rename(self.durable_names, kind, name, inode)
            else:
                rest.append((kind, name, inode))
        self.renamed = rest

    def image(self, draw: random.Random) -> dict[str, bytes]:
        """Return the files that a cut at this moment may leave, by name below the folder."""
        names = dict(self.durable_names)
        for change in self.renamed[: draw.randint(0, len(self.renamed))]:
            _rename(names, *change)
        mode = draw.choice(("none", "all", "some", "some", "some"))
        return {
            name.removeprefix(f"{self.top}/"): torn(inode, draw, mode)
            for name, inode in names.items()
            if name.startswith(self.top) and not name.endswith("-shm")
        }


def _rename(names: dict[str, Inode], kind: str, name: str, inode: Inode | None) -> None:
    if kind == "drop":
        names.pop(name, None)
    elif inode is not None:
        names[name] = inode


@dataclass(frozen=True, slots=True)
class Step:
    """Hold one recorded call, or an answer of the node."""

    call: str
    paths: tuple[str, ...]
    data: bytes
    number: int


def read_trace(path: Path, folder: Path) -> list[Step]:
    """Read what strace recorded of the files below a folder, and the answers."""
    found, open_calls = [], dict[str, str]()
    for line in path.read_text("ascii").splitlines():
        pid = line.partition(" ")[0]
        whole = line
        if line.endswith("<unfinished ...>"):
            open_calls[pid] = line.removesuffix("<unfinished ...>")
            continue
        if " resumed>" in line:
            whole = open_calls.pop(pid, "") + line.split(" resumed>", 1)[1]
        match = _CALL.match(whole)
        if match and int(match[4]) >= 0:
            step = _step(match[2], match[3], int(match[4]), folder)
            if step is not None:
                found.append(step)
    return found


def _step(call: str, words: str, result: int, folder: Path) -> Step | None:
    texts = [bytes.fromhex(text.replace("\\x", "")) for text, _ in _STRING.findall(words)]
    handle = re.match(r"\d+<([^>]*)>", words)
    name = _plain(handle[1]) if handle else ""
    if call == "write" and name.startswith("pipe:"):
        return Step("answer", (), texts[0], 0) if texts and texts[0][:1] == b"{" else None
    if call == "openat":
        if "O_CREAT" not in words:
            return None
        paths, number = [texts[0].decode()], int("O_TRUNC" in words)
    elif call.startswith(("unlink", "rename")):
        paths, number = [text.decode() for text in texts], 0
    else:
        paths = [name]
        number = int(words.rsplit(", ", 1)[1]) if call in {"pwrite64", "ftruncate"} else 0
    if not paths[0].startswith(str(folder)):
        return None
    data = texts[0][:result] if call in {"write", "pwrite64"} else b""
    return Step(call, tuple(paths), data, number)


def _plain(text: str) -> str:
    if text.startswith("\\x"):
        return bytes.fromhex(text.replace("\\x", "")).decode()
    return text


@dataclass(frozen=True, slots=True)
class Recording:
    """Hold the disk of a node before, and all that it did."""

    before: Path
    folder: Path
    steps: tuple[Step, ...]


def record(work: Path, rounds: int, *, system_library: bool) -> list[Recording]:
    """Let two nodes exchange acts under strace."""
    from tools.kill_exchange import (  # noqa: PLC0415 - after the path is set
        Node,
        Trial,
        make_environments,
    )

    environments = make_environments(work, "sqlite")
    if system_library:
        stub = work / "stub"
        stub.mkdir()
        (stub / "pysqlite3.py").write_text("raise ImportError\n", "ascii")
        for one in environments:
            one["PYTHONPATH"] = f"{stub}:{one['PYTHONPATH']}"
    nodes = [Node(work / name, one) for name, one in zip(("fr", "ma"), environments, strict=True)]
    Trial(nodes[0], nodes[1], None, 0).run(0, rehash=True)
    for node in nodes:
        node.end()
    names = ("fr", "ma")
    for name in names:
        shutil.copytree(work / name, work / f"{name}-before")
    tracer = ("strace", "-f", "-y", "-xx", "-s", "9000000", "-e", f"trace={CALLS}", "-o")
    nodes = [
        Node(work / name, one, (*tracer, str(work / f"{name}.trace")))
        for name, one in zip(names, environments, strict=True)
    ]
    for number in range(1, rounds + 1):
        faults, _ = Trial(nodes[0], nodes[1], None, number).run(0, rehash=False)
        assert not faults, faults
    for node in nodes:
        node.end()
    return [
        Recording(
            work / f"{name}-before",
            work / name,
            tuple(read_trace(work / f"{name}.trace", work / name)),
        )
        for name in names
    ]


@cache
def _storage_key(folder: Path) -> bytes:
    from passerelle.node.exchange import identity  # noqa: PLC0415 - after the path is set

    return identity.load(folder / "exchange").storage


def cut(job: tuple[Recording, int, range]) -> Counter[str]:
    """Cut the power once in each of a range of trials; returns what was wrong."""
    from passerelle.node.sqlite_library import adopt_library  # noqa: PLC0415 - after the path is set

    adopt_library()
    recording, seed, trials = job
    found: Counter[str] = Counter()
    draw = random.Random(seed)  # noqa: S311 - misfortune, not secrets
    places = sorted(draw.randrange(len(recording.steps)) for _ in trials)
    disk, done = Disk(recording.before, recording.folder), 0
    told: dict[str, Any] = {}
    base = Path("/dev/shm") if Path("/dev/shm").is_dir() else None  # noqa: S108 - own folder in it
    for place in places:
        for step in recording.steps[done:place]:
            if step.call == "answer":
                told = _facts(told, step.data)
            else:
                disk.carry_out(step.call, list(step.paths), step.data, step.number)
        done = place
        with tempfile.TemporaryDirectory(prefix="passerelle-cut-", dir=base) as name:
            for relative, data in disk.image(draw).items():
                path = Path(name) / relative
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            for fault in examine(Path(name), told, _storage_key(recording.before)):
                found[fault] += 1
    return found


def _facts(before: dict[str, Any], answer: bytes) -> dict[str, Any]:
    now = json.loads(answer)
    size = now.get("size", {})
    return {
        "out": max(before.get("out", 0), size.get("out", 0)),
        "in": max(before.get("in", 0), size.get("in", 0)),
        "cosigned": max(before.get("cosigned", 0), now.get("cosigned", 0)),
    }


def examine(folder: Path, told: dict[str, Any], storage: bytes) -> list[str]:
    """Open what is left as a starting node would, and say what is wrong."""
    import sqlite3  # noqa: PLC0415 - the library adopted

    wrong = []
    database = sqlite3.connect(folder / "passerelle.sqlite3")
    try:
        if database.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
            return ["the database is damaged"]
        wrong += _judge_logs(database, folder, told)
        wrong += _judge_bodies(database, folder, storage)
        given = database.execute("SELECT COUNT(*) FROM exchange_nonce WHERE at = 0").fetchone()[0]
        cursor = database.execute("SELECT SUM(next_idx) FROM exchange_projection").fetchone()[0]
        if given != (cursor or 0):
            wrong.append("applied twice or never")
        cosigned = database.execute("SELECT SUM(cosigned) FROM exchange_cursor").fetchone()[0]
        if (cosigned or 0) < told.get("cosigned", 0):
            wrong.append("a receipt taken is lost")
    except sqlite3.DatabaseError as error:
        wrong.append(f"the database does not open: {error}")
    finally:
        database.close()
    return wrong


def _judge_logs(database: Any, folder: Path, told: dict[str, Any]) -> list[str]:
    from passerelle.exchange.merkle import (  # noqa: PLC0415 - after the path is set
        CompactRange,
        leaf_hash,
    )
    from passerelle.node.exchange.guard import read_guard  # noqa: PLC0415 - as above

    wrong, sizes = [], {"in": 0, "out": 0}
    logs = database.execute("SELECT id, direction, size, root FROM exchange_log").fetchall()
    for log_id, direction, size, root in logs:
        rows = database.execute(
            "SELECT header FROM exchange_entry WHERE log_id = ? ORDER BY idx", (log_id,)
        ).fetchall()
        leaves = [leaf_hash(bytes(header)) for (header,) in rows]
        tree = CompactRange().extend(leaves)
        sizes[direction] = size
        if tree.size != size or tree.root.hex() != root:
            wrong.append("a log does not lead to its root")
        guarded = read_guard(folder / "exchange", log_id) if direction == "out" else None
        if guarded is not None and (
            guarded.size > size
            or CompactRange().extend(leaves[: guarded.size]).root.hex() != guarded.root
        ):
            wrong.append("the guard file is ahead")
    wrong += [
        f"acknowledged acts lost ({direction})"
        for direction, size in sizes.items()
        if size < told.get(direction, 0)
    ]
    return wrong


def _judge_bodies(database: Any, folder: Path, storage: bytes) -> list[str]:
    from passerelle.exchange.seal import unwrap  # noqa: PLC0415 - after the path is set
    from passerelle.node.exchange.keystore import KeyStore  # noqa: PLC0415 - as above

    keys = KeyStore(folder / "exchange" / "keys" / "dossiers.sqlite3", storage, os.urandom)
    rows = database.execute(
        'SELECT e.entry_id, e."case", b.wrapped FROM exchange_entry e'
        " LEFT JOIN exchange_body b ON b.entry_id = e.id ORDER BY e.id DESC LIMIT 12"
    ).fetchall()
    for name, case, wrapped in rows:
        key = keys.find(case)
        if wrapped is None or key is None:
            return ["a body or its key is lost"]
        unwrap(key, name, bytes(wrapped))
    return []


def main() -> int:
    """Record once, cut often; exit code 1 when anything was lost."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=10_000, help="Both nodes together.")
    parser.add_argument("--rounds", type=int, default=12, help="Exchanges recorded.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--system-library", action="store_true", help="Rollback journal.")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--no-file", action="store_true")
    chosen = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="passerelle-power-") as work:
        recordings = record(Path(work), chosen.rounds, system_library=chosen.system_library)
        share = 100
        jobs = [
            (recording, chosen.seed * 1_000_003 + at, range(at, at + share))
            for recording in recordings
            for at in range(0, chosen.trials // 2, share)
        ]
        wrong: Counter[str] = Counter()
        with multiprocessing.get_context("fork").Pool(chosen.processes) as pool:
            for found in pool.imap_unordered(cut, jobs):
                wrong.update(found)
    result = {
        "journal": "rollback" if chosen.system_library else "write-ahead",
        "trials": share * len(jobs),
        "calls_recorded": [len(recording.steps) for recording in recordings],
        "seed": chosen.seed,
        "wrong": dict(wrong),
        "seconds": round(time.monotonic() - started, 1),
        "python": platform.python_version(),
    }
    print(json.dumps(result, indent=1))
    if not chosen.no_file:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        path = ROOT / "benchmarks" / "results" / f"exchange-power-{stamp}.json"
        path.write_text(json.dumps(result, indent=1) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
