"""Rules on whether the other state may be spoken to at all: corridor, law, bars, gates.

These guards read facts that never leave. They run on every act that says something about the person
to the other state; a neutral pause is always possible.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from passerelle.procedures.casework.facts import (
    GATES,
    STATUSES,
    age_on,
    days_of,
    gates_of,
    is_contact,
    newest_gates,
    related_dossiers,
    standing_bars,
    state_at,
)
from passerelle.procedures.definition import Reach
from passerelle.procedures.guards.registry import Guard
from passerelle.procedures.reinforcement.terms import text_of
from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from passerelle.procedures.definition import ActRule
    from passerelle.procedures.dossier import Dossier
    from passerelle.procedures.values import Act

__all__ = ["STANDING_GUARDS"]

_LEAST_REASONS = 20
_MAJORITY = 18


def _corridor_open(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Refuse contact without an active corridor, or while the brake is on (S36, S37, S51)."""
    del arguments
    if not is_contact(dossier, act, rule):
        return None
    corridor = dossier.procedure.corridor
    profile = corridor.profile
    if profile is None or not corridor.is_active(act.issued):
        return Refusal("corridor.inactive", {"corridor": corridor.id})
    if corridor.is_braked(act.issued):
        return Refusal("corridor.braked", {"corridor": corridor.id})
    if profile.review_by is None or profile.review_by < act.issued.date():
        return Refusal("corridor.review-overdue", {"corridor": corridor.id})
    return None


def _transfer_basis(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Refuse contact without a valid ground of transfer (S35)."""
    del arguments
    if not is_contact(dossier, act, rule):
        return None
    profile = dossier.procedure.corridor.profile
    basis = None if profile is None else profile.transfer_basis
    if basis is None or basis.until < act.issued.date():
        return Refusal("corridor.no-transfer-basis", {"act": act.name})
    named = text_of(act.payload, "transfer_basis")
    if named and named != basis.name:
        return Refusal("corridor.no-transfer-basis", {"act": act.name})
    return None


def _rule_pack(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Refuse contact when no rule pack is in force on the day (S52)."""
    del arguments
    if not is_contact(dossier, act, rule) or dossier.procedure.rule_pack(act.issued) is not None:
        return None
    return Refusal("law.no-pack", {"day": act.issued.date().isoformat()})


def _protection_bar(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Refuse contact while protection is asked, examined or under appeal (S1)."""
    del arguments
    if is_contact(dossier, act, rule) and "protection" in standing_bars(dossier):
        return Refusal("person.bar", {"act": act.name})
    return None


def _court_order(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Let an order of a court hold the file, and only the court clear it (S5)."""
    del arguments
    if "court-order" not in standing_bars(dossier):
        return None
    if act.name == "clear-bar" and act.payload.get("bar") == "court-order":
        return None if act.role == "court" else Refusal("person.court-only", {"act": act.name})
    if is_contact(dossier, act, rule) or act.name == "lift":
        return Refusal("person.bar", {"act": act.name})
    return None


def _minor_bar(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Bar a minor, and whoever's age is in doubt (S6)."""
    del arguments
    if not is_contact(dossier, act, rule) and act.name != "review":
        return None
    if "minor" in standing_bars(dossier):
        return Refusal("person.bar", {"act": act.name})
    file = dossier.last("prepare")
    if file is None:
        return None
    pack = dossier.procedure.rule_pack(act.issued)
    majority = _MAJORITY if pack is None else pack.figures.get("majority_years", _MAJORITY)
    born = date.fromisoformat(text_of(file.payload, "born_on"))
    if file.payload["age_in_doubt"] or age_on(born, act.issued.date()) < majority:
        return Refusal("person.minor", {"act": act.name})
    return None


def _status_bar(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Bar a person with a protective status (S7)."""
    del arguments
    if is_contact(dossier, act, rule) and standing_bars(dossier) & STATUSES:
        return Refusal("person.bar", {"act": act.name})
    return None


def _enforceable_decision(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Refuse to go on without a decision that is enforceable on the day (S4)."""
    del arguments
    if act.name != "submit" and not is_contact(dossier, act, rule):
        return None
    file = dossier.last("prepare")
    if file is None:
        return None
    enforceable = date.fromisoformat(text_of(file.payload, "enforceable_on"))
    decided = date.fromisoformat(text_of(file.payload, "decided_on"))
    if decided > enforceable or enforceable > act.issued.date():
        return Refusal("person.not-enforceable", {"act": act.name})
    return None


def _gates(dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]) -> Refusal | None:
    """Refuse a review in which a gate is missing, red or dated wrongly (S1, S4-S10)."""
    del rule, arguments
    if act.name not in {"review", "review-again", "recheck"}:
        return None
    gates = gates_of(act)
    wanted = ("S8",) if act.name == "recheck" else GATES
    codes = sorted(gate.code for gate in gates)
    missing = [code for code in wanted if code not in codes]
    if missing or len(set(codes)) != len(codes):
        return Refusal("gates.incomplete", {"missing": ", ".join(missing) or "–"})
    red = [gate.code for gate in gates if not gate.is_green]
    if red:
        return Refusal("gates.red", {"red": ", ".join(red)})
    oldest = act.issued.date() - days_of(dossier, act, "gate_max_age_days", 90)
    if any(not oldest <= gate.on <= act.issued.date() for gate in gates):
        return Refusal("gates.too-old", {"act": act.name})
    return None


def _non_refoulement(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Ask for a fresh check before contact, and for the referral when nobody recognises (S8)."""
    del arguments
    if act.name == "close" and dossier.state == "not-recognised":
        is_referred = dossier.last("refer-statelessness") is not None
        return None if is_referred else Refusal("person.no-referral", {"act": act.name})
    return _check_age(dossier, act) if is_contact(dossier, act, rule) else None


def _check_age(dossier: Dossier, act: Act) -> Refusal | None:
    review = dossier.last("review", "review-again", "recheck")
    gate = next((one for one in newest_gates(dossier) if one.code == "S8"), None)
    if review is None or gate is None:
        return Refusal("gates.incomplete", {"missing": "S8"})
    if act.issued.date() - gate.on > days_of(dossier, act, "gate_max_age_days", 90):
        return Refusal("gates.too-old", {"act": act.name})
    pack = dossier.procedure.rule_pack(act.issued)
    hours = 72 if pack is None else pack.figures.get("ready_hours", 72)
    if act.name == "send" and act.issued - review.issued > timedelta(hours=hours):
        return Refusal("gates.too-old", {"act": act.name})
    return None


def _own_reasons(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Refuse empty reasons and reasons copied between gates or from another file (S10)."""
    del rule, arguments
    if act.name not in {"review", "review-again", "recheck"}:
        return None
    reasons = [" ".join(gate.reasons.split()).casefold() for gate in gates_of(act)]
    others = {
        " ".join(gate.reasons.split()).casefold()
        for other in related_dossiers(dossier, dossier.definition.id)
        for gate in newest_gates(other)
    }
    if any(len(one) < _LEAST_REASONS for one in reasons) or len(set(reasons)) != len(reasons):
        return Refusal("gates.reasons", {"act": act.name})
    return Refusal("gates.reasons", {"act": act.name}) if others & set(reasons) else None


def _lift(dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]) -> Refusal | None:
    """Lift no hold under a standing bar, and resume only after a new review (S5, S8)."""
    del rule, arguments
    if act.name in {"lift", "resume"} and standing_bars(dossier):
        return Refusal("person.bar", {"act": act.name})
    if act.name != "resume":
        return None
    names = [step.act.name for step in dossier.steps if step.is_effective]
    after_lift = names[len(names) - names[::-1].index("lift") :] if "lift" in names else []
    if "review-again" not in after_lift:
        return Refusal("gates.incomplete", {"missing": ", ".join(GATES)})
    return None


def _deletion_certificates(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Send nothing new while the partner owes a deletion certificate (S33)."""
    del rule, arguments
    if act.name != "send":
        return None
    overdue = 0
    for other in related_dossiers(dossier, "identification"):
        asked = other.last("request-deletion")
        done = other.last("certify-deletion")
        is_same = other.procedure.corridor.id == dossier.procedure.corridor.id
        if asked is None or done is not None or not is_same:
            continue
        overdue += act.issued - asked.at > timedelta(days=14)
    return Refusal("corridor.certificates-due", {"n": str(overdue)}) if overdue else None


def _one_origin(
    dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
) -> Refusal | None:
    """Speak to one state of origin at a time (S54)."""
    del rule, arguments
    if act.name != "send":
        return None
    file = dossier.last("prepare")
    person = "" if file is None else text_of(file.payload, "person")
    for other in related_dossiers(dossier, "identification"):
        mine = other.last("prepare")
        is_same = mine is not None and text_of(mine.payload, "person") == person
        state = state_at(other, act.issued)
        is_deleted = other.last("certify-deletion") is not None
        is_over = state in {"discarded", "erased"} or (state == "closed" and is_deleted)
        if is_same and state and other.last("send") is not None and not is_over:
            return Refusal("person.second-origin", {"act": act.name})
    return None


STANDING_GUARDS = (
    Guard("corridor-open", _corridor_open, ("S36", "S37", "S51"), False, Reach.NATIONAL),
    Guard("transfer-basis", _transfer_basis, ("S35",), True, Reach.NATIONAL),
    Guard("rule-pack", _rule_pack, ("S52",), False, Reach.NATIONAL),
    Guard("protection-bar", _protection_bar, ("S1",), False, Reach.NATIONAL),
    Guard("court-order", _court_order, ("S5",), False, Reach.NATIONAL),
    Guard("minor-bar", _minor_bar, ("S6",), False, Reach.NATIONAL),
    Guard("status-bar", _status_bar, ("S7",), False, Reach.NATIONAL),
    Guard("enforceable-decision", _enforceable_decision, ("S4",), False, Reach.NATIONAL),
    Guard("gates", _gates, ("S1", "S4", "S10"), True, Reach.NATIONAL),
    Guard("non-refoulement", _non_refoulement, ("S8",), False, Reach.NATIONAL),
    Guard("own-reasons", _own_reasons, ("S10",), True, Reach.NATIONAL),
    Guard("lift", _lift, ("S5", "S8"), False, Reach.NATIONAL),
    Guard("deletion-certificates", _deletion_certificates, ("S33",), False, Reach.NATIONAL),
    Guard("one-origin", _one_origin, ("S54",), False, Reach.NATIONAL),
)
"""Guards on whether contact is possible at all."""
