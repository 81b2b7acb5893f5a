"""Feed the readers of the exchange with input that finds its own way in; write a result file.

    python tools/fuzz_exchange.py --seconds 60
    python tools/fuzz_exchange.py --reader header --seconds 600 --seed 3

Coverage guides: what reaches an edge of the core not reached before joins the pool that is altered
further (bits, numbers, words of the grammar, cuts, copies, splices of two). Every reader must
answer with a value or a declared error, and a value is written again as the bytes it came from.

References
----------
.. [1] Zalewski (2014), "american fuzzy lop", technical notes: edges as guide, stacked alterations.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import random
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    Reader = Callable[[bytes], bytes | None]
    """Reads, and writes again what it read; ``None`` when there is no writing back."""

_CORE: Final = str(ROOT / "src" / "passerelle" / "exchange")
_WORDS: Final = (
    b'"v":1',
    b'"crit":["x"]',
    b'"ext":{}',
    b'"index":0',
    b"[]",
    b"{}",
    b"null",
    b"-1",
    b"9007199254740992",
    b"1e3",
    b"0.0",
    b'"\\ud800"',
    b'"\\u0000"',
    b'"',
    b"\\",
    b"\n\n",
    b"\n",
    "— ".encode(),
    b"=",
    b"passerelle-push/1\n",
    b"old 0\n",
    b"entries 1\n",
    b"note 1\n",
    b"\x00\x00\x00\x00",
    b"\xff\xff\xff\xff",
    b"\xef\xbb\xbf",
    b"\xc0\x80",
)


def readers() -> dict[str, tuple[Reader, list[bytes]]]:
    """Return every reader of bytes from outside, and good input to begin from."""
    from tests.simulators.exchange_keys import (  # noqa: PLC0415 - after the path is set
        ORIGIN,
        node,
        packed_log,
        sealed_entry,
    )

    from passerelle.exchange.blob_request import BlobRequest  # noqa: PLC0415 - as above
    from passerelle.exchange.card import parse_card  # noqa: PLC0415 - as above
    from passerelle.exchange.frame import (  # noqa: PLC0415 - as above
        Bundle,
        FrameLimits,
        PushFrame,
        ReaderRequest,
        parse_receipt,
        receipt_bytes,
    )
    from passerelle.exchange.header import parse_header  # noqa: PLC0415 - as above
    from passerelle.exchange.jcs import read, write  # noqa: PLC0415 - as above
    from passerelle.exchange.note import Checkpoint, Note  # noqa: PLC0415 - as above

    a = node("a.example")
    header, body, _ = sealed_entry(ORIGIN, 0, b"{}")
    clear, _, _ = sealed_entry(ORIGIN, 1, b"{}", re=("0" * 64,))
    log = packed_log(ORIGIN, [header])
    note = Note.parse(log.checkpoints[0])
    pull = ReaderRequest("pull", ORIGIN.log_id, 0, "0" * 32, 1).sign("b", a.receipt)
    want = BlobRequest("get", ORIGIN.log_id, "0" * 64, 1, "0" * 32, 1).sign("b", a.receipt)

    def frame(data: bytes) -> bytes:
        return PushFrame.parse(data, FrameLimits()).encode()

    def card(data: bytes) -> None:
        # A card keeps its bytes beside it; fields of later versions may be dropped, but only once.
        found = parse_card(data)
        assert parse_card(found.encode()) == found

    def request(data: bytes) -> None:
        ReaderRequest.parse(data)

    def blob(data: bytes) -> None:
        BlobRequest.parse(data)

    return {
        "json": (lambda data: write(read(data)), [b'{"a":[1,"x"]}', header]),
        "header": (lambda data: parse_header(data).encode(), [header, clear]),
        "note": (lambda data: Note.parse(data).encode(), [note.encode(), pull.encode()]),
        "checkpoint": (lambda data: Checkpoint.parse(data).text, [note.text]),
        "receipt": (
            lambda data: receipt_bytes(parse_receipt(data)),
            [receipt_bytes(note.lines)],
        ),
        "frame": (
            frame,
            [PushFrame(0, ((header, body),), note).encode(), PushFrame(1, (), note).encode()],
        ),
        "bundle": (
            lambda data: Bundle.parse(data).encode(),
            [Bundle((("push", b"x"), ("receipt", b""))).encode()],
        ),
        "request": (request, [pull.text]),
        "blob-request": (blob, [want.text]),
        "card": (card, [a.card.encode()]),
    }


@dataclass(slots=True)
class Pool:
    """Keep input that led somewhere new."""

    kept: list[bytes]
    edges: set[tuple[int, int, int]] = field(default_factory=set)
    runs: int = 0
    accepted: int = 0

    def feed(self, reader: Reader, data: bytes) -> str:
        """Run a reader once; says what was wrong, if anything."""
        from passerelle.exchange.errors import RemoteProtocolError  # noqa: PLC0415 - path is set

        seen: set[tuple[int, int, int]] = set()
        fault = ""
        sys.settrace(_tracer(seen))
        try:
            written = reader(data)
        except RemoteProtocolError:
            pass
        except Exception as error:  # noqa: BLE001 - exactly what must not happen
            fault = f"{type(error).__name__}: {error}"[:200]
        else:
            self.accepted += 1
            if written is not None and written != data:
                fault = "accepted, but written otherwise"
        finally:
            sys.settrace(None)
        self.runs += 1
        if not seen <= self.edges:
            self.edges |= seen
            self.kept.append(data)
        return fault


def _tracer(seen: set[tuple[int, int, int]]) -> Any:
    def local(frame: FrameType, event: str, argument: Any) -> Any:
        del argument
        if event == "line":
            key = id(frame.f_code)
            seen.add((key, last.get(key, 0), frame.f_lineno))
            last[key] = frame.f_lineno
        return local

    def enter(frame: FrameType, event: str, argument: Any) -> Any:
        del event, argument
        return local if frame.f_code.co_filename.startswith(_CORE) else None

    last: dict[int, int] = {}
    return enter


def altered(draw: random.Random, kept: list[bytes]) -> bytes:
    """Alter one of the pool in one to four ways."""
    # What was found last is tried most.
    found = bytearray(kept[-1 - int(draw.random() ** 2 * len(kept))])
    for _ in range(draw.choice((1, 1, 2, 4))):
        at = draw.randrange(len(found) + 1)
        kind = draw.randrange(7)
        if kind == 0 and found:
            found[at % len(found)] ^= 1 << draw.randrange(8)
        elif kind == 1 and found:
            found[at % len(found)] = draw.choice(b'\x00\xff"{}[]:,0129az\n -=')
        elif kind == 2:
            found[at:at] = draw.choice(_WORDS)
        elif kind == 3:
            del found[at : at + draw.choice((1, 2, 8, 64))]
        elif kind == 4:
            size = draw.choice((1, 4, 32))
            found[at:at] = found[at : at + size] * draw.choice((1, 1, 20))
        elif kind == 5:
            other = draw.choice(kept)
            found[at:] = other[draw.randrange(len(other) + 1) :]
        else:
            word = draw.choice(_WORDS)
            found[at : at + len(word)] = word
    return bytes(found[:70_000])


def fuzz(job: tuple[str, float, int]) -> dict[str, Any]:
    """Fuzz one reader for some seconds."""
    name, seconds, seed = job
    draw = random.Random(f"{name}/{seed}")  # noqa: S311 - input, not secrets
    reader, good = readers()[name]
    pool, faults = Pool(list(good)), {}
    for data in good:
        assert not pool.feed(reader, data), name
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        data = altered(draw, pool.kept)
        fault = pool.feed(reader, data)
        if fault:
            faults.setdefault(fault, data[:400].hex())
    return {
        "reader": name,
        "runs": pool.runs,
        "accepted": pool.accepted,
        "edges": len(pool.edges),
        "pool": len(pool.kept),
        "faults": faults,
    }


def main() -> int:
    """Fuzz all readers; exit code 1 when one did what it must not."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20.0, help="For each reader.")
    parser.add_argument("--reader", action="append")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--no-file", action="store_true")
    chosen = parser.parse_args()
    jobs = [(name, chosen.seconds, chosen.seed) for name in chosen.reader or readers()]
    with multiprocessing.get_context("fork").Pool(chosen.processes) as pool:
        found = pool.map(fuzz, jobs, chunksize=1)
    result = {
        "seed": chosen.seed,
        "seconds_each": chosen.seconds,
        "runs": sum(one["runs"] for one in found),
        "readers": found,
        "python": platform.python_version(),
    }
    print(json.dumps(result, indent=1))
    if not chosen.no_file:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        path = ROOT / "benchmarks" / "results" / f"exchange-fuzz-{stamp}.json"
        path.write_text(json.dumps(result, indent=1) + "\n")
    return 1 if any(one["faults"] for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
