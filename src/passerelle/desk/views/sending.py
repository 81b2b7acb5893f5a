"""Send a campaign: see exactly what one confirmation signs, confirm, watch, stop; split what is too long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from passerelle.desk.boards.act_form import fact_lines
from passerelle.desk.boards.campaigns import line_rows
from passerelle.desk.frame import show
from passerelle.desk.views.campaigns import find_campaign, find_thread
from passerelle.desk.views.page import actor_of, clock, event_page
from passerelle.node.accounts.enums import Action
from passerelle.node.jobs.domain import request_stop
from passerelle.node.reinforcement import sending
from passerelle.node.reinforcement.posting import sending_of, start_sending
from passerelle.node.reinforcement.splitting import split_thread
from passerelle.procedures.forms import form_of
from passerelle.procedures.loading import definition

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from passerelle.desk.facts import Facts

__all__ = ["check", "split", "stop"]


@require_http_methods(["GET", "POST"])
@event_page(Action.SIGN_ACT)
def check(request: HttpRequest, facts: Facts, number: int) -> HttpResponse:
    """Show everything that one confirmation would sign, and sign it."""
    found = find_campaign(facts, number)
    if request.method == "POST":
        start_sending(
            found, seen=request.POST.get("seen", ""), actor=actor_of(request), clock=clock()
        )
        return redirect("desk:campaign", facts.event.code, number)
    shown = sending.prepared(found)
    language = get_language() or "en"
    requests = [
        {
            "thread": one.thread,
            "rows": line_rows([x for x in one.thread.lines.all() if not x.is_out], language),
            "n_people": sum(x.people for x in one.thread.lines.all() if not x.is_out),
            "digest": one.digest,
            "refusal": one.refusal.text(language) if one.refusal else "",
            "is_long": one.refusal is not None and one.refusal.code == "campaign.long",
        }
        for one in shown
    ]
    common = {
        name: value
        for name, value in (shown[0].payload if shown else {}).items()
        if name not in {"lines", "addressee", "reference"}
    }
    rule = definition("reinforcement").acts["request"]
    values = {
        "event": facts.event,
        "version": facts.version,
        "campaign": found,
        "requests": requests,
        "common": fact_lines(form_of(rule), common, language),
        "n_wrong": sum(1 for one in shown if one.refusal),
        "seen": sending.seen_of(shown),
        "n_people": sum(x.people for one in shown for x in one.thread.lines.all() if not x.is_out),
        "office": definition("reinforcement").roles["directorate"].labels.get(language),
    }
    return show(request, "campaign_check.html", values, place="reinforcement")


@require_POST
@event_page(Action.SIGN_ACT)
def stop(request: HttpRequest, facts: Facts, number: int) -> HttpResponse:
    """Ask the sending to stop; what was sent stays sent, the rest waits."""
    found = find_campaign(facts, number)
    job = sending_of(found)
    if job is not None:
        request_stop(job.key, actor=actor_of(request), clock=clock())
        messages.success(request, _("Stopping. What was sent stays sent; the rest waits here."))
    return redirect("desk:campaign", facts.event.code, number)


@require_POST
@event_page(Action.DRAFT_REQUEST)
def split(request: HttpRequest, facts: Facts, number: int, peer: str) -> HttpResponse:
    """Move the lines that do not fit into one act to a second campaign."""
    found = find_thread(find_campaign(facts, number), peer)
    other = split_thread(found, actor=actor_of(request), clock=clock())
    words = _("The last lines now stand in campaign {number}.").format(number=other.number)
    messages.success(request, words)
    return redirect("desk:campaign-thread", facts.event.code, number, peer)
