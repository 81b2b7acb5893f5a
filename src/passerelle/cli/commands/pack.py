"""``passerelle pack``: write a verification pack."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.argument("peer")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--case", default="", help="Show the entries of this dossier only.")
@click.option("--whole", is_flag=True, help="Show all headers, as a proof of absence needs.")
@click.option("--no-contents", is_flag=True, help="Disclose no contents.")
def command(data: Path, peer: str, out: Path, *, case: str, whole: bool, no_contents: bool) -> None:
    """Write a pack over everything said with PEER to OUT; anybody verifies it offline."""
    from passerelle.node.installation import enter

    enter(data)
    from passerelle.node.exchange.files import write_durably
    from passerelle.node.exchange.packing import make_pack
    from passerelle.node.exercise.clock import node_clock

    if whole and case:
        click.echo("This shows the headers of other dossiers too (--whole).", err=True)
    pack = make_pack(peer, node_clock(), case=case, whole=whole, disclose=not no_contents)
    write_durably(out, pack)
    click.echo(f"{out}: {len(pack)} bytes. Verify it with: passerelle verify {out}")
