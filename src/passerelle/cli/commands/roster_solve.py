"""``passerelle roster solve``: read an instance, solve it, write the roster."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from passerelle.cli.planning import interruptible
from passerelle.cli.rosters import FORMATS, case_options, read_problem
from passerelle.kernel.problems import RefusedError
from passerelle.planning.formats.inrc2.case import write_solution
from passerelle.planning.formats.inrc2.files import read_solution
from passerelle.planning.formats.inrc2.scoring import score
from passerelle.planning.formats.shift_scheduling import write_roster
from passerelle.planning.roster.named.certificate_file import write_certificate
from passerelle.planning.roster.named.checker import check_roster
from passerelle.planning.roster.named.conflict import conflict_of
from passerelle.planning.roster.named.instance import DAYS_PER_WEEK
from passerelle.planning.roster.named.rolling import solve_weekly
from passerelle.planning.roster.named.solve import solve
from passerelle.planning.roster.result import Status
from passerelle.planning.roster.stop import Stop

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from passerelle.cli.rosters import Problem
    from passerelle.planning.formats.inrc2.case import Case
    from passerelle.planning.formats.inrc2.scoring import Costs
    from passerelle.planning.roster.named.checker import Report
    from passerelle.planning.roster.observer import Progress

_LABELS = {
    "total": "Total assignments",
    "runs": "Consecutive days and shifts",
    "rests": "Days off in a row",
    "wishes": "Preferences",
    "weekends": "Working weekends",
    "complete": "Complete weekends",
    "optimal": "Optimal coverage",
}
"""Soft constraints in the order of the official validator."""


class _Line:
    """Show progress as one line on a terminal; say nothing otherwise."""

    def __init__(self) -> None:
        self.is_shown = sys.stderr.isatty()

    def report(self, progress: Progress) -> None:
        """Write the line anew."""
        if self.is_shown:
            text = (
                f"\r{progress.seconds:7.1f} s  value {progress.value:.0f}  "
                f"bound {progress.bound:.0f}  gap {progress.gap:.2%}  {progress.phase:<10}"
            )
            click.echo(text, err=True, nl=False)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--format",
    "file_format",
    type=click.Choice(FORMATS),
    help="Format of FILE; a folder is one of INRC-II.",
)
@case_options
@click.option(
    "--week-by-week",
    "is_weekly",
    is_flag=True,
    help="INRC-II: plan each week with what is known then; there is no bound.",
)
@click.option("--seconds", type=click.FloatRange(0), default=60.0, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Roster as CSV.")
@click.option(
    "--solution",
    type=click.Path(path_type=Path, file_okay=False),
    help="INRC-II: folder for the solution files of the competition; beside OUT by default.",
)
@click.option(
    "--certificate",
    type=click.Path(path_type=Path),
    help="Write what proves the bound, for passerelle roster verify.",
)
@click.option("--json", "as_json", is_flag=True, help="Write the report as JSON.")
def command(
    file: Path,
    *,
    file_format: str | None,
    history: str,
    weeks: str | None,
    is_weekly: bool,
    seconds: float,
    seed: int,
    out: Path,
    solution: Path | None,
    certificate: Path | None,
    as_json: bool,
) -> None:
    """Solve the instance FILE and write the best roster found.

    FILE is one of the public shift-scheduling instances, or a folder of the second international nurse
    rostering competition with --history and --weeks. An interrupt ends the search and writes the best
    roster so far. Contradictory rules are named with the person and the smallest set of rules that cannot
    hold together (exit code 3).
    """
    problem = read_problem(file, history, weeks, file_format)
    if problem.case is None and is_weekly:
        raise click.UsageError("--week-by-week needs a folder of INRC-II.")
    if is_weekly and certificate is not None:
        raise click.UsageError("Week by week there is no bound, so there is no certificate.")
    if problem.case is not None:
        # Loops are compiled before the clock starts.
        solve(problem.grid, Stop(iterations=0))
    if is_weekly:
        roster, data = _weekly(problem, seconds, seed)
    else:
        roster, data = _whole(problem, seconds, seed, certificate)
    write_roster(out, problem.grid, roster)
    report = check_roster(problem.grid, roster)
    data |= {"value": report.value, "breaches": len(report.breaches)}
    if problem.case is None:
        data |= {"wishes": report.wishes, "missing": report.missing, "surplus": report.surplus}
        lines = [f"wishes {report.wishes}, missing {report.missing}, surplus {report.surplus}"]
    else:
        folder = solution or out.parent / _folder_name(problem.case)
        costs = _scored(problem.case, folder, roster, report)
        data |= {"hard": costs.hard, "costs": _table(costs), "solution": str(folder)}
        lines = [f"{_LABELS[name]:<30} {cost:>7}" for name, cost in _table(costs).items()]
        if costs.hard:
            text = f"{costs.hard} people missing below the least cover: priced at"
            lines.append(f"{text} {problem.grid.grave} each, forbidden by the competition")
    if as_json:
        click.echo(json.dumps(data, indent=1))
        return
    for line in lines:
        click.echo(line)
    click.echo(
        f"{problem.grid.name}: value {report.value}, bound {data['bound']}, {data['status']}, "
        f"{len(report.breaches)} breaches, {data['seconds']} s; {out}"
    )


def _whole(
    problem: Problem, seconds: float, seed: int, certificate: Path | None
) -> tuple[NDArray[Any], dict[str, Any]]:
    """Solve the whole horizon at once; refuse rules that leave somebody without a roster."""
    grid = problem.grid
    line = _Line()
    with interruptible() as cancelled:
        stop = Stop(seconds=seconds, cancelled=cancelled)
        result = solve(grid, stop, seed=seed, observer=line)
    if line.is_shown:
        click.echo(err=True)
    if result.roster is None:
        person = result.culprit or 0
        raise RefusedError(
            "Person {person} has no roster: these rules cannot hold together: {rules}.",
            code="roster.contradictory-rules",
            person=grid.person_ids[person],
            rules=", ".join(conflict_of(grid, person)),
        )
    if certificate is not None:
        write_certificate(certificate, grid, result.certificate)
    has_bound = result.bound > float("-inf")
    return result.roster, {
        "instance": grid.name,
        "instance_hash": result.instance_hash,
        "status": result.status.value,
        "bound": result.bound if has_bound else None,
        "gap": round(result.gap, 6) if has_bound else None,
        "seconds": round(result.seconds, 2),
        "peak_mb": round(result.peak_mb),
        "seed": seed,
        "versions": dict(result.versions),
        "iterations": dict(result.iterations),
    }


def _weekly(problem: Problem, seconds: float, seed: int) -> tuple[NDArray[Any], dict[str, Any]]:
    """Plan week by week; every week gets its share of the time."""
    grid = problem.grid
    n_weeks = grid.n_days // DAYS_PER_WEEK
    with interruptible() as cancelled:
        whole = Stop(seconds=seconds, cancelled=cancelled)
        rolled = solve_weekly(
            grid,
            lambda: Stop(seconds=min(seconds / n_weeks, whole.left), cancelled=cancelled),
            seed=seed,
        )
    return rolled.roster, {
        "instance": grid.name,
        "instance_hash": grid.digest,
        "status": Status.FEASIBLE.value,
        "bound": None,
        "gap": None,
        "expected": [round(value) for value in rolled.expected],
        "seconds": round(whole.elapsed, 2),
        "seed": seed,
    }


def _folder_name(case: Case) -> str:
    """Name the folder of a solution as the competition does."""
    weeks = "-".join(map(str, case.week_numbers))
    return f"Solution_H_{case.history_number}-WD_{weeks}"


def _scored(case: Case, folder: Path, roster: NDArray[Any], report: Report) -> Costs:
    """Write the solution, read it back and let the independent scorer judge it."""
    paths = write_solution(folder, case, roster)
    read = [
        one for week, path in enumerate(paths) for one in read_solution(path, case.scenario, week)
    ]
    costs = score(case.scenario, case.history, case.weeks, read)
    if costs.value != report.value - report.grave or costs.hard != report.short:
        text = "Expected the scorer to find {} and {}, got {} and {}."
        raise RuntimeError(
            text.format(report.value - report.grave, report.short, costs.value, costs.hard)
        )
    return costs


def _table(costs: Costs) -> dict[str, int]:
    """List what each soft constraint costs."""
    return {name: getattr(costs, name) for name in _LABELS}
