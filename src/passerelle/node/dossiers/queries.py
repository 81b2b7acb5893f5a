"""Reads of dossiers used by more than one caller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import F, Q

from passerelle.kernel.problems import RefusedError
from passerelle.node.casework.access import cases_of, log_reading, require_reading
from passerelle.node.dossiers.blinding import blinded
from passerelle.node.dossiers.folding import fold_case, hear, hear_many
from passerelle.node.dossiers.kinds import PARTS, is_by_file
from passerelle.node.dossiers.models import Dossier
from passerelle.node.dossiers.related import related_of
from passerelle.node.exchange.queries import proofs_of
from passerelle.procedures.values import Refusal
from passerelle.procedures.view import allowed_view, dossier_view

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from passerelle.kernel.canonical import Json
    from passerelle.kernel.clock import Clock
    from passerelle.node.accounts.actor import Actor
    from passerelle.node.dossiers.folding import Heard
    from passerelle.procedures.dossier import Dossier as DossierValue

__all__ = ["fold_rows", "folded", "inbox", "open_dossier_value", "open_view"]

_BY_FILE: Final = frozenset(name for name in PARTS if is_by_file(name))


def inbox(
    *, with_closed: bool = True, actor: Actor | None = None, now: datetime | None = None
) -> QuerySet[Dossier]:
    """Return the summaries, the next deadline first, those with nothing due last.

    Dossiers about a person stand in it only for whoever is designated for them (S20, S27).

    Parameters
    ----------
    with_closed
        Whether closed ones are listed.
    actor, now
        Who asks, and when; without them no dossier about a person is listed.
    """
    found = Dossier.objects.select_related("corridor")
    mine = [] if actor is None or now is None else cases_of(actor, now)
    found = found.filter(~Q(procedure__in=_BY_FILE) | Q(case__in=mine))
    if not with_closed:
        found = found.filter(is_final=False)
    return found.order_by(F("due_at").asc(nulls_last=True), "-touched_at", "case")


def folded(*procedures: str) -> list[tuple[Dossier, DossierValue]]:
    """Return all dossiers of some procedures that can be opened here, oldest first.

    The number of queries does not depend on the number of dossiers. Dossiers about persons are opened one by
    one, by :func:`open_dossier_value`, and never all at once (S20): here they come for counting, without
    anything that tells of the person (:func:`blinded`).
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
    if not rows:
        return []
    heard = hear_many([row.case for row in rows])
    found = []
    for row in rows:
        value = fold_case(row.case, row.corridor, heard[row.case])
        if not isinstance(value, Refusal):
            found.append((row, blinded(value) if row.procedure in _BY_FILE else value))
    return found


@transaction.atomic
def open_dossier_value(
    case: str, *, actor: Actor | None = None, clock: Clock | None = None, why: str = ""
) -> tuple[Dossier, Heard, DossierValue]:
    """Return the summary, what the record holds, and the folded dossier.

    Parameters
    ----------
    case
        The dossier.
    actor, clock, why
        Who reads it, when and why: needed for a dossier about a person, which only a designated official
        opens and of which every reading is logged.

    Raises
    ------
    RefusedError
        When there is no such dossier, the reader is not designated for it, or nothing of it can be
        opened any more.
    """
    row = (
        Dossier.objects.select_related("corridor")
        .prefetch_related("corridor__suspensions", "corridor__profiles")
        .filter(case=case)
        .first()
    )
    if row is None:
        raise RefusedError("There is no dossier {case}.", code="dossiers.unknown", case=case[:32])
    if row.procedure in _BY_FILE:
        if actor is None or clock is None:
            raise RefusedError(
                "A dossier about a person is opened by a designated official.", code="cases.unnamed"
            )
        actor.require(PARTS[row.procedure])
        require_reading(case, actor, clock.now())
        log_reading(case, actor, clock, why=why)
    heard = hear(case)
    related = related_of(case, row.procedure, row.side)
    found = fold_case(case, row.corridor, heard, related=related)
    if isinstance(found, Refusal):
        raise RefusedError(
            "The content of dossier {case} cannot be opened here: {reason}",
            code="dossiers.closed-content",
            case=case,
            reason=found.reason,
        )
    return row, heard, found


def open_view(
    case: str,
    now: datetime,
    *,
    roles: tuple[str, ...] = (),
    actor: Actor | None = None,
    clock: Clock | None = None,
    why: str = "",
) -> dict[str, Json]:
    """Return a dossier as plain data, each act with its proof, and what roles may do now.

    On the side that holds what never leaves, national acts stand among the steps; ``national`` names them.

    Parameters
    ----------
    case
        The dossier.
    now
        Present instant, for deadlines.
    roles
        Roles of the procedure on the own side for which to list the acts.
    actor, clock, why
        As for :func:`open_dossier_value`.
    """
    row, heard, found = open_dossier_value(case, actor=actor, clock=clock, why=why)
    view = dossier_view(found, now)
    proofs: dict[str, Json] = {}
    proved = proofs_of(list(heard.places.values()))
    for act_id, (log_id, index) in heard.places.items():
        proof = proved[log_id, index]
        proofs[act_id] = {
            "state": proof.state.value,
            "index": index,
            "checkpoint": proof.size,
            "receipt_time": proof.receipt_time,
        }
    view["proofs"] = proofs
    view["national"] = [act.id for act in heard.acts if act.id not in proofs]
    view["peer"] = row.corridor.peer
    view["side"] = row.side
    view["n_closed"] = heard.n_closed
    view["allowed"] = {role: allowed_view(found, role, row.side, now) for role in roles}
    return view
