"""The clock of detention: shown, never lengthened here (S31).

From the recorded start alone follow the days on which a court must decide and the day on which
detention ends at the latest. There is no field in which anybody could write another end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from passerelle.procedures.reinforcement.terms import text_of

if TYPE_CHECKING:
    from passerelle.procedures.dossier import Dossier

__all__ = ["FRENCH_STAGES", "DetentionClock", "detention_clock"]

FRENCH_STAGES: Final = (4, 26, 30, 30)
"""Days of each stage under CESEDA L.741-1, L.741-3 and L.742-4: 90 in all."""


@dataclass(frozen=True, slots=True)
class DetentionClock:
    """Show when courts must decide and when detention ends.

    Parameters
    ----------
    started_on
        First day.
    hearings
        Last day of each stage but the last: a court decides before it ends.
    ends_on
        Last day at the latest.
    released_on
        Day of release; ``None`` while it lasts.
    """

    started_on: date
    hearings: tuple[date, ...]
    ends_on: date
    released_on: date | None


def detention_clock(
    dossier: Dossier, stages: tuple[int, ...] = FRENCH_STAGES
) -> DetentionClock | None:
    """Compute the clock of a file; ``None`` when nobody is detained.

    Parameters
    ----------
    dossier
        A file of identification.
    stages
        Days of each stage, from the rule pack.
    """
    start = next(dossier.effective("record-detention"), None)
    if start is None:
        return None
    first = date.fromisoformat(text_of(start.payload, "started_on"))
    ends = [first + timedelta(days=sum(stages[: n + 1])) for n in range(len(stages))]
    release = dossier.last("record-release")
    return DetentionClock(
        started_on=first,
        hearings=tuple(ends[:-1]),
        ends_on=ends[-1],
        released_on=None if release is None else date.fromisoformat(text_of(release.payload, "on")),
    )
