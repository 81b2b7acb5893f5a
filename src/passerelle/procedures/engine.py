"""Fold acts into a dossier: open, apply, allowed.

``state = fold(procedure, acts)`` is a pure function. An act is taken in when, in this order: it is new
(not said twice); it was written under the same definition; the definition knows it; the office has the
role and the side; the state admits it; it answers what it must; its fields fit the closed schema; no
field holds what no field may hold; every guard lets it pass. The first of these that fails is the
refusal. An act that arrives during a hold and may wait is set aside and applied when the hold is lifted.

An act that both sides sign takes effect with the second signature over the same payload; another
payload replaces the first as a counter-proposal.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from passerelle.kernel.canonical import digest
from passerelle.procedures.content import find_forbidden
from passerelle.procedures.definition import RESUME, SAME, StateKind
from passerelle.procedures.dossier import Dossier, Signature
from passerelle.procedures.guards.catalogue import GUARDS
from passerelle.procedures.ordering import merge
from passerelle.procedures.values import Act, Refusal, Refused, Step

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from passerelle.procedures.definition import ActRule
    from passerelle.procedures.dossier import Procedure
    from passerelle.procedures.schema import Schema

_MOST_VERDICTS: Final = 8192
_VERDICTS: Final[dict[tuple[int, bytes], tuple[Schema, Refusal | None]]] = {}
"""Verdicts on payloads by schema and digest; the schema is held so that its id stays its own."""

__all__ = ["Allowed", "allowed", "apply", "fold", "open_dossier"]


@dataclass(frozen=True, slots=True)
class Allowed:
    """Tell whether an act may be done now, and if not, why.

    Parameters
    ----------
    rule
        The act.
    refusal
        ``None`` when it may be done.
    """

    rule: ActRule
    refusal: Refusal | None

    @property
    def is_allowed(self) -> bool:
        """Whether it may be done, its fields aside."""
        return self.refusal is None


def open_dossier(case: str, procedure: Procedure, act: Act) -> Dossier | Refusal:
    """Open a dossier with its first act.

    Parameters
    ----------
    case
        Dossier id.
    procedure
        Under which it shall run.
    act
        An opening act of the definition.
    """
    definition = procedure.definition
    pinned = procedure.corridor.pins.get(definition.id)
    if pinned is not None and pinned != definition.digest:
        return Refusal("definition.not-pinned", {"procedure": definition.id})
    return _take(Dossier(case=case, procedure=procedure, state="", steps=()), act)


def apply(dossier: Dossier, act: Act) -> Dossier | Refusal:
    """Take one act into a dossier, or say why not.

    Parameters
    ----------
    dossier
        The dossier before; it is not changed.
    act
        The next act in the common order.
    """
    return _take(dossier, act)


def fold(case: str, procedure: Procedure, acts: Iterable[Act]) -> Dossier | Refusal:
    """Compute a dossier from all acts of both logs.

    Acts refused on the way are kept with the reason. The result depends on the set of acts alone,
    not on the order in which they came.

    Returns
    -------
    Dossier or Refusal
        A refusal only when no act opens the dossier: that of the first act.
    """
    dossier: Dossier | None = None
    early: list[Refused] = []
    for act in merge(procedure.definition, acts):
        result = open_dossier(case, procedure, act) if dossier is None else apply(dossier, act)
        if isinstance(result, Dossier):
            dossier = result
        elif dossier is None:
            early.append(Refused(act, result))
        else:
            dossier = replace(dossier, refused=(*dossier.refused, Refused(act, result)))
    if dossier is None:
        return early[0].refusal if early else Refusal("dossier.empty")
    return replace(dossier, refused=(*early, *dossier.refused)) if early else dossier


def allowed(dossier: Dossier, role: str, side: str, now: datetime) -> tuple[Allowed, ...]:
    """List the acts of a role, each allowed or with the reason why not.

    Parameters
    ----------
    dossier
        The dossier as it stands.
    role, side
        Who asks.
    now
        Present instant, for rules that depend on time.
    """
    found: list[Allowed] = []
    for rule in dossier.definition.acts.values():
        if role not in rule.who or (rule.opens and len(rule.moves) == 1):
            continue
        probe = Act(id="?", name=rule.name, side=side, role=role, issued=now, person="?")
        refusal = _check_standing(dossier, probe, rule) or _run_guards(
            dossier, probe, rule, with_fields=False
        )
        found.append(Allowed(rule, refusal))
    return tuple(found)


def _take(dossier: Dossier, act: Act) -> Dossier | Refusal:
    definition = dossier.definition
    if dossier.has_met(act.id):
        return Refusal("act.twice", {"act": act.name})
    if act.definition and act.definition != definition.digest:
        return Refusal("definition.changed", {"procedure": definition.id})
    rule = definition.acts.get(act.name)
    if rule is None:
        return Refusal("act.unknown", {"act": act.name, "procedure": definition.id})
    refusal = _check_office(dossier, act, rule)
    if refusal is not None:
        return refusal
    if rule.waits and dossier.state and dossier.is_on_hold and dossier.state not in rule.moves:
        refusal = _check_payload(act, rule)
        return refusal or replace(dossier, waiting=(*dossier.waiting, act))
    return _decide(dossier, act, rule)


def _decide(dossier: Dossier, act: Act, rule: ActRule) -> Dossier | Refusal:
    refusal = (
        _check_standing(dossier, act, rule)
        or _check_answer(dossier, act, rule)
        or _check_payload(act, rule)
        or _run_guards(dossier, act, rule, with_fields=True)
    )
    if refusal is not None:
        return refusal
    if rule.is_cosigned:
        signed = digest(dict(act.payload))
        first = dossier.signatures.get(rule.name)
        if first is None or first.act.side == act.side or first.digest != signed:
            step = Step(act, dossier.state, dossier.state, is_effective=False)
            pending = {**dossier.signatures, rule.name: Signature(act, signed)}
            return replace(dossier, steps=(*dossier.steps, step), signatures=pending)
    return _move(dossier, act, rule)


def _check_standing(dossier: Dossier, act: Act, rule: ActRule) -> Refusal | None:
    return _check_office(dossier, act, rule) or _check_state(dossier, rule)


def _check_office(dossier: Dossier, act: Act, rule: ActRule) -> Refusal | None:
    definition = dossier.definition
    if act.role in rule.who and definition.has_role(act.role, act.side):
        return None
    expected = ", ".join(definition.roles[name].labels.en for name in rule.who)
    return Refusal("act.wrong-office", {"act": act.name, "role": act.role, "expected": expected})


def _check_state(dossier: Dossier, rule: ActRule) -> Refusal | None:
    if dossier.state in rule.moves:
        return None
    if not dossier.state:
        return Refusal("act.does-not-open", {"act": rule.name})
    if rule.opens and len(rule.moves) == 1:
        return Refusal("act.already-open", {"act": rule.name})
    return Refusal(
        "act.out-of-turn",
        {"act": rule.name, "state": dossier.state, "expected": ", ".join(filter(None, rule.moves))},
    )


def _check_answer(dossier: Dossier, act: Act, rule: ActRule) -> Refusal | None:
    for answered in act.re:
        if dossier.find(answered) is None:
            return Refusal("act.unknown-reference", {"act": act.name})
    if not rule.answers:
        return None
    names = {found.name for one in act.re if (found := dossier.find(one)) is not None}
    if names & set(rule.answers):
        return None
    return Refusal("act.answers-nothing", {"act": act.name, "expected": ", ".join(rule.answers)})


def _check_payload(act: Act, rule: ActRule) -> Refusal | None:
    """Check fields and contents; the verdict is kept by digest, since folds are taken anew."""
    try:
        text = json.dumps(act.payload, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError):
        return Refusal("act.not-json", {"act": act.name})
    key = (id(rule.schema), hashlib.sha256(text.encode()).digest())
    if key not in _VERDICTS:
        if len(_VERDICTS) >= _MOST_VERDICTS:
            _VERDICTS.clear()
        verdict = rule.schema.check(act.payload) or find_forbidden(act.payload)
        _VERDICTS[key] = (rule.schema, verdict)
    return _VERDICTS[key][1]


def _run_guards(dossier: Dossier, act: Act, rule: ActRule, *, with_fields: bool) -> Refusal | None:
    for use in (*dossier.definition.guards, *rule.guards):
        guard = GUARDS[use.name]
        if guard.needs_fields and not with_fields:
            continue
        refusal = guard.check(dossier, act, rule, use.arguments)
        if refusal is not None:
            return refusal
    return None


def _move(dossier: Dossier, act: Act, rule: ActRule) -> Dossier:
    target = rule.moves[dossier.state]
    before = dossier.state
    if target == SAME:
        target = before
    elif target == RESUME:
        target = dossier.resume_to
    states = dossier.definition.states
    was_held = bool(before) and states[before].kind is StateKind.HOLD
    is_held = states[target].kind is StateKind.HOLD
    pending = {name: one for name, one in dossier.signatures.items() if name != rule.name}
    after = replace(
        dossier,
        state=target,
        steps=(*dossier.steps, Step(act, before, target)),
        signatures=pending,
        resume_to=(dossier.resume_to if was_held else before) if is_held else "",
    )
    if was_held and not is_held and after.waiting:
        return _take_waiting(after)
    return after


def _take_waiting(dossier: Dossier) -> Dossier:
    """Apply what was set aside, in order; what no longer fits is refused with its reason."""
    waiting, dossier = dossier.waiting, replace(dossier, waiting=())
    for act in waiting:
        result = _take(dossier, act)
        if isinstance(result, Dossier):
            dossier = result
        else:
            dossier = replace(dossier, refused=(*dossier.refused, Refused(act, result)))
    return dossier
