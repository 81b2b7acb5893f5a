"""The one entry point of the event engine.

Two things run side by side: a plan is built and made better, crew by crew
(:mod:`~passerelle.planning.roster.engine.crew_by_crew`) or with many crews in phases of its own
(:mod:`~passerelle.planning.roster.engine.large_event`), and prices that prove a bound are found
(:mod:`~passerelle.planning.roster.engine.bounding`). Stopping at any moment leaves the best plan so far
and the best bound so far.

With a limit of iterations and no limit of time everything runs in one fixed order, so that the same
seed gives the same plan on any machine.
"""

from __future__ import annotations

import logging
import resource
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.check import check
from passerelle.planning.roster.observer import Progress, Silent
from passerelle.planning.roster.result import OPTIMAL_GAP, Result, Status, relative_gap
from passerelle.planning.roster.validate import validate

if TYPE_CHECKING:
    from passerelle.planning.roster.engine.run import Run
    from passerelle.planning.roster.instance import Instance
    from passerelle.planning.roster.observer import Observer
    from passerelle.planning.roster.plan import Plan
    from passerelle.planning.roster.stop import Stop

__all__ = ["SolveParams", "solve"]

_log = logging.getLogger(__name__)

_CROWDED: Final = 8.0
"""Least seconds for which it pays to plan many crews at once."""


@dataclass(frozen=True, slots=True)
class SolveParams:
    """Set how the solver works.

    Parameters
    ----------
    threads
        With 1 the bound is sought before the improvement, with 2 beside it.
    tolerance
        Share of the cost to which a piece of the relaxation is solved.
    finish_s
        Seconds kept at the end for the last proof and the check.
    rounds
        Most rounds of column generation for a piece.
    sharing
        Share of the time in which many crews are planned in shares, where there is time to plan all parts
        as flows after that.
    climbing, climbs
        Share of the time left in which the bound follows subgradients when many crews are planned
        by one thread, and most visits to a piece in doing so.
    chunks, visits
        Most chunks of steps in that phase, and most visits to kinds after it without a limit of
        time.
    """

    threads: int = 2
    tolerance: float = 2e-4
    finish_s: float = 4.0
    rounds: int = 60
    sharing: float = 0.06
    climbing: float = 0.4
    climbs: int = 100
    chunks: int = 250
    visits: int = 2000


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
        When to stop; may cut anywhere and still leaves a valid plan and a valid bound, as does a
        shortage of memory.
    seed
        Seed of all random choices.
    params
        How the solver works; defaults when ``None``.
    observer
        Who wants to know the progress.
    start
        A plan to begin with; duties that no longer exist are left out.

    Returns
    -------
    Result
        Plan, value, bound and certificate. The plan has passed the independent checker.

    Raises
    ------
    InputError
        When the instance contradicts itself.
    """
    from passerelle.planning.roster.engine import build_up  # noqa: PLC0415 - slow import
    from passerelle.planning.roster.engine.crew_by_crew import (  # noqa: PLC0415 - slow import
        plan_crew_by_crew,
    )
    from passerelle.planning.roster.engine.crowd import is_crowd  # noqa: PLC0415 - slow import
    from passerelle.planning.roster.engine.large_event import (  # noqa: PLC0415 - slow import
        plan_large_event,
    )
    from passerelle.planning.roster.engine.outcome import (  # noqa: PLC0415 - slow import
        board_lines,
    )
    from passerelle.planning.roster.engine.run import Run  # noqa: PLC0415 - slow import

    validate(instance)
    run = Run(
        instance, stop, seed=seed, params=params or SolveParams(), observer=observer or Silent()
    )
    is_large = is_crowd(run.tables) and (not run.is_timed or run.left > _CROWDED)
    run.start_helper(is_large=is_large)
    build_up.post_locked(run.board)
    run.bounding.prove()
    run.keep("empty")
    if start is not None:
        run.board.reset(board_lines(run.board, start))
        build_up.drop_violations(run.board)
    try:
        if is_large:
            plan_large_event(run, is_begun=start is not None)
        else:
            plan_crew_by_crew(run)
    except MemoryError:  # what has been found so far stands; the phases have let go of theirs
        _log.warning("solve.memory-short")
        build_up.drop_violations(run.board)
        run.keep("memory")
    run.close_helper()
    return _result(run)


def _result(run: Run) -> Result:
    """Return the best plan, checked, with the best bound."""
    from passerelle.planning.roster.engine.outcome import (  # noqa: PLC0415 - slow import
        certificate_of,
        plan_of,
        versions,
    )

    assert run.best is not None
    plan = plan_of(run.tables, run.best)
    report = check(run.instance, plan)
    if report.violations:
        raise AssertionError(f"Expected a valid plan, got {report.violations[0]}.")
    bound = run.bound
    gap = relative_gap(report.value, bound)
    run.observer.report(Progress(run.stop.elapsed, report.value, bound, "done"))
    return Result(
        status=Status.OPTIMAL if gap <= OPTIMAL_GAP else Status.FEASIBLE,
        plan=plan,
        value=report.value,
        terms=report.terms,
        bound=min(bound, report.value),
        seed=run.seed,
        versions=versions(),
        instance_hash=run.instance.hash,
        certificate=certificate_of(run.tables, run.proved, bound),
        seconds=run.stop.elapsed,
        peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        iterations={"rounds": run.rounds, "improvements": run.steps},
    )
