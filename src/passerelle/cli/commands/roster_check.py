"""``passerelle roster check``: every breach and every cost term of a roster."""

from __future__ import annotations

import json
from pathlib import Path

import click

from passerelle.planning.formats.shift_scheduling import read_instance, read_roster
from passerelle.planning.roster.named.checker import check_roster


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("roster", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Write the report as JSON.")
def command(file: Path, roster: Path, *, as_json: bool) -> int:
    """Check ROSTER against the instance FILE; exit code 3 when a rule is broken."""
    grid = read_instance(file)
    report = check_roster(grid, read_roster(roster, grid))
    lines = [f"{grid.person_ids[b.person]}: {b.text} [{b.rule}]" for b in report.breaches]
    data = {
        "value": report.value,
        "wishes": report.wishes,
        "missing": report.missing,
        "surplus": report.surplus,
        "breaches": lines,
    }
    if as_json:
        click.echo(json.dumps(data, indent=1))
    else:
        for line in lines:
            click.echo(line)
        click.echo(
            f"value {report.value}: wishes {report.wishes}, missing {report.missing}, "
            f"surplus {report.surplus}; {len(lines)} breaches"
        )
    return 3 if lines else 0
