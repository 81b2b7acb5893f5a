"""What the page of a partner shows: what was asked, offered, committed and came, in every dossier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.kernel.counts import Stage
from passerelle.node.dossiers.sheets import columns_of
from passerelle.procedures.loading import definition
from passerelle.procedures.reinforcement.history import history

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime, timedelta

    from passerelle.node.dossiers.models import Sheet
    from passerelle.procedures.dossier import Dossier

__all__ = ["PartnerLine", "PartnerSum", "partner_lines", "partner_sum"]


@dataclass(frozen=True, slots=True)
class PartnerLine:
    """Show one dossier with distinct people at each stage."""

    case: str
    reference: str
    event: str
    state: str
    asked_at: datetime | None
    asked: int
    offered: int
    committed: int
    named: int
    arrived: int
    response: timedelta | None
    n_on_time: int
    n_late: int
    n_absent: int
    n_replaced: int
    is_host: bool


@dataclass(frozen=True, slots=True)
class PartnerSum:
    """Add the dossiers of one direction up; rates carry numerator and denominator."""

    asked: int
    offered: int
    committed: int
    arrived: int
    n_on_time: int
    n_known: int
    n_absent: int
    response: timedelta | None
    n_answered: int

    @property
    def fill(self) -> float | None:
        """Arrived of committed."""
        return self.arrived / self.committed if self.committed else None

    @property
    def punctual(self) -> float | None:
        """On time of those known."""
        return self.n_on_time / self.n_known if self.n_known else None


def partner_lines(
    rows: Iterable[Sheet], values: Mapping[str, Dossier], language: str
) -> list[PartnerLine]:
    """Show the dossiers with a partner, the newest first; what was erased keeps its figures."""
    shape, found = definition("reinforcement"), []
    for row in rows:
        sheet, value = columns_of(row), values.get(row.dossier_id)
        past = None if value is None else history(value)
        found.append(
            PartnerLine(
                case=row.dossier_id,
                reference=row.dossier.reference or row.dossier_id[:8],
                event=row.dossier.event,
                state=shape.states[row.dossier.state].labels.get(language),
                asked_at=past.asked_at if past else row.dossier.opened_at,
                asked=sheet.at(Stage.ASKED).people,
                offered=sheet.at(Stage.OFFERED).people,
                committed=sheet.at(Stage.ACCEPTED).people,
                named=sheet.at(Stage.NAMED).people,
                arrived=sheet.at(Stage.ARRIVED).people,
                response=past.response if past else None,
                n_on_time=past.n_on_time if past else 0,
                n_late=past.n_late if past else 0,
                n_absent=past.n_absent if past else 0,
                n_replaced=past.n_replaced if past else 0,
                is_host=row.dossier.side == "host",
            )
        )
    return sorted(found, key=lambda line: (line.asked_at is None, line.asked_at), reverse=True)


def partner_sum(lines: Iterable[PartnerLine]) -> PartnerSum:
    """Add up the dossiers of one direction; the response time is the median of those answered."""
    lines = list(lines)
    times = sorted(line.response for line in lines if line.response is not None)
    return PartnerSum(
        asked=sum(line.asked for line in lines),
        offered=sum(line.offered for line in lines),
        committed=sum(line.committed for line in lines),
        arrived=sum(line.arrived for line in lines),
        n_on_time=sum(line.n_on_time for line in lines),
        n_known=sum(line.n_on_time + line.n_late + line.n_absent for line in lines),
        n_absent=sum(line.n_absent for line in lines),
        response=times[len(times) // 2] if times else None,
        n_answered=len(times),
    )
