"""Find the runs of marked days that are too short or too long, the past joined to the first one."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from passerelle.planning.roster.named.soft.values import Span

__all__ = ["misfits"]


def misfits(marks: Sequence[bool], span: Span, before: int) -> Iterator[tuple[int, int, int]]:
    """Yield first day, length and days outside of every run that does not fit.

    Parameters
    ----------
    marks
        Days that belong to a run.
    span
        Least and most days.
    before
        Days of the run that was open before the first day; its first day is negative then. Days above
        the most that lie in the past are not paid again.
    """
    day = -before
    for is_marked, group in groupby([True] * before + list(marks)):
        length = len(list(group))
        is_open = day + length == len(marks)
        if is_marked:
            paid = max(before - span.most, 0) if day < 0 else 0
            outside = max(length - span.most, 0) - paid
            if not is_open:
                outside += max(span.least - length, 0)
            if outside:
                yield day, length, outside
        day += length
