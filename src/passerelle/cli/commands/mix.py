"""``passerelle mix``: which offers to accept, and what each is worth."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from passerelle.planning.roster.instance import Instance
    from passerelle.planning.roster.plan import Plan


@click.command()
@click.argument("event", type=click.Path(path_type=Path))
@click.option(
    "--stage",
    "stages",
    multiple=True,
    default=("offered",),
    show_default=True,
    type=click.Choice(["asked", "offered", "accepted", "named"]),
    help="Contingents at this stage are the offers; may be repeated.",
)
@click.option("--seconds", default=60.0, show_default=True, type=click.FloatRange(min=1))
@click.option("--most-eur", type=click.IntRange(min=0), help="Budget in euros.")
@click.option("--level", default="central", type=click.Choice(["low", "central", "high"]))
@click.option("--plan", type=click.Path(path_type=Path), help="A plan with all offers, for proof.")
@click.option("--json", "as_json", is_flag=True, help="Write everything as JSON.")
def command(
    event: Path,
    stages: tuple[str, ...],
    seconds: float,
    most_eur: int | None,
    level: str,
    plan: Path | None,
    as_json: bool,
) -> int:
    """Choose among the offers of EVENT, a folder: the best mix, others, what each offer is worth.

    Figures come from the coverage model: a relaxation of the roster by region and six hours.
    """
    from passerelle.kernel.counts import Stage
    from passerelle.planning.formats.event_folder import load_event
    from passerelle.planning.mix import MixParams, choose_mix, offers_of
    from passerelle.planning.need import Level, assess

    loaded = load_event(event)
    instance, offers = offers_of(
        loaded.event,
        assess(loaded.event),
        loaded.force,
        stages=[Stage(stage) for stage in stages],
        level=Level(level),
    )
    if not offers:
        click.echo(f"No contingent is at the stage {', '.join(stages)}.", err=True)
        return 3
    report = choose_mix(
        instance,
        offers,
        MixParams(seconds=seconds, most_eur=most_eur),
        plan=_read_plan(plan, instance) if plan else None,
    )
    mixes = (report.best, *report.alternatives)
    if as_json:
        content = asdict(report)
        for entry, mix in zip((content["best"], *content["alternatives"]), mixes, strict=True):
            entry |= {"offers": mix.offers, "cover": mix.cover}
        for entry, worth in zip(content["worths"], report.worths, strict=True):
            entry["worth"] = worth.worth
            entry |= {key: None for key in ("least", "most") if abs(entry[key]) == float("inf")}
        click.echo(json.dumps(content, indent=2))
        return 0
    click.echo(
        f"{'mix':16} {'offers':>6} {'crews':>7} {'cover':>8} {'points':>14} {'euros':>12} "
        f"{'escort h':>10} {'beds':>7}"
    )
    for mix in mixes:
        crews = sum(item.crews for item in mix.accepted)
        click.echo(
            f"{mix.name:16} {len(mix.offers):6} {crews:7,} {100 * mix.cover:7.2f}% "
            f"{mix.points:14,.0f} {mix.cost_eur:12,.0f} {mix.uses.escort_hours:10,.0f} "
            f"{mix.uses.bed_peak:7,.0f}"
        )
    click.echo(f"\n{'offer':12} {'in best':>8} {'worth':>14}  sign")
    for worth in sorted(report.worths, key=lambda w: (-w.worth, w.offer)):
        note = " (coverage model)" if worth.is_model_only else " (proven by rosters)"
        click.echo(
            f"{worth.offer:12} {'yes' if worth.is_accepted else 'no':>8} {round(worth.worth, 1) + 0.0:14,.1f}  "
            f"{worth.sign}{note if worth.sign != 'unproven' else ''}"
        )
    gap = report.best.score - report.best.bound
    click.echo(f"\nBest mix within {gap:,.1f} points of the bound; {report.seconds:.1f} s")
    if not report.is_complete:
        click.echo("Time ran out before every offer was priced.", err=True)
    return 0


def _read_plan(path: Path, instance: Instance) -> Plan:
    """Read a plan that holds beside the offers; one made without them counts as well."""
    from passerelle.kernel.problems import InputError, Issue
    from passerelle.planning.formats.plan_json import read_plan
    from passerelle.planning.roster.check import check

    plan = replace(read_plan(path, instance.start), instance_hash=instance.hash)
    found = check(instance, plan).violations
    if found:
        raise InputError(
            [
                Issue(path.name, 0, v.place, f"mix.invalid-plan-{v.rule}", v.expected, v.found)
                for v in found[:50]
            ]
        )
    return plan
