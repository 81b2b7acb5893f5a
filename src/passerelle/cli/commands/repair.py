"""``passerelle repair``: the smallest change of a published plan that makes good what happened."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from passerelle.cli.planning import OutFile, choosing_programme, read_published

if TYPE_CHECKING:
    from passerelle.planning.repair import Repair
    from passerelle.planning.roster.plan import Duty


@click.command()
@click.argument("event", type=click.Path(path_type=Path))
@click.argument("plan", type=click.Path(path_type=Path))
@click.option(
    "--change", required=True, type=click.Path(path_type=Path), help="What happened, as TOML."
)
@click.option("--out", type=OutFile(), help="File for the repaired plan.")
@click.option("--level", default="central", type=click.Choice(["low", "central", "high"]))
@click.option("--budget", type=click.IntRange(min=0), help="Most touches beyond the forced ones.")
@click.option("--most", default=20, show_default=True, help="Touches shown.")
@choosing_programme
@click.option("--json", "as_json", is_flag=True, help="Write everything as JSON.")
def command(
    event: Path,
    plan: Path,
    change: Path,
    out: Path | None,
    level: str,
    budget: int | None,
    most: int,
    programme: str | None,
    as_json: bool,
) -> int:
    """Repair PLAN of EVENT after a change with as few touched duties as can be.

    Says how few could do at least; the result has passed the checker.
    """
    from passerelle.planning.formats.change_file import read_changes
    from passerelle.planning.formats.plan_json import write_plan
    from passerelle.planning.repair import RepairParams, repair
    from passerelle.planning.roster.result import Result, Status

    wanted = read_changes(change)
    published = read_published(event, plan, level, programme=programme)
    answer = repair(published, wanted.changes, wanted.now, RepairParams(budget=budget))
    if out is not None:
        result = Result(
            Status.FEASIBLE, answer.plan, sum(answer.terms.values()), answer.terms,
            float("-inf"), 0, {}, answer.instance.hash, None, answer.seconds["all"], 0.0,
        )  # fmt: skip
        write_plan(out, answer.instance.start, result)
    if as_json:
        click.echo(json.dumps(_content(answer), indent=2))
        return 0
    proof = "proven least" if answer.is_least else f"at least {answer.bound_count} in any case"
    click.echo(
        f"{answer.touched} duties touched ({answer.forced} by the change itself), {proof}; "
        f"{sum(answer.owed.values()):,.0f} crew-hours broken, "
        f"{sum(answer.missing.values()):,.0f} stay open; {answer.seconds['all']:.2f} s"
    )
    for touch in answer.touches[:most]:
        old, new = _words(answer, touch.before), _words(answer, touch.after)
        click.echo(f"  {touch.group:24} {touch.crews:5} {touch.kind:8} {old:44} -> {new}")
    if len(answer.touches) > most:
        click.echo(f"  … and {len(answer.touches) - most} more; see --most or --json")
    return 0


def _words(answer: Repair, duty: Duty | None) -> str:
    if duty is None:
        return "rest"
    start = answer.instance.start
    first, last = (start + timedelta(minutes=m) for m in (duty.start_min, duty.end_min))
    return f"{duty.site} {duty.capability} {first:%d.%m. %H:%M}-{last:%H:%M}Z"


def _content(answer: Repair) -> dict[str, object]:
    def duty(found: Duty | None) -> object:
        if found is None:
            return None
        start = answer.instance.start
        first, last = (start + timedelta(minutes=m) for m in (found.start_min, found.end_min))
        return {
            "site": found.site,
            "capability": found.capability,
            "start": first.isoformat(),
            "end": last.isoformat(),
        }

    return {
        "touched": answer.touched,
        "forced": answer.forced,
        "weighted": answer.weighted,
        "bound": answer.bound,
        "bound_count": answer.bound_count,
        "is_least": answer.is_least,
        "broken_crew_hours": dict(answer.owed),
        "open_crew_hours": dict(answer.missing),
        "open_points": answer.missing_points,
        "open_points_bound": answer.missing_bound,
        "terms": dict(answer.terms),
        "seconds": dict(answer.seconds),
        "touches": [
            {
                "group": t.group, "crews": t.crews, "kind": t.kind, "forced": t.is_forced,
                "weight": t.weight, "before": duty(t.before), "after": duty(t.after),
            }
            for t in answer.touches
        ],
    }  # fmt: skip
