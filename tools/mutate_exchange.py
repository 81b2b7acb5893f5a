"""Change the core of the exchange in small ways and see whether the tests notice; write a result.

    python tools/mutate_exchange.py --sample 200 --seed 1
    python tools/mutate_exchange.py --module merkle
    python tools/mutate_exchange.py --seed 1 --first 0 --last 100     # a piece; pieces add up

A mutant is one change in one function: a comparison turned or shifted, ``and`` for ``or``, a
condition negated, a number moved by one, plus for minus, a ``raise`` or a call left out. Each is
tried in a forked child whose functions get the mutated code in place, so that everybody who holds
a function runs the mutant. It counts as killed when a test fails, or when the tests take too much
time of the processor (not of the clock: a busy machine kills nothing). Unchanged code is tried
first and must pass.

References
----------
.. [1] DeMillo, Lipton, Sayward (1978), "Hints on Test Data Selection", IEEE Computer 11(4).
"""

from __future__ import annotations

import argparse
import ast
import importlib
import json
import os
import platform
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Final

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

if TYPE_CHECKING:
    from collections.abc import Iterator

CORE: Final = [
    "_fields",
    "blob",
    "body",
    "card",
    "frame",
    "handling",
    "header",
    "jcs",
    "merkle",
    "names",
    "note",
    "pack",
    "peer",
    "receiver",
    "seal",
    "sender",
    "signoff",
    "trust",
]
TESTS: Final = (
    "test_machines",
    "test_boundaries",
    "test_formats",
    "test_vectors",
    "test_drills",
    "test_trust",
)
HISTORIES: Final = 40
LONGEST_S: Final = 60
_INI: Final = (
    "[pytest]\npythonpath = src .\naddopts = --import-mode=importlib\n"
    "markers =\n    slow: x\n    shared: x\n"
)
_SWAPS: Final[dict[type, type]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """Name one change: module, function, which of its places, line, and what is changed."""

    module: str
    function: str
    place: int
    line: int
    change: str

    def code(self) -> CodeType | None:
        """Compile the function with the change."""
        path = _path(self.module)
        tree = ast.parse(path.read_text("utf-8"))
        twin = next(f for f, q in _functions(tree, "") if q == self.function)
        _mutate(*list(_places(twin))[self.place])
        return _find(compile(ast.fix_missing_locations(tree), str(path), "exec"), self.function)


def mutants(name: str) -> list[Mutant]:
    """List every mutant of a module of the core."""
    tree = ast.parse(_path(name).read_text("utf-8"))
    return [
        Mutant(name, qualified, place, getattr(node, "lineno", 0), change)
        for function, qualified in _functions(tree, "")
        for place, (node, change) in enumerate(_places(function))
    ]


def _path(module: str) -> Path:
    return ROOT / "src" / "passerelle" / "exchange" / f"{module}.py"


def _functions(tree: ast.AST, prefix: str) -> Iterator[tuple[ast.FunctionDef, str]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            yield node, f"{prefix}{node.name}"
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{prefix}{node.name}.")


def _places(function: ast.FunctionDef) -> Iterator[tuple[ast.AST, str]]:
    """List what can be changed in the body of a function, always in the same order."""
    for statement in function.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Compare) and type(node.ops[0]) in _SWAPS:
                yield node, "compare"
            elif isinstance(node, ast.BoolOp):
                yield node, "and-or"
            elif isinstance(node, ast.BinOp) and type(node.op) in _SWAPS:
                yield node, "plus-minus"
            elif isinstance(node, ast.If | ast.IfExp | ast.While):
                yield node, "negate"
            elif isinstance(node, ast.Constant) and type(node.value) in {int, bool}:
                yield node, "constant"
            elif isinstance(node, ast.Raise):
                yield node, "no-raise"


def _mutate(node: ast.AST, change: str) -> None:
    found: Any = node  # Any: five kinds of node, told apart by the change
    if change == "compare":
        found.ops[0] = _SWAPS[type(found.ops[0])]()
    elif change in {"and-or", "plus-minus"}:
        found.op = _SWAPS[type(found.op)]()
    elif change == "negate":
        found.test = ast.UnaryOp(ast.Not(), found.test)
    elif change == "constant":
        found.value = (not found.value) if isinstance(found.value, bool) else found.value + 1
    else:
        found.exc, found.cause = ast.Constant(None), None
        # ``raise None`` is a mistake; the statement becomes an empty expression instead.
        found.__class__ = ast.Expr
        found.value = ast.Constant(None)


def _find(code: CodeType, qualified: str) -> CodeType | None:
    for part in qualified.split("."):
        inner = [c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == part]
        if not inner:
            return None
        code = inner[-1]
    return code


def _target(module: ModuleType, qualified: str) -> FunctionType | None:
    found: Any = module  # Any: walks through classes and descriptors
    for part in qualified.split("."):
        found = vars(found).get(part)
        found = getattr(found, "fget", None) or getattr(found, "__func__", None) or found
        found = getattr(found, "__wrapped__", found)
    return found if isinstance(found, FunctionType) else None


def is_killed(mutant: Mutant, ini: Path) -> bool | None:
    """Try a mutant in a child; ``None`` when its code cannot be put in place."""
    target = _target(
        importlib.import_module(f"passerelle.exchange.{mutant.module}"), mutant.function
    )
    code = mutant.code()
    if target is None or code is None or target.__code__.co_freevars != code.co_freevars:
        return None
    child = os.fork()
    if child == 0:
        signal.setitimer(signal.ITIMER_PROF, LONGEST_S)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        target.__code__ = code
        os._exit(0 if _tests_pass(ini) else 1)
    _, status = os.waitpid(child, 0)
    return status != 0


def _tests_pass(ini: Path) -> bool:
    import pytest  # noqa: PLC0415 - in the child only
    from tests.simulators.exchange_history import run_history  # noqa: PLC0415 - as above

    try:
        files = [str(ROOT / "tests" / "unit" / "exchange" / f"{name}.py") for name in TESTS]
        options = ["-c", str(ini), "--rootdir", str(ROOT), "-x", "-q", "-p", "no:cacheprovider"]
        options += ["-p", "no:django", "-p", "no:xdist", "-p", "no:hypothesispytest"]
        if pytest.main([*options, *files]) != 0:
            return False
        for seed in range(HISTORIES):
            run_history(seed)
    except BaseException:  # noqa: BLE001 - whatever comes out, the mutant showed itself
        return False
    return True


def _line(mutant: Mutant) -> str:
    text = _path(mutant.module).read_text("utf-8").splitlines()[mutant.line - 1].strip()
    return f"{mutant.module}.{mutant.function}:{mutant.line} {mutant.change}: {text}"


def _unchanged_passes(ini: Path) -> bool:
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        os._exit(0 if _tests_pass(ini) else 1)
    return os.waitpid(child, 0)[1] == 0


def main() -> int:
    """Try mutants and report the share that was killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--module", choices=CORE, action="append")
    parser.add_argument("--sample", type=int, default=0, help="So many, drawn; 0 is all.")
    parser.add_argument("--first", type=int, default=0, help="First of those drawn.")
    parser.add_argument("--last", type=int, default=0, help="One to stop before; 0 is the end.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=1e9, help="Begin no mutant after that.")
    parser.add_argument("--no-file", action="store_true")
    chosen = parser.parse_args()
    started = time.monotonic()
    for name in (*CORE, "suite", "publish"):
        importlib.import_module(f"passerelle.exchange.{name}")
    importlib.import_module("tests.simulators.exchange_history")
    every = [mutant for name in chosen.module or CORE for mutant in mutants(name)]
    draw = random.Random(chosen.seed)  # noqa: S311 - a sample, not a secret
    planted = draw.sample(every, min(chosen.sample or len(every), len(every)))
    planted = planted[chosen.first : chosen.last or None]
    killed: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    survived = []
    with tempfile.TemporaryDirectory(prefix="passerelle-mutants-") as folder:
        ini = Path(folder) / "pytest.ini"
        ini.write_text(_INI, "ascii")
        if not _unchanged_passes(ini):
            print("The tests fail without any change.", file=sys.stderr)
            return 1
        for mutant in planted:
            if time.monotonic() - started > chosen.seconds:
                break
            found = is_killed(mutant, ini)
            if found is None:
                continue
            tried[mutant.module] += 1
            killed[mutant.module] += found
            if not found:
                survived.append(_line(mutant))
                print(_line(mutant), file=sys.stderr, flush=True)
    total = sum(tried.values())
    result = {
        "mutants": len(every),
        "tried": total,
        "killed": sum(killed.values()),
        "score": round(sum(killed.values()) / max(total, 1), 4),
        "by_module": {name: [killed[name], tried[name]] for name in sorted(tried)},
        "survived": survived,
        "seed": chosen.seed,
        "first": chosen.first,
        "last": chosen.last,
        "seconds": round(time.monotonic() - started, 1),
        "python": platform.python_version(),
    }
    print(json.dumps(result, indent=1))
    if not chosen.no_file:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        path = ROOT / "benchmarks" / "results" / f"exchange-mutants-{stamp}.json"
        path.write_text(json.dumps(result, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
