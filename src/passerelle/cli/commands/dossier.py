"""``passerelle dossier``: list, show, open and answer dossiers from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from passerelle.kernel.problems import RefusedError

if TYPE_CHECKING:
    from passerelle.kernel.canonical import Json
    from passerelle.node.dossiers.models import Dossier

_NODE = click.option(
    "--node", "folder", type=click.Path(file_okay=False, path_type=Path), help="Data folder."
)
_FIELDS = click.option(
    "--fields",
    type=click.File("rb"),
    default=None,
    help="JSON file with the fields of the act; - reads standard input.",
)
_ROLE = click.option("--role", required=True, help="Role of the procedure in which you speak.")


@click.group()
def command() -> None:
    """Open dossiers with a peer, say acts, and see what may be said."""


@command.command("corridor")
@click.argument("code")
@click.argument("peer")
@click.argument("own_state")
@click.argument("peer_state")
@_NODE
def corridor(code: str, peer: str, own_state: str, peer_state: str, folder: Path | None) -> None:
    """Agree the corridor CODE with PEER between OWN_STATE and PEER_STATE (ISO letters)."""
    _enter(folder)
    from passerelle.node.accounts.actor import COMMAND_LINE
    from passerelle.node.dossiers.domain import agree_corridor
    from passerelle.node.exercise.clock import node_clock

    agree_corridor(
        code, peer, own_state.upper(), peer_state.upper(), actor=COMMAND_LINE, clock=node_clock()
    )
    click.echo(f"Corridor {code} with {peer} is in force.")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@_NODE
def list_(folder: Path | None, *, as_json: bool) -> None:
    """List the dossiers, the next deadline first."""
    _enter(folder)
    from passerelle.node.dossiers.domain import take_in
    from passerelle.node.dossiers.queries import inbox
    from passerelle.node.exercise.clock import node_clock

    take_in(node_clock())
    rows = inbox()
    if as_json:
        click.echo(json.dumps([_row(one) for one in rows], ensure_ascii=False, indent=1))
        return
    for one in rows:
        due = f"{one.due_at:%Y-%m-%d %H:%M}Z {one.due_side}" if one.due_at else "nothing due"
        click.echo(
            f"{one.case}  {one.corridor.peer:8} {one.procedure:14} {one.state:14} "
            f"{one.n_acts:3} acts  {due}  {one.reference}"
        )


@command.command("show")
@click.argument("case")
@click.option("--role", default="", help="Also list what this role may do, and why not the rest.")
@_NODE
def show(case: str, role: str, folder: Path | None) -> None:
    """Write the dossier CASE as JSON: what was said, refused, is due, and what may be done."""
    _enter(folder)
    from passerelle.node.dossiers.domain import take_in
    from passerelle.node.dossiers.queries import open_view
    from passerelle.node.exercise.clock import node_clock

    clock = node_clock()
    take_in(clock)
    view = open_view(case, clock.now(), roles=(role,) if role else ())
    click.echo(json.dumps(view, ensure_ascii=False, indent=1))


@command.command("counts")
@click.argument("case")
@click.option("--digest", "is_short", is_flag=True, help="Write its SHA-256 alone.")
@_NODE
def counts(case: str, folder: Path | None, *, is_short: bool) -> None:
    """Write the count sheet of CASE in canonical form: both nodes write the same bytes."""
    _enter(folder)
    from passerelle.node.dossiers.domain import take_in
    from passerelle.node.dossiers.sheets import sheet_of, sheets
    from passerelle.node.exercise.clock import node_clock

    clock = node_clock()
    take_in(clock)
    row = next((one for one in sheets(clock.now()) if one.dossier_id == case), None)
    if row is None:
        raise RefusedError(
            "There is no count sheet of {case}.", code="counts.unknown", case=case[:32]
        )
    click.echo(row.digest if is_short else sheet_of(row).to_bytes().decode())


@command.command("open")
@click.argument("peer")
@click.argument("procedure")
@click.argument("act")
@_ROLE
@_FIELDS
@click.option("--event", default="", help="Code of the event that it serves.")
@_NODE
def open_(
    peer: str,
    procedure: str,
    act: str,
    role: str,
    fields: IO[bytes] | None,
    event: str,
    folder: Path | None,
) -> None:
    """Open a dossier with PEER under PROCEDURE by ACT; print its id."""
    payload = _read(fields)
    _enter(folder)
    from passerelle.node.accounts.actor import COMMAND_LINE
    from passerelle.node.dossiers.domain import open_case
    from passerelle.node.exercise.clock import node_clock

    found = open_case(
        peer, procedure, act, payload, role, actor=COMMAND_LINE, clock=node_clock(), event=event
    )
    click.echo(found if isinstance(found, str) else _refuse(found))


@command.command("say")
@click.argument("case")
@click.argument("act")
@_ROLE
@_FIELDS
@_NODE
def say(case: str, act: str, role: str, fields: IO[bytes] | None, folder: Path | None) -> None:
    """Say ACT in the dossier CASE; print the id of the entry."""
    payload = _read(fields)
    _enter(folder)
    from passerelle.node.accounts.actor import COMMAND_LINE
    from passerelle.node.dossiers.domain import say as say_act
    from passerelle.node.dossiers.domain import take_in
    from passerelle.node.exchange.acts import Release
    from passerelle.node.exercise.clock import node_clock

    clock = node_clock()
    take_in(clock)
    found = say_act(case, act, payload, role, actor=COMMAND_LINE, clock=clock)
    click.echo(found.entry_id if isinstance(found, Release) else _refuse(found))


def _refuse(refusal: object) -> str:
    from passerelle.procedures.values import Refusal

    assert isinstance(refusal, Refusal)
    raise RefusedError("{reason}", code=refusal.code, reason=refusal.reason)


@command.command("edxl")
@click.argument("case")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write files here.")
@click.option(
    "--read",
    "message",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read this message into a draft instead.",
)
@_NODE
def edxl(case: str, out: Path | None, message: Path | None, folder: Path | None) -> None:
    """List the EDXL messages of CASE and what each loses; write them, or read one into a draft."""
    _enter(folder)
    from passerelle.node.dossiers import edxl as messages
    from passerelle.node.writing import write_new

    if message is not None:
        for one in messages.read_drafts(message.read_bytes(), message.name):
            draft = {"act": one.act, "fields": one.payload, "missing": one.missing}
            click.echo(json.dumps({"message": one.message, **draft}, ensure_ascii=False))
        return
    for line in messages.outgoing(case):
        lost = f"  loses {', '.join(line.losses)}" if line.losses else ""
        click.echo(f"{line.act_id[:16]}  {line.act:16} {line.message}{lost}")
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            write_new(out / f"{line.act_id[:16]}.xml", messages.write_out(case, line.act_id))


@command.command("erase")
@click.argument("case", required=False)
@click.option(
    "--ground",
    type=click.Choice(["purpose-ended", "retention-ended", "rights-request"]),
    default="purpose-ended",
    show_default=True,
)
@click.option("--due", is_flag=True, help="Erase every dossier whose retention is over.")
@_NODE
def erase(case: str | None, ground: str, folder: Path | None, *, due: bool) -> None:
    """Destroy the key of CASE: its content is gone from here and every backup; proof and counts stay."""
    if due == (case is not None):
        raise click.UsageError("Give a dossier, or --due.")
    _enter(folder)
    from passerelle.node.accounts.actor import COMMAND_LINE
    from passerelle.node.dossiers import erasure
    from passerelle.node.exercise.clock import node_clock
    from passerelle.procedures.values import Refusal

    if case is None:
        click.echo(f"{erasure.erase_due(node_clock())} dossier(s) erased.")
        return
    found = erasure.erase(case, ground, actor=COMMAND_LINE, clock=node_clock())
    if isinstance(found, Refusal):
        _refuse(found)
        return
    click.echo(f"{case}: the key is destroyed; {found.n_acts} acts can be proved and not read.")


def _read(fields: IO[bytes] | None) -> dict[str, Json]:
    from passerelle.kernel.problems import InputError, Issue

    if fields is None:
        return {}
    data = fields.read(262_145)
    try:
        found = json.loads(data) if len(data) <= 262_144 else None
    except ValueError as error:
        raise InputError([Issue(fields.name, 0, "", "dossiers.json", f"JSON ({error})")]) from None
    if not isinstance(found, dict):
        raise InputError(
            [Issue(fields.name, 0, "", "dossiers.json", "a JSON object of at most 256 KiB")]
        )
    return found


def _row(one: Dossier) -> dict[str, object]:
    return {
        "case": one.case,
        "peer": one.corridor.peer,
        "procedure": one.procedure,
        "side": one.side,
        "state": one.state,
        "acts": one.n_acts,
        "settled": one.is_settled,
        "due": one.due_at.isoformat() if one.due_at else None,
        "due_name": one.due_name,
        "due_side": one.due_side,
        "reference": one.reference,
        "event": one.event,
    }


def _enter(folder: Path | None) -> None:
    from passerelle.node import installation

    installation.enter(installation.data_folder(folder))
