"""``passerelle bench plan``: plan an event, check it, verify the bound, and compare.

Beside the whole event it can take cuts (one town, some days) and multiples, and run one direct model in
HiGHS and in CP-SAT on each of them, in the same run and through the same checker.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from passerelle.cli.benches.results import write_result
from passerelle.cli.planning import read_instance, warm_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.planning.roster.instance import Instance


@click.command()
@click.option("--event", default="examples/paris-2024", type=click.Path(path_type=Path))
@click.option("--seconds", default=60.0, show_default=True)
@click.option("--seeds", default=1, show_default=True, type=click.IntRange(min=1))
@click.option("--verify", is_flag=True, help="Recompute the bound independently; takes minutes.")
@click.option(
    "--cut", "cuts", multiple=True, metavar="BASE:FIRST-LAST",
    help="Only what BASE reaches, days FIRST to LAST - 1 (FR-MRS:0-7); '*' for all. Repeatable.",
)  # fmt: skip
@click.option("--scale", "scales", multiple=True, type=click.IntRange(min=2), help="Need × N.")
@click.option("--copies", "numbers", multiple=True, type=click.IntRange(min=2), help="Events × N.")
@click.option("--direct", is_flag=True, help="Run HiGHS and CP-SAT on each instance as well.")
@click.option("--direct-seconds", type=click.FloatRange(min=1), help="Their limit, else --seconds.")
@click.option("--memory-gb", default=4.0, show_default=True, help="Their memory.")
def command(
    event: Path,
    seconds: float,
    seeds: int,
    verify: bool,
    cuts: tuple[str, ...],
    scales: tuple[int, ...],
    numbers: tuple[int, ...],
    direct: bool,
    direct_seconds: float | None,
    memory_gb: float,
) -> None:
    """Measure value, bound, gap, time and memory of EVENT under a time limit.

    Without --cut, --scale and --copies the whole event is planned once for each seed.
    """
    started = time.perf_counter()
    whole = read_instance(event)
    built = time.perf_counter() - started
    cases: list[dict[str, Any]] = []  # Any: a JSON object
    try:
        named = list(_instances(whole, cuts, scales, numbers))
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    warm_engine()
    for name, instance in named:
        case = _size(name, instance)
        click.echo(
            f"{name}: {case['cells']:,} cells, {case['groups']:,} groups, {case['crews']:,} crews, "
            f"{case['days']} days"
        )
        case["runs"] = [
            _in_process(instance, seconds, seed, verify=verify) for seed in range(seeds)
        ]
        for run in case["runs"]:
            _show(f"engine, seed {run['seed']}", run)
        if direct:
            case["direct"] = []
            for solver in ("highs", "cp-sat"):
                run = _direct(instance, solver, direct_seconds or seconds, memory_gb)
                case["direct"].append(run)
                _show(solver, run)
        cases.append(case)
    data = {
        "event": event.name, "limit_s": seconds, "direct_limit_s": direct_seconds or seconds,
        "direct_memory_gb": memory_gb, "read_and_build_s": built, "cases": cases,
    }  # fmt: skip
    click.echo(str(write_result("plan", data)))


def _instances(
    whole: Instance, cuts: tuple[str, ...], scales: tuple[int, ...], numbers: tuple[int, ...]
) -> Iterator[tuple[str, Instance]]:
    """Yield what is to be planned, with a name."""
    from passerelle.planning.roster.direct.cuts import copies, cut, days_of, scaled, town_of

    for text in cuts:
        base, _, days = text.partition(":")
        first, _, last = days.partition("-")
        if not (first.isdigit() and last.isdigit()):
            raise ValueError(f"Expected BASE:FIRST-LAST, for example FR-MRS:0-7, got {text}.")
        part = whole if base == "*" else cut(whole, town_of(whole, base))
        yield text, days_of(part, int(first), int(last))
    if not (cuts or scales or numbers):
        yield "whole", whole
    for factor in scales:
        yield f"need and forces x {factor}", scaled(whole, factor)
    for number in numbers:
        yield f"{number} events at once", copies(whole, number)


def _size(name: str, instance: Instance) -> dict[str, Any]:  # Any: a JSON object
    """Return the size of an instance and of its direct model."""
    from passerelle.planning.roster.direct.model import size_of

    crew_columns, posting_columns = size_of(instance)
    return {
        "name": name, "cells": len(instance.cells), "groups": len(instance.groups),
        "crews": sum(group.strength for group in instance.groups),
        "officers": sum(group.strength * group.people for group in instance.groups),
        "days": instance.days, "direct_crew_columns": crew_columns,
        "direct_posting_columns": posting_columns,
    }  # fmt: skip


def _in_process(
    instance: Instance, seconds: float, seed: int, *, verify: bool
) -> dict[str, Any]:  # Any: a JSON object
    """Solve in a process of its own, so that its memory is its own."""
    import multiprocessing

    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_solve, args=(theirs, instance, seconds, seed, verify))
    process.start()
    theirs.close()
    run: dict[str, Any] = ours.recv()  # Any: a JSON object
    process.join()
    return run


def _solve(pipe: Any, instance: Instance, seconds: float, seed: int, verify: bool) -> None:
    """Solve, check and report."""
    import resource

    from passerelle.planning.roster.bounds.check import recompute_bound
    from passerelle.planning.roster.check import check
    from passerelle.planning.roster.direct.solvers import peak_mb
    from passerelle.planning.roster.observer import History
    from passerelle.planning.roster.solve import solve
    from passerelle.planning.roster.stop import Stop
    from passerelle.planning.roster.warm import warm

    history = History()
    warm()
    result = solve(instance, Stop(seconds=seconds), seed=seed, observer=history)
    assert result.plan is not None
    report = check(instance, result.plan)
    helper_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    run = {
        "seed": seed, "value": result.value, "bound": result.bound, "gap": result.gap,
        "seconds": result.seconds, "peak_mb": peak_mb(), "helper_peak_mb": helper_mb,
        "terms": dict(result.terms), "violations": len(report.violations),
        "crew_duties": result.plan.n_duties, "iterations": dict(result.iterations),
        "course": [[p.seconds, p.value, p.bound] for p in history.entries],
    }  # fmt: skip
    if verify and result.certificate is not None:
        run["recomputed_bound"] = recompute_bound(instance, result.certificate)
    pipe.send(run)


def _direct(
    instance: Instance, solver: str, seconds: float, memory_gb: float
) -> dict[str, Any]:  # Any: a JSON object
    """Run a general solver, and have the checker judge its plan."""
    from passerelle.planning.roster.check import check
    from passerelle.planning.roster.direct.solvers import run_direct
    from passerelle.planning.roster.result import relative_gap

    found = run_direct(instance, solver, seconds, memory_gb=memory_gb)
    run: dict[str, Any] = {  # Any: a JSON object
        "solver": solver, "outcome": found.outcome, "columns": found.columns, "rows": found.rows,
        "write_s": found.write_s, "seconds": found.seconds, "peak_mb": found.peak_mb,
        "bound": found.bound if abs(found.bound) < float("inf") else None,
    }  # fmt: skip
    if found.plan is not None:
        report = check(instance, found.plan)
        run |= {
            "value": report.value, "violations": len(report.violations),
            "gap": relative_gap(report.value, found.bound),
        }  # fmt: skip
    return run


def _show(name: str, run: dict[str, Any]) -> None:  # Any: a JSON object
    """Print one line."""
    text = f"  {name:16} {run['seconds']:6.1f} s {run['peak_mb']:6,.0f} MB  "
    if "columns" in run:
        text += f"{run['columns']:,} columns, {run['rows']:,} rows: {run['outcome']}  "
    if "value" in run:
        text += f"value {run['value']:,.0f}, gap {100 * run['gap']:.2f} %, "
        text += f"{run['violations']} violation(s), "
    click.echo(text + f"bound {run['bound'] or 0:,.0f}")
