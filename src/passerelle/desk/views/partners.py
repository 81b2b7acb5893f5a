"""Partners: what each was asked, offered, committed and sent; and the same seen from our side as sender."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from passerelle.desk.boards.partner import partner_lines, partner_sum
from passerelle.desk.frame import show
from passerelle.desk.views.page import clock, page
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.dossiers.models import Corridor
from passerelle.node.dossiers.queries import fold_rows
from passerelle.node.dossiers.sheets import sheets

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["partner"]


@require_GET
@page(Action.VIEW_DOSSIERS)
def partner(request: HttpRequest, state: str) -> HttpResponse:
    """Show the history with one state."""
    corridor = Corridor.objects.filter(peer_state=state).first()
    if corridor is None:
        raise RefusedError(
            "There is no corridor with {peer}; agree one first.",
            code="partner.unknown",
            peer=state[:2],
        )
    rows = sheets(clock().now(), peer=corridor.peer)
    values = {row.case: value for row, value in fold_rows([row.dossier for row in rows])}
    lines = partner_lines(rows, values, get_language() or "en")
    context = {
        "state": state,
        "corridor": corridor,
        "gives": [line for line in lines if line.is_host],
        "gets": [line for line in lines if not line.is_host],
        "sum_gives": partner_sum(line for line in lines if line.is_host),
        "sum_gets": partner_sum(line for line in lines if not line.is_host),
    }
    return show(request, "partner.html", context, place="rolls")
