"""Remove each safeguard on a copy and show that its tests turn red.

``python tools/safeguards_red.py [S1 S2 …]`` copies the sources and tests to a temporary folder, removes one
safeguard after the other, runs the tests that bear its number, and writes
``benchmarks/results/safeguards-red.json``. Exit 1 when a safeguard can be removed without a red test.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from passerelle.procedures.safeguards import Safeguard, SafeguardStatus, safeguards  # noqa: E402

REMOVED = """

from dataclasses import replace as _replace

GUARDS = {{
    **GUARDS, **{{name: _replace(GUARDS[name], check=lambda *_: None) for name in {names!r}}}
}}
"""


COUNTING = ("tests/unit/procedures/counting/test_contract.py",)


def remove(one: Safeguard, copy: Path) -> dict[Path, str]:
    """Remove a safeguard; return the old content of what was changed."""
    package = copy / "src" / "passerelle" / "procedures"
    old: dict[Path, str] = {}
    if one.guards:
        path = package / "guards" / "catalogue.py"
        old[path] = path.read_text("utf-8")
        path.write_text(old[path] + REMOVED.format(names=list(one.guards)), "utf-8")
    for patch in one.patches:
        path = (package / patch.file).resolve()
        text = path.read_text("utf-8")
        if patch.old not in text:
            raise SystemExit(f"{one.code}: {patch.file} has no {patch.old!r}")
        old.setdefault(path, text)
        path.write_text(text.replace(patch.old, patch.new), "utf-8")
    return old


def run(copy: Path, mark: str) -> int:
    """Run the tests of one number; return pytest's exit code."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", mark,
         "tests/unit/procedures/test_safeguards.py", *COUNTING],
        cwd=copy,
        env=os.environ | {"PYTHONPATH": str(copy / "src"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        check=False,
    ).returncode  # fmt: skip


def main() -> int:
    """Remove and test each safeguard that is enforced here."""
    wanted = sys.argv[1:]
    results: dict[str, bool] = {}
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        for part in ("src/passerelle", "tests", "requirements", "docs", "examples"):
            if (ROOT / part).exists():
                shutil.copytree(ROOT / part, copy / part)
        shutil.copy(ROOT / "pyproject.toml", copy)
        if run(copy, " or ".join(one.test_mark for one in safeguards().values())) != 0:
            raise SystemExit("the tests are not green before anything is removed")
        for one in safeguards().values():
            if one.status is SafeguardStatus.ELSEWHERE or (wanted and one.code not in wanted):
                continue
            old = remove(one, copy)
            is_red = run(copy, one.test_mark) == 1
            for path, text in old.items():
                path.write_text(text, "utf-8")
            results[one.code] = is_red
            print(f"{one.code}: red when removed {is_red}", flush=True)
    if not wanted:
        path = ROOT / "benchmarks" / "results" / "safeguards-red.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(results, indent=2) + "\n", "utf-8")
    return 0 if all(results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
