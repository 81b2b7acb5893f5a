"""Verbs on dossiers: open one, say an act, see what an act would lead to.

Whoever speaks is checked three times: the person's roles at this node, the procedure's rules in the
fold as it stands, and the exchange (peer, trust, and that the dossier has not moved meanwhile). Only
then is the act released, in the transaction that also writes the audit entry and the summary.

In a dossier about a person the speaker must also be designated for it, unless the act protects; what was refused
is written down as well; and the whole of it stands under one lock, so that no bar can slip between the check
and the release.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import transaction

from passerelle.exchange.header import Kind
from passerelle.kernel.ids import new_id
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.accounts.rules import not_permitted
from passerelle.node.audit.domain import record
from passerelle.node.casework.access import (
    PROTECTIVE,
    give_first,
    log_reading,
    raise_alert,
    require_named,
)
from passerelle.node.dossiers.corridors import (
    agree_corridor,
    pull_brake,
    release_brake,
    require_free,
)
from passerelle.node.dossiers.folding import bind, fold_case, hear
from passerelle.node.dossiers.kinds import PARTS, holders, is_by_file, is_sheltered, kind_of
from passerelle.node.dossiers.models import Corridor, Dossier
from passerelle.node.dossiers.related import related_of
from passerelle.node.dossiers.releasing import Speech, release
from passerelle.node.dossiers.requirements import (
    CLOCK,
    note_refusal,
    require_clock,
    require_key_name,
    require_official,
    require_sound,
)
from passerelle.node.dossiers.summaries import refresh, take_in, take_in_acts
from passerelle.node.exchange.station import station
from passerelle.node.national.domain import log_of
from passerelle.procedures.engine import apply, open_dossier
from passerelle.procedures.loading import definition
from passerelle.procedures.values import Act, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.kernel.canonical import Json
    from passerelle.kernel.clock import Clock
    from passerelle.node.accounts.actor import Actor
    from passerelle.node.dossiers.folding import Heard
    from passerelle.node.exchange.acts import Release
    from passerelle.procedures.dossier import Dossier as DossierValue

__all__ = [
    "agree_corridor",
    "check_act",
    "open_case",
    "pull_brake",
    "refresh",
    "release_brake",
    "say",
    "say_as_clock",
    "take_in",
    "take_in_acts",
]


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
    if not is_by_file(row.procedure):
        return _apply(row, act, payload, role, actor=actor, clock=clock, re=re)[1]
    with transaction.atomic():
        may_read = require_official(row, act, actor, clock)
        log_reading(case, actor, clock, why="before an act", action="check")
        result = _apply(row, act, payload, role, actor=actor, clock=clock, re=re)[1]
    if may_read or isinstance(result, Refusal):
        return result
    return replace(result, steps=(), refused=(), waiting=(), signatures={})


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
    if kind_of(act) is Kind.NOTICE_ERASURE and not is_by_file(row.procedure):
        raise RefusedError(
            "A dossier is erased by destroying its key; use the verb for it.",
            code="dossiers.erase-only",
        )
    is_about_person = is_by_file(row.procedure)
    try:
        _require_role(actor, row.procedure, role)
        with transaction.atomic():
            result = _say(row, act, payload, role, actor=actor, clock=clock, re=re)
    except RefusedError as problem:
        if is_about_person:
            note_refusal(actor, case, problem.code, clock)
        raise
    if is_about_person and isinstance(result, Refusal):
        note_refusal(actor, case, result.code, clock)
    return result


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
    sheltered = is_sheltered(procedure)
    if sheltered:
        if is_by_file(procedure):
            require_named(actor)
        log_of(station())
        require_clock(clock)
    else:
        require_free(row)
    side, case = _side_of(procedure, role), case or new_id(secrets.token_bytes)
    bound = bind(row, procedure, side, at=clock.now(), related=related_of(case, procedure, side))
    draft = Act(
        id="draft", name=act, side=side, role=role, issued=clock.now(), payload=payload,
        person=actor.label, definition=bound.definition.digest,
    )  # fmt: skip
    result = open_dossier(case, bound, draft)
    if isinstance(result, Refusal):
        return result
    released = release(Speech(row, case, event, 0, result), clock)
    new: Json = {"entry": released.entry_id, "procedure": procedure, "peer": peer}
    verb = "cases.open" if sheltered else f"dossiers.open.{act}"
    record(actor.label, verb, f"dossier:{case}", clock=clock, new=new)
    if is_by_file(procedure):
        give_first(case, actor, clock)
    refresh(case, clock)
    return case


def _say(
    row: Dossier,
    act: str,
    payload: Mapping[str, Json],
    role: str,
    *,
    actor: Actor,
    clock: Clock,
    re: tuple[str, ...],
) -> Release | Refusal:
    """Say an act inside the transaction; what is said about a person, under the lock of the log."""
    sheltered = is_sheltered(row.procedure)
    if sheltered:
        log_of(station())
        if act not in PROTECTIVE:
            require_clock(clock)
        if is_by_file(row.procedure):
            require_official(row, act, actor, clock)
    else:
        require_free(row.corridor)
    heard, result = _apply(row, act, payload, role, actor=actor, clock=clock, re=re)
    if isinstance(result, Refusal):
        return result
    if sheltered:
        require_sound(row.case, heard, result, act)
    if act == "erase":
        require_key_name(row.case, payload)
    found = next(iter(_drafts(result)))
    speech = Speech(
        row.corridor, row.case, row.event, len(result.steps) - _n_new(result), result, found.re
    )
    released = release(speech, clock)
    verb = "cases.say" if sheltered else f"dossiers.say.{act}"
    new: Json = {"entry": released.entry_id, "procedure": row.procedure}
    record(actor.label, verb, f"dossier:{row.case}", clock=clock, new=new)
    refresh(row.case, clock)
    if act == "report-incident":
        _hold_corridor(row, actor, clock)
    return released


def say_as_clock(
    case: str, act: str, payload: Mapping[str, Json], *, clock: Clock
) -> Release | Refusal:
    """Let the clock say what follows from a date: a deadline has passed, retention is over.

    It decides nothing: the definition gives its role no outcome, and the fold refuses one (S16).
    """
    with transaction.atomic():
        return _say(_dossier(case), act, payload, "clock", actor=CLOCK, clock=clock, re=())


def _hold_corridor(row: Dossier, actor: Actor, clock: Clock) -> None:
    """Hold every file of the corridor after an incident, for review (S38); those that can be held."""
    rows = Dossier.objects.filter(
        corridor=row.corridor, side=row.side, procedure__in=("identification", "travel-document")
    )
    for other in rows.exclude(case=row.case).select_related("corridor"):
        _, result = _apply(
            other, "hold", {"reason_code": "corridor"}, "monitor", actor=actor, clock=clock, re=()
        )
        if isinstance(result, Refusal):
            continue  # over, or held already
        before = len(result.steps) - _n_new(result)
        released = release(Speech(other.corridor, other.case, other.event, before, result), clock)
        new: Json = {"entry": released.entry_id, "procedure": other.procedure}
        record(actor.label, "cases.say", f"dossier:{other.case}", clock=clock, new=new)
        refresh(other.case, clock)
    raise_alert("incident", row.case, actor.label, clock)


def _apply(
    row: Dossier,
    act: str,
    payload: Mapping[str, Json],
    role: str,
    *,
    actor: Actor,
    clock: Clock,
    re: tuple[str, ...],
) -> tuple[Heard, DossierValue | Refusal]:
    """Fold the dossier and take the act in, or say why not."""
    heard = hear(row.case)
    related = related_of(row.case, row.procedure, row.side)
    current = fold_case(row.case, row.corridor, heard, related=related)
    if isinstance(current, Refusal):
        return heard, current
    re = re or _answered(current, act)
    draft = Act(
        id="draft", name=act, side=heard.side, role=role, issued=clock.now(), payload=payload,
        person="" if actor is CLOCK else actor.label, re=re,
    )  # fmt: skip
    return heard, apply(current, draft)


def _drafts(result: DossierValue) -> list[Act]:
    steps = [step.act for step in result.steps if step.act.id == "draft"]
    return steps or [act for act in result.waiting if act.id == "draft"]


def _n_new(result: DossierValue) -> int:
    """Count the steps from the draft on: the act itself and what was waiting for it."""
    places = [n for n, step in enumerate(result.steps) if step.act.id == "draft"]
    return len(result.steps) - places[0] if places else 0


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


def _dossier(case: str) -> Dossier:
    row = Dossier.objects.select_related("corridor").filter(case=case).first()
    if row is None:
        raise RefusedError("There is no dossier {case}.", code="dossiers.unknown", case=case[:32])
    return row
