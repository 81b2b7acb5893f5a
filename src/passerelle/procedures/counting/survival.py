"""Times to an answer when some requests are still open.

Leaving open requests out makes every median too short. The product-limit estimate takes them in as
censored: known to have waited at least so long.

References
----------
.. [1] Kaplan and Meier (1958), "Nonparametric estimation from incomplete observations", JASA 53,
   equation 2b. Ties: answers at a time come before requests censored at the same time.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Duration", "quantile_days", "survival"]


@dataclass(frozen=True, slots=True)
class Duration:
    """Say how long one request waited.

    Parameters
    ----------
    days
        Whole days ``>= 0``.
    is_open
        True when it was still waiting at the cut-off.
    """

    days: int
    is_open: bool

    def __post_init__(self) -> None:
        if self.days < 0:
            raise ValueError(f"Expected days >= 0, got {self.days}.")


def survival(durations: Iterable[Duration]) -> tuple[tuple[int, Fraction], ...]:
    """Return the steps of the share still waiting, exact.

    Parameters
    ----------
    durations
        One for each request.

    Returns
    -------
    tuple of (int, Fraction)
        Days and the share that waits longer than that, at each day with an answer.

    Examples
    --------
    >>> survival([Duration(1, False), Duration(2, True), Duration(3, False)])
    ((1, Fraction(2, 3)), (3, Fraction(0, 1)))
    """
    waiting = sorted(durations, key=lambda one: one.days)
    share, steps = Fraction(1), []
    for day in sorted({one.days for one in waiting if not one.is_open}):
        at_risk = sum(one.days >= day for one in waiting)
        answered = sum(one.days == day and not one.is_open for one in waiting)
        share *= Fraction(at_risk - answered, at_risk)
        steps.append((day, share))
    return tuple(steps)


def quantile_days(durations: Iterable[Duration], share: Fraction) -> int | None:
    """Return the days within which ``share`` were answered; ``None`` when not known yet.

    Parameters
    ----------
    durations
        One for each request.
    share
        Between 0 and 1, for example one half for the median.
    """
    return next((day for day, left in survival(durations) if left <= 1 - share), None)
