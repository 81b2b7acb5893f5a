"""``passerelle roster verify``: compute again which bound a certificate proves."""

from __future__ import annotations

import json
import math
from pathlib import Path

import click

from passerelle.cli.rosters import case_options, read_problem
from passerelle.planning.roster.named.array_walk import walked_cost
from passerelle.planning.roster.named.bounds import proved_bound
from passerelle.planning.roster.named.certificate_file import read_certificate


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@click.argument("certificate", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@case_options
@click.option("--json", "as_json", is_flag=True, help="Write the report as JSON.")
def command(
    file: Path, certificate: Path, *, history: str, weeks: str | None, as_json: bool
) -> int:
    """Check the bound of CERTIFICATE on the instance FILE; exit code 3 when less is proved than claimed.

    The computation shares no code with the solver's pricing. Over half a year and more it leaves out
    limits on shift types and prices minutes and weekends, so that it may prove a little less.
    """
    grid = read_problem(file, history, weeks).grid
    claim = read_certificate(certificate, grid)
    proved = proved_bound(grid, claim, walked_cost)
    data = {
        "instance": grid.name,
        "claimed": claim.bound,
        "proved": proved if math.isfinite(proved) else None,
        "leaves": len(claim.leaves),
    }
    if as_json:
        click.echo(json.dumps(data, indent=1))
    else:
        click.echo(
            f"{grid.name}: proved {data['proved']}, claimed {claim.bound:.0f}, "
            f"{len(claim.leaves)} leaves"
        )
    return 0 if proved >= claim.bound else 3
