"""Solve an event in a process of its own: bytes in, bytes out, no database.

The task reads the packed folder and the packed need, builds the instance, solves it, and lets the
independent checker look at the result. What comes back is ready to be stored.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from passerelle.node import planner
from passerelle.node.events.folders import FolderLimits, unpacked
from passerelle.node.events.need_columns import read_need
from passerelle.node.jobs.standing import Standing
from passerelle.node.plans.table import read_table, table_of, write_table

if TYPE_CHECKING:
    from passerelle.compute import Channel
    from passerelle.planning.roster.observer import Progress

__all__ = ["SolveRequest", "Solved", "solve_event"]


@dataclass(frozen=True, slots=True)
class SolveRequest:
    """Say what is to be solved.

    Parameters
    ----------
    folder, need
        The packed event folder and the packed need.
    seconds
        Time limit of the solve itself.
    seed
        Seed of all random choices.
    level
        ``low``, ``central`` or ``high``.
    threads
        Threads that the solver may use.
    published
        Packed table of the published plan, and the hash of the instance that it answers; ``None``
        when there is none. Crews that do not move keep their numbers.
    locks
        Duties that the plan must keep.
    """

    folder: bytes
    need: bytes
    seconds: float
    seed: int
    level: str
    threads: int
    published: tuple[bytes, str] | None = None
    locks: tuple[planner.Held, ...] = ()


@dataclass(frozen=True, slots=True)
class Solved:
    """Hold a plan as it is stored, with everything said about it.

    Parameters
    ----------
    columns
        Packed :class:`~passerelle.node.plans.table.PlanTable`.
    certificate
        Packed prices that prove the bound; ``None`` when there are none.
    status, value, bound, terms, seconds, peak_mb, versions, instance_hash
        As in :class:`passerelle.planning.roster.result.Result`; no bound is ``None``.
    n_lines, n_duties, n_people
        Sizes.
    repair
        For a repair: the change, touches and their proven least; ``None`` for a solve.
    need
        For a repair: the packed need after the change; empty for a solve.
    n_violations, violations
        What the independent checker found; at most 200 are kept in words.
    """

    columns: bytes
    certificate: bytes | None
    status: str
    value: float
    bound: float | None
    terms: dict[str, float]
    n_lines: int
    n_duties: int
    n_people: int
    n_violations: int
    violations: list[str]
    seconds: float
    peak_mb: float
    versions: dict[str, str]
    instance_hash: str
    notes: tuple[str, ...] = field(default=())
    repair: dict[str, Any] | None = None  # Any: plain values of a report
    need: bytes = b""


def solve_event(request: SolveRequest, channel: Channel) -> Solved | None:
    """Solve; ``None`` when it was stopped before there was any plan."""
    channel.report(Standing(0.0, "reading"))
    with unpacked(request.folder, FolderLimits(2**30, 10**9)) as folder:
        planned = planner.read_folder(folder)
    need = read_need(request.need)
    published = request.published
    before = None if published is None else read_table(published[0])
    answer = planner.solve(
        planned,
        need,
        seconds=request.seconds,
        seed=request.seed,
        level=request.level,
        threads=request.threads,
        start=None if published is None or before is None else (before, published[1]),
        locks=request.locks,
        observer=_Reporter(channel),
        stopped=channel.stopped,
    )
    result = answer.result
    if result.plan is None:
        return None
    table = table_of(result.plan, answer.start, answer.people, before)
    return Solved(
        columns=write_table(table),
        certificate=answer.certificate,
        status=result.status.value,
        value=result.value,
        bound=result.bound if math.isfinite(result.bound) else None,
        terms=dict(result.terms),
        n_lines=len(table.line_group),
        n_duties=table.n_crew_duties,
        n_people=table.n_people,
        n_violations=len(answer.violations),
        violations=list(answer.violations[:200]),
        seconds=result.seconds,
        peak_mb=result.peak_mb,
        versions=dict(result.versions),
        instance_hash=result.instance_hash,
    )


class _Reporter:
    """Send the solver's progress to the watcher, numbers only where there are any."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def report(self, progress: Progress) -> None:
        """Send one progress."""
        self._channel.report(
            Standing(
                progress.seconds,
                progress.phase,
                progress.value if math.isfinite(progress.value) else None,
                progress.bound if math.isfinite(progress.bound) else None,
            )
        )
