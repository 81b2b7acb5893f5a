"""``passerelle bench repair``: repair a plan after many drawn disruptions, one by one."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Any

import click

from passerelle.cli.benches.results import peak_memory_mb, write_result
from passerelle.cli.planning import read_published


@click.command()
@click.option("--event", default="examples/paris-2024", type=click.Path(path_type=Path))
@click.option("--plan", required=True, type=click.Path(path_type=Path), help="A plan of the event.")
@click.option("--number", default=50, show_default=True, type=click.IntRange(min=1))
@click.option("--seed", default=0, show_default=True)
def command(event: Path, plan: Path, number: int, seed: int) -> None:
    """Measure time and touches of repairs of PLAN, touches against their proven least."""
    from passerelle.planning.repair import repair
    from passerelle.planning.repair.disruptions import draw_disruptions
    from passerelle.planning.roster.check import check

    published = read_published(event, plan)
    began = time.perf_counter()
    _ = published.ground
    drawn = list(draw_disruptions(published, number, seed=seed))
    repair(published, [drawn[0].change], drawn[0].now)  # compiles the kernels
    prepared = time.perf_counter() - began
    runs: list[dict[str, Any]] = []  # Any: a JSON object
    for item in drawn:
        wall, cpu = time.perf_counter(), time.process_time()
        answer = repair(published, [item.change], item.now)
        seconds_of, cpu_of = time.perf_counter() - wall, time.process_time() - cpu
        cpu = time.process_time()
        whole = check(answer.instance, answer.plan)  # everything, beside what the change reaches
        if whole.violations or abs(whole.value - sum(answer.terms.values())) > 1e-6 * whole.value:
            raise click.ClickException(f"The whole check differs after {item.change}.")
        runs.append(
            {
                "kind": item.kind, "change": str(item.change), "now": str(item.now),
                "seconds": round(seconds_of, 3), "cpu_s": round(cpu_of, 3),
                "whole_check_cpu_s": round(time.process_time() - cpu, 3),
                "steps": dict(answer.seconds),
                "touched": answer.touched, "forced": answer.forced,
                "touched_least": answer.bound_count, "weighted": answer.weighted,
                "weighted_least": answer.bound, "is_least": answer.is_least,
                "broken_h": round(sum(answer.owed.values()), 1),
                "open_h": round(sum(answer.missing.values()), 1),
                "open_points": round(answer.missing_points, 1),
                "open_points_least": round(answer.missing_bound, 1),
            }
        )  # fmt: skip
        run = runs[-1]
        click.echo(
            f"{item.kind:20} {run['seconds']:6.2f} s  cpu {run['cpu_s']:6.2f}  touched "
            f"{run['touched']:5} least {run['touched_least']:5}  forced {run['forced']:5}  "
            f"broken {run['broken_h']:8,.0f} h  open {run['open_h']:8,.0f} h"
        )
    seconds = [float(run["seconds"]) for run in runs]
    used = [float(run["cpu_s"]) for run in runs]
    data = {
        "event": event.name, "number": len(runs), "seed": seed, "prepare_s": round(prepared, 2),
        "median_s": round(statistics.median(seconds), 3), "worst_s": max(seconds),
        "median_cpu_s": round(statistics.median(used), 3), "worst_cpu_s": max(used),
        "touched": sum(run["touched"] for run in runs),
        "touched_least": sum(run["touched_least"] for run in runs),
        "proved_least": sum(run["is_least"] for run in runs),
        "nothing_open": sum(run["open_h"] == 0 for run in runs),
        "peak_mb": peak_memory_mb(), "runs": runs,
    }  # fmt: skip
    click.echo(
        f"median {data['median_s']} s (cpu {data['median_cpu_s']}), worst {data['worst_s']} s "
        f"(cpu {data['worst_cpu_s']}); touched {data['touched']} of at least "
        f"{data['touched_least']}; {data['proved_least']} of {len(runs)} proved least"
    )
    click.echo(str(write_result("repair", data)))
