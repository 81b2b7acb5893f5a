"""Read jobs: lists, one job, and its series of values and bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.kernel.problems import RefusedError
from passerelle.node.jobs.enums import FINAL, SOLVES
from passerelle.node.jobs.models import Job, JobProgress

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from passerelle.node.events.models import Event

__all__ = ["find_job", "jobs_of", "running_job", "series_of"]


def jobs_of(event: Event | None = None) -> QuerySet[Job]:
    """Return jobs, the newest first, of one event or of all."""
    jobs = Job.objects.select_related("event")
    return jobs if event is None else jobs.filter(event=event)


def find_job(key: str) -> Job:
    """Return one job.

    Raises
    ------
    RefusedError
        With code ``job.unknown``.
    """
    job = Job.objects.select_related("event").filter(key=key).first()
    if job is None:
        raise RefusedError("There is no job {job}.", code="job.unknown", job=key)
    return job


def running_job(event: Event) -> Job | None:
    """Return the newest search of an event that waits or runs; ``None`` when there is none."""
    return jobs_of(event).filter(kind__in=SOLVES).exclude(state__in=FINAL).first()


def series_of(job: Job, after_s: float = -1.0) -> list[JobProgress]:
    """Return best value and bound over time, from after ``after_s`` on."""
    return list(job.series.filter(seconds__gt=after_s).order_by("seconds"))
