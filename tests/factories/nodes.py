"""One node with keys and several peers, in this process: what reinforcement between states needs."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

from passerelle.exchange.trust import fingerprint
from passerelle.kernel.clock import SystemClock
from passerelle.node.accounts.actor import COMMAND_LINE
from passerelle.node.dossiers import domain
from passerelle.node.exchange import identity, peers, station

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


@contextmanager
def host_with_peers(folder: Path, states: Sequence[str], own: str = "FR") -> Iterator[None]:
    """Enter a node of ``own`` that knows a node of each state and has a corridor with it."""
    clock = SystemClock()
    for state in (own, *states):
        name = state.lower()
        identity.create(folder / name, name, now=clock.now(), random_bytes=secrets.token_bytes)
    with station.entered(station.open_station(folder / own.lower())):
        for state in states:
            trust = folder / state.lower() / "trust"
            root = (trust / "1.root.json").read_bytes()
            peers.add_peer(state.lower(), root, fingerprint(root))
            peers.refresh_peer(state.lower(), peers.fetch_from_folder(trust), clock)
            domain.agree_corridor(
                f"{own.lower()}-{state.lower()}", state.lower(), own, state,
                actor=COMMAND_LINE, clock=clock,
            )  # fmt: skip
        yield
