"""Rules of every family: who decides, who is another person, what answers what, handling marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.procedures.definition import SAME, StateKind
from passerelle.procedures.guards.registry import Guard
from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from passerelle.procedures.definition import ActRule
    from passerelle.procedures.dossier import Dossier
    from passerelle.procedures.values import Act

__all__ = ["GENERAL_GUARDS"]


def _named_decider(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Refuse an outcome without a named human (S16, S28)."""
    del arguments
    target = rule.moves.get(dossier.state, SAME)
    states = dossier.definition.states
    if target not in states or not states[target].is_outcome:
        return None
    role = dossier.definition.roles.get(act.role)
    if role is not None and role.is_timer:
        return Refusal("decision.timer", {"act": act.name})
    return None if act.person else Refusal("decision.unnamed", {"act": act.name})


def _differs_from(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Refuse an act by the person who did one of the acts named (four eyes, S28)."""
    del rule
    for name in arguments:
        earlier = dossier.last(name)
        if earlier is not None and earlier.person == act.person:
            return Refusal("decision.same-person", {"act": act.name, "earlier": name})
    return None


def _once(dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]) -> Refusal | None:
    """Refuse an act that was done before in this dossier."""
    del arguments
    if dossier.last(rule.name) is None:
        return None
    return Refusal("act.once", {"act": act.name})


def _originator_control(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Refuse passing on, court use or another purpose without the originator's consent."""
    del rule, arguments
    if act.name != "pass-on":
        return None
    source = dossier.find(str(act.payload.get("source", "")))
    if source is None:
        return Refusal("act.unknown-reference", {"act": act.name})
    if source.side == act.side:
        return None
    if source.payload.get("onward") == "free" and act.payload.get("use") == "police":
        return None
    for consent in dossier.effective("consent"):
        asked = dossier.find(consent.re[0]) if consent.re else None
        if (
            asked is not None
            and asked.payload.get("source") == source.id
            and asked.payload.get("use") == act.payload.get("use")
            and asked.payload.get("recipient") == act.payload.get("recipient")
        ):
            return None
    return Refusal("handling.no-consent", {"act": act.name})


def _answers_other_side(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Refuse an answer to an act of one's own side."""
    del arguments
    for one in act.re:
        answered = dossier.find(one)
        if answered is not None and answered.name in rule.answers and answered.side == act.side:
            return Refusal("act.answers-itself", {"act": act.name})
    return None


def _not_on_hold(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Refuse an act while the dossier is held."""
    del rule, arguments
    if dossier.state and dossier.current.kind is StateKind.HOLD:
        return Refusal("dossier.held", {"act": act.name})
    return None


GENERAL_GUARDS = (
    Guard("named-decider", _named_decider, ("S16", "S28"), needs_fields=False),
    Guard("differs-from", _differs_from, ("S28",), needs_fields=False),
    Guard("once", _once, needs_fields=False),
    Guard("not-on-hold", _not_on_hold, needs_fields=False),
    Guard("answers-other-side", _answers_other_side),
    Guard("originator-control", _originator_control),
)
"""Guards of every family."""
