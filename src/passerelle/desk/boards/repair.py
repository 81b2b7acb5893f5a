"""What a repair touches, old and new side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.node.plans.queries import changes_against

if TYPE_CHECKING:
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from passerelle.node.plans.changes import DutySpan
    from passerelle.node.plans.models import PlanVersion

__all__ = ["TouchedDuty", "TouchedLine", "touched_lines"]


@dataclass(frozen=True, slots=True)
class TouchedDuty:
    """Place one duty in local time."""

    site: str
    capability: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class TouchedLine:
    """State one change of so many crews: what they did and what they would do."""

    group: str
    day: date
    crews: int
    kind: str
    before: TouchedDuty | None
    after: TouchedDuty | None


def touched_lines(version: PlanVersion, zone: ZoneInfo) -> tuple[TouchedLine, ...]:
    """List what a repaired version changes against the version that it repairs."""

    def duty(span: DutySpan | None) -> TouchedDuty | None:
        if span is None:
            return None
        start, end = (t.astimezone(zone) for t in (span.during.start, span.during.end))
        return TouchedDuty(span.site, span.capability, start, end)

    return tuple(
        TouchedLine(c.group, c.day, c.crews, c.kind.value, duty(c.before), duty(c.after))
        for c in changes_against(version)
    )
