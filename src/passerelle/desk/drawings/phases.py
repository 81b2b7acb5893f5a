"""A session and its phases on one line of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.desk import formats
from passerelle.desk.drawings.charts import Frame, svg, text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from django.utils.safestring import SafeString

__all__ = ["phase_bar"]


def phase_bar(
    phases: Sequence[tuple[str, datetime, datetime, bool]],
    *,
    title: str,
    zone: ZoneInfo,
    mirrored: bool,
) -> SafeString:
    """Draw phases as bars, one below the other.

    Parameters
    ----------
    phases
        Word, start, end, and whether it is a phase of full strength.
    title
        What the drawing is, translated.
    zone
        Zone of the times.
    mirrored
        Whether reading runs from right to left.
    """
    first = min(start for _, start, _, _ in phases)
    last = max(end for _, _, end, _ in phases)
    height = 26 * len(phases) + 30
    reach = (last - first).total_seconds()
    frame = Frame(960, height, reach, 0, 1, start=130, end=20, mirrored=mirrored)
    parts = []
    for index, (word, start, end, is_peak) in enumerate(phases):
        x0 = frame.x((start - first).total_seconds())
        x1 = frame.x((end - first).total_seconds())
        y = 8 + 26 * index
        look = "phase" if is_peak else "phase-quiet"
        edge = frame.x(0) + (8 if mirrored else -8)
        parts.append(text(frame, edge, y + 13, word, side="end", look="name"))
        parts.append(
            f'<rect class="{look}" x="{min(x0, x1)}" y="{y}" '
            f'width="{round(abs(x1 - x0), 1)}" height="17" rx="1"/>'
        )
        begin, finish = (formats.clock(t.astimezone(zone)) for t in (start, end))
        below = y + 13
        side = x1 - 6 if mirrored else x1 + 6
        fits = abs(x1 - frame.x(reach)) > 90
        label = f"{begin}\N{EN DASH}{finish}"
        if fits:
            parts.append(text(frame, side, below, label, side="start"))
        else:
            inner = x0 + 6 if mirrored else x0 - 6
            parts.append(text(frame, inner, below, label, side="end"))
    return svg(frame, title, "", parts)
