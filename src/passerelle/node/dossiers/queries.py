"""Reads of dossiers used by more than one caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F

from passerelle.kernel.problems import RefusedError
from passerelle.node.dossiers.folding import fold_case, hear, hear_many
from passerelle.node.dossiers.models import Dossier
from passerelle.node.exchange.queries import proof_of
from passerelle.procedures.values import Refusal
from passerelle.procedures.view import allowed_view, dossier_view

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from passerelle.kernel.canonical import Json
    from passerelle.node.dossiers.folding import Heard
    from passerelle.procedures.dossier import Dossier as DossierValue

__all__ = ["fold_rows", "folded", "inbox", "open_dossier_value", "open_view"]


def inbox(*, with_closed: bool = True) -> QuerySet[Dossier]:
    """Return the summaries, the next deadline first, those with nothing due last."""
    found = Dossier.objects.select_related("corridor")
    if not with_closed:
        found = found.filter(is_final=False)
    return found.order_by(F("due_at").asc(nulls_last=True), "-touched_at", "case")


def folded(*procedures: str) -> list[tuple[Dossier, DossierValue]]:
    """Return all dossiers of some procedures that can be opened here, oldest first.

    The number of queries does not depend on the number of dossiers.
    """
    rows = list(
        Dossier.objects.filter(procedure__in=procedures)
        .select_related("corridor")
        .prefetch_related("corridor__suspensions")
        .order_by("opened_at", "case")
    )
    return fold_rows(rows)


def fold_rows(rows: Sequence[Dossier]) -> list[tuple[Dossier, DossierValue]]:
    """Fold the dossiers of some summaries, as far as they can be opened here, in their order.

    Each row brings its corridor with it; otherwise every row costs a query.
    """
    heard = hear_many([row.case for row in rows])
    found = []
    for row in rows:
        value = fold_case(row.case, row.corridor, heard[row.case])
        if not isinstance(value, Refusal):
            found.append((row, value))
    return found


def open_dossier_value(case: str) -> tuple[Dossier, Heard, DossierValue]:
    """Return the summary, what the record holds, and the folded dossier.

    Raises
    ------
    RefusedError
        When there is no such dossier, or nothing of it can be opened any more.
    """
    row = (
        Dossier.objects.select_related("corridor")
        .prefetch_related("corridor__suspensions")
        .filter(case=case)
        .first()
    )
    if row is None:
        raise RefusedError("There is no dossier {case}.", code="dossiers.unknown", case=case[:32])
    heard = hear(case)
    found = fold_case(case, row.corridor, heard)
    if isinstance(found, Refusal):
        raise RefusedError(
            "The content of dossier {case} cannot be opened here: {reason}",
            code="dossiers.closed-content",
            case=case,
            reason=found.reason,
        )
    return row, heard, found


def open_view(case: str, now: datetime, *, roles: tuple[str, ...] = ()) -> dict[str, Json]:
    """Return a dossier as plain data, each act with its proof, and what roles may do now.

    Parameters
    ----------
    case
        The dossier.
    now
        Present instant, for deadlines.
    roles
        Roles of the procedure on the own side for which to list the acts.
    """
    row, heard, found = open_dossier_value(case)
    view = dossier_view(found, now)
    proofs: dict[str, Json] = {}
    for act_id, (log_id, index) in heard.places.items():
        proof = proof_of(log_id, index)
        proofs[act_id] = {
            "state": proof.state.value,
            "index": index,
            "checkpoint": proof.size,
            "receipt_time": proof.receipt_time,
        }
    view["proofs"] = proofs
    view["peer"] = row.corridor.peer
    view["side"] = row.side
    view["n_closed"] = heard.n_closed
    view["allowed"] = {role: allowed_view(found, role, row.side, now) for role in roles}
    return view
