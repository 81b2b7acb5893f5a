"""What follows from a date in files about persons: a note that a deadline passed, erasure when it is due.

The clock alerts and erases; it never decides (S16, S32).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.kernel.problems import RefusedError
from passerelle.node.dossiers.domain import say_as_clock
from passerelle.node.dossiers.folding import fold_case, hear
from passerelle.node.dossiers.models import Dossier
from passerelle.node.exchange.acts import Release
from passerelle.node.exchange.station import station
from passerelle.procedures.deadlines import due
from passerelle.procedures.values import DeadlineStatus, Refusal

if TYPE_CHECKING:
    from passerelle.kernel.canonical import Json
    from passerelle.kernel.clock import Clock
    from passerelle.procedures.dossier import Dossier as DossierValue

__all__ = ["run_timers"]


def run_timers(clock: Clock) -> int:
    """Say what the clock has to say in every file of this node; return how many acts were said."""
    done = 0
    rows = Dossier.objects.filter(
        procedure="identification", side="requesting", is_final=False, due_at__lt=clock.now()
    )
    for row in list(rows.select_related("corridor")):
        found = fold_case(row.case, row.corridor, hear(row.case))
        if isinstance(found, Refusal):
            continue
        for act, payload in _due_acts(found, clock):
            try:
                said = say_as_clock(row.case, act, payload, clock=clock)
            except RefusedError:
                continue  # brake, suspended peer: the next round tries again
            done += isinstance(said, Release)
    return done


def _due_acts(found: DossierValue, clock: Clock) -> list[tuple[str, dict[str, Json]]]:
    """Return the acts that the clock has to say in a file."""
    passed = {one.name for one in due(found, clock.now()) if one.status is DeadlineStatus.PASSED}
    acts: list[tuple[str, dict[str, Json]]] = []
    if "reply" in passed and found.state == "in-verification" and not found.last("mark-deadline"):
        acts.append(("mark-deadline", {}))
    if "erase" in passed and found.state == "closed":
        acts.append(("erase", {"key_destroyed": station().keys.fingerprint(found.case)}))
    return acts
