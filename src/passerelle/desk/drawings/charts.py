"""Charts as SVG, drawn on the server; each has a title, a description and a table behind it.

Coordinates run from the reading start: with ``mirrored`` every x is turned once, at the very end, by
:class:`Frame`, so that a chart in Arabic runs from right to left with its labels upright.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from passerelle.desk import formats

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Frame", "bound_chart", "force_chart", "strip", "svg", "text"]


@dataclass(frozen=True, slots=True)
class Frame:
    """Map values to places of a drawing.

    Parameters
    ----------
    width, height
        Size of the whole drawing in its own units.
    x_max, y_min, y_max
        Ranges of the values; x starts at 0.
    start, end, top, bottom
        Space left around the plot; ``start`` is where reading starts.
    mirrored
        Whether reading runs from right to left.
    """

    width: int
    height: int
    x_max: float
    y_min: float
    y_max: float
    start: int = 8
    end: int = 8
    top: int = 14
    bottom: int = 22
    mirrored: bool = False

    def x(self, value: float) -> float:
        """Return the horizontal place of ``value``."""
        plot = self.width - self.start - self.end
        place = self.start + plot * (value / self.x_max if self.x_max else 0)
        return round(self.width - place if self.mirrored else place, 1)

    def y(self, value: float) -> float:
        """Return the vertical place of ``value``; more is higher."""
        plot = self.height - self.top - self.bottom
        reach = self.y_max - self.y_min
        share = (value - self.y_min) / reach if reach else 0.5
        return round(self.height - self.bottom - plot * share, 1)

    def anchor(self, side: str) -> str:
        """Return the SVG anchor for text that begins or ends here in reading order."""
        if side == "middle":
            return "middle"
        return {"start": "end", "end": "start"}[side] if self.mirrored else side


def svg(frame: Frame, title: str, description: str, parts: Iterable[str]) -> SafeString:
    """Wrap the parts of a drawing with its title and description."""
    body = "".join(parts)
    return mark_safe(  # noqa: S308 - texts are escaped, the rest are our own numbers
        f'<svg viewBox="0 0 {frame.width} {frame.height}" role="img" direction="ltr" '
        f'aria-label="{escape(title)}. {escape(description)}">'
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>{body}</svg>"
    )


def text(
    frame: Frame, x: float, y: float, words: str, *, side: str = "middle", look: str = ""
) -> str:
    """Write words at a place; ``side`` says whether they begin, end or stand in the middle there."""
    kind = f' class="{look}"' if look else ""
    return f'<text x="{x}" y="{y}" text-anchor="{frame.anchor(side)}"{kind}>{escape(words)}</text>'


def _steps(frame: Frame, points: Sequence[tuple[float, float]]) -> str:
    """Write a stair line: a value holds until the next one comes."""
    found = [f"M{frame.x(points[0][0])},{frame.y(points[0][1])}"]
    for x, y in points[1:]:
        found.append(f"H{frame.x(x)}V{frame.y(y)}")
    found.append(f"H{frame.x(frame.x_max)}")
    return "".join(found)


def _ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Choose round values between ``low`` and ``high``."""
    reach = high - low
    if reach <= 0:
        return [low]
    rough = reach / about
    power = 10 ** len(str(int(rough))) / 10 if rough >= 1 else 0.1
    step = next((m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough), 10 * power)
    first = int(low // step) + 1
    return [n * step for n in range(first, int(high // step) + 1)]


def bound_chart(
    values: Sequence[tuple[float, float]],
    bounds: Sequence[tuple[float, float]],
    *,
    title: str,
    description: str,
    value_word: str,
    bound_word: str,
    language: str,
    mirrored: bool,
) -> SafeString:
    """Draw the best plan's value and the proven bound over the seconds of a solve.

    Parameters
    ----------
    values, bounds
        Seconds and value, in order of time; the lower the value the better, and no plan can be
        below the bound.
    title, description, value_word, bound_word
        Words, translated.
    language
        Language of the numbers.
    mirrored
        Whether reading runs from right to left.
    """
    ends = [x for x, _ in (*values, *bounds)] or [1.0]
    ceiling = _ceiling(values, bounds)
    levels = [min(y, ceiling) for _, y in (*values, *bounds)] or [0.0, 1.0]
    low, high = min(levels), max(levels)
    room = (high - low) * 0.12 or 1
    frame = Frame(
        640, 240, max(ends) or 1, low - room, high + room, start=6, end=92, mirrored=mirrored
    )
    parts = []
    for tick in _ticks(frame.y_min, frame.y_max):
        y = frame.y(tick)
        parts.append(f'<path class="grid" d="M{frame.x(0)},{y}H{frame.x(frame.x_max)}"/>')
        parts.append(text(frame, frame.x(0), y - 4, formats.number(tick, language), side="start"))
    for tick in (0, *_ticks(0, frame.x_max, 5)):
        side = "start" if tick == 0 else "middle"
        parts.append(
            text(frame, frame.x(tick), 236, f"{formats.number(tick, language)} s", side=side)
        )
    parts.append(
        f'<path class="axis" d="M{frame.x(0)},{frame.y(frame.y_min)}H{frame.x(frame.x_max)}"/>'
    )
    shown = [(x, min(y, ceiling)) for x, y in values]
    if shown and bounds:
        upper = _steps(frame, shown)
        lower = _steps(frame, list(bounds))
        parts.append(f'<path class="between" d="{_closed(frame, shown, list(bounds))}"/>')
        parts.append(f'<path class="bound" d="{lower}"/><path class="best" d="{upper}"/>')
    elif shown:
        parts.append(f'<path class="best" d="{_steps(frame, shown)}"/>')
    for series, look, word in ((shown, "t-best", value_word), (bounds, "t-bound", bound_word)):
        if series:
            x, y = frame.x(frame.x_max), frame.y(series[-1][1])
            shift = 14 if look == "t-bound" else -4
            gap = -6 if mirrored else 6
            parts.append(text(frame, x + gap, y + shift, word, side="start", look=look))
    return svg(frame, title, description, parts)


def _ceiling(values: Sequence[tuple[float, float]], bounds: Sequence[tuple[float, float]]) -> float:
    """Cut off the first plans when they are so bad that they would flatten the rest."""
    if not values:
        return float("inf")
    floor = bounds[-1][1] if bounds else min(y for _, y in values)
    last = values[-1][1]
    return max(last + (last - floor) * 8, last * 1.05)


def _closed(
    frame: Frame, upper: Sequence[tuple[float, float]], lower: Sequence[tuple[float, float]]
) -> str:
    begin = max(upper[0][0], lower[0][0])
    low_at = [y for x, y in lower if x <= begin][-1]
    high_at = [y for x, y in upper if x <= begin][-1]
    top = _steps(frame, [(begin, high_at), *[(x, y) for x, y in upper if x > begin]])
    under = [(begin, low_at), *[(x, y) for x, y in lower if x > begin]]
    path = [top, f"V{frame.y(under[-1][1])}"]
    for (x, _), (_, y) in zip(reversed(under), [*reversed(under[:-1]), under[0]], strict=True):
        path.append(f"H{frame.x(x)}V{frame.y(y)}")
    return "".join(path) + "Z"


def force_chart(
    days: Sequence[tuple[str, Sequence[int], Sequence[int]]],
    *,
    title: str,
    description: str,
    language: str,
    mirrored: bool,
) -> SafeString:
    """Draw people needed and people on duty, hour by hour, over the days of the event.

    Parameters
    ----------
    days
        A day's short name, need by hour, needed people who are there by hour.
    title, description
        Words, translated.
    language
        Language of the numbers.
    mirrored
        Whether reading runs from right to left.
    """
    need = [n for _, hours, _ in days for n in hours]
    have = [h for _, _, hours in days for h in hours]
    top = max([*need, 1])
    frame = Frame(960, 230, max(len(need), 1), 0, top * 1.08, start=6, end=6, mirrored=mirrored)
    parts = []
    for tick in _ticks(0, frame.y_max, 3):
        y = frame.y(tick)
        parts.append(f'<path class="grid" d="M{frame.x(0)},{y}H{frame.x(frame.x_max)}"/>')
        parts.append(text(frame, frame.x(0), y - 4, formats.number(tick, language), side="start"))
    base = frame.y(0)
    if need:
        area = "".join(f"H{frame.x(i)}V{frame.y(h)}H{frame.x(i + 1)}" for i, h in enumerate(have))
        parts.append(f'<path class="have" d="M{frame.x(0)},{base}{area}V{base}Z"/>')
        gaps = "".join(
            f"M{frame.x(i)},{frame.y(h)}H{frame.x(i + 1)}V{frame.y(n)}H{frame.x(i)}Z"
            for i, (n, h) in enumerate(zip(need, have, strict=True))
            if n > h
        )
        if gaps:
            parts.append(f'<path class="missing" d="{gaps}"/>')
        line = "".join(
            f"{'M' if i == 0 else 'V'}{frame.x(i) if i == 0 else frame.y(n)}"
            + (f",{frame.y(n)}" if i == 0 else "")
            + f"H{frame.x(i + 1)}"
            for i, n in enumerate(need)
        )
        parts.append(f'<path class="need" d="{line}"/>')
    parts.append(f'<path class="axis" d="M{frame.x(0)},{base}H{frame.x(frame.x_max)}"/>')
    at = 0
    for index, (name, hours, _) in enumerate(days):
        x = frame.x(at)
        parts.append(f'<path class="grid" d="M{x},{base}V{base + 5}"/>')
        if len(days) <= 10 or index % 2 == 0:
            gap = -3 if mirrored else 3
            parts.append(text(frame, x + gap, base + 15, name, side="start"))
        at += len(hours)
    return svg(frame, title, description, parts)


def strip(steps: Sequence[str], *, mirrored: bool) -> SafeString:
    """Draw a row of small bars, one a part of time, for a table cell; decoration only."""
    width = 7 * len(steps)
    bars: dict[str, list[str]] = {}
    for index, step in enumerate(steps):
        x = width - 7 * (index + 1) if mirrored else 7 * index
        height = {"critical": 14, "short": 11, "met": 7, "over": 9}.get(step, 2)
        bars.setdefault(step, []).append(f"M{x},14v-{height}h6v{height}z")
    paths = "".join(f'<path class="strip-{step}" d="{"".join(d)}"/>' for step, d in bars.items())
    return mark_safe(  # noqa: S308 - our own numbers and words
        f'<svg class="strip" viewBox="0 0 {width} 14" width="{width}" height="14" '
        f'aria-hidden="true">{paths}</svg>'
    )
