"""What the partner sees: the quotient of a procedure, and of an act.

Some states exist on one side only (a draft, a review), some look like another (held, barred and
withdrawn all look *paused*), some acts never leave, some look like another (every pause has the same
name, role and bytes, whatever its reason). The partner's node folds the *shared view*: states that look
alike are one state, acts that look alike are one act, national acts and fields are gone.

The property that makes this sound is tested on random histories: the state of the full fold, as shown,
equals the state of the shared view folded over the acts as shown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from passerelle.procedures.definition import RESUME, SAME, Reach
from passerelle.procedures.guards.catalogue import GUARDS
from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.kernel.canonical import Json
    from passerelle.procedures.definition import ActRule, Definition, GuardUse
    from passerelle.procedures.values import Act, Step

__all__ = ["ViewError", "find_leak", "home_side", "shared_view", "shown_state", "to_shared"]


class ViewError(ValueError):
    """Say that states or acts which must look alike lead to different places."""


def shown_state(definition: Definition, state: str) -> str:
    """Return what the partner sees of a state; empty when it sees nothing yet."""
    return definition.states[state].shown_as if state else ""


def to_shared(definition: Definition, step: Step) -> Act | None:
    """Return an act as the partner gets it; ``None`` when it never leaves.

    The name, role and person of an act that must look like another are those of the other: the bytes
    tell nothing of the reason (S3). Such an act leaves only when it changes what the partner sees.
    """
    act = step.act
    rule = definition.acts[act.name]
    if rule.reach is Reach.NATIONAL:
        return None
    is_neutral = rule.shown_as != rule.name
    if is_neutral and shown_state(definition, step.before) == shown_state(definition, step.after):
        return None
    kept = {name: value for name, value in act.payload.items() if name not in rule.national_fields}
    if rule.shown_as == rule.name:
        return replace(act, payload=kept)
    shown = definition.acts[rule.shown_as]
    return replace(act, name=shown.name, role=shown.who[0], person="", payload=kept)


def find_leak(definition: Definition, name: str, payload: Mapping[str, Json]) -> Refusal | None:
    """Return why an act may not be sent as it is written, or ``None``.

    A last check before release: what goes out must be what :func:`to_shared` gives, and nothing else.

    Parameters
    ----------
    definition
        The procedure.
    name, payload
        The act about to be released.
    """
    rule = definition.acts.get(name)
    if rule is None:
        return Refusal("act.unknown", {"act": name, "procedure": definition.id})
    is_whole = rule.reach is Reach.SHARED and rule.shown_as == name
    if is_whole and not set(payload) & set(rule.national_fields):
        return None
    return Refusal("act.national", {"act": name})


def home_side(definition: Definition) -> str:
    """Return the side that holds what never leaves; empty when nothing is national.

    That side folds the whole procedure; the other folds its :func:`shared_view`.

    Raises
    ------
    ViewError
        When both sides hold national acts: no single quotient would do.
    """
    sides = {
        definition.roles[role].side
        for rule in definition.acts.values()
        if rule.reach is Reach.NATIONAL or rule.shown_as != rule.name or rule.national_fields
        for role in rule.who
    }
    if len(sides) > 1:
        raise ViewError(f"{definition.id}: national acts on {', '.join(sorted(sides))}")
    return next(iter(sides), "")


def shared_view(definition: Definition) -> Definition:
    """Return the procedure of the partner's node.

    Raises
    ------
    ViewError
        When two acts that look alike lead from the same shown state to different ones.
    """
    if all(rule.reach is Reach.SHARED for rule in definition.acts.values()) and all(
        state.shown_as == state.name for state in definition.states.values()
    ):
        return definition
    states = {
        name: state for name, state in definition.states.items() if state.shown_as == state.name
    }
    moves: dict[str, dict[str, str]] = {}
    for rule in definition.acts.values():
        if rule.reach is Reach.SHARED:
            _add(moves.setdefault(rule.shown_as, {}), _shown_moves(definition, rule), rule.shown_as)
    acts = {name: _shown_act(definition.acts[name], found) for name, found in moves.items()}
    roles = {role for rule in acts.values() for role in rule.who}
    deadlines = {
        name: rule
        for name, rule in definition.deadlines.items()
        if (rule.start_act in acts or rule.start_state in states)
    }
    roles |= {rule.owner for rule in deadlines.values()}
    return replace(
        definition,
        roles={name: role for name, role in definition.roles.items() if name in roles},
        states=states,
        acts=acts,
        deadlines=deadlines,
        guards=_shared_guards(definition.guards),
    )


def _shown_moves(definition: Definition, rule: ActRule) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for start, target in rule.moves.items():
        shown_start = shown_state(definition, start)
        is_neutral = rule.shown_as != rule.name
        if target in {SAME, RESUME}:
            if shown_start and not is_neutral:
                _add(found, {shown_start: target}, rule.name)
            continue
        shown_target = shown_state(definition, target)
        if is_neutral and shown_start == shown_target:
            continue
        if not shown_target:
            if shown_start:
                raise ViewError(f"{rule.name}: {start} is shown and {target} is hidden")
            continue
        same = SAME if shown_start == shown_target else shown_target
        _add(found, {shown_start: same}, rule.name)
    return found


def _add(found: dict[str, str], more: Mapping[str, str], name: str) -> None:
    for start, target in more.items():
        if found.setdefault(start, target) != target:
            raise ViewError(f"{name}: from {start} to both {found[start]} and {target}")


def _shown_act(rule: ActRule, moves: Mapping[str, str]) -> ActRule:
    return replace(
        rule,
        moves=moves,
        schema=rule.schema.without(rule.national_fields),
        guards=_shared_guards(rule.guards),
        national_fields=(),
    )


def _shared_guards(uses: tuple[GuardUse, ...]) -> tuple[GuardUse, ...]:
    return tuple(use for use in uses if GUARDS[use.name].reach is Reach.SHARED)
