"""``passerelle attachment``: send files with an act, list them, open them."""

from __future__ import annotations

from pathlib import Path

import click

from passerelle.kernel.problems import RefusedError


@click.group()
def command() -> None:
    """Send sealed files with an act of a dossier, fetch and open what a peer sent."""


@command.command("send")
@click.argument("data", type=click.Path(path_type=Path))
@click.argument("peer")
@click.argument("case")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--note", default="", help="Words that go with the files, sealed like them.")
@click.option("--office", default="cooperation", help="Office of both sides.")
@click.option("--on-demand", is_flag=True, help="The peer fetches them when it wants them.")
@click.option("--courier", is_flag=True, help="Do not upload: passerelle bundle carries them.")
@click.option("--draft", default="", help="Go on with files sealed before, as the refusal named.")
def send(
    data: Path,
    peer: str,
    case: str,
    files: tuple[Path, ...],
    *,
    note: str,
    office: str,
    on_demand: bool,
    courier: bool,
    draft: str,
) -> None:
    """Seal FILES for PEER, upload them, and release the act that names them.

    When the peer is not reached, the refusal names the draft: the worker goes on with the upload, and
    --draft releases the act afterwards.
    """
    from passerelle.exchange.header import Kind
    from passerelle.node.installation import enter

    enter(data)
    import time

    from passerelle.node.exchange import attachments
    from passerelle.node.exchange.acts import NewAct, Release, release_act
    from passerelle.node.exchange.transport import HttpTransport
    from passerelle.node.exchange.uploading import Uploads
    from passerelle.node.exercise.clock import node_clock

    clock = node_clock()
    policy = "on-demand" if on_demand else "with"
    draft = draft or attachments.stage(peer, case, files, clock=clock, policy=policy).id
    body = {"note": note, "files": [path.name for path in files]}
    act = NewAct(peer, Kind.REPORT, case, body, office, office, draft=draft, by_courier=courier)
    with HttpTransport() as transport:
        uploads = Uploads(clock, transport, time.monotonic)
        while not courier and uploads.round():
            pass
    released = release_act(act, clock=clock)
    if not isinstance(released, Release):
        raise RefusedError(
            "Nothing was released: {detail}.", code=released.code, detail=released.detail
        )
    click.echo(f"{released.entry_id}  {len(files)} file(s), act {released.index} of its log.")


@command.command("list")
@click.argument("data", type=click.Path(path_type=Path))
@click.argument("case")
def list_attachments(data: Path, case: str) -> None:
    """List the attachments of a dossier: entry, number, length, whether it is here."""
    from passerelle.node.installation import enter

    enter(data)
    from passerelle.exchange.errors import RemoteProtocolError
    from passerelle.exchange.header import parse_header
    from passerelle.node.exchange.blobs import is_complete
    from passerelle.node.exchange.models import Entry

    for entry in Entry.objects.filter(case=case).order_by("log_id", "idx"):
        try:
            header = parse_header(bytes(entry.header))
        except RemoteProtocolError:
            continue
        for number, item in enumerate(header.att):
            here = "here" if is_complete(item.root) else "offered, not fetched"
            click.echo(f"{entry.entry_id}  {number}  {item.size} bytes  {item.policy}  {here}")


@command.command("open")
@click.argument("data", type=click.Path(path_type=Path))
@click.argument("entry")
@click.argument("number", type=int)
@click.argument("out", type=click.Path(path_type=Path))
def open_one(data: Path, entry: str, number: int, out: Path) -> None:
    """Write attachment NUMBER of ENTRY to OUT; fetched first when it was only offered."""
    from passerelle.node.installation import enter

    enter(data)
    from passerelle.exchange.header import parse_header
    from passerelle.node.exchange import attachments, blobs, uploading
    from passerelle.node.exchange.models import Entry
    from passerelle.node.exchange.station import station
    from passerelle.node.exchange.transport import HttpTransport
    from passerelle.node.exercise.clock import node_clock

    row = Entry.objects.filter(entry_id=entry).select_related("log").first()
    if row is None:
        raise RefusedError("There is no entry {entry}.", code="exchange.entry-unknown", entry=entry)
    header = parse_header(bytes(row.header))
    is_offered = number < len(header.att) and row.log.direction == "in"
    if is_offered and not blobs.is_complete(header.att[number].root):
        with HttpTransport() as transport:
            uploading.fetch(header, number, transport, node_clock())
    length = attachments.save_attachment(station(), row, number, out)
    click.echo(f"{out}: {length} bytes, as the act committed to.")
