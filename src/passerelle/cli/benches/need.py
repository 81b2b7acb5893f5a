"""``passerelle bench need``: time and memory of reading an event and computing its need."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from functools import partial
from os import times
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from passerelle.cli.benches.results import peak_memory_mb, write_result
from passerelle.planning.formats.event_folder import load_event
from passerelle.planning.need import assess, standard_coefficients
from passerelle.planning.need.explain import Explainer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from passerelle.planning.programme import Event


@click.command()
@click.option(
    "--event",
    type=click.Path(path_type=Path),
    default=Path("examples/paris-2024"),
    show_default=True,
    help="Event folder.",
)
@click.option("--runs", type=click.IntRange(1), default=5, show_default=True)
def command(event: Path, *, runs: int) -> None:
    """Measure reading, computing and explaining the need, and the whole command in a new process.

    The event is measured once, twice and four times over, to show how cost grows with sessions.
    """
    loaded = load_event(event).event
    coefficients = standard_coefficients()
    assess(loaded, coefficients)
    line = [sys.executable, "-m", "passerelle.cli", "need", str(event)]
    commands = [
        _seconds(lambda: subprocess.run(line, check=True, capture_output=True))  # noqa: S603
        for _ in range(runs)
    ]
    sizes: list[dict[str, Any]] = []  # Any: JSON objects
    for copies in (1, 2, 4):
        whole = _repeated(loaded, copies)
        spent = [_seconds(partial(assess, whole, coefficients)) for _ in range(runs)]
        sizes.append(
            {
                "times": copies,
                "sessions": len(whole.sessions),
                "figures": len(assess(whole, coefficients)),
                "seconds_median": round(median(wall for wall, _ in spent), 4),
                "seconds_worst": round(max(wall for wall, _ in spent), 4),
                "processor_seconds_median": round(median(used for _, used in spent), 4),
            }
        )
    need = assess(loaded, coefficients)
    explainer = Explainer.of(loaded, coefficients)
    step = max(1, len(need) // 500)
    rows = range(0, len(need), step)
    _, explained = _seconds(lambda: [explainer.figure(need, row) for row in rows])
    data = {
        "event": loaded.id,
        "coefficients": coefficients.version,
        "runs": runs,
        "command_seconds_median": round(median(wall for wall, _ in commands), 3),
        "command_seconds_worst": round(max(wall for wall, _ in commands), 3),
        "command_processor_seconds_median": round(median(used for _, used in commands), 3),
        "read_processor_seconds": round(_seconds(lambda: load_event(event))[1], 4),
        "assess": sizes,
        "explain_processor_ms": round(explained / len(rows) * 1000, 3),
        "peak_mb": peak_memory_mb(),
    }
    _show(data, sizes, write_result("need", data))


def _show(data: Mapping[str, object], sizes: list[dict[str, Any]], path: Path) -> None:
    click.echo(
        f"whole command   {data['command_seconds_median']} s, "
        f"processor {data['command_processor_seconds_median']} s"
    )
    for size in sizes:
        click.echo(
            f"need {size['times']}x   {size['sessions']:>6,} sessions  {size['figures']:>8,} figures  "
            f"{size['seconds_median']} s, processor {size['processor_seconds_median']} s"
        )
    click.echo(f"one explanation {data['explain_processor_ms']} ms, peak {data['peak_mb']} MB")
    click.echo(str(path))


def _seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Return wall and processor seconds of some work, those of processes it starts included."""
    wall, before = perf_counter(), times()
    work()
    after = times()
    used = sum(after[:4]) - sum(before[:4])
    return perf_counter() - wall, used


def _repeated(event: Event, number: int) -> Event:
    """Return an event that holds ``number`` copies of the sites, sessions and posts."""

    def named(code: str, copy: int) -> str:
        return code if copy == 0 else f"{code}.{copy}"

    copies = range(number)
    return replace(
        event,
        venues=tuple(replace(v, id=named(v.id, n)) for n in copies for v in event.venues),
        sessions=tuple(
            replace(s, id=named(s.id, n), venue_id=named(s.venue_id, n))
            for n in copies
            for s in event.sessions
        ),
        territory=tuple(replace(s, id=named(s.id, n)) for n in copies for s in event.territory),
        posts=tuple(
            replace(p, id=named(p.id, n), site_id=named(p.site_id, n))
            for n in copies
            for p in event.posts
        ),
    )
