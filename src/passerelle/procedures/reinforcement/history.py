"""The history of a dossier: when was asked, answered and committed, and who came when.

A person is *on time* who arrived no later than the day planned (the newest travel booked, else the
beginning of the stay), *late* who arrived afterwards, *absent* who was recorded as a no-show. Days are
days in UTC. These figures feed the next forecast and are shown to both sides alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.procedures.reinforcement.particulars import travels
from passerelle.procedures.reinforcement.roll import roll

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from passerelle.procedures.dossier import Dossier

__all__ = ["History", "history"]


@dataclass(frozen=True, slots=True)
class History:
    """Hold when things were said, and how many came when.

    Parameters
    ----------
    asked_at, answered_at, committed_at
        Receipt of the request, of the first answer to it, of the second signature; ``None`` when
        that has not happened.
    n_on_time, n_late, n_absent
        People by arrival.
    n_replaced
        Absent people who were replaced.
    """

    asked_at: datetime | None
    answered_at: datetime | None
    committed_at: datetime | None
    n_on_time: int
    n_late: int
    n_absent: int
    n_replaced: int

    @property
    def response(self) -> timedelta | None:
        """How long the answer took; ``None`` without a request or an answer."""
        if self.asked_at is None or self.answered_at is None:
            return None
        return self.answered_at - self.asked_at

    @property
    def n_known(self) -> int:
        """People of whom it is known whether and when they came."""
        return self.n_on_time + self.n_late + self.n_absent


def history(dossier: Dossier) -> History:
    """Compute the history of a dossier of reinforcement."""
    asked = next(dossier.effective("request"), None)
    answers = dossier.effective("offer", "decline", "decline-all", "query")
    committed = next(dossier.effective("commit"), None)
    asked_at = None if asked is None else asked.at
    after = [one.at for one in answers if asked_at is not None and one.at >= asked_at]
    booked = travels(dossier)
    on_time = late = absent = replaced = 0
    for code, entry in roll(dossier).items():
        if entry.is_animal:
            continue
        planned = booked[code].arrives_at if code in booked else entry.during.start
        if entry.is_no_show:
            absent += 1
            replaced += entry.is_struck
        elif entry.arrived is not None:
            is_late = entry.arrived.date() > planned.date()
            late += is_late
            on_time += not is_late
    return History(
        asked_at,
        min(after, default=None),
        None if committed is None else committed.at,
        on_time,
        late,
        absent,
        replaced,
    )
