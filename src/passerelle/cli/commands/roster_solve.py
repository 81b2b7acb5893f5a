"""``passerelle roster solve``: read an instance file, solve it, write the roster."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from passerelle.kernel.problems import RefusedError
from passerelle.planning.formats.shift_scheduling import read_instance, write_roster
from passerelle.planning.roster.named.certificate_file import write_certificate
from passerelle.planning.roster.named.checker import check_roster
from passerelle.planning.roster.named.conflict import conflict_of
from passerelle.planning.roster.named.solve import solve
from passerelle.planning.roster.stop import Stop

if TYPE_CHECKING:
    from types import FrameType

    from passerelle.planning.roster.observer import Progress


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
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["shift-scheduling"]),
    default="shift-scheduling",
    show_default=True,
    help="Format of FILE.",
)
@click.option("--seconds", type=click.FloatRange(0), default=60.0, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Roster as CSV.")
@click.option(
    "--certificate",
    type=click.Path(path_type=Path),
    help="Write what proves the bound, for passerelle roster verify.",
)
@click.option("--json", "as_json", is_flag=True, help="Write the report as JSON.")
def command(
    file: Path,
    *,
    file_format: str,
    seconds: float,
    seed: int,
    out: Path,
    certificate: Path | None,
    as_json: bool,
) -> None:
    """Solve the instance FILE and write the best roster found.

    An interrupt ends the search and writes the best roster so far. Contradictory rules are named with
    the person and the smallest set of rules that cannot hold together (exit code 3).
    """
    del file_format
    grid = read_instance(file)
    stop = Stop(seconds=seconds)

    def interrupt(number: int, frame: FrameType | None) -> None:
        del number, frame
        stop.cancelled.set()

    before = signal.signal(signal.SIGINT, interrupt)
    line = _Line()
    try:
        result = solve(grid, stop, seed=seed, observer=line)
    finally:
        signal.signal(signal.SIGINT, before)
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
    write_roster(out, grid, result.roster)
    if certificate is not None:
        write_certificate(certificate, grid, result.certificate)
    report = check_roster(grid, result.roster)
    data = {
        "instance": grid.name,
        "instance_hash": result.instance_hash,
        "status": result.status.value,
        "value": report.value,
        "wishes": report.wishes,
        "missing": report.missing,
        "surplus": report.surplus,
        "breaches": len(report.breaches),
        "bound": None if result.bound == float("-inf") else result.bound,
        "gap": None if result.bound == float("-inf") else round(result.gap, 6),
        "seconds": round(result.seconds, 2),
        "peak_mb": round(result.peak_mb),
        "seed": seed,
        "versions": dict(result.versions),
        "iterations": dict(result.iterations),
    }
    if as_json:
        click.echo(json.dumps(data, indent=1))
        return
    click.echo(
        f"{grid.name}: value {report.value} (wishes {report.wishes}, missing {report.missing}, "
        f"surplus {report.surplus}), bound {data['bound']}, {result.status.value}, "
        f"{len(report.breaches)} breaches, {result.seconds:.1f} s, {result.peak_mb:.0f} MB; {out}"
    )
