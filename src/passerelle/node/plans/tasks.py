"""The job of a plan: load what the solve needs, start it, keep what it returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.compute import start_watched
from passerelle.node.configuration import configuration
from passerelle.node.events.models import EventRevision, NeedSnapshot
from passerelle.node.plans.domain import add_draft
from passerelle.node.plans.models import PlanContent, PlanVersion
from passerelle.node.plans.queries import held_by, history
from passerelle.node.plans.repairing import EarlierRepair, RepairRequest, repair_event
from passerelle.node.plans.solving import SolveRequest, solve_event

if TYPE_CHECKING:
    from passerelle.compute import Watched
    from passerelle.kernel.clock import Clock
    from passerelle.node.jobs.models import Job
    from passerelle.node.plans.solving import Solved

__all__ = ["PlanHandler", "RepairHandler"]


class PlanHandler:
    """Solve a plan."""

    def start(self, job: Job) -> Watched[Solved | None]:
        """Read the revision, its need and the published plan, and start the solve."""
        params = job.params
        based_on = (
            PlanContent.objects.filter(pk=params["based_on"]).select_related("version").first()
        )
        request = SolveRequest(
            folder=bytes(EventRevision.objects.get(pk=params["revision"]).folder),
            need=bytes(NeedSnapshot.objects.get(pk=params["need"]).columns),
            seconds=params["seconds"],
            seed=params["seed"],
            level=params["level"],
            threads=configuration().solve_threads,
            locks=held_by(params),
            published=(
                (bytes(based_on.columns), based_on.version.instance_hash) if based_on else None
            ),
        )
        return start_watched(solve_event, request)

    def store(self, job: Job, result: Solved, clock: Clock) -> str:
        """Keep the plan as the next draft."""
        return f"plan:{add_draft(job, result, clock).number}"


class RepairHandler:
    """Repair a published plan."""

    def start(self, job: Job) -> Watched[Solved | None]:
        """Read what the published plan rests on, and start the repair."""
        params = job.params
        solved, repairs = history(PlanVersion.objects.get(pk=params["based_on"]))
        request = RepairRequest(
            folder=bytes(EventRevision.objects.get(pk=solved.revision_id).folder),
            need=bytes(NeedSnapshot.objects.get(pk=solved.need_id).columns),
            columns=bytes(solved.content.columns),
            answered=tuple(
                EarlierRepair(bytes(version.content.columns), version.repair or {})
                for version in repairs
            ),
            locks=held_by(solved.job.params if solved.job else {}),
            held=held_by(params),
            level=params["level"],
            change=params["change"],
            now=params["now"],
        )
        return start_watched(repair_event, request)

    def store(self, job: Job, result: Solved, clock: Clock) -> str:
        """Keep the repaired plan as the next draft."""
        return f"plan:{add_draft(job, result, clock).number}"
