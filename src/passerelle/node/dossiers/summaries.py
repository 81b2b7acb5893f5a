"""Summaries of dossiers: computed anew whenever an act is said, arrives or is receipted.

A summary of a dossier about a person tells nothing that its lists do not need: the last act appears as the
partner sees it, so that the reason of a pause stands nowhere outside the sealed record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction

from passerelle.exchange.header import Kind
from passerelle.node.dossiers.case_erasure import complete_erasures, note_end
from passerelle.node.dossiers.folding import fold_case, hear
from passerelle.node.dossiers.kinds import is_sheltered, kind_of
from passerelle.node.dossiers.models import Corridor, Dossier, Erasure
from passerelle.node.dossiers.related import related_of
from passerelle.node.dossiers.releasing import find_owed, release_owed
from passerelle.node.dossiers.sheets import COUNTED, keep_sheet
from passerelle.node.exchange.delivery import deliver
from passerelle.node.exchange.station import station
from passerelle.node.national.domain import log_of
from passerelle.node.reinforcement.positions import forget_position, keep_position
from passerelle.procedures.deadlines import next_due
from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from passerelle.kernel.clock import Clock
    from passerelle.node.dossiers.folding import Heard
    from passerelle.node.exchange.delivery import DeliveredAct
    from passerelle.procedures.dossier import Dossier as DossierValue

__all__ = ["CONSUMER", "refresh", "take_in", "take_in_acts"]

CONSUMER: Final = "dossiers"
"""Name under which the exchange keeps the cursor of this app."""


def take_in(clock: Clock, *, limit: int = 1000) -> int:
    """Fold what arrived, was said or was receipted since the last call; return the number of acts.

    The worker does this in its rounds (:mod:`.intake`); the command line does it once. A receipt is
    no act: dossiers that still wait for one are folded again, so that their instants become final
    on both nodes.
    """
    done = take_in_acts(clock, limit=limit)
    waiting = Dossier.objects.filter(is_settled=False).order_by("touched_at")
    for case in list(waiting.values_list("case", flat=True)[:limit]):
        refresh(case, clock)
    return done


def take_in_acts(clock: Clock, *, limit: int = 1000) -> int:
    """Fold the dossiers of the acts that were said or came since the last call.

    Pauses that could not leave when they were due leave now; keys are destroyed of which nothing waits.
    """

    def apply_one(act: DeliveredAct) -> None:
        if act.header is not None and act.header.case:
            refresh(act.header.case, clock)

    done = deliver(CONSUMER, apply_one, limit=limit)
    _pay_pauses(clock)
    complete_erasures(clock)
    return done


@transaction.atomic
def refresh(case: str, clock: Clock) -> Dossier | None:
    """Compute the summary of a dossier anew; ``None`` when nothing in it can be folded."""
    heard = hear(case)
    corridor = _corridor_of(heard)
    related = related_of(case, heard.procedure, heard.side)
    found = None if corridor is None else fold_case(case, corridor, heard, related=related)
    if corridor is None or found is None or isinstance(found, Refusal):
        if not _is_erased(case, heard):
            forget_position(case)
        return None
    row = _summarise(case, corridor, heard, found, clock)
    note_end(found, heard.side, clock)
    keep_position(row, found, clock.now())
    return row


def _is_erased(case: str, heard: Heard) -> bool:
    """Tell whether the content was erased here; keep when the other side said that it did so too."""
    erasures = Erasure.objects.filter(dossier_id=case)
    theirs = [
        act
        for act in heard.acts
        if kind_of(act.name) is Kind.NOTICE_ERASURE and act.side != heard.side
    ]
    if theirs:
        erasures.filter(answered_at=None).update(answered_at=theirs[0].at)
    return erasures.exists()


def _summarise(
    case: str, corridor: Corridor, heard: Heard, found: DossierValue, clock: Clock
) -> Dossier:
    due = next_due(found, clock.now())
    last = found.steps[-1].act
    row, _ = Dossier.objects.update_or_create(
        case=case,
        defaults={
            "corridor": corridor,
            "procedure": heard.procedure,
            "definition": found.definition.digest,
            "side": heard.side,
            "event": heard.event,
            "reference": _reference(found, heard),
            "state": found.state,
            "is_final": found.is_final,
            "is_settled": found.is_settled,
            "is_owed": is_sheltered(heard.procedure) and find_owed(found) is not None,
            "n_acts": len(found.steps),
            "n_refused": len(found.refused),
            "opened_at": found.opened.issued,
            "touched_at": last.at,
            "last_act": _shown_name(found, last.name),
            "due_at": due.due if due else None,
            "due_name": due.name if due else "",
            "due_side": due.side if due else "",
        },
    )
    if heard.procedure == COUNTED:
        keep_sheet(row, found, clock.now())
    return row


def _pay_pauses(clock: Clock) -> None:
    """Let pauses leave that waited for the brake, or for a peer that was suspended."""
    for row in Dossier.objects.filter(is_owed=True).select_related("corridor"):
        with transaction.atomic():
            log_of(station())
            found = fold_case(row.case, row.corridor, hear(row.case))
            if isinstance(found, Refusal) or not release_owed(
                row.corridor, found, row.event, clock
            ):
                continue
            refresh(row.case, clock)


def _reference(found: DossierValue, heard: Heard) -> str:
    """Return the reference for lists; of a dossier about a person none, lists show its id."""
    if is_sheltered(heard.procedure):
        return ""
    reference = found.opened.payload.get("reference", "")
    return reference if isinstance(reference, str) else ""


def _shown_name(found: DossierValue, name: str) -> str:
    """Return an act as the partner sees it: the reason of a pause stands in no list."""
    rule = found.definition.acts.get(name)
    return name if rule is None else rule.shown_as


def _corridor_of(heard: Heard) -> Corridor | None:
    if not heard.acts:
        return None
    rows = Corridor.objects.prefetch_related("suspensions", "profiles")
    return rows.filter(peer=heard.peer).first()
