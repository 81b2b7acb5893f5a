"""Indicators: own figures beside the other side's, releases, what is public."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.urls import reverse
from django.views.decorators.http import require_GET

from passerelle.desk.boards.proposals import read_cohort
from passerelle.desk.boards.standing import figure_lines, safeguard_lines
from passerelle.desk.drawings.survival import survival_chart
from passerelle.desk.frame import show
from passerelle.desk.speaking import language
from passerelle.desk.views.page import can, clock, page
from passerelle.node.accounts.enums import Action
from passerelle.node.dossiers import register, statistics
from passerelle.node.dossiers.models import Corridor
from passerelle.procedures.counting.cohorts import Cohort

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from passerelle.procedures.standing.releases import Release

__all__ = ["indicators"]

_REPLY_LIMIT = timedelta(days=60)


@require_GET
@page(Action.VIEW_REGISTER)
def indicators(request: HttpRequest) -> HttpResponse:
    """Compute a cohort from our record and show it beside what the other side gave."""
    corridors = list(Corridor.objects.all())
    releases = register.releases()
    values: dict[str, Any] = {"corridors": corridors, "releases": releases}
    if corridors:
        today = clock().now().date()
        cohort = (
            read_cohort(request.GET.dict())
            if "cut_off" in request.GET
            else _usual(corridors[0].code, today)
        )
        values |= _computed(request, cohort, corridors, releases)
    return show(request, "indicators.html", values, place="indicators")


def _computed(
    request: HttpRequest,
    cohort: Cohort,
    corridors: list[Corridor],
    releases: tuple[Release, ...],
) -> dict[str, Any]:
    row = next((one for one in corridors if one.code == cohort.corridor), corridors[0])
    same = next((one for one in releases if one.cohort == cohort), None)
    found: Any = statistics.own_statement(cohort, same.declared if same else None)
    other = (
        next((side for side in same.sides if side.state == row.peer_state), None) if same else None
    )
    asked = {
        "corridor": cohort.corridor,
        "from": cohort.sent_from.isoformat(),
        "to": cohort.sent_to.isoformat(),
        "cut_off": cohort.cut_off.isoformat(),
    }
    open_url = reverse("desk:start", args=[row.peer, "statistics-release", "compute"])
    return {
        "cohort": cohort,
        "asked": asked,
        "row": row,
        "found": found,
        "lines": figure_lines(found, other.figures if other else {}),
        "release": same,
        "is_given": other is not None and bool(other.digest),
        "safeguards": safeguard_lines(statistics.safeguards(statistics.cut_off_instant(cohort))),
        "survival": survival_chart(found["survival"], language()) if found["survival"] else "",
        "open_url": f"{open_url}?{urlencode(asked)}"
        if same is None and can(request, Action.WRITE_REGISTER)
        else "",
    }


def _usual(corridor: str, today: date) -> Cohort:
    """Return the cohort shown first: this year's sendings, as of today."""
    return Cohort(corridor, date(today.year, 1, 1), today, today)
