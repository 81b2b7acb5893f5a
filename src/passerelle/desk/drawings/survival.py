"""The share of requests still waiting, by days: a stair that goes down with every answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from passerelle.desk import formats
from passerelle.desk.drawings.charts import Frame, svg, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.safestring import SafeString

__all__ = ["survival_chart"]


def survival_chart(steps: Sequence[Sequence[int]], language: str) -> SafeString:
    """Draw the product-limit estimate.

    Parameters
    ----------
    steps
        Day, numerator and denominator of the share that waits longer.
    language
        Language of the numbers.
    """
    last = max(day for day, _numerator, _denominator in steps)
    frame = Frame(
        640, 220, max(last, 1) * 1.05, 0, 1, start=44, end=16, mirrored=get_language_bidi()
    )
    parts = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = frame.y(share)
        parts.append(f'<path class="grid" d="M{frame.x(0)},{y}H{frame.x(frame.x_max)}"/>')
        edge = frame.x(0) + (6 if frame.mirrored else -6)
        words = formats.percent(share, language, 0)
        parts.append(text(frame, edge, y + 4, words, side="end"))
    path = [f"M{frame.x(0)},{frame.y(1)}"]
    for day, numerator, denominator in steps:
        path.append(f"H{frame.x(day)}V{frame.y(numerator / denominator)}")
    path.append(f"H{frame.x(frame.x_max)}")
    parts.append(f'<path class="best" d="{"".join(path)}"/>')
    for day in sorted({0, last // 2, last}):
        words = formats.number(day, language)
        parts.append(text(frame, frame.x(day), 214, words))
    title = _("Share of requests still waiting, by days since sending")
    return svg(frame, title, _("Open requests are taken in as still waiting."), parts)
