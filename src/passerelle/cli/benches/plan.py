"""``passerelle bench plan``: plan an event, check it, verify the bound, and repeat with seeds."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from passerelle.cli.benches.results import write_result
from passerelle.cli.planning import read_instance


@click.command()
@click.option("--event", default="examples/paris-2024", type=click.Path(path_type=Path))
@click.option("--seconds", default=60.0, show_default=True)
@click.option("--seeds", default=1, show_default=True, type=click.IntRange(min=1))
@click.option("--verify", is_flag=True, help="Recompute the bound independently; takes minutes.")
def command(event: Path, seconds: float, seeds: int, verify: bool) -> None:
    """Measure value, bound, gap, time and memory of EVENT under a time limit."""
    from passerelle.planning.roster.check import check
    from passerelle.planning.roster.observer import History
    from passerelle.planning.roster.solve import solve
    from passerelle.planning.roster.stop import Stop

    started = time.perf_counter()
    instance = read_instance(event)
    built = time.perf_counter() - started
    runs: list[dict[str, Any]] = []  # Any: a JSON object
    for seed in range(seeds):
        history = History()
        result = solve(instance, Stop(seconds=seconds), seed=seed, observer=history)
        assert result.plan is not None
        report = check(instance, result.plan)
        run = {
            "seed": seed, "value": result.value, "bound": result.bound, "gap": result.gap,
            "seconds": result.seconds, "peak_mb": result.peak_mb, "terms": dict(result.terms),
            "violations": len(report.violations), "crew_duties": result.plan.n_duties,
            "iterations": dict(result.iterations),
            "course": [[p.seconds, p.value, p.bound] for p in history.entries],
        }  # fmt: skip
        if verify and result.certificate is not None:
            from passerelle.planning.roster.bounds.check import recompute_bound

            run["recomputed_bound"] = recompute_bound(instance, result.certificate)
        runs.append(run)
        click.echo(
            f"seed {seed}: value {result.value:,.0f}, bound {result.bound:,.0f}, "
            f"gap {100 * result.gap:.2f} %, {result.seconds:.1f} s, {result.peak_mb:.0f} MB, "
            f"{len(report.violations)} violation(s)"
        )
    data = {
        "event": event.name, "cells": len(instance.cells), "groups": len(instance.groups),
        "crews": sum(group.strength for group in instance.groups), "days": instance.days,
        "limit_s": seconds, "read_and_build_s": built, "runs": runs,
    }  # fmt: skip
    click.echo(str(write_result("plan", data)))
