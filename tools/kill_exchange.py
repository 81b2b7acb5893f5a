"""Kill two nodes at every commit point, before and after, many times; write a result file.

    python tools/kill_exchange.py --times 50
    pg_virtualenv python tools/kill_exchange.py --times 50 --database postgresql

Holds afterwards: nothing acknowledged is lost, no act is applied twice, both sides converge.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]


class Node:
    """A node behind pipes."""

    def __init__(
        self, folder: Path, environment: dict[str, str], tracer: tuple[str, ...] = ()
    ) -> None:
        self.process = subprocess.Popen(
            [*tracer, sys.executable, "-m", "tests.simulators.exchange_kill", str(folder)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def do(self, what: str, **deed: Any) -> dict[str, Any]:
        """Carry out one deed in a fresh child."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"do": what, **deed}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        return dict(json.loads(line))

    def end(self) -> None:
        """Let the node end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=60)


def make_nodes(folder: Path, database: str) -> tuple[Node, Node]:
    """Make two nodes that trust each other, and start them."""
    here, there = make_environments(folder, database)
    return Node(folder / "fr", here), Node(folder / "ma", there)


def make_environments(folder: Path, database: str) -> tuple[dict[str, str], dict[str, str]]:
    """Make two nodes that trust each other; return the environment of each."""
    environments = []
    for name in ("fr", "ma"):
        kept = {k: v for k, v in os.environ.items() if not k.startswith("PASSERELLE_")}
        kept |= {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "PASSERELLE_LOG_LEVEL": "error"}
        kept.pop("DJANGO_SETTINGS_MODULE", None)
        if database == "postgresql":
            import psycopg  # noqa: PLC0415 - optional extra

            base = f"kill_{name}_{secrets.token_hex(3)}"
            with psycopg.connect("dbname=postgres", autocommit=True) as connection:
                connection.execute(f'CREATE DATABASE "{base}"'.encode())
            kept["PASSERELLE_DATABASE_URL"] = f"postgresql:///{base}"
        environments.append(kept)
        run(kept, "init", folder / name, "--name", name)
    for number, (here, there) in enumerate((("fr", "ma"), ("ma", "fr"))):
        trust = folder / there / "exchange" / "trust"
        from passerelle.exchange.trust import fingerprint  # noqa: PLC0415 - after the path is set

        heard = fingerprint((trust / "1.root.json").read_bytes())
        root = ["--root", trust / "1.root.json", "--fingerprint", heard, "--trust", trust]
        run(environments[number], "peer", "add", folder / here, there, *root)
    return environments[0], environments[1]


def run(environment: dict[str, str], *words: object) -> None:
    """Run the command line."""
    command = [sys.executable, "-m", "passerelle.cli", *map(str, words)]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)


class Trial:
    """Release, send and deliver with one kill on the way, then converge.

    Parameters
    ----------
    a, b
        Writer and reader.
    kill
        Point, and before or after it; ``None`` for a calm run.
    number
        Makes the dossier.
    """

    def __init__(self, a: Node, b: Node, kill: tuple[str, str] | None, number: int) -> None:
        from tests.simulators.exchange_kill import DEEDS  # noqa: PLC0415 - after the path is set

        self.a, self.b, self.kill, self.case = a, b, kill, f"{number:032x}"
        self.deadly = DEEDS[kill[0]] if kill else ""
        self.died = False

    def do(self, node: Node, what: str, **deed: Any) -> dict[str, Any]:
        """Carry out a deed, deadly the first time that the point lies in it."""
        armed = {"kill": self.kill} if what == self.deadly and not self.died else {}
        found = node.do(what, **deed, **armed)
        self.died = self.died or found.get("killed", False)
        return found

    def run(self, acknowledged: int, *, rehash: bool) -> tuple[list[str], int]:
        """Return what went wrong, and the acts acknowledged now."""
        self.do(self.a, "release", peer="ma", case=self.case, n=3)
        for _ in range(8):
            calm = self.died or not self.kill
            settled = self._round()
            if settled and calm:
                break
        one, two = (node.do("look", rehash=rehash) for node in (self.a, self.b))
        return self._judge(one, two, acknowledged), one.get("cosigned", 0)

    def _round(self) -> bool:
        offered = self.do(self.a, "offer")
        now: dict[str, Any] = offered
        if "frame" in offered:
            reply = self.do(self.b, "push", log=offered["log"], frame=offered["frame"])
            if "status" in reply:
                now = self.do(self.a, "answer", **_only(reply), offered=offered["offered"])
        self.do(self.b, "deliver")
        return "size" in now and now["cosigned"] == now["size"].get("out", 0)

    def _judge(self, one: dict[str, Any], two: dict[str, Any], acknowledged: int) -> list[str]:
        if "error" in one or "error" in two:
            return [f"error {one} {two}"]
        held = two["size"].get("in", 0)
        found = {
            "acknowledged acts lost": held < one["cosigned"] or one["cosigned"] < acknowledged,
            "applied twice or never": two["applied"] != held,
            "not converged": one["root"].get("out") != two["root"].get("in")
            or one["cosigned"] != one["size"].get("out"),
            f"fault {one['fault']}{two['fault']}": one["fault"] or two["fault"],
            "the point was not reached": self.kill and not self.died,
        }
        return [name for name, is_wrong in found.items() if is_wrong]


def _only(reply: dict[str, Any]) -> dict[str, Any]:
    return {"status": reply["status"], "body": reply["body"]}


def main() -> int:
    """Kill at every point; exit code 1 when anything went wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--every", type=int, default=1, help="Only every n-th point.")
    parser.add_argument("--no-file", action="store_true")
    chosen = parser.parse_args()
    from tests.simulators.exchange_kill import POINTS  # noqa: PLC0415 - after the path is set

    wrong: Counter[str] = Counter()
    trials = acknowledged = 0
    with tempfile.TemporaryDirectory(prefix="passerelle-kill-") as folder:
        a, b = make_nodes(Path(folder), chosen.database)
        Trial(a, b, None, 0).run(0, rehash=True)
        kills = [(point, when) for point in POINTS for when in ("before", "after")]
        started = time.monotonic()
        for _ in range(chosen.times):
            for point, when in kills[:: chosen.every]:
                trials += 1
                # Logs are hashed anew at the end of each round of points, and cost more each time.
                last = (point, when) == kills[:: chosen.every][-1]
                one = Trial(a, b, (point, when), trials)
                faults, acknowledged = one.run(acknowledged, rehash=last)
                for fault in faults:
                    wrong[f"{point} {when}: {fault}"] += 1
        for node in (a, b):
            node.end()
    result = {
        "database": chosen.database,
        "points": len(kills[:: chosen.every]),
        "times": chosen.times,
        "kills": trials,
        "acts_acknowledged": acknowledged,
        "wrong": dict(wrong),
        "seconds": round(time.monotonic() - started, 1),
        "python": platform.python_version(),
    }
    print(json.dumps(result, indent=1))
    if not chosen.no_file:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        folder_of_results = ROOT / "benchmarks" / "results"
        folder_of_results.mkdir(parents=True, exist_ok=True)
        path = folder_of_results / f"exchange-kill-{chosen.database}-{stamp}.json"
        path.write_text(json.dumps(result, indent=1) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
