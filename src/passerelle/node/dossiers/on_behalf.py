"""Say acts on behalf of a partner without a node: by a named office, from a file whose hash is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction

from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.audit.domain import record
from passerelle.node.dossiers.corridors import require_free
from passerelle.node.dossiers.kinds import office_of
from passerelle.node.dossiers.paper import ON_PAPER, PROXY, is_paper
from passerelle.node.dossiers.queries import open_dossier_value
from passerelle.node.dossiers.said import Said
from passerelle.node.dossiers.summaries import refresh
from passerelle.node.exchange.acts import Release
from passerelle.node.national.domain import NationalAct, append
from passerelle.procedures.engine import apply
from passerelle.procedures.values import Act, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.kernel.canonical import Json
    from passerelle.kernel.clock import Clock
    from passerelle.node.accounts.actor import Actor
    from passerelle.node.dossiers.models import Dossier
    from passerelle.procedures.dossier import Dossier as DossierValue

__all__ = ["ROLE", "check_for_partner", "say_for_partner"]

ROLE: Final = "focal-point"
"""Role of the partner's side in which acts are entered."""
_SHOWN: Final = 16


def check_for_partner(
    case: str, acts: Sequence[tuple[str, Mapping[str, Json]]], *, actor: Actor, clock: Clock
) -> DossierValue | Refusal:
    """Return what acts, said one after the other, would lead to, or the first refusal."""
    row, side, found = _open(case, actor)
    del row
    for name, payload in acts:
        result = apply(found, _draft(found, name, payload, side=side, by=actor.label, clock=clock))
        if isinstance(result, Refusal):
            return result
        found = result
    return found


@transaction.atomic
def say_for_partner(
    case: str,
    acts: Sequence[tuple[str, Mapping[str, Json]]],
    *,
    source: str,
    actor: Actor,
    clock: Clock,
) -> list[Release] | Refusal:
    """Say acts on the partner's behalf, all or none.

    Parameters
    ----------
    case
        A dossier with a partner without a node.
    acts
        Names and fields, in order.
    source
        SHA-256 of the file from which they come, in lower-case hexadecimal.
    actor
        Who enters them.
    clock
        Gives ``issued``.

    Returns
    -------
    list of Release, or Refusal
        Where the acts stand; the first refusal when one is refused, and then nothing is said.

    Raises
    ------
    RefusedError
        When the actor may not, the partner has a node of its own, or the brake is on.
    """
    row, side, found = _open(case, actor)
    require_free(row.corridor)
    said = []
    for name, payload in acts:
        draft = _draft(
            found, name, payload, side=side, by=f"{actor.label}:{source[:_SHOWN]}", clock=clock
        )
        result = apply(found, draft)
        if isinstance(result, Refusal):
            transaction.set_rollback(True)
            return result
        body = Said(
            row.procedure, found.definition.digest, name, side, ROLE, draft.person, payload,
            row.event,
        )  # fmt: skip
        entry = append(
            NationalAct(
                peer=row.corridor.peer,
                case=case,
                office=office_of(row.procedure),
                body=body.to_body(),
                re=draft.re,
            ),
            clock=clock,
        )
        said.append(Release(entry.entry_id, entry.log_id, entry.idx))
        new: Json = {"entry": entry.entry_id, "source": source, "act": name}
        record(actor.label, "dossiers.say-for-partner", f"dossier:{case}", clock=clock, new=new)
        found = result
    refresh(case, clock)
    return said


def _open(case: str, actor: Actor) -> tuple[Dossier, str, DossierValue]:
    actor.require(Action.SIGN_ACT)
    row, heard, found = open_dossier_value(case)
    if not is_paper(row.corridor.peer):
        raise RefusedError(
            "{peer} has a node and speaks for itself.",
            code="dossiers.has-node",
            peer=row.corridor.peer,
        )
    return row, found.definition.other_side(heard.side), found


def _draft(
    found: DossierValue,
    name: str,
    payload: Mapping[str, Json],
    *,
    side: str,
    by: str,
    clock: Clock,
) -> Act:
    rule = found.definition.acts.get(name)
    answered = found.last(*rule.answers) if rule and rule.answers else None
    steps = [step.act for step in found.steps]
    mine = sum(act.side == side for act in steps)
    return Act(
        id=f"draft-{len(steps)}",
        name=name,
        side=side,
        role=ROLE,
        issued=clock.now(),
        payload=payload,
        person=f"{PROXY}{by}",
        re=() if answered is None else (answered.id,),
        index=mine,
        seen=len(steps) - mine,
        origin=f"{side}{ON_PAPER}",
    )
