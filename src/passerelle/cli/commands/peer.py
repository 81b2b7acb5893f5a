"""``passerelle peer``: add, list and suspend peers."""

from __future__ import annotations

from pathlib import Path

import click

from passerelle.kernel.problems import RefusedError


@click.group()
def command() -> None:
    """Add, list, refresh, suspend and resume the nodes that this one exchanges with."""


@command.command("show")
@click.argument("data", type=click.Path(path_type=Path))
def show(data: Path) -> None:
    """Print our own root: path, fingerprint and the words to read aloud."""
    from passerelle.exchange.trust import fingerprint, fingerprint_words
    from passerelle.node.installation import enter

    enter(data)
    path = data / "exchange" / "trust" / "1.root.json"
    root = path.read_bytes()
    click.echo(f"file         {path}")
    click.echo(f"fingerprint  {fingerprint(root)}")
    click.echo(f"words        {fingerprint_words(root)}")


@command.command("add")
@click.argument("data", type=click.Path(path_type=Path))
@click.argument("node")
@click.option("--root", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--fingerprint", required=True, help="As heard: words or hexadecimal.")
@click.option("--endpoint", default="", help="Address from which trust files are fetched.")
@click.option("--trust", type=click.Path(exists=True, path_type=Path), help="Or a folder of them.")
def add(
    data: Path, node: str, *, root: Path, fingerprint: str, endpoint: str, trust: Path | None
) -> None:
    """Pin the root of NODE, handed over in person, and take its trust files."""
    from passerelle.node.installation import enter

    enter(data)
    from passerelle.node.exchange import peers
    from passerelle.node.exchange.transport import HttpTransport
    from passerelle.node.exercise.clock import node_clock

    peers.add_peer(node, root.read_bytes(), fingerprint)
    state = "pinned"
    if trust is not None:
        fetch = peers.fetch_from_folder(trust)
        state = peers.refresh_peer(node, fetch, node_clock()).value
    elif endpoint:
        with HttpTransport() as transport:
            fetch = peers.fetch_over_http(transport, (endpoint,))
            state = peers.refresh_peer(node, fetch, node_clock()).value
    click.echo(f"{node} is {state}.")


@command.command("list")
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def list_peers(data: Path, *, as_json: bool) -> None:
    """List the peers: state, trust, what is owed and held."""
    from passerelle.node.installation import enter

    enter(data)
    from passerelle.kernel.canonical import canonical_bytes
    from passerelle.node.exchange.queries import peer_overview
    from passerelle.node.exercise.clock import node_clock

    rows = peer_overview(node_clock().now())
    if as_json:
        click.echo(canonical_bytes([row.to_object() for row in rows]).decode())
        return
    for row in rows:
        click.echo(
            f"{row.node}  {row.state}  trust {row.freshness}  sent {row.receipted}/{row.released} "
            f"receipted  received {row.received}" + (f"  ALARM {row.alarm}" if row.alarm else "")
        )


def _move(data: Path, node: str, event_name: str) -> None:
    from passerelle.exchange.peer import PeerEvent
    from passerelle.node.installation import enter

    enter(data)
    from passerelle.node.exchange.peers import move

    click.echo(f"{node} is {move(node, PeerEvent(event_name)).value}.")


@command.command("suspend")
@click.argument("data", type=click.Path(path_type=Path))
@click.argument("node")
def suspend(data: Path, node: str) -> None:
    """Stop all that goes out to NODE; what arrives is stored and receipted, but not routed."""
    _move(data, node, "suspend")


@command.command("resume")
@click.argument("data", type=click.Path(path_type=Path))
@click.argument("node")
def resume(data: Path, node: str) -> None:
    """Go on with NODE after a suspension."""
    _move(data, node, "resume")


@command.command("refresh")
@click.argument("data", type=click.Path(path_type=Path))
@click.argument("node")
@click.option("--trust", type=click.Path(exists=True, path_type=Path), required=True)
def refresh(data: Path, node: str, trust: Path) -> None:
    """Take newer trust files of NODE from a folder."""
    from passerelle.node.installation import enter

    enter(data)
    from passerelle.node.exchange import peers
    from passerelle.node.exercise.clock import node_clock

    state = peers.refresh_peer(node, peers.fetch_from_folder(trust), node_clock())
    if state.value == "pinned":
        raise RefusedError("{node} stays pinned.", code="exchange.peer-pinned", node=node)
    click.echo(f"{node} is {state.value}.")
