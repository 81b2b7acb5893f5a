"""``passerelle doctor``: what is installed, how it is set, whether it is well."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(folder: Path | None, as_json: bool) -> int:
    """Examine the node in FOLDER: versions, settings without secrets, database, audit chain.

    Ends with 5 when something is not well.
    """
    from passerelle.node import installation
    from passerelle.node.configuration import configuration

    installation.enter(installation.data_folder(folder))
    from passerelle.node.doctor import examine, versions

    findings = examine()
    is_well = all(finding.is_good for finding in findings)
    if as_json:
        report = {
            "versions": versions(),
            "settings": configuration().shown(),
            "findings": [asdict(finding) for finding in findings],
            "well": is_well,
        }
        click.echo(json.dumps(report, ensure_ascii=False, indent=1))
        return 0 if is_well else 5
    for name, found in versions().items():
        click.echo(f"{name:<16} {found}")
    click.echo()
    for name, value in configuration().shown().items():
        click.echo(f"{name:<16} {value}")
    click.echo()
    for finding in findings:
        mark = "good" if finding.is_good else "BAD "
        click.echo(f"{mark}  {finding.name:<24} {finding.found}")
        if not finding.is_good:
            click.echo(f"      expected: {finding.expected}")
    return 0 if is_well else 5
