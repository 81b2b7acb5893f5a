"""Repair a published plan in a process of its own: bytes in, bytes out, no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from passerelle.node import planner
from passerelle.node.events.folders import FolderLimits, unpacked
from passerelle.node.events.need_columns import read_need, write_need
from passerelle.node.jobs.standing import Standing
from passerelle.node.plans.solving import Solved
from passerelle.node.plans.table import read_table, table_of, write_table

if TYPE_CHECKING:
    from passerelle.compute import Channel

__all__ = ["EarlierRepair", "RepairRequest", "repair_event"]


@dataclass(frozen=True, slots=True)
class EarlierRepair:
    """Hold a repair that was published.

    Parameters
    ----------
    columns
        The packed table of the plan that it made.
    report
        What was said of it: ``change``, ``now`` and ``apart`` are read.
    """

    columns: bytes
    report: dict[str, Any]  # Any: a report as JSON

    def answered(self) -> planner.Answered:
        """Return it as the planner takes it."""
        return planner.Answered(
            self.report["change"],
            datetime.fromisoformat(self.report["now"]),
            read_table(self.columns),
            self.report.get("apart", ()),
        )


@dataclass(frozen=True, slots=True)
class RepairRequest:
    """Say what is to be repaired.

    Parameters
    ----------
    folder, need, columns
        The packed event folder, the packed need and the packed table of the plan that was solved.
    answered
        The repairs of it since, the oldest first; what the last one made is published.
    locks, held
        Duties that the solve had to keep, and those that hold now.
    level
        Level of the need that the plan answers.
    change
        Plain values of the change.
    now
        Present moment, ISO 8601.
    """

    folder: bytes
    need: bytes
    columns: bytes
    level: str
    change: dict[str, Any]  # Any: values of a form
    now: str
    answered: tuple[EarlierRepair, ...] = ()
    locks: tuple[planner.Held, ...] = ()
    held: tuple[planner.Held, ...] = ()


def repair_event(request: RepairRequest, channel: Channel) -> Solved | None:
    """Repair; the result has passed the independent checker."""
    channel.report(Standing(0.0, "reading"))
    with unpacked(request.folder, FolderLimits(2**30, 10**9)) as folder:
        planned = planner.read_folder(folder)
    solved = read_table(request.columns)
    answered = [earlier.answered() for earlier in request.answered]
    before = answered[-1].table if answered else solved
    channel.report(Standing(0.0, "repairing"))
    repaired = planner.repair(
        planned,
        read_need(request.need),
        solved,
        level=request.level,
        change=request.change,
        now=datetime.fromisoformat(request.now),
        answered=answered,
        locks=request.locks,
        held=request.held,
    )
    table = table_of(repaired.plan, repaired.start, repaired.people, before)
    return Solved(
        columns=write_table(table),
        certificate=None,
        status="feasible",
        value=repaired.value,
        bound=None,
        terms=repaired.terms,
        n_lines=len(table.line_group),
        n_duties=table.n_crew_duties,
        n_people=table.n_people,
        n_violations=0,
        violations=[],
        seconds=repaired.seconds,
        peak_mb=0.0,
        versions={},
        instance_hash=repaired.instance_hash,
        repair=repaired.report,
        need=write_need(repaired.need),
    )
