"""Run random histories and write what came of them.

``python tools/procedures_histories.py --runs 10000 [--add]`` lets two nodes talk about reinforcement and writes
``benchmarks/results/procedures-histories.json``; ``--files --runs 100000`` runs files of identification over
all roles and writes ``procedures-file-histories.json``. Any breach stops it with the seed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.simulators import dossier_pairs, file_histories  # noqa: E402


def main() -> int:
    """Run the histories and write the result file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--steps", type=int, default=22)
    parser.add_argument("--seed", type=int, default=1_000_000)
    parser.add_argument("--files", action="store_true")
    parser.add_argument(
        "--add", action="store_true", help="Continue after the runs that the result file holds."
    )
    parser.add_argument("--name", default="", help="Name of the result file, without .json.")
    options = parser.parse_args()
    if options.add:
        options.seed = _next_seed(options)
    started = time.perf_counter()
    found = _files(options) if options.files else _pairs(options)
    result = {
        "runs": options.runs,
        "steps": options.steps,
        "first_seed": options.seed,
        **found,
        "seconds": round(time.perf_counter() - started, 1),
    }
    name = _name(options)
    path = ROOT / "benchmarks" / "results" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    if options.add:
        result = _added(json.loads(path.read_text("utf-8")), result)
    path.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    print(json.dumps(result, indent=2))
    return 0


def _name(options: argparse.Namespace) -> str:
    """Return the name of the result file."""
    return options.name or (
        "procedures-file-histories" if options.files else "procedures-histories"
    )


def _next_seed(options: argparse.Namespace) -> int:
    """Return the first seed that the result file does not hold."""
    name = _name(options)
    before = json.loads((ROOT / "benchmarks" / "results" / f"{name}.json").read_text("utf-8"))
    return int(before["first_seed"]) + int(before["runs"])


def _added(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """Add the figures of a run to those of the runs before; both with the same steps."""
    if before["steps"] != now["steps"]:
        raise SystemExit("the result file holds runs of another length")
    kept = {"steps", "first_seed"}
    return {
        name: before[name]
        if name in kept
        else Counter(before[name]) + Counter(value)
        if isinstance(value, dict)
        else round(before[name] + value, 1)
        for name, value in now.items()
    }


def _files(options: argparse.Namespace) -> dict[str, object]:
    """Run files of identification over all roles."""
    tally = file_histories.Tally()
    for seed in range(options.seed, options.seed + options.runs):
        try:
            file_histories.run(Random(seed), options.steps, tally)  # noqa: S311 - no secrets
        except AssertionError:
            print(f"seed {seed}: a safeguard was broken")
            raise
    return {
        "broken": 0,
        "acts_tried": tally.acts,
        "acts_taken": tally.taken,
        "acts_sent": tally.sent,
        "pauses_with_equal_bytes": tally.pauses,
        "acts_taken_under_a_bar": tally.barred_steps,
        "acts_tried_by_administrators": tally.by_administrators,
        "acts_in_the_national_log": tally.in_national_log,
    }


def _pairs(options: argparse.Namespace) -> dict[str, object]:
    """Let two nodes talk about reinforcement."""
    states: Counter[str] = Counter()
    n_acts = n_refused = n_crossed = 0
    for seed in range(options.seed, options.seed + options.runs):
        try:
            outcome = dossier_pairs.run(Random(seed), options.steps)  # noqa: S311 - histories, not secrets
        except AssertionError:
            print(f"seed {seed}: the two sides disagree")
            raise
        states[outcome.dossier.state if outcome.dossier else "none"] += 1
        n_acts += len(outcome.acts)
        n_refused += outcome.n_refused
        n_crossed += outcome.n_crossed
    return {
        "agreed": options.runs,
        "acts": n_acts,
        "refused_alike": n_refused,
        "pairs_that_crossed": n_crossed,
        "final_states": dict(states.most_common()),
    }


if __name__ == "__main__":
    sys.exit(main())
