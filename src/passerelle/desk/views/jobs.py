"""Jobs: the list, and one job with its chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from passerelle.desk.boards.jobs import job_line
from passerelle.desk.boards.overview import trace
from passerelle.desk.frame import show
from passerelle.desk.views.page import can, event_page
from passerelle.desk.views.plan import bound_drawing
from passerelle.node.accounts.enums import Action
from passerelle.node.jobs.queries import find_job, jobs_of, series_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from passerelle.desk.facts import Facts

__all__ = ["job", "jobs"]

_SHOWN = 50


@require_GET
@event_page(Action.VIEW_JOBS)
def jobs(request: HttpRequest, facts: Facts) -> HttpResponse:
    """List the jobs of an event, the newest first."""
    lines = [job_line(entry) for entry in jobs_of(facts.event)[:_SHOWN]]
    values = {
        "event": facts.event,
        "version": facts.version,
        "jobs": lines,
        "n_active": sum(line.is_active for line in lines),
    }
    return show(request, "jobs.html", values, place="jobs")


@require_GET
@event_page(Action.VIEW_JOBS)
def job(request: HttpRequest, facts: Facts, key: str) -> HttpResponse:
    """Show one job."""
    found = find_job(key)
    points = trace((p.seconds, p.value, p.bound) for p in series_of(found))
    plan = found.plans.only("number").first()
    values = {
        "event": facts.event,
        "version": facts.version,
        "job": job_line(found),
        "plan_number": plan.number if plan else None,
        "can_stop": can(request, Action.CANCEL_JOB),
        "trace": points,
        "chart": bound_drawing(points, get_language() or "en"),
    }
    return show(request, "job.html", values, place="jobs")
