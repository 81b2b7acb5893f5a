"""``passerelle bench roster``: public rosters, those of shift scheduling beside a general solver."""

from __future__ import annotations

import csv
import math
import multiprocessing
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Final

import click

from passerelle.cli.benches import roster_inrc2
from passerelle.cli.benches.results import write_result
from passerelle.kernel.problems import UnavailableError
from passerelle.planning.formats.shift_scheduling import read_instance, write_roster
from passerelle.planning.roster.named.certificate_file import write_certificate
from passerelle.planning.roster.named.direct import solve_direct
from passerelle.planning.roster.named.solve import solve
from passerelle.planning.roster.observer import History
from passerelle.planning.roster.stop import Stop

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from passerelle.planning.roster.named.bounds import Certificate
    from passerelle.planning.roster.named.instance import DayGrid

_NEAR: Final = 1.01


@click.command()
@click.option(
    "--instances",
    default="1-12",
    show_default=True,
    help="For example 1-12,14,n005w4_0_1-2-3-3 (INRC-II), n030w4 (invented in its format).",
)
@click.option("--seconds", type=click.FloatRange(1), default=60.0, show_default=True)
@click.option("--seeds", type=click.IntRange(1), default=1, show_default=True)
@click.option(
    "--direct",
    is_flag=True,
    help="Run one direct model in HiGHS and in CP-SAT beside it, same time.",
)
@click.option(
    "--processor",
    is_flag=True,
    help="Count processor seconds of all threads instead of wall clock.",
)
@click.option(
    "--certificates",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the certificate of every bound into this folder, for passerelle roster verify.",
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="Folder of the instances; ../shared/benchmarks/shift-scheduling by default.",
)
def command(
    instances: str,
    *,
    seconds: float,
    seeds: int,
    direct: bool,
    processor: bool,
    certificates: Path | None,
    folder: Path | None,
) -> None:
    """Solve public instances, check every roster with the public checker, write one file a run."""
    shared = Path(os.environ.get("PASSERELLE_SHARED", "../shared"))
    cases = [name for name in instances.split(",") if roster_inrc2.is_name(name)]
    numbers = [part for part in instances.split(",") if part not in cases]
    _competition(cases, shared, seconds=seconds, seeds=seeds, is_processor=processor)
    if not numbers:
        return
    folder = folder or shared / "benchmarks" / "shift-scheduling"
    if not (folder / "best_known.csv").is_file():
        raise UnavailableError(
            "Expected the public instances in {folder}.", code="bench.no-instances", folder=folder
        )
    with (folder / "best_known.csv").open(encoding="utf-8") as stream:
        known = {int(row["instance"]): row for row in csv.DictReader(stream)}
    title = f"{'inst':>4} {'best':>6} {'lower':>6} {'value':>6} {'bound':>6} {'over':>7}"
    click.echo(
        f"{title} {'to 1 %':>7} {'s':>6} {'MB':>5} seed" + ("   highs  cp-sat" if direct else "")
    )
    for number in _numbers(",".join(numbers)):
        for seed in range(seeds):
            clock = process_time if processor else None
            data, proof = _run(
                folder, number, known[number], seconds=seconds, seed=seed, clock=clock
            )
            if certificates is not None:
                certificates.mkdir(parents=True, exist_ok=True)
                grid = read_instance(folder / f"Instance{number}.txt")
                write_certificate(certificates / f"roster-{number}-{seed}.json", grid, proof)
            if direct:
                for solver in ("highs", "cp-sat"):
                    value, bound = _direct(folder, number, seconds, solver)
                    data[f"{solver}_value"], data[f"{solver}_bound"] = value, bound
            write_result(f"roster-{number}", data)
            click.echo(_line(number, data))


def _competition(
    cases: list[str], shared: Path, *, seconds: float, seeds: int, is_processor: bool
) -> None:
    """Solve the problems of the nurse rostering competition, write one file a run."""
    if cases:
        click.echo(roster_inrc2.TITLE)
    for name in cases:
        for seed in range(seeds):
            data = roster_inrc2.run(
                shared / "benchmarks" / "inrc2", name, seconds=seconds, seed=seed,
                clock=process_time if is_processor else None,
            )  # fmt: skip
            write_result(f"roster-{name}", data)
            click.echo(roster_inrc2.line(data))


def _numbers(text: str) -> list[int]:
    """Read ``1-3,7`` as 1, 2, 3, 7."""
    numbers: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        try:
            numbers += range(int(first), int(last or first) + 1)
        except ValueError as error:
            raise click.UsageError(f"Expected numbers such as 1-12,14, got {text}.") from error
    if not numbers or not all(1 <= number <= 24 for number in numbers):
        raise click.UsageError(f"Expected instances 1 to 24, got {text}.")
    return numbers


def _run(
    folder: Path,
    number: int,
    known: dict[str, str],
    *,
    seconds: float,
    seed: int,
    clock: object,
) -> tuple[dict[str, object], Certificate]:
    """Solve one instance once."""
    began = process_time()
    grid = read_instance(folder / f"Instance{number}.txt")
    history = History()
    stop = Stop(seconds=seconds, now=process_time) if clock else Stop(seconds=seconds)
    result = solve(grid, stop, seed=seed, observer=history)
    best = int(known["best_known"])
    near = [e.seconds for e in history.entries if e.value <= best * _NEAR]
    value = None if result.roster is None else _checked(folder, number, grid, result.roster)
    data: dict[str, object] = {
        "instance": grid.name,
        "instance_hash": result.instance_hash,
        "seconds_limit": seconds,
        "clock": "processor" if clock else "wall",
        "seed": seed,
        "status": result.status.value,
        "value": value,
        "bound": result.bound if result.bound > -1e18 else None,
        "best_known": best,
        "published_bound": int(known["lower_bound"]),
        "over_best_known": None if value is None else round(value / best - 1, 6),
        "seconds_to_1_percent": round(near[0], 2) if near else None,
        "seconds": round(result.seconds, 2),
        "processor_seconds": round(process_time() - began, 2),
        "peak_mb": round(result.peak_mb),
        "iterations": dict(result.iterations),
        "versions": dict(result.versions),
        "trace": [
            [round(e.seconds, 2), e.value, e.bound if e.bound > -1e18 else None, e.phase]
            for e in history.entries
        ],
    }
    return data, result.certificate


def _checked(folder: Path, number: int, grid: DayGrid, roster: NDArray[np.int16]) -> int | None:
    """Return the penalty that the public checker finds; None when it refuses the roster."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "roster.csv"
        write_roster(path, grid, roster)
        line = [sys.executable, str(folder / "check.py"), str(folder / f"Instance{number}.txt")]
        done = subprocess.run(  # noqa: S603 - our own words
            [*line, str(path)], capture_output=True, text=True, check=False
        )
    if done.returncode:
        click.echo(done.stdout + done.stderr, err=True)
        return None
    return int(done.stdout.split()[1].rstrip(","))


def _direct(
    folder: Path, number: int, seconds: float, solver: str
) -> tuple[int | None, float | None]:
    """Solve the direct model with the same time, in a process of its own."""
    grid = read_instance(folder / f"Instance{number}.txt")
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        try:
            done = pool.submit(solve_direct, grid, seconds, threads=2, solver=solver)
            roster, bound = done.result()
        except (BrokenProcessPool, ImportError) as error:
            # A general solver may run out of memory; CP-SAT is an optional extra.
            click.echo(f"{solver}: {error}", err=True)
            return None, None
    value = None if roster is None else _checked(folder, number, grid, roster)
    return value, bound if math.isfinite(bound) else None


def _line(number: int, data: dict[str, object]) -> str:
    """Format one row of the table."""
    over = data["over_best_known"]
    near = data["seconds_to_1_percent"]
    text = (
        f"{number:>4} {data['best_known']:>6} {data['published_bound']:>6} "
        f"{data['value']!s:>6} {data['bound']!s:>6} "
        f"{'-' if not isinstance(over, float) else format(over, '.2%'):>7} "
        f"{'-' if near is None else near!s:>7} {data['seconds']:>6} {data['peak_mb']:>5} "
        f"{data['seed']:>4}"
    )
    beside = (f"{data[key]!s:>7}" for key in ("highs_value", "cp-sat_value") if key in data)
    return " ".join((text, *beside))
