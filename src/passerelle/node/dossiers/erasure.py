"""Erase the content of a dossier: destroy its key, keep proof and counts, tell the partner.

The roll of a reinforcement names people for one purpose. When the purpose has ended, or the period of
retention has, the key under which every body of the dossier lies is destroyed
(``exchange.md`` section 15): the content is then unreadable here, in every copy and in every backup of
the database, while headers, receipts and the count sheet stay. The order is one that a crash cannot
spoil::

    1  order    in one transaction: the last count sheet, the audit entry, the order
    2  destroy  the key, which is no row; again after a crash, without harm
    3  notice   in one transaction: the act ``erase`` under a fresh key, as ``notice.erasure``

What the other state erases is attested by its own act, not enforced. Nothing is erased while an act
still waits for its receipt, or the partner would never be able to read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction

from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.actor import Actor
from passerelle.node.accounts.enums import Action
from passerelle.node.audit.domain import record
from passerelle.node.dossiers.kinds import kind_of, office_of
from passerelle.node.dossiers.models import Dossier, Erasure
from passerelle.node.dossiers.paper import is_paper
from passerelle.node.dossiers.queries import open_dossier_value
from passerelle.node.dossiers.said import Said
from passerelle.node.dossiers.sheets import COUNTED, keep_sheet
from passerelle.node.exchange.acts import NewAct, Release, release_act
from passerelle.node.exchange.station import station
from passerelle.node.national.domain import NationalAct, append
from passerelle.procedures.deadlines import due
from passerelle.procedures.engine import apply
from passerelle.procedures.loading import definition
from passerelle.procedures.values import Act, Refusal

if TYPE_CHECKING:
    from datetime import datetime

    from passerelle.kernel.canonical import Json
    from passerelle.kernel.clock import Clock

__all__ = ["ACTS", "Eraser", "erase", "erase_due", "finish", "order"]

ACTS: Final = {"host": ("erase", "directorate"), "partner": ("erase-partner", "focal-point")}
"""Act and role with which each side says that it erased."""
_TIMER: Final = Actor("worker:erasure", None)
_EVERY_S: Final = 600.0


def erase(case: str, ground: str, *, actor: Actor, clock: Clock) -> Erasure | Refusal:
    """Erase the content of a dossier now.

    Parameters
    ----------
    case
        The dossier.
    ground
        ``purpose-ended``, ``retention-ended`` or ``rights-request``.
    actor
        Who orders it.
    clock
        Gives the instants.

    Returns
    -------
    Erasure or Refusal
        The refusal when the procedure does not allow it yet: the mission has not ended.

    Raises
    ------
    RefusedError
        When the actor may not, or an act still waits for its receipt.
    """
    found = order(case, ground, actor=actor, clock=clock)
    if isinstance(found, Refusal):
        return found
    finish(clock)
    found.refresh_from_db()
    return found


@transaction.atomic
def order(case: str, ground: str, *, actor: Actor, clock: Clock) -> Erasure | Refusal:
    """Order an erasure: checked and recorded, nothing destroyed yet; :func:`finish` does that."""
    actor.require(Action.SIGN_ACT)
    row, heard, found = open_dossier_value(case)
    if row.procedure != COUNTED:
        raise RefusedError("{case} has no roll.", code="erasure.unknown", case=case[:32])
    if not row.is_settled:
        raise RefusedError(
            "An act of {case} still waits for its receipt; nothing is erased before.",
            code="erasure.unsettled",
            case=case,
        )
    sheet = keep_sheet(row, found, clock.now())
    name, role = ACTS[heard.side]
    draft = Act(
        id="draft", name=name, side=heard.side, role=role, issued=clock.now(),
        payload={"erasure_ground": ground, "counts_digest": sheet.digest}, person=actor.label,
    )  # fmt: skip
    result = apply(found, draft)
    if isinstance(result, Refusal):
        return result
    new: Json = {"ground": ground, "acts": row.n_acts, "counts": sheet.digest}
    record(actor.label, "dossiers.erase.order", f"dossier:{case}", clock=clock, new=new)
    theirs = found.last(*(other for other, _ in ACTS.values()))
    return Erasure.objects.create(
        dossier=row,
        answered_at=None if theirs is None else theirs.at,
        ground=ground,
        ordered_by=actor.label,
        ordered_at=clock.now(),
        n_acts=row.n_acts,
    )


def finish(clock: Clock) -> int:
    """Destroy the keys that were ordered to be destroyed and say so; return how many were done."""
    done = 0
    for row in Erasure.objects.filter(notice="").select_related("dossier__corridor"):
        if row.destroyed_at is None:
            station().keys.destroy(row.dossier_id)
            Erasure.objects.filter(pk=row.pk).update(destroyed_at=clock.now())
        done += _notice(row, clock)
    return done


def erase_due(clock: Clock) -> int:
    """Erase every dossier whose period of retention is over; return how many."""
    ended = Dossier.objects.filter(
        procedure=COUNTED, state__in=("ended", "closed", "erased"), is_settled=True, erasure=None
    )
    done = 0
    for case in list(ended.values_list("case", flat=True)):
        if not _is_due(case, clock.now()):
            continue
        result = erase(case, "retention-ended", actor=_TIMER, clock=clock)
        done += not isinstance(result, Refusal)
    return done


class Eraser:
    """Erase what is due from the worker's round, every ten minutes and at its start."""

    def __init__(self) -> None:
        self._next: datetime | None = None

    def __call__(self, clock: Clock) -> int:
        """Finish what was ordered, erase what is due; return how many dossiers were erased."""
        now = clock.now()
        if self._next is not None and abs((now - self._next).total_seconds()) < _EVERY_S:
            return 0
        self._next = now
        return finish(clock) + erase_due(clock)


def _is_due(case: str, now: datetime) -> bool:
    _row, _heard, found = open_dossier_value(case)
    ends = [one.due for one in due(found, now) if one.name == "erase"]
    return any(end is not None and end <= now for end in ends)


@transaction.atomic
def _notice(row: Erasure, clock: Clock) -> int:
    """Say the act of erasure under a fresh key, as far as the exchange lets it leave now."""
    dossier, sheet = row.dossier, row.dossier.sheet
    name, role = ACTS[dossier.side]
    said = Said(
        dossier.procedure,
        definition(dossier.procedure).digest,
        name,
        dossier.side,
        role,
        row.ordered_by,
        {"erasure_ground": row.ground, "counts_digest": sheet.digest},
        dossier.event,
    )
    entry = _say(dossier, name, said, clock)
    if not entry:
        return 0
    Erasure.objects.filter(pk=row.pk).update(notice=entry)
    Dossier.objects.filter(pk=dossier.pk).update(
        state="erased", is_final=True, due_at=None, due_name="", due_side="", last_act=name,
        touched_at=clock.now(),
    )  # fmt: skip
    record(
        row.ordered_by,
        "dossiers.erase",
        f"dossier:{dossier.case}",
        clock=clock,
        new={"notice": entry, "key": "destroyed"},
    )
    return 1


def _say(dossier: Dossier, name: str, said: Said, clock: Clock) -> str:
    """Write the notice where the partner gets it, or into our own log when it has no node."""
    peer = dossier.corridor.peer
    if is_paper(peer):
        office = office_of(dossier.procedure)
        own = NationalAct(peer=peer, case=dossier.case, office=office, body=said.to_body())
        return append(own, clock=clock).entry_id
    act = NewAct(peer=peer, kind=kind_of(name), case=dossier.case, body=said.to_body())
    released = release_act(act, clock=clock)
    return released.entry_id if isinstance(released, Release) else ""
