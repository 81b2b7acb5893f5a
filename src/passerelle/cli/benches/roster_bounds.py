"""``passerelle bench roster-bounds``: compute every published bound again from its certificate."""

from __future__ import annotations

import math
import os
from pathlib import Path
from time import process_time

import click

from passerelle.cli.benches.results import write_result
from passerelle.kernel.problems import UnavailableError
from passerelle.planning.formats.shift_scheduling import read_instance
from passerelle.planning.roster.named.array_walk import walked_cost
from passerelle.planning.roster.named.bounds import proved_bound
from passerelle.planning.roster.named.certificate_file import read_certificate
from passerelle.planning.roster.named.priced_walk import priced_cost


@click.command()
@click.argument("certificates", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--priced", is_flag=True, help="Price minutes and weekends: much quicker, proves a little less."
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="Folder of the instances; ../shared/benchmarks/shift-scheduling by default.",
)
def command(certificates: Path, *, priced: bool, folder: Path | None) -> None:
    """Check all files in the folder CERTIFICATES that passerelle bench roster wrote."""
    shared = Path(os.environ.get("PASSERELLE_SHARED", "../shared"))
    folder = folder or shared / "benchmarks" / "shift-scheduling"
    files = sorted(certificates.glob("roster-*-*.json"), key=_number)
    if not files:
        raise UnavailableError(
            "Expected certificates in {folder}.", code="bench.no-certificates", folder=certificates
        )
    click.echo(f"{'inst':>4} {'claimed':>8} {'proved':>8} {'leaves':>6} {'s':>7}")
    rows: list[dict[str, object]] = []
    for file in files:
        number, seed = _number(file)
        grid = read_instance(folder / f"Instance{number}.txt")
        claim = read_certificate(file, grid)
        began = process_time()
        proved = proved_bound(grid, claim, priced_cost if priced else walked_cost)
        row: dict[str, object] = {
            "instance": number,
            "seed": seed,
            "instance_hash": grid.digest,
            "claimed": claim.bound,
            "proved": proved if math.isfinite(proved) else None,
            "walk": "priced" if priced else "arrays",
            "leaves": len(claim.leaves),
            "processor_seconds": round(process_time() - began, 1),
        }
        rows.append(row)
        click.echo(
            f"{number:>4} {claim.bound:>8.0f} {row['proved']!s:>8} {len(claim.leaves):>6} "
            f"{row['processor_seconds']!s:>7}"
        )
    write_result("roster-bounds", {"rows": rows})


def _number(file: Path) -> tuple[int, int]:
    """Read instance and seed from the name of a certificate."""
    _, number, seed = file.stem.split("-")
    return int(number), int(seed)
