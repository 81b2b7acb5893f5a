"""Fill a node for browser tests of rolls: a corridor, a committed dossier with six people, one officer.

``make_roll.py FOLDER PORT``. The partner is simulated over the wire; every person is synthetic.
"""

from __future__ import annotations

import sys
from pathlib import Path

from passerelle.kernel.clock import SystemClock
from passerelle.kernel.labels import Labels
from passerelle.node import installation


def main() -> None:
    """Make the node."""
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    settings = {"node": "fr", "state": "FR", "port": port, "second_factor": False}
    installation.initialise(folder, settings)
    from tests.factories.dossiers import committed, person
    from tests.factories.played import Play

    from passerelle.node.accounts.domain import add_office, add_user
    from passerelle.node.accounts.enums import Role
    from passerelle.node.exchange.station import entered, station

    office = add_office("arrivals", Labels("Accueil", "Arrivals", "الاستقبال"))
    add_user("planner", office, [Role.LIAISON, Role.PLANNER, Role.COOPERATION, Role.APPROVER])
    play = Play(folder.parent / "partner", SystemClock(), station())
    talk = committed(certificates=["eod-2"])
    talk.say("name", persons_named=[person(f"P{n}", **_who(n)) for n in range(1, 7)])
    for n in range(1, 6):
        talk.say("vet", person=f"P{n}", result="cleared")
        talk.say("accredit", person=f"P{n}", number_of_badge=f"B{n}", valid_until="2024-09-01")
    talk.say("brief", persons=["P1", "P2", "P3"], on="2024-07-20", language="fr", rule_card="RC")
    talk.say("book-travel", persons=["P1", "P2"], arrives_at="2024-07-23T14:30:00Z", place="CDG")
    with entered(play.station):
        play.begin()
        play.say(talk.acts)


def _who(n: int) -> dict[str, object]:
    ends = "2024-07-28" if n == 2 else "2024-12-31"
    found: dict[str, object] = {
        "family_name": f"Exemple-{chr(64 + n)}",
        "given_name": "Personne",
        "certificates": [{"certificate": "eod-2", "valid_until": ends}],
        "languages": [
            {"language": "ar", "level_of_language": "native"},
            *([{"language": "fr", "level_of_language": "C1"}] if n != 3 else []),
        ],
    }
    return found | ({"weapon_number": "W-17"} if n == 4 else {})


if __name__ == "__main__":
    main()
