"""Flip every byte of a verification pack; every flip must be seen; write a result file.

    python tools/flip_pack.py                       # every byte of a pack of 200 entries
    python tools/flip_pack.py --every 50 --mended 2000

A second kind of forger mends the list of files after the flip, so that only signatures, hashes and
schemas are left to notice it: ``--mended`` tries so many bytes of the files inside.
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import os
import platform
import random
import sys
import tarfile
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]


def make_pack(entries: int) -> bytes:
    """Build a pack of a receipted log, one dossier in three disclosed."""
    from tests.simulators.exchange_keys import (  # noqa: PLC0415 - after the path is set
        ORIGIN,
        disclosed,
        packed_log,
        sealed_entry,
        trust_files,
    )

    from passerelle.exchange.pack import build_pack  # noqa: PLC0415 - after the path is set

    made = [sealed_entry(ORIGIN, n, b'{"n":%d}' % n) for n in range(entries)]
    contents = tuple(
        disclosed(header, key, b'{"n":%d}' % n)
        for n, (header, _, key) in enumerate(made)
        if n % 3 == 0
    )
    log = packed_log(ORIGIN, [header for header, _, _ in made])
    return build_pack((log,), trust_files("a.example", "b.example"), contents)


def verified(path: Path) -> tuple[str, ...]:
    """Verify as the stand-alone verifier does; what it proved and remarked, or nothing at all."""
    from passerelle.exchange.standalone.passerelle_verify import (  # noqa: PLC0415 - as above
        Report,
        verify,
    )

    say = Report()
    try:
        verify(str(path), {}, say)
    except Exception:  # noqa: BLE001 - the verifier calls any of them broken
        return ()
    return (*say.proved, *say.remarks)


def flip_raw(job: tuple[bytes, range, int]) -> list[int]:
    """Flip one bit of each byte of a range; returns the places where nobody noticed."""
    data, places, seed = job
    draw, missed = random.Random(seed), []  # noqa: S311 - which bit, not a secret
    path = _scratch()
    for at in places:
        flipped = bytearray(data)
        flipped[at] ^= 1 << draw.randrange(8)
        path.write_bytes(flipped)
        if verified(path):
            missed.append(at)
    return missed


def flip_mended(job: tuple[bytes, int, int]) -> list[str]:
    """Flip bytes inside the files and mend the list; returns what was believed as before."""
    from passerelle.exchange.jcs import write  # noqa: PLC0415 - after the path is set
    from passerelle.exchange.pack import pack_files  # noqa: PLC0415 - as above

    data, count, seed = job
    draw, missed, path = random.Random(seed), [], _scratch()  # noqa: S311 - as above
    files = _files(data)
    path.write_bytes(data)
    before = verified(path)
    for _ in range(count):
        name = draw.choices(list(files), [len(part) for part in files.values()])[0]
        part = bytearray(files[name])
        part[draw.randrange(len(part))] ^= 1 << draw.randrange(8)
        changed: dict[str, bytes] = files | {name: bytes(part)}
        listed: dict[str, Any] = {n: _sha256(p) for n, p in changed.items()}
        manifest = write({"v": 1, "files": listed})
        path.write_bytes(pack_files([("manifest.json", manifest), *sorted(changed.items())]))
        if verified(path) == before:
            missed.append(name)
    return missed


def _sha256(data: bytes) -> str:
    import hashlib  # noqa: PLC0415 - one use

    return hashlib.sha256(data).hexdigest()


def _files(data: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(data)) as pack:
        found = {m.name: pack.extractfile(m) for m in pack}
        files = {name: file.read() for name, file in found.items() if file is not None}
    files.pop("manifest.json")
    return {name: part for name, part in files.items() if part}


def _scratch() -> Path:
    folder = Path("/dev/shm")  # noqa: S108 - files of one process, removed by the caller
    base = folder if folder.is_dir() else Path(tempfile.gettempdir())
    return base / f"passerelle-flip-{os.getpid()}"


def main() -> int:
    """Flip and report; exit code 1 when a flip went unnoticed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=200)
    parser.add_argument("--every", type=int, default=1, help="Only every n-th byte.")
    parser.add_argument("--first", type=int, default=0, help="First byte.")
    parser.add_argument("--last", type=int, default=0, help="Byte to stop before; 0 is the end.")
    parser.add_argument("--mended", type=int, default=0)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--no-file", action="store_true")
    chosen = parser.parse_args()
    data, started = make_pack(chosen.entries), time.monotonic()
    last = min(chosen.last or len(data), len(data))
    step = 2000 * chosen.every
    jobs = [
        (data, range(at, min(at + step, last), chosen.every), at)
        for at in range(chosen.first, last, step)
    ]
    share = -(-chosen.mended // 20)
    mending = [(data, share, seed) for seed in range(20)] if chosen.mended else []
    with multiprocessing.get_context("fork").Pool(chosen.processes) as pool:
        missed = [at for found in pool.imap_unordered(flip_raw, jobs) for at in found]
        believed = Counter(
            name for found in pool.imap_unordered(flip_mended, mending) for name in found
        )
    for path in _scratch().parent.glob("passerelle-flip-*"):
        path.unlink()
    result = {
        "pack_bytes": len(data),
        "entries": chosen.entries,
        "first": chosen.first,
        "last": last,
        "flips": sum(len(places) for _, places, _ in jobs),
        "unnoticed": missed[:20],
        "flips_with_list_mended": share * len(mending),
        "believed_as_before": dict(believed),
        "seconds": round(time.monotonic() - started, 1),
        "python": platform.python_version(),
    }
    print(json.dumps(result, indent=1))
    if not chosen.no_file:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        path = ROOT / "benchmarks" / "results" / f"exchange-flips-{stamp}.json"
        path.write_text(json.dumps(result, indent=1) + "\n")
    return 1 if missed or believed else 0


if __name__ == "__main__":
    sys.exit(main())
