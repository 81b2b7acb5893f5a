"""Keep one process per node and run commands in it: a command a line, as JSON.

Starting Python and Django for each command would cost a second each; the code that runs is the same.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import IO, cast

ROOT = Path(__file__).resolve().parents[2]


class NodeShell:
    """Run commands of ``passerelle`` in a process of their own, which stays."""

    def __init__(self, environment: dict[str, str]) -> None:
        clean = {
            name: value
            for name, value in environment.items()
            if not name.startswith(("PASSERELLE_", "DJANGO_"))
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.simulators.node_shell"],
            cwd=ROOT,
            env={**clean, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: object, stdin: str = "") -> tuple[int, str]:
        """Run one command; return its exit code and what it printed."""
        into, out = cast("IO[str]", self._process.stdin), cast("IO[str]", self._process.stdout)
        into.write(json.dumps({"words": [str(word) for word in words], "stdin": stdin}) + "\n")
        into.flush()
        code, text = json.loads(out.readline())
        return code, text

    def close(self) -> None:
        """Let the process end."""
        cast("IO[str]", self._process.stdin).close()
        self._process.wait(timeout=30)
        cast("IO[str]", self._process.stdout).close()


def _serve() -> None:
    from click.testing import CliRunner

    from passerelle.cli.app import root
    from passerelle.kernel.problems import Problem

    for line in sys.stdin:
        asked = json.loads(line)
        done = CliRunner().invoke(root, asked["words"], input=asked["stdin"])
        code, text = done.exit_code, done.output
        if isinstance(done.exception, Problem):
            code, text = done.exception.exit_code, f"{done.exception} [{done.exception.code}]"
        print(json.dumps([code, text]), flush=True)  # noqa: T201


if __name__ == "__main__":
    _serve()
