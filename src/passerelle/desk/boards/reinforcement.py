"""What the pages of reinforcement show: columns by stage, and where each dossier stands in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import pgettext

from passerelle.desk.boards.dossiers import urgency
from passerelle.desk.words import STAGES
from passerelle.kernel.counts import Stage
from passerelle.node.reinforcement.overview import SHOWN
from passerelle.procedures.loading import definition
from passerelle.procedures.reinforcement.tallies import CHOSEN

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from passerelle.node.reinforcement.overview import PartnerPosition

__all__ = ["PositionLine", "position_lines", "stage_heads"]


@dataclass(frozen=True, slots=True)
class PositionLine:
    """Show where the dossier with one partner stands."""

    at: PartnerPosition
    step: str
    due_words: str
    look: str
    remaining: str
    expiry_look: str
    expiry: str


def stage_heads() -> list[tuple[str, str]]:
    """Return code and words of each column of the overview."""
    chosen = pgettext("stage", "chosen, not co-signed")
    return [(code, chosen if code == CHOSEN else _stage(Stage(code))) for code in SHOWN]


def _stage(stage: Stage) -> str:
    if stage is Stage.ACCEPTED:
        return pgettext("stage", "accepted, co-signed")
    return str(STAGES[stage])


def position_lines(
    positions: Iterable[PartnerPosition], now: datetime, language: str
) -> list[PositionLine]:
    """Show positions in the reader's language, the next deadline first."""
    shape = definition("reinforcement")
    found = []
    for one in positions:
        rule = shape.deadlines.get(one.due_name)
        look, remaining = urgency(one.due_at, now)
        expiry_look, expiry = urgency(one.next_expiry, now)
        found.append(
            PositionLine(
                at=one,
                step=shape.states[one.step].labels.get(language),
                due_words=rule.labels.get(language) if rule else "",
                look=look,
                remaining=remaining,
                expiry_look=expiry_look,
                expiry=expiry,
            )
        )
    return sorted(
        found, key=lambda line: (line.at.due_at is None, line.at.due_at or now, line.at.state)
    )
