"""Publish a version of the plan: what changes, what each partner will be sent; and what one changed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from passerelle.desk.frame import show
from passerelle.desk.views.page import actor_of, clock, event_page
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.plans import domain
from passerelle.node.plans.changes import ChangeKind
from passerelle.node.plans.enums import PlanState
from passerelle.node.plans.queries import (
    changes_against,
    changes_against_published,
    find_version,
)
from passerelle.node.plans.queries import published as published_version
from passerelle.node.reinforcement.publishing import notices, send_notices
from passerelle.node.reinforcement.publishing import seen_of as notices_digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from passerelle.desk.facts import Facts
    from passerelle.node.plans.changes import PlanChange
    from passerelle.node.reinforcement.publishing import Notice

__all__ = ["publish"]

_GROUPS_SHOWN = 200


@require_http_methods(["GET", "POST"])
@event_page(Action.PUBLISH_PLAN)
def publish(request: HttpRequest, facts: Facts, number: int) -> HttpResponse:
    """Show exactly what publishing would change, and publish on a second step.

    Of a version that was published already it shows what it changed.
    """
    version = find_version(facts.event, number)
    before = published_version(facts.event)
    if request.method == "POST":
        seen = request.POST.get("seen", "")
        told = notices(version)
        if notices_digest(told) != request.POST.get("notices", notices_digest([])):
            raise RefusedError(
                "What partners would be sent has changed; look at it again.", code="plan.stale"
            )
        domain.publish(
            version,
            expected_published=int(seen) if seen.isdecimal() else None,
            actor=actor_of(request),
            clock=clock(),
        )
        messages.success(request, _("The plan is published."))
        _tell_partners(request, told)
        return redirect("desk:overview", facts.event.code)
    is_draft = version.state == PlanState.DRAFT
    told = notices(version) if is_draft else []
    if not is_draft:
        before = version.based_on
    changes = changes_against_published(version) if is_draft else changes_against(version)
    groups = {group.id: group for group in facts.force.groups}
    rows = _by_group(changes)
    values = {
        "event": facts.event,
        "version": version,
        "is_draft": is_draft,
        "published": before,
        "seen": before.number if before else "",
        "sums": _sums(changes),
        "rows": [(groups[code], count) for code, count in rows[:_GROUPS_SHOWN] if code in groups],
        "notices": told,
        "notices_digest": notices_digest(told),
        "n_more": max(len(rows) - _GROUPS_SHOWN, 0),
    }
    return show(request, "publish.html", values, place="plan")


def _tell_partners(request: HttpRequest, told: Sequence[Notice]) -> None:
    """Send each partner the duties of its own people, and say what came of it."""
    meant = [one for one in told if one.payloads]
    if not meant:
        return
    if not actor_of(request).may(Action.START_PLAN):
        messages.warning(request, _("A planner must send the partners their duties."))
        return
    done = send_notices(meant, actor=actor_of(request), clock=clock())
    for notice, refusal in done:
        if refusal is not None:
            state = notice.row.corridor.peer_state
            messages.error(request, f"{state}: {refusal.text(get_language() or 'en')}")
    n_told = sum(1 for one in done if one[1] is None)
    if n_told:
        messages.success(
            request,
            ngettext(
                "{n} partner was sent the duties of its people.",
                "{n} partners were sent the duties of their people.",
                n_told,
            ).format(n=n_told),
        )


def _sums(changes: Sequence[PlanChange]) -> dict[str, int]:
    """Sum people by kind of change."""
    sums: Counter[str] = Counter()
    for change in changes:
        sums[change.kind.value] += change.people
    return {kind.value: sums[kind.value] for kind in ChangeKind}


def _by_group(changes: Sequence[PlanChange]) -> list[tuple[str, dict[str, int]]]:
    """Sum people by group and kind, the groups with most changes first."""
    groups: dict[str, Counter[str]] = {}
    for change in changes:
        groups.setdefault(change.group, Counter())[change.kind.value] += change.people
    ordered = sorted(groups.items(), key=lambda pair: (-pair[1].total(), pair[0]))
    return [
        (code, {kind.value: count[kind.value] for kind in ChangeKind}) for code, count in ordered
    ]
