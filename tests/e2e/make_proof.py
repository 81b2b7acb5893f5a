"""Fill a node for browser tests of proof: a partner that receipted, one that paused, acts overdue.

``make_proof.py FOLDER PORT``. The partners are simulated over the wire.
"""

from __future__ import annotations

import secrets
import sys
from datetime import timedelta
from pathlib import Path

from passerelle.kernel.clock import FixedClock, SystemClock
from passerelle.kernel.labels import Labels
from passerelle.node import installation


def main() -> None:
    """Make the node."""
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    settings = {"node": "fr", "state": "FR", "port": port, "second_factor": False}
    installation.initialise(folder, settings)
    from tests.factories.dossiers import request
    from tests.simulators.exchange_partner import Partner, Wire, act

    from passerelle.exchange.trust import fingerprint
    from passerelle.node.accounts.actor import COMMAND_LINE
    from passerelle.node.accounts.domain import add_office, add_user
    from passerelle.node.accounts.enums import Role
    from passerelle.node.dossiers import domain
    from passerelle.node.exchange import identity, peers, receiving
    from passerelle.node.exchange.acts import release_act, release_acts
    from passerelle.node.exchange.models import EvidenceRow, Peer
    from passerelle.node.exchange.station import station
    from passerelle.node.exchange.worker import ExchangeWorker

    office = add_office("coordination", Labels("Coordination", "Coordination", "التنسيق"))
    add_user("planner", office, [Role.LIAISON, Role.PLANNER, Role.COOPERATION, Role.APPROVER])
    clock = SystemClock()
    days_ago = FixedClock(clock.now() - timedelta(days=3))
    draw, place = secrets.token_bytes, ("https://partner.invalid",)
    for name in ("ma", "es"):
        identity.create(
            folder.parent / name,
            name,
            now=days_ago.now(),
            random_bytes=draw,
            endpoints=place,
        )
    partner = Partner(folder.parent / "ma", station(), clock)
    partner.introduce()
    domain.agree_corridor("fr-ma", "ma", "FR", "MA", actor=COMMAND_LINE, clock=clock)
    domain.open_case(
        "ma", "reinforcement", "request", request(), "directorate",
        actor=COMMAND_LINE, clock=days_ago,
    )  # fmt: skip
    release_acts([act(n) for n in range(60)], clock=days_ago)
    worker = ExchangeWorker(clock, Wire(partner), rng=lambda: 0.0)  # type: ignore[arg-type]
    while worker.round():
        pass
    worker.release_leases()
    for number in range(3):
        partner.say({"n": number}, case="cd" * 16)
    receiving.take_push(partner.origin.log_id, partner.frame(), clock)
    release_act(act(60), clock=days_ago)
    release_act(act(61), clock=clock)
    trust = folder.parent / "es" / "trust"
    root = (trust / "1.root.json").read_bytes()
    peers.add_peer("es", root, fingerprint(root))
    peers.refresh_peer("es", peers.fetch_from_folder(trust), clock)
    Peer.objects.filter(pk="es").update(told="paused", state="degraded", alarm="clock")
    EvidenceRow.objects.create(peer="es", kind="clock", parts=[], at=clock.now())


if __name__ == "__main__":
    main()
