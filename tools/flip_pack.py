"""Flip the bytes of a verification pack; every flip must be seen; write a result file.

    python tools/flip_pack.py                                  # 200 entries, each byte, one bit
    python tools/flip_pack.py --every-kind --bits 8            # each bit of every kind of record
    python tools/flip_pack.py --every-kind --mended            # each byte inside the files
    python tools/flip_pack.py --pack FILE --last 300000        # a piece; FILE is made when absent

The verifier is called in the process. The list of files and the canonical form catch a flip before
any signature is looked at; a flip that passes them would go through the whole verification.

A second kind of forger mends the list of files after the flip, so that only signatures, hashes and
schemas are left to notice it (``--mended``). Flips are seen when the verifier breaks off, or when it
no longer says exactly what it said of the pack as made. What it computed before of the same bytes
(a signature, a chain of trust files) is remembered: those functions are pure.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import json
import multiprocessing
import os
import platform
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from passerelle.exchange.standalone import passerelle_verify as verifier  # noqa: E402 - as above

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE = 2_000
REFUSALS = (verifier.BrokenError, *verifier.MALFORMED)


def make_pack(entries: int) -> bytes:
    """Build a pack of a receipted log, one dossier in three disclosed; or one of every kind."""
    from tests.simulators import exchange_keys as keys  # noqa: PLC0415 - after the path is set
    from tests.simulators.exchange_packs import every_kind  # noqa: PLC0415 - as above

    from passerelle.exchange.pack import build_pack  # noqa: PLC0415 - as above

    if not entries:
        return every_kind()
    made = [keys.sealed_entry(keys.ORIGIN, n, b'{"n":%d}' % n) for n in range(entries)]
    contents = tuple(
        keys.disclosed(header, key, b'{"n":%d}' % n)
        for n, (header, _, key) in enumerate(made)
        if n % 3 == 0
    )
    log = keys.packed_log(keys.ORIGIN, [header for header, _, _ in made])
    return build_pack((log,), keys.trust_files("a.example", "b.example"), contents)


def flip_raw(job: tuple[bytes, range, int]) -> tuple[int, list[tuple[str, int]]]:
    """Flip bits of each byte of a range; returns how many, and where nobody noticed."""
    data, places, bits = job
    flipped, flips, missed = bytearray(data), 0, []
    for at in places:
        for bit in _bits(at, bits):
            flipped[at] ^= 1 << bit
            flips += 1
            try:
                verifier.verify(bytes(flipped), {}, verifier.Report())
                missed.append(("pack", at))
            except REFUSALS:
                pass
            flipped[at] ^= 1 << bit
    return flips, missed


def flip_mended(job: tuple[bytes, range, int]) -> tuple[int, list[tuple[str, int]]]:
    """Flip bits inside the files, as if their list were mended; what is believed as before."""
    data, places, bits = job
    _remember()
    files = verifier.read_pack(data)
    roots = {
        name.split("/")[1]: hashlib.sha256(part).hexdigest()
        for name, part in files.items()
        if name.endswith("/1.root.json")
    }
    before = _told(files, roots)
    assert before is not None
    missed, flips = [], 0
    for name, at in _places(files, places):
        for bit in _bits(at, bits):
            part = bytearray(files[name])
            part[at] ^= 1 << bit
            flips += 1
            if _told(files | {name: bytes(part)}, roots) == before:
                missed.append((name, at))
    return flips, missed


def _bits(at: int, count: int) -> range:
    """Choose bits of a byte: all eight, or some that differ from place to place."""
    return range(8) if count == 8 else range(at * 5 % (9 - count), at * 5 % (9 - count) + count)


def _places(files: dict[str, bytes], places: range) -> Iterator[tuple[str, int]]:
    """Count the bytes of all files but their list in one row."""
    start = 0
    for name, part in files.items():
        if name != verifier.MANIFEST:
            yield from ((name, at - start) for at in places if start <= at < start + len(part))
            start += len(part)


def _told(files: dict[str, bytes], roots: dict[str, str]) -> list[list[str]] | None:
    say = verifier.Report()
    try:
        verifier.verify_files(files, roots, say)
    except REFUSALS:
        return None
    return [say.proved, say.remarks]


@functools.cache
def _remember() -> None:
    """Let pure functions of the verifier remember what they found."""
    check_node, tuf_verifies = verifier.check_node, verifier.tuf_verifies

    @functools.lru_cache(maxsize=64)
    def node_of(name: str, files: tuple[tuple[str, bytes], ...]) -> verifier.Node:
        return check_node(name, dict(files))

    @functools.lru_cache(maxsize=4096)
    def tuf_of(key: str, signature: bytes, data: bytes) -> str:
        return tuf_verifies(json.loads(key), signature, data)

    known: Any = verifier  # Any: functions of a module are exchanged
    known.verifies = functools.lru_cache(maxsize=4096)(verifier.verifies)
    known.check_node = lambda name, files: node_of(name, tuple(files.items()))
    known.tuf_verifies = lambda key, signature, data: tuf_of(json.dumps(key), signature, data)


def main() -> int:
    """Flip and report; exit code 1 when a flip went unnoticed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=200)
    parser.add_argument("--every-kind", action="store_true", help="A small pack of every record.")
    parser.add_argument("--pack", type=Path, help="Keep the pack here, for runs in pieces.")
    parser.add_argument("--bits", type=int, choices=range(1, 9), default=1, help="Bits a byte.")
    parser.add_argument("--mended", action="store_true", help="Mend the list of files.")
    parser.add_argument("--every", type=int, default=1, help="Only every n-th byte.")
    parser.add_argument("--first", type=int, default=0, help="First byte.")
    parser.add_argument("--last", type=int, default=0, help="Byte to stop before; 0 is the end.")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--no-file", action="store_true")
    chosen = parser.parse_args()
    if chosen.pack and chosen.pack.exists():
        data = chosen.pack.read_bytes()
    else:
        data = make_pack(0 if chosen.every_kind else chosen.entries)
    if chosen.pack:
        chosen.pack.write_bytes(data)
    started = time.monotonic()
    files = verifier.read_pack(data)
    inside = sum(len(part) for name, part in files.items() if name != verifier.MANIFEST)
    size = inside if chosen.mended else len(data)
    last = min(chosen.last or size, size)
    step = PIECE * chosen.every
    jobs = [
        (data, range(at, min(at + step, last), chosen.every), chosen.bits)
        for at in range(chosen.first, last, step)
    ]
    flips, missed = 0, []
    with multiprocessing.get_context("fork").Pool(chosen.processes) as pool:
        for count, found in pool.imap_unordered(flip_mended if chosen.mended else flip_raw, jobs):
            flips += count
            missed += found
    result = {
        "pack": "every kind" if chosen.every_kind else f"{chosen.entries} entries",
        "pack_sha256": hashlib.sha256(data).hexdigest(),
        "bytes": size,
        "list_mended": chosen.mended,
        "first": chosen.first,
        "last": last,
        "every": chosen.every,
        "bits": chosen.bits,
        "flips": flips,
        "unnoticed": len(missed),
        "unnoticed_by_file": dict(Counter(name for name, _ in missed)),
        "unnoticed_first": sorted(missed)[:20],
        "seconds": round(time.monotonic() - started, 1),
        "python": platform.python_version(),
    }
    print(json.dumps(result, indent=1))
    if not chosen.no_file:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        path = ROOT / "benchmarks" / "results" / f"exchange-flips-{stamp}.json"
        path.write_text(json.dumps(result, indent=1) + "\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
