"""``passerelle statistics``: figures under the counting contract, computed on both sides."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from datetime import datetime

    from passerelle.procedures.counting.cohorts import Cohort

_NODE = click.option(
    "--node", "folder", type=click.Path(file_okay=False, path_type=Path), help="Data folder."
)
_DAY = click.DateTime(["%Y-%m-%d"])
_FROM = click.option("--from", "start", type=_DAY, required=True, help="First day of sending.")
_TO = click.option("--to", "end", type=_DAY, required=True, help="Last day of sending.")
_CUT_OFF = click.option("--cut-off", type=_DAY, required=True, help="Last day that counts.")


@click.group()
def command() -> None:
    """Compute, confirm and check figures with a peer."""


@command.command("show")
@click.argument("corridor")
@_FROM
@_TO
@_CUT_OFF
@_NODE
def show(
    corridor: str, start: datetime, end: datetime, cut_off: datetime, folder: Path | None
) -> None:
    """Write the statement of CORRIDOR as canonical JSON: the same bytes on both nodes."""
    _enter(folder)
    from passerelle.kernel.canonical import canonical_bytes
    from passerelle.node.dossiers.statistics import own_statement

    found = own_statement(_cohort(corridor, start, end, cut_off))
    click.echo(canonical_bytes(found).decode("utf-8"))


@command.command("compute")
@click.argument("corridor")
@_FROM
@_TO
@_CUT_OFF
@_NODE
def compute(
    corridor: str, start: datetime, end: datetime, cut_off: datetime, folder: Path | None
) -> None:
    """Open a statistics release on CORRIDOR with our figures; print its dossier."""
    _enter(folder)
    from passerelle.node.accounts.actor import COMMAND_LINE
    from passerelle.node.dossiers.domain import take_in
    from passerelle.node.dossiers.statistics import compute_figures
    from passerelle.node.exercise.clock import node_clock

    clock = node_clock()
    take_in(clock)
    cohort = _cohort(corridor, start, end, cut_off)
    found = compute_figures(cohort, declared=None, actor=COMMAND_LINE, clock=clock)
    click.echo(found if isinstance(found, str) else _refuse(found))


@command.command("confirm")
@click.argument("case")
@_NODE
def confirm(case: str, folder: Path | None) -> None:
    """Give our own figures of the cohort in CASE; say whether they are the other side's bytes."""
    _enter(folder)
    from passerelle.node.accounts.actor import COMMAND_LINE
    from passerelle.node.dossiers.domain import take_in
    from passerelle.node.dossiers.queries import open_dossier_value
    from passerelle.node.dossiers.statistics import confirm_figures
    from passerelle.node.exercise.clock import node_clock
    from passerelle.procedures.standing.releases import read_release
    from passerelle.procedures.values import Refusal

    clock = node_clock()
    take_in(clock)
    found = confirm_figures(case, actor=COMMAND_LINE, clock=clock)
    if isinstance(found, Refusal):
        _refuse(found)
    release = read_release(open_dossier_value(case)[2])
    word = "the same bytes" if release.is_agreed else "DIFFERENT bytes"
    click.echo(f"{word}: {', '.join(side.digest[:16] or '–' for side in release.sides)}")


@command.command("check")
@click.argument("case")
@_NODE
def check(case: str, folder: Path | None) -> None:
    """Check disclosure in CASE: suppress, round, and say what both sides may approve."""
    _enter(folder)
    from passerelle.node.accounts.actor import COMMAND_LINE
    from passerelle.node.dossiers.domain import take_in
    from passerelle.node.dossiers.queries import open_dossier_value
    from passerelle.node.dossiers.statistics import check_disclosure
    from passerelle.node.exercise.clock import node_clock
    from passerelle.procedures.standing.releases import read_release
    from passerelle.procedures.values import Refusal

    clock = node_clock()
    take_in(clock)
    found = check_disclosure(case, actor=COMMAND_LINE, clock=clock)
    if isinstance(found, Refusal):
        _refuse(found)
    release = read_release(open_dossier_value(case)[2])
    hidden = sum(one.is_suppressed for one in release.published)
    click.echo(f"{len(release.published)} figures, {hidden} suppressed, digest {release.digest}")


def _cohort(corridor: str, start: datetime, end: datetime, cut_off: datetime) -> Cohort:
    from passerelle.kernel.problems import RefusedError
    from passerelle.procedures.counting.cohorts import Cohort

    try:
        return Cohort(corridor, start.date(), end.date(), cut_off.date())
    except ValueError as error:
        raise RefusedError("{reason}", code="statistics.cohort", reason=error) from None


def _refuse(refusal: object) -> str:
    from passerelle.kernel.problems import RefusedError
    from passerelle.procedures.values import Refusal

    assert isinstance(refusal, Refusal)
    raise RefusedError("{reason}", code=refusal.code, reason=refusal.reason)


def _enter(folder: Path | None) -> None:
    from passerelle.node import installation

    installation.enter(installation.data_folder(folder))
