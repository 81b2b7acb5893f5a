"""The roster, one duty of it in the side panel, and duty sheets for print."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from passerelle.desk.boards.asking import Asked
from passerelle.desk.boards.places import site_lines
from passerelle.desk.boards.roster import line_duties, owners, roster_board
from passerelle.desk.boards.sheets import plan_document
from passerelle.desk.drawings.lanes import roster_body
from passerelle.desk.frame import show
from passerelle.desk.views.page import event_page, whole
from passerelle.desk.words import KINDS, capability_name
from passerelle.kernel.labels import LANGUAGES
from passerelle.node.accounts.enums import Action
from passerelle.node.plans.asking import ready
from passerelle.standards.plans.duty_sheets import group_sheets, site_sheets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse, QueryDict

    from passerelle.desk.boards.coverage import SiteLine
    from passerelle.desk.boards.roster import RosterDuty
    from passerelle.desk.facts import Facts
    from passerelle.planning.force import CrewGroup

__all__ = ["roster", "sheets"]

_WINDOW = 7
_SHEET_DAYS = 7
_DIGITS = 9


@require_GET
@event_page(Action.VIEW_PLANNING)
def roster(request: HttpRequest, facts: Facts) -> HttpResponse:
    """Show lines of duties by group and day."""
    code = facts.event.code
    lines = site_lines(facts.programme, get_language() or "en", KINDS)
    days = facts.days
    first = facts.day(request.GET.get("from", ""))
    window = [day for day in days if first <= day < first + timedelta(days=_WINDOW)]
    values: dict[str, object] = {
        "event": facts.event,
        "version": facts.version,
        "owners": owners(facts.force),
        "sites": lines,
        "all_days": days,
        "state": request.GET.get("state", ""),
        "group": request.GET.get("group", ""),
        "site": request.GET.get("site", ""),
    }
    table = facts.table
    if table is None:
        return show(request, "roster_empty.html", values, place="roster")
    board = roster_board(
        facts.force,
        table,
        zone=facts.zone,
        days=window,
        state=str(values["state"]),
        group=str(values["group"]),
        site=str(values["site"]),
        page=whole(request, "page", 1),
    )
    at = request.GET.get("at", "")
    query = request.GET.copy()
    for name in ("at", "ask", "to_site", "to_capability"):
        query.pop(name, None)
    prefix = f"?{query.urlencode()}&at=" if query else "?at="
    step = timedelta(days=_WINDOW)
    values |= {
        "board": board,
        "before": f"{first - step:%Y-%m-%d}" if first > days[0] else "",
        "after": f"{first + step:%Y-%m-%d}" if first + step <= days[-1] else "",
        "previous_page": board.page - 1,
        "next_page": board.page + 1,
        "body": roster_body(
            board,
            duty_query=prefix.replace("&", "&amp;"),
            group_path=reverse("desk:group", args=[code, "GROUP"]),
            crew_word=_("Crew"),
            free_word=_("no duty"),
            current=at,
        ),
        "duty": _duty(facts, lines, int(at), request.GET)
        if at.isdecimal() and len(at) < _DIGITS
        else None,
    }
    return show(request, "roster.html", values, place="roster")


@require_GET
@event_page(Action.VIEW_PLANNING)
def sheets(request: HttpRequest, facts: Facts) -> HttpResponse:
    """Show the duty sheet of one group or one site, ready for print, in any of the languages."""
    page_language = get_language() or "en"
    wanted = request.GET.get("lang", page_language[:2])
    language = wanted if wanted in LANGUAGES else "en"
    group, site = request.GET.get("group", ""), request.GET.get("site", "")
    lines = site_lines(facts.programme, page_language, KINDS)
    first = facts.day(request.GET.get("from", ""))
    sheet = None
    if facts.version is not None and facts.table is not None and (group or site):
        names = {line.code: line.name for line in lines}
        document = plan_document(
            facts, names, group=group, site=site, first=first, days=_SHEET_DAYS
        )
        if document is not None:
            makers = group_sheets if group else site_sheets
            sheet = next(iter(makers(document, language=language)), None)
    values = {
        "event": facts.event,
        "version": facts.version,
        "groups": facts.force.groups,
        "sites": lines,
        "group": group,
        "site": site,
        "lang": language,
        "sheet": sheet,
        "all_days": facts.days,
        "first": first,
        "is_draft": facts.version is not None and facts.version.published_at is None,
    }
    return show(request, "sheets.html", values, place="roster")


def _duty(
    facts: Facts, lines: Sequence[SiteLine], row: int, asked: QueryDict
) -> dict[str, object] | None:
    """Say all about one duty: where, who, how long, the rest around it, the line it belongs to."""
    table = facts.table
    if table is None or row >= len(table.duty_line):
        return None
    line = int(table.duty_line[row])
    group = next(
        (g for g in facts.force.groups if g.id == table.groups[table.line_group[line]]), None
    )
    whole_line = line_duties(table, line, facts.zone)
    index = next(n for n, duty in enumerate(whole_line) if duty.row == row)
    duty = whole_line[index]
    site = next((entry for entry in lines if entry.code == duty.site), None)
    if group is None or site is None:
        return None
    crews = int(table.line_crews[line])
    after = whole_line[index + 1] if index + 1 < len(whole_line) else None
    return {
        "group": group,
        "site": site,
        "start": duty.start,
        "end": duty.end,
        "capability": capability_name(duty.capability),
        "crews": crews,
        "people": crews * group.crew_people,
        "length": duty.end - duty.start,
        "rest_before": duty.start - whole_line[index - 1].end if index else None,
        "rest_after": after.start - duty.end if after else None,
        "line": whole_line,
        **_answers(facts, lines, group, whole_line, duty, asked),
    }


def _answers(  # noqa: PLR0917 - what is asked, about what
    facts: Facts,
    lines: Sequence[SiteLine],
    group: CrewGroup,
    line: Sequence[RosterDuty],
    duty: RosterDuty,
    asked: QueryDict,
) -> dict[str, object]:
    """Answer what is asked about a duty: who could take it over, or what if it were another."""
    question = asked.get("ask", "")
    if question not in {"takeover", "move"} or facts.version is None:
        return {"ask": ""}
    published = ready(facts.version)
    if published is None:
        return {"ask": question, "is_mute": True}
    board = Asked(facts, published, lines)
    own = board.duty(duty)
    if question == "takeover":
        return {"ask": question, "substitutes": board.substitutes(group.id, own)}
    site = asked.get("to_site", "") or duty.site
    capability = asked.get("to_capability", "") or duty.capability
    return {
        "ask": question,
        "to_site": site,
        "to_capability": capability,
        "to_sites": [entry for entry in lines if board.reaches(group.id, entry.code)],
        "to_capabilities": [
            {"code": code, "words": capability_name(code)} for code in group.capabilities
        ],
        "moves": board.moves(
            group.id, tuple(board.duty(entry) for entry in line), own, site, capability
        ),
    }
