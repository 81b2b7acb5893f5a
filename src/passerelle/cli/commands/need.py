"""``passerelle need``: compute and explain the need of an event."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from passerelle.kernel.capabilities import capability
from passerelle.kernel.problems import RefusedError
from passerelle.planning.formats.event_folder import load_event
from passerelle.planning.formats.plain import to_plain
from passerelle.planning.need import Level, assess, standard_coefficients
from passerelle.planning.need.explain import Explainer
from passerelle.planning.need.summary import by_capability, by_day

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from passerelle.planning.need import Coefficients, Need
    from passerelle.planning.programme import Event


@click.command()
@click.argument("event", type=click.Path(path_type=Path))
@click.option(
    "--level",
    type=click.Choice([level.value for level in Level]),
    default=Level.CENTRAL.value,
    show_default=True,
    help="How cautious the figures are.",
)
@click.option("--site", help="Show one site by time instead of totals.")
@click.option("--capability", "kind", help="Show only this capability.")
@click.option("--explain", is_flag=True, help="Show how each figure came about; needs --site.")
@click.option("--programme", default="sessions.csv", show_default=True, help="File of sessions.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON for programs.")
def command(
    event: Path,
    *,
    level: str,
    site: str | None,
    kind: str | None,
    explain: bool,
    programme: str,
    as_json: bool,
) -> None:
    """Compute the need of EVENT, an event folder.

    Totals show smallest units at the same moment, low, central and high; officers by day; and every
    assumption with the question that would replace it.
    """
    if explain and site is None and not as_json:
        raise click.UsageError("--explain needs --site (or --json).")
    loaded = load_event(event, programme=programme).event
    coefficients = standard_coefficients()
    need = assess(loaded, coefficients)
    if site is not None and site not in need.site_ids:
        raise RefusedError(
            "Unknown site {found}; expected one of {expected}.",
            code="need.unknown-site",
            found=site,
            expected=", ".join(need.site_ids),
        )
    if kind is not None:
        capability(kind)
    rows = list(need.rows(site_id=site, capability=kind))
    explainer = Explainer.of(loaded, coefficients) if explain else None
    if as_json:
        click.echo(_json(loaded, need, rows, coefficients, explainer))
        return
    from rich.console import Console  # slow import

    console = Console(highlight=False)
    if site is None:
        _print_totals(console, loaded, need, coefficients, Level(level), kind)
    else:
        _print_site(console, loaded, need, rows, explainer)


def _json(
    event: Event,
    need: Need,
    rows: list[int],
    coefficients: Coefficients,
    explainer: Explainer | None,
) -> str:
    figures = []
    for row in rows:
        if explainer:
            figures.append(to_plain(explainer.figure(need, row)))
        else:
            figures.append(_figure(need, row))
    return json.dumps(
        {
            "event": event.id,
            "coefficients": coefficients.version,
            "assumptions": to_plain(event.assumptions),
            "figures": figures,
            "overlays": to_plain(need.overlays),
        },
        ensure_ascii=False,
    )


def _figure(need: Need, row: int) -> dict[str, Any]:  # Any: a JSON object
    return {
        "site_id": need.site_ids[int(need.site[row])],
        "capability": need.capabilities[int(need.capability[row])],
        "interval": {"start": _instant(need.start[row]), "end": _instant(need.end[row])},
        "low": int(need.low[row]),
        "central": int(need.central[row]),
        "high": int(need.high[row]),
        "minimum": int(need.minimum[row]),
        "weight": float(need.weight[row]),
    }


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _table(title: str) -> Table:
    from rich.box import SIMPLE_HEAD  # slow import
    from rich.table import Table  # slow import

    return Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1))


def _print_totals(
    console: Console,
    event: Event,
    need: Need,
    coefficients: Coefficients,
    level: Level,
    kind: str | None,
) -> None:
    console.print(
        f"[bold]{event.name}[/]  {len(event.sites)} sites, {len(event.sessions)} sessions, "
        f"{len(need):,} figures, coefficients {coefficients.version}",
        soft_wrap=True,
    )
    table = _table(f"Units at the peak, hours, distinct people, {level}")
    table.add_column("capability", no_wrap=True)
    for name in ("low", "central", "high", "sites", "hours", "people"):
        table.add_column(name, justify="right", no_wrap=True)
    for total in by_capability(need, coefficients, level):
        if kind in {None, total.capability}:
            table.add_row(
                total.capability,
                *(f"{n:,}" for n in (total.low, total.central, total.high)),
                f"{total.sites}",
                f"{total.unit_hours:,.0f}",
                f"{total.people:,}",
            )
    console.print(table)
    days = _table(f"By day, {level}, {event.timezone}")
    days.add_column("day")
    for name in ("sessions", "officers at once", "officer-hours", "guards at once"):
        days.add_column(name, justify="right")
    for day in by_day(need, event, level):
        days.add_row(
            day.date,
            f"{day.sessions}",
            f"{day.officers_peak:,}",
            f"{day.officer_hours:,.0f}",
            f"{day.guards_peak:,}",
        )
    if kind is None:
        console.print(days)
    _print_assumptions(console, event)


def _print_assumptions(console: Console, event: Event) -> None:
    if not event.assumptions:
        return
    table = _table("Assumed, and therefore to be asked")
    for name in ("field", "rows", "value used", "question"):
        table.add_column(name, overflow="fold")
    for item in event.assumptions:
        table.add_row(item.field, f"{item.count}", item.value, item.ask)
    console.print(table)


def _print_site(
    console: Console, event: Event, need: Need, rows: list[int], explainer: Explainer | None
) -> None:
    if not rows:
        console.print("No need there.")
        return
    zone = ZoneInfo(event.timezone)
    name = event.sites[need.site_ids[int(need.site[rows[0]])]].name
    table = _table(f"{name}, {event.timezone}")
    for column in ("from", "to", "capability"):
        table.add_column(column, no_wrap=True)
    for column in ("low", "central", "high", "minimum"):
        table.add_column(column, justify="right")
    for row in sorted(rows, key=lambda r: (int(need.start[r]), int(need.capability[r]))):
        interval = need.interval(row)
        start = interval.start.astimezone(zone).strftime("%d %b %H:%M")
        end = interval.end.astimezone(zone).strftime("%d %b %H:%M")
        code = need.capabilities[int(need.capability[row])]
        figures = [int(a[row]) for a in (need.low, need.central, need.high, need.minimum)]
        if explainer is None:
            table.add_row(start, end, code, *map(str, figures))
            continue
        told = explainer.figure(need, row).explanation
        low, central, high, least = figures
        console.print(
            f"[bold]{start} – {end}  {code}  {central}[/]  ({low} to {high}, at least {least})  "
            f"{told.formula}",
            soft_wrap=True,
        )
        for line in told.trace:
            console.print(f"    {line}", soft_wrap=True, markup=False)
    if explainer is None:
        console.print(table)
