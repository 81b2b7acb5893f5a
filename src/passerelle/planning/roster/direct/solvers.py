"""Give the direct model to HiGHS or to CP-SAT, in a process of its own with its memory capped.

The two cannot live in one process (their libraries clash), a general solver that runs out of memory
takes its process along, and only a process can be capped: so each run has one.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import resource
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from passerelle.planning.roster.direct.model import UnsupportedRuleError, write_model

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.planning.roster.direct.rows import Rows
    from passerelle.planning.roster.instance import Instance
    from passerelle.planning.roster.plan import Plan

__all__ = ["SOLVERS", "DirectResult", "peak_mb", "run_direct"]

_GRACE_S: Final = 30.0
_LOOK_S: Final = 0.5
_MOST: Final = 10_000_000
_SOLVED: Final = 2
"""HiGHS: the solution found is feasible."""

Answer = tuple[list[float] | None, float]


@dataclass(frozen=True, slots=True)
class DirectResult:
    """Report one run of a general solver.

    Parameters
    ----------
    solver
        ``highs`` or ``cp-sat``.
    outcome
        ``plan``, ``no plan``, ``out of memory``, ``out of time`` (model not written in time),
        ``not written`` (a rule that the model does not know), ``failed``.
    columns, rows
        Size of the model; 0 when it was not written to the end.
    write_s, seconds
        Time to write the model; time of the whole run.
    bound
        What the solver proved; ``-inf`` when nothing.
    peak_mb
        Peak memory of the process.
    plan
        The plan, when there is one.
    """

    solver: str
    outcome: str
    columns: int = 0
    rows: int = 0
    write_s: float = 0.0
    seconds: float = 0.0
    bound: float = float("-inf")
    peak_mb: float = 0.0
    plan: Plan | None = None


def run_direct(
    instance: Instance, solver: str, seconds: float, *, threads: int = 2, memory_gb: float = 4.0
) -> DirectResult:
    """Run one general solver on an instance.

    Parameters
    ----------
    instance
        What is to be planned.
    solver
        A key of :data:`SOLVERS`.
    seconds
        Limit for writing and solving together.
    threads
        Threads of the solver.
    memory_gb
        Address space of the process, in units of 2**30 bytes.

    Returns
    -------
    DirectResult
        Outcome and, when there is one, the plan; unchecked.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(
        target=_work, args=(theirs, instance, solver, seconds, threads, memory_gb)
    )
    started = time.monotonic()
    process.start()
    theirs.close()
    answer: DirectResult | None = None
    sized: dict[str, Any] = {}  # Any: fields of the result
    peak = 0.0
    with contextlib.suppress(EOFError, OSError):
        while answer is None and time.monotonic() < started + seconds + _GRACE_S:
            if not ours.poll(_LOOK_S):
                peak = max(peak, peak_mb(process.pid))
                continue
            heard = ours.recv()
            if isinstance(heard, DirectResult):
                answer = heard
            else:
                sized = heard
    if answer is None:
        is_alive = process.is_alive() and time.monotonic() - started >= seconds + _GRACE_S
        process.join(0 if is_alive else _GRACE_S)
        is_killed = process.exitcode is not None and process.exitcode < 0
        outcome = "out of time" if is_alive else "out of memory" if is_killed else "failed"
        answer = DirectResult(
            solver, outcome, seconds=time.monotonic() - started, peak_mb=peak, **sized
        )
    process.kill()
    process.join()
    return answer


def _work(  # noqa: PLR0917 - the arguments of a process
    pipe: Any,  # Any: of multiprocessing
    instance: Instance,
    solver: str,
    seconds: float,
    threads: int,
    memory_gb: float,
) -> None:
    """Write and solve in the process."""
    cap = int(memory_gb * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (cap, cap))
    started = time.monotonic()
    try:
        model = write_model(instance)
        wrote = time.monotonic() - started
        size: dict[str, Any] = {  # Any: fields of the result
            "columns": model.rows.n_columns, "rows": model.rows.n_rows, "write_s": wrote,
        }  # fmt: skip
        pipe.send(size)
        solution, bound = SOLVERS[solver](model.rows, max(1.0, seconds - wrote), threads)
        plan = None if solution is None else model.plan(instance, solution)
    except MemoryError:
        pipe.send(DirectResult(solver, "out of memory", seconds=time.monotonic() - started))
        return
    except UnsupportedRuleError:
        pipe.send(DirectResult(solver, "not written", seconds=time.monotonic() - started))
        return
    pipe.send(
        DirectResult(
            solver,
            "no plan" if plan is None else "plan",
            seconds=time.monotonic() - started,
            bound=bound + model.constant,
            peak_mb=peak_mb(),
            plan=plan,
            **size,
        )
    )


def peak_mb(process: int | None = None) -> float:
    """Return the peak memory of a process in MB, as Linux counts it from its start; 0 elsewhere.

    What ``getrusage`` says of a process that was started by a large one is the size of that one.
    """
    try:
        status = Path(f"/proc/{process or 'self'}/status").read_text("utf-8")
    except OSError:
        return 0.0
    found = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(next(found, "VmHWM: 0 kB").split()[1]) / 1024


def _highs(rows: Rows, seconds: float, threads: int) -> Answer:
    import highspy  # noqa: PLC0415 - slow import
    import numpy as np  # noqa: PLC0415 - slow import

    if rows.n_columns == 0:
        return [], 0.0
    make: Any = highspy.Highs  # Any: highspy has no types
    highs: Any = make()
    for name, value in (("output_flag", False), ("time_limit", seconds), ("threads", threads)):
        highs.setOptionValue(name, value)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = rows.n_columns, rows.n_rows
    lp.col_cost_, lp.col_upper_ = np.array(rows.costs), np.array(rows.uppers)
    lp.col_lower_ = np.zeros(rows.n_columns)
    lp.row_lower_, lp.row_upper_ = np.array(rows.lows), np.array(rows.highs)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.array([*rows.starts, len(rows.index)], dtype=np.int32)
    lp.a_matrix_.index_ = np.array(rows.index, dtype=np.int32)
    lp.a_matrix_.value_ = np.array(rows.values)
    lp.integrality_ = [highspy.HighsVarType.kInteger] * rows.n_columns
    highs.passModel(lp)
    highs.run()
    info = highs.getInfo()
    bound = float(info.mip_dual_bound)
    if info.primal_solution_status != _SOLVED:
        return None, bound
    return list(highs.getSolution().col_value), bound


def _cp_sat(rows: Rows, seconds: float, threads: int) -> Answer:
    from ortools.sat.python import cp_model  # noqa: PLC0415 - optional extra

    model = cp_model.CpModel()
    columns = [
        model.new_int_var(0, min(_MOST, int(min(upper, _MOST))), "") for upper in rows.uppers
    ]
    ends = [*rows.starts, len(rows.index)][1:]
    for low, high, first, last in zip(rows.lows, rows.highs, rows.starts, ends, strict=True):
        found = [columns[i] for i in rows.index[first:last]]
        factors = [round(value) for value in rows.values[first:last]]
        expression = cp_model.LinearExpr.weighted_sum(found, factors)
        ends_ = [round(max(-(2**40), min(2**40, end))) for end in (low, high)]
        model.add_linear_constraint(expression, *ends_)
    priced = [i for i, cost in enumerate(rows.costs) if cost]
    model.minimize(
        cp_model.LinearExpr.weighted_sum(
            [columns[i] for i in priced], [rows.costs[i] for i in priced]
        )
    )
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = threads
    status = solver.solve(model)
    bound = solver.best_objective_bound
    if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return None, float("-inf") if status == cp_model.MODEL_INVALID else bound
    return [float(solver.value(column)) for column in columns], bound


SOLVERS: Final[dict[str, Callable[[Rows, float, int], Answer]]] = {
    "highs": _highs,
    "cp-sat": _cp_sat,
}
"""Name of each general solver and its call."""
