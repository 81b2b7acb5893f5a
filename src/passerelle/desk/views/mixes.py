"""Mixes of offers side by side, and the forces that commitments make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from passerelle.desk.boards.mixes import mix_columns, offer_values, skill_rows
from passerelle.desk.frame import show
from passerelle.desk.views.page import actor_of, can, clock, event_page
from passerelle.desk.words import capability_name
from passerelle.node.accounts.enums import Action
from passerelle.node.jobs.queries import running_job
from passerelle.node.plans.domain import start_plan
from passerelle.node.reinforcement.forces import SOURCE, ForceParams
from passerelle.node.reinforcement.mixing import code_of, offered, start_mix
from passerelle.node.reinforcement.models import OfferRow
from passerelle.node.reinforcement.overview import catch_up
from passerelle.node.reinforcement.planning import Change, preview, take_forces

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from passerelle.desk.facts import Facts

__all__ = ["committed", "mix"]

_MOST_ROWS = 100


@require_http_methods(["GET", "POST"])
@event_page(Action.VIEW_DOSSIERS)
def mix(request: HttpRequest, facts: Facts) -> HttpResponse:
    """Show the newest comparison; start another."""
    moment = clock()
    if request.method == "POST":
        job = start_mix(
            facts.event,
            seconds=_seconds(request.POST.get("seconds", "")),
            keep_assumed="assumed" in request.POST,
            actor=actor_of(request),
            clock=moment,
        )
        return redirect("desk:job", facts.event.code, job.key)
    catch_up(moment)
    run = facts.event.mixes.order_by("-pk").first()
    now = moment.now()
    standing = offered(facts.event.code, now)
    codes = {one["offer"] for one in run.report["offers"]} if run else set()
    rows = OfferRow.objects.filter(
        dossier__event=facts.event.code, dossier__side="host"
    ).select_related("dossier")
    values = {
        "event": facts.event,
        "version": facts.version,
        "run": run,
        "columns": mix_columns(run.report) if run else [],
        "offers": offer_values(run.report, rows, now) if run else [],
        "needs": skill_rows(run.report) if run else [],
        "is_stale": run is not None and codes != {code_of(row) for row in standing},
        "n_offered": len(standing),
        "busy": running_job(facts.event),
        "may_start": can(request, Action.START_PLAN),
        "now": now,
    }
    return show(request, "mix.html", values, place="offers")


@require_http_methods(["GET", "POST"])
@event_page(Action.VIEW_PLANNING)
def committed(request: HttpRequest, facts: Facts) -> HttpResponse:
    """Show what commitments and rolls change in the forces; take them in, and plan."""
    data = request.POST if request.method == "POST" else request.GET
    params = ForceParams(
        keep_assumed=data.get("assumed", "yes") == "yes",
        is_forecast=data.get("forecast", "") == "yes",
    )
    if request.method == "POST":
        revision = take_forces(facts.event, params, actor=actor_of(request), clock=clock())
        messages.success(
            request,
            _("The forces were taken in as revision {number}.").format(number=revision.number),
        )
        if "plan" in request.POST:
            start_plan(facts.event, actor=actor_of(request), clock=clock())
        return redirect("desk:overview", facts.event.code)
    before, after, found = preview(facts.event, params)
    values = {
        "event": facts.event,
        "version": facts.version,
        "params": params,
        "changes": [
            {
                "change": one.change.value,
                "group": one.group,
                "capability": capability_name(one.group.capabilities[0]),
                "before": one.before,
                "after": one.after,
                "fields": _fields(one.fields),
                "is_committed": one.group.source.startswith(SOURCE),
                "case": one.group.source.removeprefix(SOURCE).partition("/")[0]
                if one.group.source.startswith(SOURCE)
                else "",
                "rules": after.rules_by_id.get(one.group.rules_id),
                "n_named": one.group.people if one.group.stage.value != "accepted" else 0,
            }
            for one in found[:_MOST_ROWS]
        ],
        "n_changes": len(found),
        "n_new": sum(1 for one in found if one.change is Change.NEW),
        "n_gone": sum(1 for one in found if one.change is Change.GONE),
        "n_changed": sum(1 for one in found if one.change is Change.CHANGED),
        "people_before": sum(g.people for g in before.groups if not g.is_host),
        "people_after": sum(g.people for g in after.groups if not g.is_host),
        "may_take": can(request, Action.IMPORT_EVENT),
    }
    return show(request, "committed.html", values, place="forces")


def _fields(codes: tuple[str, ...]) -> str:
    words = {
        "crews": _("crews"),
        "dates": _("dates"),
        "sites": _("sites"),
        "languages": _("languages"),
        "certificates": _("certificates"),
        "rules": _("rules"),
        "people": _("people named"),
    }
    return ", ".join(words[code] for code in codes)


def _seconds(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 5 else 60
