"""``passerelle roster check``: every breach and every cost term of a roster."""

from __future__ import annotations

import json
from pathlib import Path

import click

from passerelle.cli.rosters import case_options, read_problem
from passerelle.planning.formats.shift_scheduling import read_roster
from passerelle.planning.roster.named.checker import check_roster


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@click.argument("roster", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@case_options
@click.option("--json", "as_json", is_flag=True, help="Write the report as JSON.")
def command(file: Path, roster: Path, *, history: str, weeks: str | None, as_json: bool) -> int:
    """Check ROSTER against the instance FILE; exit code 3 when a rule is broken or least cover missed."""
    grid = read_problem(file, history, weeks).grid
    report = check_roster(grid, read_roster(roster, grid))
    lines = [f"{grid.person_ids[b.person]}: {b.text} [{b.rule}]" for b in report.breaches]
    paid: list[str] = []
    data: dict[str, object] = {
        "value": report.value,
        "wishes": report.wishes,
        "missing": report.missing,
        "surplus": report.surplus,
        "breaches": lines,
    }
    if grid.soft is not None:
        paid += [
            f"{grid.person_ids[one.person]}: {one.cost} for {one.text} [{one.rule}]"
            for one in report.payments
        ]
        data |= {"payments": paid, "short": report.short}
    if as_json:
        click.echo(json.dumps(data, indent=1))
    else:
        for line in (*lines, *paid):
            click.echo(line)
        click.echo(
            f"value {report.value}: wishes {report.wishes}, missing {report.missing}, "
            f"surplus {report.surplus}; {len(lines)} breaches"
            + (f", {report.short} people below the least cover" if report.short else "")
        )
    return 3 if lines or report.short else 0
