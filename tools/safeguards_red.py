"""Remove each safeguard on a copy and show that its tests turn red.

``python tools/safeguards_red.py [S1 S2 …]`` copies the sources and tests to a temporary folder, removes one
safeguard after the other, runs the tests that bear its number, and writes
``benchmarks/results/safeguards-red.json``; a run over some of them keeps what the file says of the others. Exit 1 when a safeguard can be removed without a red test.
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

from passerelle.procedures.safeguards import (  # noqa: E402
    Patch,
    Safeguard,
    SafeguardStatus,
    safeguards,
)

REMOVED = """

from dataclasses import replace as _replace

GUARDS = {{
    **GUARDS, **{{name: _replace(GUARDS[name], check=lambda *_: None) for name in {names!r}}}
}}
"""


TESTS = (
    "tests/unit/procedures/test_safeguards.py",
    "tests/unit/procedures/counting/test_contract.py",
)
NODE = "../node/"
NODE_TESTS = ("tests/integration/casework/test_node_safeguards.py",)


def units(one: Safeguard) -> list[tuple[tuple[str, ...], tuple[Patch, ...]]]:
    """Return what is removed at a time: all that the fold has of a safeguard, then each place in the node."""
    in_fold = tuple(patch for patch in one.patches if not patch.file.startswith(NODE))
    in_node = [((), (patch,)) for patch in one.patches if patch.file.startswith(NODE)]
    return [(one.guards, in_fold), *in_node] if one.guards or in_fold else in_node


def remove(
    code: str, guards: tuple[str, ...], patches: tuple[Patch, ...], copy: Path
) -> dict[Path, str]:
    """Remove a part of a safeguard; return the old content of what was changed."""
    package = copy / "src" / "passerelle" / "procedures"
    old: dict[Path, str] = {}
    if guards:
        path = package / "guards" / "catalogue.py"
        old[path] = path.read_text("utf-8")
        path.write_text(old[path] + REMOVED.format(names=list(guards)), "utf-8")
    for patch in patches:
        path = (package / patch.file).resolve()
        text = path.read_text("utf-8")
        if patch.old not in text:
            raise SystemExit(f"{code}: {patch.file} has no {patch.old!r}")
        old.setdefault(path, text)
        path.write_text(text.replace(patch.old, patch.new), "utf-8")
    return old


def run(copy: Path, mark: str, *, with_node: bool) -> int:
    """Run the tests of one number; return pytest's exit code."""
    tests = TESTS + (NODE_TESTS if with_node else ())
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider",
         "-k", mark, *tests],
        cwd=copy,
        env=os.environ | {"PYTHONPATH": str(copy / "src"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        check=False,
    ).returncode  # fmt: skip


def main() -> int:
    """Remove and test each safeguard."""
    wanted = sys.argv[1:]
    results: dict[str, bool] = {}
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        for part in ("src/passerelle", "tests", "requirements", "docs", "examples"):
            if (ROOT / part).exists():
                shutil.copytree(ROOT / part, copy / part)
        shutil.copy(ROOT / "pyproject.toml", copy)
        every = " or ".join(one.test_mark for one in safeguards().values())
        if not wanted and run(copy, every, with_node=True) != 0:
            raise SystemExit("the tests are not green before anything is removed")
        for one in safeguards().values():
            if one.status is SafeguardStatus.ELSEWHERE or (wanted and one.code not in wanted):
                continue
            found = []
            for guards, patches in units(one):
                old = remove(one.code, guards, patches, copy)
                in_node = any(patch.file.startswith(NODE) for patch in patches)
                found.append(run(copy, one.test_mark, with_node=in_node) == 1)
                for path, text in old.items():
                    path.write_text(text, "utf-8")
            results[one.code] = all(found)
            print(f"{one.code}: red when removed {found}", flush=True)
    path = ROOT / "benchmarks" / "results" / "safeguards-red.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    before = json.loads(path.read_text("utf-8")) if wanted and path.exists() else {}
    ordered = {code: (before | results)[code] for code in safeguards() if code in before | results}
    path.write_text(json.dumps(ordered, indent=2) + "\n", "utf-8")
    return 0 if all(results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
