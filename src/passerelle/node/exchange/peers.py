"""Peers: pin a root handed over in person, take newer trust files, pause and resume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction

from passerelle.exchange.errors import RemoteProtocolError
from passerelle.exchange.peer import PeerEvent, PeerState
from passerelle.exchange.trust import pin_root, refresh, root_version
from passerelle.kernel.problems import RefusedError
from passerelle.node.exchange import store
from passerelle.node.exchange.models import Cursor, Peer
from passerelle.node.exchange.station import station
from passerelle.node.exchange.transport import TransportError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from passerelle.kernel.clock import Clock
    from passerelle.node.exchange.transport import HttpTransport

__all__ = [
    "TRUST_FILES",
    "add_peer",
    "fetch_files",
    "fetch_from_folder",
    "fetch_from_mapping",
    "fetch_over_http",
    "half_expired",
    "move",
    "refresh_peer",
]

TRUST_FILES: Final = ("timestamp.json", "snapshot.json", "targets.json", "node.json")
"""Files beside the numbered roots."""


@transaction.atomic
def add_peer(node: str, root: bytes, fingerprint: str) -> None:
    """Pin the root of a peer, when its fingerprint is the one read aloud.

    Raises
    ------
    RefusedError
        When the peer is known already, or is this node.
    SignatureError
        When the fingerprint differs.
    """
    if node == station().identity.node:
        raise RefusedError("{node} is this node itself.", code="exchange.peer-self", node=node)
    if Peer.objects.filter(pk=node).exists():
        raise RefusedError(
            "{node} is a peer already; roots are rotated by its holders, not replaced here.",
            code="exchange.peer-exists",
            node=node,
        )
    kind, _, rest = fingerprint.partition(":")
    if kind == "passerelle":  # the text of a code shown in person: node and fingerprint
        named, _, fingerprint = rest.partition(":")
        if named != node:
            raise RefusedError(
                "The code is of {named}, not of {node}.",
                code="exchange.root-code",
                named=named[:64],
                node=node,
            )
    trust = pin_root(root, fingerprint)
    Peer.objects.create(node=node, state=PeerState.PINNED.value)
    store.save_trust(node, trust)


def refresh_peer(node: str, fetch: Callable[[str], bytes | None], clock: Clock) -> PeerState:
    """Take newer trust files of a peer and let it be active.

    Parameters
    ----------
    node
        The peer.
    fetch
        Returns a trust file by name, or ``None`` when there is none.
    clock
        Expiry is measured against it.

    Raises
    ------
    RemoteProtocolError
        When the files are not to be trusted; nothing changes then but the alarm.
    """
    record = store.find_peer(node)
    if record is None:
        raise RefusedError("{node} is no peer.", code="exchange.peer-unknown", node=node)
    files: dict[str, bytes] = {}
    number = root_version(record.trust.roots[-1]) + 1
    while (data := fetch(f"{number}.root.json")) is not None:
        files[f"{number}.root.json"] = data
        number += 1
    for name in TRUST_FILES:
        data = fetch(name)
        if data is not None:
            files[name] = data
    try:
        trust = refresh(
            record.trust, node, files, clock.now(), exercise=station().identity.exercise
        )
    except RemoteProtocolError:
        with transaction.atomic():
            store.move_peer(node, PeerEvent.TROUBLE, alarm="trust")
        raise
    with transaction.atomic():
        store.save_trust(node, trust)
        return store.move_peer(node, PeerEvent.CARD_ACCEPTED)


def fetch_over_http(
    transport: HttpTransport, endpoints: tuple[str, ...]
) -> Callable[[str], bytes | None]:
    """Return a function that gets trust files from a peer's addresses."""

    def fetch(name: str) -> bytes | None:
        answer = transport.get(endpoints, f"trust/{name}")
        return answer.body if answer.status == 200 else None

    return fetch


def half_expired(at: datetime) -> list[str]:
    """Name the peers half of whose trust's life will be over at an instant."""
    found = []
    for row in Peer.objects.exclude(state=PeerState.ENDED.value):
        accepted, expires = row.accepted_at, row.expires
        if (
            accepted is not None
            and expires is not None
            and at >= accepted + (expires - accepted) / 2
        ):
            found.append(row.node)
    return found


def fetch_files(transport: HttpTransport, at: datetime) -> dict[str, dict[str, bytes]]:
    """Get the trust files of the peers that need it at an instant; leave out those not reached."""
    found: dict[str, dict[str, bytes]] = {}
    for node in half_expired(at):
        record = store.find_peer(node)
        if record is None or record.trust.card is None or not record.trust.card.endpoints:
            continue
        fetch = fetch_over_http(transport, record.trust.card.endpoints)
        next_root = f"{root_version(record.trust.roots[-1]) + 1}.root.json"
        try:
            files = {name: fetch(name) for name in (*TRUST_FILES, next_root)}
        except TransportError:
            continue
        found[node] = {name: data for name, data in files.items() if data is not None}
    return found


def fetch_from_folder(folder: Path) -> Callable[[str], bytes | None]:
    """Return a function that reads trust files from a folder."""

    def fetch(name: str) -> bytes | None:
        path = folder / name
        return path.read_bytes() if path.is_file() else None

    return fetch


def fetch_from_mapping(files: Mapping[str, bytes]) -> Callable[[str], bytes | None]:
    """Return a function that looks trust files up in a mapping."""
    return files.get


@transaction.atomic
def move(node: str, event: PeerEvent) -> PeerState:
    """Suspend, resume or end a peer; what was refused is tried again after a resumption.

    A suspended peer comes back with its alarm; to resume once more settles that.

    Raises
    ------
    RefusedError
        When there is no such peer.
    """
    row = Peer.objects.filter(pk=node).first()
    if row is None:
        raise RefusedError("{node} is no peer.", code="exchange.peer-unknown", node=node)
    if event is not PeerEvent.RESUME:
        return store.move_peer(node, event)
    # What was refused meanwhile is tried again: a person decided to go on.
    Cursor.objects.filter(log__peer_id=node, phase="held").update(
        phase="idle", tries=0, next_due=0.0
    )
    if row.state != PeerState.DEGRADED.value:
        return store.move_peer(node, event)
    state = store.move_peer(node, PeerEvent.SETTLED)
    Peer.objects.filter(pk=node).update(alarm="")
    return state
