"""Fill a node for browser tests of reinforcement: a draft campaign, and a dossier up to published duties.

``make_reinforcement.py FOLDER PORT``. The partner is simulated over the wire; every person is synthetic.
"""

from __future__ import annotations

import secrets
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from passerelle.kernel.clock import SystemClock
from passerelle.kernel.labels import Labels
from passerelle.node import installation

if TYPE_CHECKING:
    from tests.factories.dossiers import Talk

CLOCK = SystemClock()
HEADER = {
    "issuing_authority": "Ministry of the Interior, France",
    "signatory": "Head of the cooperation directorate",
    "legal_basis": "Agreements on police cooperation",
    "contact_24_7": "+33 1 00 00 00 00",
    "handling": {"tlp": "AMBER", "police": "H0"},
    "languages": ["fr"],
}


def main() -> None:
    """Make the node."""
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    settings = {"node": "fr", "state": "FR", "port": port, "second_factor": False}
    installation.initialise(folder, settings)
    from tests.factories.node import add_event
    from tests.factories.played import Play

    from passerelle.node.accounts.actor import COMMAND_LINE
    from passerelle.node.accounts.domain import add_office, add_user
    from passerelle.node.accounts.enums import Role
    from passerelle.node.exchange.station import entered, station
    from passerelle.node.reinforcement.drafting import draft_campaign

    office = add_office("cooperation", Labels("Coopération", "Cooperation", "التعاون"))
    add_user("planner", office, [Role.PLANNER, Role.COOPERATION, Role.APPROVER, Role.LIAISON])
    play = Play(folder.parent / "partner", CLOCK, station())
    with entered(play.station):
        play.begin()
        _add_peer(folder.parent / "others", "es", "ES")
        event = add_event(folder.parent, CLOCK).event
        play.say(_talk().acts, event=event.code)
        draft_campaign(
            event, basis="nobody", answer_by=CLOCK.now() + timedelta(days=20), header=HEADER,
            peers=["ma", "es"], title="Première vague", language="fr", actor=COMMAND_LINE,
            clock=CLOCK,
        )  # fmt: skip


def _add_peer(folder: Path, name: str, state: str) -> None:
    from passerelle.exchange.trust import fingerprint
    from passerelle.node.accounts.actor import COMMAND_LINE
    from passerelle.node.dossiers.domain import agree_corridor
    from passerelle.node.exchange import identity, peers

    identity.create(folder / name, name, now=CLOCK.now(), random_bytes=secrets.token_bytes)
    root = (folder / name / "trust" / "1.root.json").read_bytes()
    peers.add_peer(name, root, fingerprint(root))
    peers.refresh_peer(name, peers.fetch_from_folder(folder / name / "trust"), CLOCK)
    agree_corridor(f"fr-{name}", name, "FR", state, actor=COMMAND_LINE, clock=CLOCK)


def _talk() -> Talk:
    """Lead a dossier to duties that wait for an acknowledgement, with one more offer that stands."""
    from tests.factories.dossiers import committed, offer, person

    talk = committed()
    talk.say(
        "offer",
        offers=[
            offer(
                "O2", answer="partial", posts=1, present=2, people=2,
                valid_until="2024-12-30T18:00:00Z",
            )
        ],
    )  # fmt: skip
    talk.say(
        "name",
        persons_named=[person(f"P{n}", family_name=f"Exemple-{chr(65 + n)}") for n in range(5)],
    )
    for n in range(3):
        talk.say("vet", person=f"P{n}", result="cleared")
    for n in range(2):
        talk.say("accredit", person=f"P{n}", number_of_badge=f"B{n}", valid_until="2024-09-01")
    talk.say("brief", persons=["P0", "P1"], on="2024-07-20", language="fr", rule_card="RC")
    duties = [
        {
            "person": f"P{n}", "from": "2024-07-25T06:00:00Z", "to": "2024-07-25T14:00:00Z",
            "place": "STE", "task": "déminage / bomb disposal / تفكيك المتفجرات",
        }
        for n in range(2)
    ]  # fmt: skip
    talk.say("publish", plan="small-cup/plan", plan_version=1, duties=duties)
    return talk


if __name__ == "__main__":
    main()
