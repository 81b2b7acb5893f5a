"""One node with keys and several peers, in this process: what reinforcement between states needs."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.simulators.exchange_partner import Partner

from passerelle.exchange.trust import fingerprint
from passerelle.kernel.clock import SystemClock
from passerelle.node.accounts.actor import COMMAND_LINE
from passerelle.node.dossiers import domain
from passerelle.node.dossiers.said import Said
from passerelle.node.exchange import identity, peers, station
from passerelle.node.exchange.models import Log
from passerelle.node.exchange.receiving import take_push
from passerelle.procedures.loading import definition

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from passerelle.kernel.canonical import Json


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


class PeerVoice:
    """Let the node MA speak to the node entered: real pushes, taken in as over the wire."""

    def __init__(self, folder: Path) -> None:
        self.partner = Partner(folder / "ma", station.station(), SystemClock())
        self.n_pushed = 0

    def say(
        self,
        case: str,
        act: str,
        payload: Mapping[str, Json],
        role: str = "focal-point",
        *,
        procedure: str = "reinforcement",
        re: tuple[str, ...] = (),
    ) -> None:
        """Say an act, having seen everything said so far."""
        shape = definition(procedure)
        said = Said(
            procedure, shape.digest, act, shape.roles[role].side, role, "user:peer", payload
        )
        ours = Log.objects.filter(peer_id="ma", direction="out").values_list("size", flat=True)
        self.partner.say(said.to_body(), case=case, re=re, seen=sum(ours))
        reply = take_push(
            self.partner.origin.log_id, self.partner.frame(self.n_pushed), SystemClock()
        )
        assert reply.status == 200, reply
        self.n_pushed += 1
        domain.refresh(case, SystemClock())
