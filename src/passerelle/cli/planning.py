"""What the planning commands share: reading an event folder and showing progress."""

from __future__ import annotations

import gc
import os
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from passerelle.planning.repair import Published
    from passerelle.planning.roster.instance import Instance
    from passerelle.planning.roster.observer import Progress

__all__ = [
    "Meter",
    "OutFile",
    "choosing_programme",
    "interruptible",
    "read_instance",
    "read_published",
    "tell_rules",
    "warm_engine",
]

choosing_programme = click.option(
    "--programme",
    help="File of the sessions; what event.toml says, or sessions.csv, when left out.",
)
"""Option that chooses among the programmes of a folder."""


class OutFile(click.Path):
    """A file to be written at the end of a long task; what could not be written is refused before."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Path:
        """Return the path, or fail."""
        path = Path(value)
        folder = path.parent
        if path.exists() and not path.is_file():
            self.fail(f"expected a file, got {path}, which is none", param, ctx)
        if not folder.is_dir():
            self.fail(f"expected a folder that exists, got {folder}", param, ctx)
        if not os.access(folder, os.W_OK):
            self.fail(f"expected a folder that may be written, got {folder}", param, ctx)
        return path


def read_instance(
    folder: Path,
    level: str = "central",
    *,
    host_only: bool = False,
    programme: str | None = None,
) -> Instance:
    """Read an event folder and compile its instance.

    Parameters
    ----------
    folder
        The event folder.
    level
        ``low``, ``central`` or ``high``.
    host_only
        Whether to leave the partners out.
    programme
        File of the sessions; what the folder says when ``None``.

    Raises
    ------
    InputError
        With every issue of every file.
    """
    from passerelle.planning.formats.event_folder import load_event
    from passerelle.planning.need import Level, assess
    from passerelle.planning.roster.build import build_instance

    loaded = load_event(folder, programme=programme)
    need = assess(loaded.event)
    force = loaded.force
    if host_only:
        own = tuple(group for group in force.groups if group.is_host)
        force = replace(force, groups=own, contingents=())
    return build_instance(loaded.event, need, force, level=Level(level))


def read_published(
    folder: Path, plan: Path, level: str = "central", *, programme: str | None = None
) -> Published:
    """Read an event folder and a plan of it, ready for repairs and explanations.

    Parameters
    ----------
    folder, plan
        Event folder and plan file.
    level
        ``low``, ``central`` or ``high``.
    programme
        File of the sessions; what the folder says when ``None``.

    Raises
    ------
    InputError
        With every issue of every file, and when the plan breaks a rule.
    """
    from passerelle.planning.formats.event_folder import load_event
    from passerelle.planning.formats.plan_json import read_plan
    from passerelle.planning.need import Level, assess
    from passerelle.planning.repair import Published
    from passerelle.planning.roster.build import build_instance

    gc.disable()  # what is read stays: the collector need not walk half a million duties
    try:
        loaded = load_event(folder, programme=programme)
        need = assess(loaded.event)
        instance = build_instance(loaded.event, need, loaded.force, level=Level(level))
        published = Published(loaded.event, instance, read_plan(plan, instance.start), Level(level))
        published.make_ready()
        gc.freeze()
    finally:
        gc.enable()
    return published


def warm_engine() -> None:
    """Compile or load the loops of the engine, so that no time limit pays for it."""
    from passerelle.planning.roster.warm import warm

    warm(lambda: click.echo("Compiling, once on this machine …", err=True))


class Meter:
    """Show value, bound and gap on a terminal, one line that is written over."""

    def __init__(self) -> None:
        self._is_shown = sys.stderr.isatty()

    def report(self, progress: Progress) -> None:
        """Write the line."""
        if not self._is_shown:
            return
        gap = "" if progress.gap == float("inf") else f"gap {100 * progress.gap:.2f} %"
        click.echo(
            f"\r{progress.seconds:6.1f} s  {progress.phase:8}  value {progress.value:14,.0f}  "
            f"bound {progress.bound:14,.0f}  {gap:14}",
            nl=progress.phase == "done",
            err=True,
        )


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """Yield an event that Ctrl-C sets once; a second Ctrl-C interrupts as usual."""
    import signal

    cancelled = threading.Event()

    def first(_number: int, _frame: object) -> None:
        cancelled.set()
        signal.signal(signal.SIGINT, previous)

    previous = signal.signal(signal.SIGINT, first)
    try:
        yield cancelled
    finally:
        signal.signal(signal.SIGINT, previous)


def tell_rules(words: Iterable[str]) -> None:
    """Say of each rule what it asks, once, in the order in which they come.

    Parameters
    ----------
    words
        Words of rules; others are passed over.
    """
    from passerelle.planning.roster.checks import ASKS

    for word in dict.fromkeys(words):
        if word in ASKS:
            click.echo(f"{word}: {ASKS[word]}")
