"""How far a job has come, as a plain value: the process of a solve knows no database."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Standing"]


@dataclass(frozen=True, slots=True)
class Standing:
    """State how far a job has come.

    Parameters
    ----------
    seconds
        Since its start.
    phase
        What is being done, one English word.
    value, bound
        Best value and proven bound; ``None`` before there are any.
    n_done, n_steps
        Steps done, of how many; zeros when the work has no steps.
    """

    seconds: float
    phase: str
    value: float | None = None
    bound: float | None = None
    n_done: int = 0
    n_steps: int = 0
