"""``passerelle agreement``: draft, sign, look at and accept the agreement with a peer."""

from __future__ import annotations

from pathlib import Path

import click

_DATA = click.argument("data", type=click.Path(path_type=Path))
_FILE = click.argument("file", type=click.Path(exists=True, path_type=Path))


@click.group()
def command() -> None:
    """Agree with a peer on kinds, procedures and limits; signed by an office of each side."""


@command.command("draft")
@_DATA
@click.argument("peer")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--office", default="cooperation", show_default=True)
@click.option("--kind", "kinds", multiple=True, help="Kinds of entries; all when none is named.")
@click.option("--attachment-mib", type=int, default=256, show_default=True)
@click.option("--per-second", type=int, default=50, show_default=True)
@click.option("--burst", type=int, default=500, show_default=True)
@click.option("--trust-days", type=int, default=30, show_default=True)
@click.option("--courier-hours", type=int, default=24, show_default=True)
def draft(
    data: Path,
    peer: str,
    out: Path,
    *,
    office: str,
    kinds: tuple[str, ...],
    attachment_mib: int,
    per_second: int,
    burst: int,
    trust_days: int,
    courier_hours: int,
) -> None:
    """Write a draft with PEER to OUT: every procedure of this node by the digest of its definition."""
    from passerelle.node.installation import enter

    enter(data)
    from passerelle.exchange.agreement import PeerLimits
    from passerelle.node.exchange import agreements
    from passerelle.node.exchange.files import write_durably
    from passerelle.node.exercise.clock import node_clock
    from passerelle.procedures.loading import DEFINITIONS, definition

    limits = PeerLimits(
        attachment=attachment_mib << 20,
        per_second=per_second,
        burst=burst,
        trust_days=trust_days,
        courier_hours=courier_hours,
    )
    procedures = {name: definition(name).digest for name in DEFINITIONS}
    envelope = agreements.draft(
        peer,
        node_clock().now(),
        office=office,
        kinds=kinds,
        procedures=procedures,
        limits=limits,
    )
    write_durably(out, envelope.encode())
    click.echo(f"{out}: draft with {peer}, digest {envelope.digest}")


@command.command("sign")
@_DATA
@_FILE
def sign(data: Path, file: Path) -> None:
    """Sign the agreement in FILE, in place, with the key of our office."""
    from passerelle.node.installation import enter

    enter(data)
    from passerelle.node.exchange import agreements
    from passerelle.node.exchange.files import write_durably

    envelope = agreements.sign(file.read_bytes())
    write_durably(file, envelope.encode())
    click.echo(f"{file}: signed; digest {envelope.digest}")


@command.command("show")
@_DATA
@_FILE
def show(data: Path, file: Path) -> None:
    """Say what the agreement in FILE holds and who has signed."""
    from passerelle.node.installation import enter

    enter(data)
    from passerelle.node.exchange import agreements
    from passerelle.node.exercise.clock import node_clock

    found = agreements.standing(file.read_bytes(), node_clock().now())
    terms = found.agreement.terms
    (first, _), (second, _) = found.agreement.nodes
    click.echo(f"{first} and {second}, version {found.agreement.version}")
    click.echo(f"digest      {found.digest}")
    click.echo(f"signed by   {', '.join(found.signed) or 'nobody'}")
    click.echo(f"suite       {terms.suite}")
    click.echo(f"kinds       {', '.join(terms.kinds) or 'all'}")
    for name, digest in terms.procedures:
        click.echo(f"procedure   {name} {digest}")
    for name, value in terms.limits.to_object().items():
        click.echo(f"limit       {name} {value}")


@command.command("accept")
@_DATA
@_FILE
def accept(data: Path, file: Path) -> None:
    """Let the agreement in FILE rule, when both sides have signed the same bytes."""
    from passerelle.node.installation import enter

    enter(data)
    from passerelle.node.exchange import agreements
    from passerelle.node.exercise.clock import node_clock

    found = agreements.accept(file.read_bytes(), node_clock().now())
    click.echo(f"Version {found.agreement.version} rules from now on; digest {found.digest}")
