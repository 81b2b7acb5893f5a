"""Forces: groups of the host and of the partners, one group with its rules."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from passerelle.desk import formats
from passerelle.desk.boards.roster import owners
from passerelle.desk.frame import show
from passerelle.desk.views.page import event_page, whole
from passerelle.desk.words import STAGES, capability_name
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from passerelle.desk.boards.roster import Owner
    from passerelle.desk.facts import Facts

__all__ = ["forces", "group"]

_PAGE = 100


@require_GET
@event_page(Action.VIEW_PLANNING)
def forces(request: HttpRequest, facts: Facts) -> HttpResponse:
    """List who may be posted."""
    force = facts.force
    state, capability = request.GET.get("state", ""), request.GET.get("capability", "")
    sums = owners(force)
    chosen = [
        group
        for group in force.groups
        if (not state or group.owner == state)
        and (not capability or capability in group.capabilities)
    ]
    chosen.sort(key=lambda group: (not group.is_host, group.owner, group.id))
    n_pages = max(1, -(-len(chosen) // _PAGE))
    page = min(max(whole(request, "page", 1), 1), n_pages)
    kinds = sorted({code for group in force.groups for code in group.capabilities})
    language = get_language() or "en"
    values = {
        "event": facts.event,
        "version": facts.version,
        "headline": _headline(sums, language),
        "owners": sums,
        "state": state,
        "capability": capability,
        "capabilities": sorted(
            ({"code": code, "words": capability_name(code)} for code in kinds),
            key=lambda choice: choice["words"],
        ),
        "groups": [
            {
                "id": group.id,
                "name": group.name,
                "owner": group.owner,
                "capability": capability_name(group.capabilities[0]),
                "crews": group.crews,
                "people": group.people,
                "stage": STAGES[group.stage],
                "base": group.base.name,
                "is_assumed": group.is_assumed,
            }
            for group in chosen[(page - 1) * _PAGE : page * _PAGE]
        ],
        "n_groups": len(chosen),
        "page": page,
        "n_pages": n_pages,
        "previous_page": page - 1,
        "next_page": page + 1,
    }
    return show(request, "forces.html", values, place="forces")


@require_GET
@event_page(Action.VIEW_PLANNING)
def group(request: HttpRequest, facts: Facts, group: str) -> HttpResponse:
    """Show one group: who they are and what binds them."""
    found = next((entry for entry in facts.force.groups if entry.id == group), None)
    if found is None:
        raise RefusedError("There is no group {group}.", code="group.unknown", group=group)
    rules = facts.force.rules_by_id[found.rules_id]
    values = {
        "event": facts.event,
        "version": facts.version,
        "group": found,
        "stage": STAGES[found.stage],
        "capabilities": [capability_name(code) for code in found.capabilities],
        "rules": rules,
        "rest": timedelta(minutes=rules.daily_rest_min),
        "weekly": timedelta(minutes=rules.weekly_rest_min),
        "longest": timedelta(minutes=rules.max_shift_min),
        "yes_no": f"{_('yes')},{_('no')}",
    }
    return show(request, "group.html", values, place="forces")


def _headline(sums: Sequence[Owner], language: str) -> str:
    host = sum(owner.people for owner in sums if owner.is_host)
    partners = [owner for owner in sums if not owner.is_host]
    return ngettext(
        "{host} people of the host, {partners} of {n} partner state",
        "{host} people of the host, {partners} of {n} partner states",
        len(partners),
    ).format(
        host=formats.isolated(formats.number(host, language)),
        partners=formats.isolated(
            formats.number(sum(owner.people for owner in partners), language)
        ),
        n=len(partners),
    )
