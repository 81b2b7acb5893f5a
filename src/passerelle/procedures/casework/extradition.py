"""Clocks of extradition: computed from the arrest and the decision, shown to both, moved by nobody.

Lengths: France–Morocco 40 days for the formal request (text read); Council of Europe 18 or 40 days and
surrender within 15 or 30 days (to be checked before use). When a date passes without the step, release
is due that day.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from passerelle.procedures.reinforcement.terms import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.procedures.dossier import Dossier

__all__ = ["ARREST_DAYS", "formal_request_due", "release_due", "surrender_due"]

ARREST_DAYS: Final[Mapping[str, int]] = {
    "france-morocco-40": 40,
    "council-of-europe-18": 18,
    "council-of-europe-40": 40,
}
"""Days from the provisional arrest to the formal request, by regime."""


def formal_request_due(dossier: Dossier) -> date | None:
    """Return the last day for the formal request; ``None`` without an arrest."""
    arrest = next(dossier.effective("arrest"), None)
    if arrest is None:
        return None
    start = date.fromisoformat(text_of(arrest.payload, "arrested_on"))
    return start + timedelta(days=ARREST_DAYS[text_of(arrest.payload, "regime")])


def surrender_due(dossier: Dossier) -> date | None:
    """Return the last day for the surrender; ``None`` before it is granted."""
    grant = next(dossier.effective("grant"), None)
    if grant is None:
        return None
    start = date.fromisoformat(text_of(grant.payload, "decided_on"))
    postponed = dossier.last("postpone")
    if postponed is not None and postponed.at > grant.at:
        start = date.fromisoformat(text_of(postponed.payload, "until"))
    return start + timedelta(days=int(text_of(grant.payload, "surrender_days")))


def release_due(dossier: Dossier) -> date | None:
    """Return the day on which release is due if the next step does not come; ``None`` if free."""
    if dossier.state == "provisional-arrest":
        return formal_request_due(dossier)
    if dossier.state == "surrender-due":
        return surrender_due(dossier)
    return None
