"""The one entry point of the event engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from passerelle.planning.roster.instance import Instance
    from passerelle.planning.roster.observer import Observer
    from passerelle.planning.roster.plan import Plan
    from passerelle.planning.roster.result import Result
    from passerelle.planning.roster.stop import Stop

__all__ = ["SolveParams", "solve"]


@dataclass(frozen=True, slots=True)
class SolveParams:
    """Set how the solver works.

    Parameters
    ----------
    threads
        Threads of the solver.
    """

    threads: int = 2


def solve(
    instance: Instance,
    stop: Stop,
    *,
    seed: int = 0,
    params: SolveParams | None = None,
    observer: Observer | None = None,
    start: Plan | None = None,
) -> Result:
    """Plan an event.

    Parameters
    ----------
    instance
        What is to be planned.
    stop
        When to stop; may cut anywhere and still leaves a valid plan and a valid bound.
    seed
        Seed of all random choices.
    params
        How the solver works; defaults when ``None``.
    observer
        Who wants to know the progress.
    start
        A plan to begin with.

    Returns
    -------
    Result
        Plan, value, bound and certificate.
    """
    raise NotImplementedError
