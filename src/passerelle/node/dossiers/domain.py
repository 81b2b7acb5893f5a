"""Verbs on dossiers: agree a corridor, pull its brake, open a dossier, say an act, take in what came.

Whoever speaks is checked three times: the person's roles at this node, the procedure's rules in the
fold as it stands, and the exchange (peer, trust, and that the dossier has not moved meanwhile). Only
then is the act released, in the transaction that also writes the audit entry and the summary.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from django.db import transaction

from passerelle.kernel.ids import is_code, new_id
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.accounts.rules import not_permitted
from passerelle.node.audit.domain import record
from passerelle.node.dossiers.folding import bind, fold_case, hear
from passerelle.node.dossiers.kinds import PARTS, holders, kind_of
from passerelle.node.dossiers.models import Corridor, Dossier, Suspension
from passerelle.node.dossiers.said import Said
from passerelle.node.dossiers.sheets import COUNTED, keep_sheet
from passerelle.node.exchange.acts import NewAct, Release, release_act
from passerelle.node.exchange.delivery import deliver
from passerelle.node.exchange.models import Log
from passerelle.node.reinforcement.positions import forget_position, keep_position
from passerelle.procedures.deadlines import next_due
from passerelle.procedures.engine import apply, open_dossier
from passerelle.procedures.loading import definition
from passerelle.procedures.sharing import find_leak
from passerelle.procedures.values import Act, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.kernel.canonical import Json
    from passerelle.kernel.clock import Clock
    from passerelle.node.accounts.actor import Actor
    from passerelle.node.dossiers.folding import Heard
    from passerelle.node.exchange.delivery import DeliveredAct
    from passerelle.procedures.dossier import Dossier as DossierValue

__all__ = [
    "agree_corridor",
    "check_act",
    "open_case",
    "pull_brake",
    "refresh",
    "release_brake",
    "say",
    "take_in",
    "take_in_acts",
]

CONSUMER: Final = "dossiers"
"""Name under which the exchange keeps the cursor of this app."""


@transaction.atomic
def agree_corridor(
    code: str, peer: str, own_state: str, peer_state: str, *, actor: Actor, clock: Clock
) -> Corridor:
    """Enter a corridor for cooperation without personal data, in force from now.

    Raises
    ------
    RefusedError
        When the actor may not, a name is no code, or the corridor is there already.
    """
    actor.require(Action.SIGN_ACT)
    if not is_code(code) or len(own_state) != 2 or len(peer_state) != 2 or own_state == peer_state:
        raise RefusedError(
            "Expected a code and two different states of two letters, got {code}.",
            code="dossiers.corridor",
            code_given=code,
        )
    if Corridor.objects.filter(peer=peer).exists():
        raise RefusedError(
            "There is a corridor with {peer} already.", code="dossiers.corridor-exists", peer=peer
        )
    row = Corridor.objects.create(
        code=code, peer=peer, own_state=own_state, peer_state=peer_state, active_from=clock.now()
    )
    new = {"peer": peer, "states": [own_state, peer_state]}
    record(actor.label, "dossiers.agree-corridor", f"corridor:{code}", clock=clock, new=new)
    return row


@transaction.atomic
def pull_brake(code: str, *, why: str, actor: Actor, clock: Clock) -> Suspension:
    """Stop all sending through a corridor at once (S37)."""
    actor.require(Action.SIGN_ACT)
    row = _corridor(code)
    if row.suspensions.filter(ended_at=None).exists():
        raise RefusedError(
            "The brake of {corridor} is on already.", code="dossiers.braked", corridor=code
        )
    record(actor.label, "dossiers.pull-brake", f"corridor:{code}", clock=clock, why=why)
    return Suspension.objects.create(corridor=row, started_at=clock.now(), started_by=actor.label)


@transaction.atomic
def release_brake(code: str, *, why: str, actor: Actor, clock: Clock) -> None:
    """Let acts leave again."""
    actor.require(Action.SIGN_ACT)
    row = _corridor(code)
    open_ones = Suspension.objects.filter(corridor=row, ended_at=None)
    if open_ones.update(ended_at=clock.now(), ended_by=actor.label) != 1:
        raise RefusedError(
            "The brake of {corridor} is not on.", code="dossiers.not-braked", corridor=code
        )
    record(actor.label, "dossiers.release-brake", f"corridor:{code}", clock=clock, why=why)


def check_act(
    case: str,
    act: str,
    payload: Mapping[str, Json],
    role: str,
    *,
    actor: Actor,
    clock: Clock,
    re: tuple[str, ...] = (),
) -> DossierValue | Refusal:
    """Return what an act would lead to, or why it is refused; nothing is said.

    Raises
    ------
    RefusedError
        When the person may not speak in this role, or there is no such dossier.
    """
    row = _dossier(case)
    _require_role(actor, row.procedure, role)
    heard = hear(case)
    current = fold_case(case, row.corridor, heard)
    if isinstance(current, Refusal):
        return current
    draft = _draft(heard, act, payload, role, actor=actor, clock=clock, re=re)
    return apply(current, draft)


@transaction.atomic
def say(
    case: str,
    act: str,
    payload: Mapping[str, Json],
    role: str,
    *,
    actor: Actor,
    clock: Clock,
    re: tuple[str, ...] = (),
) -> Release | Refusal:
    """Say an act in a dossier: checked, released, recorded.

    Parameters
    ----------
    case
        The dossier.
    act, payload, role
        What is said, with which fields, in which role of the procedure.
    actor
        Who says it.
    clock
        Gives ``issued``.
    re
        Acts that it answers; found by the rule of the act when left empty.

    Returns
    -------
    Release or Refusal
        The refusal of the procedure, as a value: a correct user meets one in normal work.

    Raises
    ------
    RefusedError
        When the person may not speak in this role, there is no such dossier, the brake is on, or
        the exchange cannot release (peer suspended, trust stale, dossier moved meanwhile).
    """
    row = _dossier(case)
    _require_role(actor, row.procedure, role)
    _require_free(row.corridor)
    heard = hear(case)
    current = fold_case(case, row.corridor, heard)
    if isinstance(current, Refusal):
        return current
    re = re or _answered(current, act)
    draft = _draft(heard, act, payload, role, actor=actor, clock=clock, re=re)
    result = apply(current, draft)
    if isinstance(result, Refusal):
        return result
    said = Said(
        row.procedure, current.definition.digest, act, heard.side, role, actor.label, payload,
        row.event,
    )  # fmt: skip
    released = _release(row.corridor, case, said, re, clock)
    record(
        actor.label,
        f"dossiers.say.{act}",
        f"dossier:{case}",
        clock=clock,
        new={"entry": released.entry_id, "procedure": row.procedure},
    )
    refresh(case, clock)
    return released


@transaction.atomic
def open_case(
    peer: str,
    procedure: str,
    act: str,
    payload: Mapping[str, Json],
    role: str,
    *,
    actor: Actor,
    clock: Clock,
    event: str = "",
    case: str = "",
) -> str | Refusal:
    """Open a dossier with a peer by its first act; return its id, or the refusal.

    Raises
    ------
    RefusedError
        As for :func:`say`; and when there is no corridor with the peer.
    """
    _require_role(actor, procedure, role)
    row = Corridor.objects.filter(peer=peer).first()
    if row is None:
        raise RefusedError(
            "There is no corridor with {peer}; agree one first.",
            code="dossiers.no-corridor",
            peer=peer,
        )
    _require_free(row)
    side = _side_of(procedure, role)
    bound = bind(row, procedure, side)
    case = case or new_id(secrets.token_bytes)
    draft = Act(
        id="draft", name=act, side=side, role=role, issued=clock.now(), payload=payload,
        person=actor.label, definition=bound.definition.digest,
    )  # fmt: skip
    result = open_dossier(case, bound, draft)
    if isinstance(result, Refusal):
        return result
    said = Said(procedure, bound.definition.digest, act, side, role, actor.label, payload, event)
    released = _release(row, case, said, (), clock)
    new: Json = {"entry": released.entry_id, "procedure": procedure, "peer": peer}
    record(actor.label, f"dossiers.open.{act}", f"dossier:{case}", clock=clock, new=new)
    refresh(case, clock)
    return case


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
    """Fold the dossiers of the acts that were said or came since the last call."""

    def apply_one(act: DeliveredAct) -> None:
        if act.header is not None and act.header.case:
            refresh(act.header.case, clock)

    return deliver(CONSUMER, apply_one, limit=limit)


@transaction.atomic
def refresh(case: str, clock: Clock) -> Dossier | None:
    """Compute the summary of a dossier anew; ``None`` when nothing in it can be folded."""
    heard = hear(case)
    corridor = _corridor_of(heard)
    found = None if corridor is None else fold_case(case, corridor, heard)
    if corridor is None or found is None or isinstance(found, Refusal):
        forget_position(case)
        return None
    row = _summarise(case, corridor, heard, found, clock)
    keep_position(row, found, clock.now())
    return row


def _summarise(
    case: str, corridor: Corridor, heard: Heard, found: DossierValue, clock: Clock
) -> Dossier:
    due = next_due(found, clock.now())
    last = found.steps[-1].act
    reference = found.opened.payload.get("reference", "")
    row, _ = Dossier.objects.update_or_create(
        case=case,
        defaults={
            "corridor": corridor,
            "procedure": heard.procedure,
            "definition": found.definition.digest,
            "side": heard.side,
            "event": heard.event,
            "reference": reference if isinstance(reference, str) else "",
            "state": found.state,
            "is_final": found.is_final,
            "is_settled": found.is_settled,
            "n_acts": len(found.steps),
            "n_refused": len(found.refused),
            "opened_at": found.opened.issued,
            "touched_at": last.at,
            "last_act": last.name,
            "due_at": due.due if due else None,
            "due_name": due.name if due else "",
            "due_side": due.side if due else "",
        },
    )
    if heard.procedure == COUNTED:
        keep_sheet(row, found, clock.now())
    return row


def _release(row: Corridor, case: str, said: Said, re: tuple[str, ...], clock: Clock) -> Release:
    """Release an act, or raise with the reason of the exchange.

    What must not leave is stopped here, whatever was said before: a national act, a national field.
    """
    leak = find_leak(definition(said.procedure), said.act, said.payload)
    if leak is not None:
        raise RefusedError("{reason}", code=leak.code, reason=leak.reason)
    released = release_act(
        NewAct(peer=row.peer, kind=kind_of(said.act), case=case, body=said.to_body(), re=re),
        clock=clock,
    )
    if not isinstance(released, Release):
        raise RefusedError(
            "The exchange does not release now: {detail}.",
            code=released.code,
            detail=released.detail,
        )
    return released


def _draft(
    heard: Heard,
    act: str,
    payload: Mapping[str, Json],
    role: str,
    *,
    actor: Actor,
    clock: Clock,
    re: tuple[str, ...],
) -> Act:
    return Act(
        id="draft", name=act, side=heard.side, role=role, issued=clock.now(), payload=payload,
        person=actor.label, re=re,
    )  # fmt: skip


def _answered(current: DossierValue, act: str) -> tuple[str, ...]:
    """Return the newest act that this one may answer."""
    rule = current.definition.acts.get(act)
    found = current.last(*rule.answers) if rule and rule.answers else None
    return () if found is None else (found.id,)


def _require_role(actor: Actor, procedure: str, role: str) -> None:
    if procedure in PARTS:
        actor.require(PARTS[procedure])
    if actor.roles is not None and actor.roles.isdisjoint(holders(procedure, role)):
        raise not_permitted(Action.SIGN_ACT)


def _require_free(row: Corridor) -> None:
    if row.suspensions.filter(ended_at=None).exists():
        raise RefusedError(
            "The brake of {corridor} is on: nothing leaves.",
            code="dossiers.braked",
            corridor=row.code,
        )


def _side_of(procedure: str, role: str) -> str:
    found = definition(procedure)
    known = found.roles.get(role)
    if known is None:
        raise RefusedError(
            "{procedure} has no role {role}.",
            code="dossiers.unknown-role",
            procedure=procedure,
            role=role,
        )
    return known.side if known.side in found.sides else found.sides[0]


def _corridor_of(heard: Heard) -> Corridor | None:
    if not heard.acts:
        return None
    log_id, _ = next(iter(heard.places.values()))
    peer = Log.objects.values_list("peer_id", flat=True).get(pk=log_id)
    return Corridor.objects.prefetch_related("suspensions").filter(peer=peer).first()


def _corridor(code: str) -> Corridor:
    row = Corridor.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise RefusedError(
            "There is no corridor {corridor}.", code="dossiers.no-corridor", corridor=code
        )
    return row


def _dossier(case: str) -> Dossier:
    row = Dossier.objects.select_related("corridor").filter(case=case).first()
    if row is None:
        raise RefusedError("There is no dossier {case}.", code="dossiers.unknown", case=case[:32])
    return row
