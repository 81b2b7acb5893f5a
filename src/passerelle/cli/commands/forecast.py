"""``passerelle forecast``: who will play where, and what that asks for, as a distribution."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from passerelle.planning.forecast.spread import forecast
from passerelle.planning.formats.event_folder import load_event
from passerelle.planning.formats.event_folder.bracket import read_tournament
from passerelle.planning.formats.plain import to_plain
from passerelle.planning.need import standard_coefficients

if TYPE_CHECKING:
    from rich.table import Table

    from passerelle.planning.forecast.spread import Forecast


@click.command()
@click.argument("event", type=click.Path(path_type=Path))
@click.option("--runs", type=click.IntRange(1, 1_000_000), default=1000, show_default=True)
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Start of chance."
)
@click.option(
    "--service",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.9,
    show_default=True,
    help="Share of runs in which a contingent should suffice.",
)
@click.option("--site", help="Show the days of one site.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON for programs.")
def command(
    event: Path, *, runs: int, seed: int, service: float, site: str | None, as_json: bool
) -> None:
    """Simulate the tournament of EVENT, an event folder with bracket.csv and ratings.csv.

    Ratings give match outcomes, these the bracket; attendance, supporters and the answers of
    partners are drawn. Shown: what each nation's busiest day asks for, and joint patrols by site.
    """
    loaded = load_event(event).event
    tournament = read_tournament(event, loaded)
    found = forecast(
        loaded, tournament, standard_coefficients(), runs=runs, seed=seed, service=service
    )
    if as_json:
        click.echo(json.dumps(to_plain(found), ensure_ascii=False))
        return
    from rich.console import Console  # slow import

    console = Console(highlight=False)
    console.print(
        f"[bold]{loaded.name}[/]  {runs:,} runs, seed {seed}, service level {service:.0%}, "
        f"coefficients {found.coefficient_version}",
        soft_wrap=True,
    )
    console.print(_nations(found) if site is None else _site(found, site))


def _table(title: str, words: tuple[str, ...], numbers: tuple[str, ...]) -> Table:
    from rich.box import SIMPLE_HEAD  # slow import
    from rich.table import Table  # slow import

    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1))
    for name in words:
        table.add_column(name, no_wrap=True)
    for name in numbers:
        table.add_column(name, justify="right")
    return table


def _nations(found: Forecast) -> Table:
    table = _table(
        "Joint patrols by nation, pairs on its busiest day",
        ("nation", "state", "out by (80 %)"),
        ("matches", "pairs", "to ask"),
    )
    for nation in sorted(found.nations, key=lambda n: (-n.pairs_on_service, n.nation)):
        table.add_row(
            nation.nation,
            nation.state,
            nation.last_match_p80,
            f"{nation.matches:.2f}",
            f"{nation.pairs_on_service}",
            f"{nation.ask}",
        )
    return table


def _site(found: Forecast, site: str) -> Table:
    table = _table(
        f"Need at {site}, smallest units",
        ("day", "capability", "nation"),
        ("likely", "mean", "50 %", "80 %", "95 %", "most"),
    )
    for spread in found.spreads:
        if spread.site_id == site:
            table.add_row(
                spread.date,
                spread.capability,
                spread.nation or "all",
                f"{spread.probability:.0%}",
                f"{spread.mean:.1f}",
                *(f"{n:,}" for n in (spread.p50, spread.p80, spread.p95, spread.most)),
            )
    return table
