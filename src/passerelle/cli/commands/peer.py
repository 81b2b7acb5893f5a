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
@click.option("--qr", is_flag=True, help="Draw the code of node and fingerprint, to be shown.")
def show(data: Path, *, qr: bool) -> None:
    """Print our own root: path, fingerprint and the words to read aloud."""
    from passerelle.exchange.trust import fingerprint, fingerprint_words
    from passerelle.node.installation import enter

    enter(data)
    from passerelle.node.configuration import configuration

    path = data / "exchange" / "trust" / "1.root.json"
    root = path.read_bytes()
    click.echo(f"file         {path}")
    click.echo(f"fingerprint  {fingerprint(root)}")
    click.echo(f"words        {fingerprint_words(root)}")
    code = f"passerelle:{configuration().node}:{fingerprint(root)}"
    click.echo(f"code         {code}")
    if qr:
        import io

        import segno

        drawn = io.StringIO()
        segno.make(code, error="m").terminal(drawn, compact=True)
        click.echo(drawn.getvalue())


@command.command("add")
@click.argument("data", type=click.Path(path_type=Path))
@click.argument("node")
@click.option("--root", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--fingerprint", required=True, help="As heard: words or hexadecimal; or a code.")
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
            f"receipted  received {row.received}"
            + ("  PAUSED BY PEER" if row.told == "paused" else "")
            + (f"  ALARM {row.alarm}" if row.alarm else "")
        )


def _move(data: Path, node: str, event_name: str) -> None:
    from passerelle.exchange.peer import PeerEvent
    from passerelle.node.installation import enter

    enter(data)
    from passerelle.node.exchange.models import Peer
    from passerelle.node.exchange.pausing import notice_for, tell_peers
    from passerelle.node.exchange.peers import move
    from passerelle.node.exchange.transport import HttpTransport
    from passerelle.node.exercise.clock import node_clock

    click.echo(f"{node} is {move(node, PeerEvent(event_name)).value}.")
    with HttpTransport(5.0) as transport:
        is_told = tell_peers(transport, node_clock())
    if is_told:
        click.echo("It was told.")
    elif notice_for(Peer.objects.get(pk=node), node_clock().now()):
        click.echo("It will be told when it is reached, or by courier.")


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
    """Go on with NODE after a suspension; once more, settle its alarm and send again what it refused."""
    _move(data, node, "resume")


@command.command("restore")
@click.argument("data", type=click.Path(path_type=Path))
@click.argument("node")
def restore(data: Path, node: str) -> int:
    """After a restore from a backup: take our own words back from NODE, who holds them."""
    from passerelle.node.installation import enter

    enter(data)
    from passerelle.node.exchange.epochs import recover
    from passerelle.node.exchange.transport import HttpTransport
    from passerelle.node.exchange.worker import ExchangeWorker
    from passerelle.node.exercise.clock import node_clock

    with HttpTransport() as transport:
        ExchangeWorker(node_clock(), transport).check_guards()
        found = recover(node, transport, node_clock())
    held = "did not answer" if found.held is None else f"holds {found.held}"
    click.echo(f"{found.added} act(s) taken back; we hold {found.size}, {node} {held}.")
    if not found.is_stopped:
        click.echo("Writing goes on.")
        return 0
    click.echo(
        "We signed more than both sides hold now, so this log stays closed for writing. "
        f"Let the root holders begin a new one: passerelle peer epoch {data} {node} --reason lost"
    )
    return 3


@command.command("epoch")
@click.argument("data", type=click.Path(path_type=Path))
@click.argument("node")
@click.option("--reason", type=click.Choice(["lost", "stolen"]), required=True)
@click.option("--held", type=int, help="Entries that NODE holds, as it told you; else it is asked.")
def epoch(data: Path, node: str, *, reason: str, held: int | None) -> None:
    """Close our log to NODE at what it holds, and begin a new one signed by the root holders."""
    from passerelle.node.installation import enter

    enter(data)
    from passerelle.node.configuration import configuration
    from passerelle.node.exchange import epochs
    from passerelle.node.exchange.transport import HttpTransport
    from passerelle.node.exercise.clock import node_clock

    clock = node_clock()
    if held is None:
        with HttpTransport() as transport:
            held = epochs.recover(node, transport, clock).held
    if held is None:
        raise RefusedError(
            "{node} did not say how many entries it holds; ask it and give --held.",
            code="exchange.epoch-held",
            node=node,
        )
    passphrase = configuration().exchange_passphrase.get_secret_value()
    begun = epochs.begin_epoch(node, held, reason, clock, passphrase=passphrase)
    click.echo(f"{begun.origin} begins; the log before is closed at {begun.size} entries.")
    for entry in begun.unsaid:
        click.echo(f"never held by {node}, to be said again: {entry}")


@command.command("refresh")
@click.argument("data", type=click.Path(path_type=Path))
@click.argument("node")
@click.option(
    "--trust",
    type=click.Path(exists=True, path_type=Path),
    help="A folder of its trust files; without it they are fetched from its address.",
)
def refresh(data: Path, node: str, trust: Path | None) -> None:
    """Take newer trust files of NODE at once: after a theft, or when its certificate changed."""
    from passerelle.node.installation import enter

    enter(data)
    from passerelle.node.exchange import peers, store
    from passerelle.node.exchange.transport import HttpTransport
    from passerelle.node.exercise.clock import node_clock

    if trust is not None:
        state = peers.refresh_peer(node, peers.fetch_from_folder(trust), node_clock())
    else:
        record = store.find_peer(node)
        endpoints = record.trust.card.endpoints if record and record.trust.card else ()
        with HttpTransport() as transport:
            fetch = peers.fetch_over_http(transport, endpoints)
            state = peers.refresh_peer(node, fetch, node_clock())
    if state.value == "pinned":
        raise RefusedError("{node} stays pinned.", code="exchange.peer-pinned", node=node)
    click.echo(f"{node} is {state.value}.")
