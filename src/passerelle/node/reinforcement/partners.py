"""What this node knows of its partners: what they have, how surely it comes, which languages.

Holdings are what the event's folder reports of a state's contingents and what it sent to earlier
events; the record is what was asked, offered, committed and arrived in dossiers of events that are
over. Nothing here is about persons.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from passerelle.kernel.counts import Stage
from passerelle.node.reinforcement.models import TallyRow
from passerelle.planning.asking.split import Partner
from passerelle.planning.forecast.arrivals import Past, Record, expected_share
from passerelle.planning.programme.nations import known_nations

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passerelle.node.dossiers.models import Corridor
    from passerelle.planning.force import Force

__all__ = ["OVER", "languages_of", "partners_of", "records"]

OVER = ("ended", "closed")
"""States in which what really came is known."""


def records() -> dict[str, Record]:
    """Return by state of the partner what became of what it was asked, in dossiers that are over."""
    rows = TallyRow.objects.filter(dossier__side="host", dossier__state__in=OVER).values_list(
        "dossier__corridor__peer_state", "dossier_id", "capability", "stage", "people"
    )
    found: dict[str, dict[tuple[str, str], dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for state, case, capability, stage, people in rows:
        found[state][case, capability][stage] = people
    return {
        state: Record(
            tuple(
                Past(
                    capability=capability,
                    asked=counts.get(Stage.ASKED.value, 0),
                    offered=counts.get(Stage.OFFERED.value, 0),
                    committed=counts.get(Stage.ACCEPTED.value, 0),
                    arrived=counts.get(Stage.ARRIVED.value, 0),
                )
                for (_, capability), counts in sorted(mine.items())
            )
        )
        for state, mine in found.items()
    }


def languages_of(state: str) -> tuple[str, ...]:
    """Return the languages of a state, as the table of nations has them."""
    for nation in known_nations().values():
        if nation.state == state:
            return nation.languages
    return ()


def partners_of(force: Force, corridors: Iterable[Corridor]) -> tuple[Partner, ...]:
    """Return the partners with a corridor, with what they are known to have."""
    held: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    spoken: dict[str, set[str]] = defaultdict(set)
    for group in force.groups:
        if not group.is_host:
            held[group.owner][group.capabilities[0]] += group.people
            spoken[group.owner].update(group.languages)
    past = records()
    for state, record in past.items():
        for one in record.pasts:
            mine = held[state]
            mine[one.capability] = max(mine[one.capability], one.offered, one.arrived)
    found = []
    for corridor in corridors:
        state = corridor.peer_state
        languages = tuple(sorted({*spoken.get(state, ()), *languages_of(state)}))
        found.append(
            Partner(
                state=state,
                holdings=dict(held.get(state, {})),
                languages=languages,
                fill=expected_share(past.get(state), Stage.ASKED),
                is_known=state in held,
            )
        )
    return tuple(sorted(found, key=lambda one: one.state))
