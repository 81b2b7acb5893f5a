"""Run many histories of the exchange simulator, and the planted bugs; write a result file.

python tools/simulate_exchange.py --histories 50000 --bug-seeds 600
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]


def _run(seed: int) -> tuple[int, str, int]:
    from tests.simulators.exchange_history import run_history  # noqa: PLC0415 - after the path is set

    try:
        return seed, "", len(run_history(seed).b.entries)
    except AssertionError as error:
        return seed, str(error), 0


def main() -> int:
    """Run and report; exit code 1 when an invariant broke or a bug was missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--histories", type=int, default=50_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--bug-seeds", type=int, default=600, help="0 plants no bugs.")
    parser.add_argument("--no-file", action="store_true")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args()
    from tests.simulators.exchange_bugs import BUGS, find  # noqa: PLC0415 - after the path is set

    started, broken, entries = time.monotonic(), Counter[str](), 0
    first: dict[str, int] = {}
    seeds = range(chosen.first, chosen.first + chosen.histories)
    with multiprocessing.get_context("fork").Pool(chosen.processes) as pool:
        for seed, fault, count in pool.imap_unordered(_run, seeds, chunksize=100):
            entries += count
            if fault:
                broken[fault] += 1
                first.setdefault(fault, seed)
    elapsed = time.monotonic() - started
    bugs = list(BUGS) if chosen.bug_seeds else []
    missed = [bug for bug in bugs if find(bug, range(chosen.bug_seeds)) is None]
    result = {
        "histories": chosen.histories,
        "first_seed": chosen.first,
        "violations": {name: [count, first[name]] for name, count in broken.items()},
        "entries_delivered": entries,
        "seconds": round(elapsed, 1),
        "histories_per_s": round(chosen.histories / elapsed, 1),
        "bug_seeds": chosen.bug_seeds,
        "bugs_planted": len(bugs),
        "bugs_found": len(bugs) - len(missed),
        "bugs_missed": missed,
        "processes": chosen.processes,
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
    print(json.dumps(result, indent=1))
    if chosen.no_file:
        return 1 if broken or missed else 0
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    folder = ROOT / "benchmarks" / "results"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"exchange-simulator-{stamp}.json").write_text(json.dumps(result, indent=1) + "\n")
    return 1 if broken or missed else 0


if __name__ == "__main__":
    sys.exit(main())
