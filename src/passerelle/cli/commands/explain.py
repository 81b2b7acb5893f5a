"""``passerelle explain``: why a post is short, what would fill it, and what a change would do."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from passerelle.cli.planning import choosing_programme, read_published, tell_rules

if TYPE_CHECKING:
    from passerelle.planning.repair import Published
    from passerelle.planning.roster.plan import Duty


@click.command()
@click.argument("event", type=click.Path(path_type=Path))
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("--site", default="", help="Code of the site.")
@click.option("--at", "moment", help="Local time, for example 2024-07-24T15:00.")
@click.option("--skill", default="", help="Capability, with --conflict.")
@click.option("--conflict", is_flag=True, help="Smallest set of needs and rules in conflict.")
@click.option("--prices", is_flag=True, help="Price of one more crew by kind, place and day.")
@click.option("--group", default="", help="Group of a duty, with --substitutes or --what-if.")
@click.option("--substitutes", is_flag=True, help="Rank who could take over a duty.")
@click.option(
    "--what-if",
    "wanted",
    help="New duty of a crew: SITE,CAPABILITY,START,END in local time; or none.",
)
@click.option("--level", default="central", type=click.Choice(["low", "central", "high"]))
@click.option("--most", default=12, show_default=True, help="Most entries shown.")
@choosing_programme
@click.option("--json", "as_json", is_flag=True, help="Write everything as JSON.")
def command(
    event: Path,
    plan: Path,
    site: str,
    moment: str | None,
    skill: str,
    conflict: bool,
    prices: bool,
    group: str,
    substitutes: bool,
    wanted: str | None,
    level: str,
    most: int,
    programme: str | None,
    as_json: bool,
) -> int:
    """Explain PLAN of EVENT.

    With --site and --at: every post that is short there and then, and who could fill it. With
    --conflict: which needs and rules of that day cannot hold together. With --substitutes or
    --what-if and --group: about the duty of a crew there and then. With --prices: what to ask for.
    """
    published = read_published(event, plan, level, programme=programme)
    if prices:
        return _prices(published, most, as_json=as_json)
    if moment is None:
        raise click.UsageError("expected --at, or --prices")
    minute = _minute(published, moment, "--at")
    _refuse_unknown(published, site, skill, minute)
    if conflict:
        return _conflict(published, minute // 1440, site, skill, as_json=as_json)
    if not site:
        raise click.UsageError("expected --site")
    if substitutes or wanted is not None:
        duty, line = _duty(published, group, site, minute)
        if substitutes:
            return _substitutes(published, group, duty, most, as_json=as_json)
        return _what_if(published, group, line, duty, wanted or "none", as_json=as_json)
    return _short(published, site, minute, most, as_json=as_json)


def _refuse_unknown(published: Published, site: str, skill: str, minute: int) -> None:
    """Refuse questions about what is not in the event: nothing is short there either."""
    instance = published.instance
    if site and site not in published.event.sites:
        raise click.BadParameter(f"expected a site of the event, got {site!r}", param_hint="--site")
    skills = {cell.skill for cell in instance.cells}
    if skill and skill not in skills:
        raise click.BadParameter(
            f"expected a skill that is asked ({', '.join(sorted(skills))}), got {skill!r}",
            param_hint="--skill",
        )
    if not 0 <= minute < instance.days * 1440:
        first, last = (_day(published, m) for m in (0, instance.days * 1440 - 1))
        raise click.BadParameter(
            f"expected a time from {first} to {last}, got {_day(published, minute)}",
            param_hint="--at",
        )


def _day(published: Published, minute: int) -> str:
    moment = published.instance.start + timedelta(minutes=minute)
    return moment.astimezone(ZoneInfo(published.event.timezone)).date().isoformat()


def _minute(published: Published, text: str, option: str) -> int:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            f"expected a time such as 2024-07-24T15:00, got {text!r}", param_hint=option
        ) from None
    if when.tzinfo is None:
        when = when.replace(tzinfo=ZoneInfo(published.event.timezone))
    return int((when - published.instance.start) // timedelta(minutes=1))


def _duty(
    published: Published, group: str, site: str, minute: int
) -> tuple[Duty, tuple[Duty, ...]]:
    """Return the duty of a crew of a group at a site and moment, and its line."""
    for line in published.plan.lines:
        if line.group == group:
            for duty in line.duties:
                if duty.site == site and duty.start_min <= minute < duty.end_min:
                    return duty, line.duties
    raise click.BadParameter(
        f"expected a group with a crew at {site} then, got {group!r}", param_hint="--group"
    )


def _local(published: Published, minute: int) -> str:
    moment = published.instance.start + timedelta(minutes=minute)
    return moment.astimezone(ZoneInfo(published.event.timezone)).strftime("%d.%m. %H:%M")


def _words(published: Published, duty: Duty | None) -> str:
    if duty is None:
        return "rest"
    return f"{duty.site} {duty.capability} {_local(published, duty.start_min)}"


def _short(published: Published, site: str, minute: int, most: int, *, as_json: bool) -> int:
    from passerelle.planning.explain import explain_short

    found = explain_short(published.instance, published.plan, site, minute)
    if as_json:
        click.echo(json.dumps([asdict(cell) for cell in found], indent=2))
        return 0
    if not found:
        click.echo(f"Nothing is short at {site} at {_local(published, minute)}.")
    for cell in found:
        click.echo(
            f"{cell.skill} at {cell.site}: {cell.on_duty} on duty, "
            f"minimum {cell.minimum}, target {cell.target}"
        )
        if not cell.candidates:
            click.echo("  no group has the skill")
        for candidate in cell.candidates[:most]:
            blocked = candidate.blocked_by or "free"
            click.echo(
                f"  {candidate.group:24} {candidate.crews:6} {blocked:14} {candidate.detail}"
            )
    tell_rules(c.blocked_by for cell in found for c in cell.candidates[:most])
    return 0


def _conflict(published: Published, day: int, site: str, skill: str, *, as_json: bool) -> int:
    from passerelle.planning.explain import conflict_of

    found = conflict_of(published.instance, day, site=site, skill=skill)
    if as_json:
        click.echo(json.dumps(asdict(found), indent=2))
    elif not found.exists:
        click.echo("No conflict is proved: in the coverage model all these needs can be met.")
    else:
        confirmed = "asked again and confirmed" if found.is_confirmed else "not confirmed"
        click.echo(f"These cannot hold together ({found.missing_hours:,.1f} h; {confirmed}):")
        for name in found.needs:
            click.echo(f"  need  {name}")
        for name in found.rules:
            click.echo(f"  rule  {name}")
        if len(found.needs) == 1 and not found.rules:
            click.echo("No crew can serve it, or too few: the need alone is the conflict.")
    return 0


def _prices(published: Published, most: int, *, as_json: bool) -> int:
    from passerelle.planning.explain import crew_prices

    found = crew_prices(published.instance)
    if as_json:
        click.echo(json.dumps([asdict(price) for price in found], indent=2))
        return 0
    click.echo(f"{'skill':24} {'day':>10} {'points a duty':>14} {'missing h':>10}  sites")
    for price in found[:most]:
        sites = ", ".join(price.sites[:4]) + (" …" if len(price.sites) > 4 else "")
        day = _local(published, price.day * 1440 + 720)[:6]
        click.echo(
            f"{price.skill:24} {day:>10} {price.points:14,.0f} {price.missing_hours:10,.1f}  {sites}"
        )
    return 0


def _substitutes(published: Published, group: str, duty: Duty, most: int, *, as_json: bool) -> int:
    from passerelle.planning.explain import substitutes

    found = substitutes(published, group, duty, most=most)
    if as_json:
        click.echo(json.dumps([asdict(item) for item in found], indent=2))
        return 0
    for item in found:
        click.echo(
            f"  {item.group:24} {item.crews:5} {item.points:10,.1f} {item.reason:13} "
            f"{_words(published, item.leaves):40} {item.detail}"
        )
    return 0


def _what_if(
    published: Published,
    group: str,
    line: tuple[Duty, ...],
    duty: Duty,
    wanted: str,
    *,
    as_json: bool,
) -> int:
    from passerelle.planning.explain import what_if
    from passerelle.planning.roster.plan import Duty as NewDuty

    after = None
    if wanted != "none":
        parts = wanted.split(",")
        if len(parts) != 4:
            raise click.BadParameter(
                "expected SITE,CAPABILITY,START,END or none", param_hint="--what-if"
            )
        first, last = (_minute(published, part, "--what-if") for part in parts[2:])
        if first >= last:
            raise click.BadParameter("expected START before END", param_hint="--what-if")
        after = NewDuty(first, last, parts[0], parts[1])
    answer = what_if(published, group, line, duty, after)
    if as_json:
        click.echo(json.dumps(asdict(answer), indent=2))
        return 0
    click.echo(f"value {answer.value:+,.1f} points, of which work {answer.work:+,.1f}")
    for cover in answer.covers:
        click.echo(f"  {cover.track:40} {cover.points:+12,.1f} {cover.missing_hours:+8,.1f} h")
    for violation in answer.violations:
        click.echo(f"  breaks {violation}")
    tell_rules(violation.rule for violation in answer.violations)
    return 3 if answer.violations else 0
