"""``passerelle check``: every violation and every cost term of a plan."""

from __future__ import annotations

import json
from pathlib import Path

import click

from passerelle.cli.planning import choosing_programme, read_instance, tell_rules


@click.command()
@click.argument("event", type=click.Path(path_type=Path))
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("--level", default="central", type=click.Choice(["low", "central", "high"]))
@click.option(
    "--change", type=click.Path(path_type=Path), help="Check a repaired plan: the change file."
)
@click.option(
    "--published",
    type=click.Path(path_type=Path),
    help="The plan that was repaired, with --change.",
)
@choosing_programme
@click.option("--json", "as_json", is_flag=True, help="Write the report as JSON.")
def command(
    event: Path,
    plan: Path,
    level: str,
    change: Path | None,
    published: Path | None,
    programme: str | None,
    as_json: bool,
) -> int:
    """Check PLAN against EVENT without the solver; exit code 3 when a rule is broken."""
    from passerelle.planning.formats.plan_json import read_plan
    from passerelle.planning.roster.check import check

    if (change is None) != (published is None):
        raise click.UsageError("expected --change and --published together")
    if change is not None and published is not None:
        from passerelle.cli.planning import read_published
        from passerelle.planning.formats.change_file import read_changes
        from passerelle.planning.repair import instance_after

        wanted = read_changes(change)
        instance = instance_after(
            read_published(event, published, level, programme=programme), wanted.changes, wanted.now
        )
    else:
        instance = read_instance(event, level, programme=programme)
    report = check(instance, read_plan(plan, instance.start))
    if as_json:
        content = {
            "violations": [str(violation) for violation in report.violations],
            "value": report.value,
            "terms": dict(report.terms),
            "missing_crew_hours": dict(report.missing),
        }
        click.echo(json.dumps(content, indent=2))
    else:
        for violation in report.violations:
            click.echo(str(violation))
        tell_rules(violation.rule for violation in report.violations)
        click.echo(f"{len(report.violations)} violation(s), value {report.value:,.1f}")
        for name, cost in report.terms.items():
            click.echo(f"  {name:14} {cost:16,.1f}")
    return 3 if report.violations else 0
