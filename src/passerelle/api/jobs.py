"""Jobs: what is running, how far it has come, stop it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from django.http import HttpRequest
from ninja import Query, Router

from passerelle.api.auth import actor_of
from passerelle.api.values import JobOut, ProgressOut
from passerelle.node.accounts.enums import Action
from passerelle.node.exercise.clock import node_clock
from passerelle.node.jobs.domain import request_stop
from passerelle.node.jobs.queries import find_job, jobs_of, series_of

if TYPE_CHECKING:
    from passerelle.node.jobs.models import Job, JobProgress

__all__ = ["job_value", "router"]

router = Router(tags=["jobs"])


@router.get("", response=list[JobOut], summary="List jobs")
def list_jobs(
    request: HttpRequest, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> list[dict[str, object]]:
    """Return jobs, the newest first."""
    actor_of(request).require(Action.VIEW_JOBS)
    return [job_value(job) for job in jobs_of()[:limit]]


@router.get("/{key}", response=JobOut, summary="Show a job")
def show_job(request: HttpRequest, key: str) -> dict[str, object]:
    """Return one job with its newest progress."""
    actor_of(request).require(Action.VIEW_JOBS)
    return job_value(find_job(key))


@router.get("/{key}/progress", response=list[ProgressOut], summary="Show the series")
def show_progress(
    request: HttpRequest, key: str, after_s: Annotated[float, Query(ge=-1, le=1e9)] = -1.0
) -> list[JobProgress]:
    """Return best value and proven bound over time."""
    actor_of(request).require(Action.VIEW_JOBS)
    return series_of(find_job(key), after_s)


@router.post("/{key}/stop", response=JobOut, summary="Stop a job")
def stop_job(request: HttpRequest, key: str) -> dict[str, object]:
    """Cancel a waiting job; ask a running one to stop and keep the best it has."""
    return job_value(request_stop(key, actor=actor_of(request), clock=node_clock()))


def job_value(job: Job) -> dict[str, object]:
    """Return a job as it goes over the wire."""
    names = JobOut.model_fields.keys() - {"event"}
    return {"event": job.event.code, **{name: getattr(job, name) for name in names}}
