"""Run random histories between two nodes and write what came of them.

``python tools/procedures_histories.py --runs 10000`` writes
``benchmarks/results/procedures-histories.json``. Any disagreement stops it with the seed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.simulators.dossier_pairs import run  # noqa: E402


def main() -> int:
    """Run the histories and write the result file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--steps", type=int, default=22)
    parser.add_argument("--seed", type=int, default=1_000_000)
    options = parser.parse_args()
    started = time.perf_counter()
    states: Counter[str] = Counter()
    n_acts = n_refused = n_crossed = 0
    for seed in range(options.seed, options.seed + options.runs):
        try:
            outcome = run(Random(seed), options.steps)  # noqa: S311 - histories, not secrets
        except AssertionError:
            print(f"seed {seed}: the two sides disagree")
            raise
        states[outcome.dossier.state if outcome.dossier else "none"] += 1
        n_acts += len(outcome.acts)
        n_refused += outcome.n_refused
        n_crossed += outcome.n_crossed
    result = {
        "runs": options.runs,
        "steps": options.steps,
        "first_seed": options.seed,
        "agreed": options.runs,
        "acts": n_acts,
        "refused_alike": n_refused,
        "pairs_that_crossed": n_crossed,
        "final_states": dict(states.most_common()),
        "seconds": round(time.perf_counter() - started, 1),
    }
    path = ROOT / "benchmarks" / "results" / "procedures-histories.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    print(json.dumps(result, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
