"""Check a whole definition: that it can be walked, decided, timed, guarded and read.

Every state is reached and, unless final, left; every act has roles on one side; every deadline has a
calendar, a start and an owner; every guard exists and every mandatory guard of the family is named; no
clock enters an outcome; every field and code has words in three languages; the shared view exists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.problems import Issue
from passerelle.procedures.definition import EITHER, RESUME, SAME, Reach, StateKind
from passerelle.procedures.families import FAMILIES
from passerelle.procedures.guards.catalogue import GUARDS
from passerelle.procedures.sharing import ViewError, shared_view

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from passerelle.kernel.canonical import Json
    from passerelle.procedures.definition import Definition
    from passerelle.procedures.vocabulary import Vocabulary

__all__ = ["complaints"]

_Complaint = tuple[str, str, str, str]


def complaints(found: Definition, file: str, words: Vocabulary) -> list[Issue]:
    """Return everything wrong with a definition, each with its key path."""
    rows = [row for check in _CHECKS for row in check(found)]
    rows += list(_words(found, words))
    if not rows:
        rows += list(_view(found))
    return [
        Issue(file, 0, path, f"definition.{code}", expected, what)
        for path, code, expected, what in rows
    ]


def _is_view_only(found: Definition, state: str) -> bool:
    return any(
        one.shown_as == state and one.name != state for one in found.states.values()
    ) and not any(state in {*rule.moves, *rule.moves.values()} for rule in found.acts.values())


def _states(found: Definition) -> Iterator[_Complaint]:
    reached, left = _walk(found)
    for name, state in found.states.items():
        path = f"states.{name}"
        if state.shown_as and state.shown_as not in found.states:
            yield f"{path}.shown_as", "unknown-state", "a state", state.shown_as
        if _is_view_only(found, name):
            continue
        if name not in reached:
            yield path, "unreachable", "an act that leads here from an opening act", name
        if state.kind is not StateKind.FINAL and name not in left:
            yield path, "dead-end", "an act that leaves this state, or kind = 'final'", name


def _walk(found: Definition) -> tuple[set[str], set[str]]:
    """Return the states that can be reached and those that are left."""
    reached: set[str] = {""}
    left: set[str] = set()
    frontier = [""]
    while frontier:
        start = frontier.pop()
        for rule in found.acts.values():
            target = rule.moves.get(start)
            if target is None:
                continue
            if target != SAME:
                left.add(start)
            if target not in {SAME, RESUME} and target not in reached:
                reached.add(target)
                frontier.append(target)
    return reached, left


def _acts(found: Definition) -> Iterator[_Complaint]:
    if not found.opening_acts:
        yield "acts", "no-opening", "an act with opens = true", ""
    shown = {rule.shown_as for rule in found.acts.values() if rule.shown_as != rule.name}
    for name, rule in found.acts.items():
        path = f"acts.{name}"
        if not rule.moves and name not in shown:
            yield f"{path}.from", "no-state", "a state from which it may be done", ""
        for state in {*rule.moves, *rule.moves.values()} - {"", SAME, RESUME}:
            if state not in found.states:
                yield f"{path}.moves", "unknown-state", "a state of this definition", state
        for answered in rule.answers:
            if answered not in found.acts:
                yield f"{path}.answers", "unknown-act", "an act of this definition", answered
        if rule.shown_as not in found.acts:
            yield f"{path}.shown_as", "unknown-act", "an act of this definition", rule.shown_as
        for field in set(rule.national_fields) - set(rule.schema.fields):
            yield f"{path}.national_fields", "unknown-field", "a field of this act", field
        yield from _who(found, name)


def _who(found: Definition, name: str) -> Iterator[_Complaint]:
    rule = found.acts[name]
    path = f"acts.{name}.who"
    unknown = [role for role in rule.who if role not in found.roles]
    for role in unknown:
        yield path, "unknown-role", "a role of this definition", role
    roles = [found.roles[role] for role in rule.who if role in found.roles]
    if not rule.who:
        yield path, "no-role", "at least one role", ""
    sides = {role.side for role in roles}
    if rule.is_cosigned:
        if sides not in ({EITHER}, set(found.sides)):
            yield path, "sides", "roles of both sides for a cosigned act", ", ".join(rule.who)
    elif len(sides) > 1:
        yield path, "sides", "roles of one side", ", ".join(rule.who)
    targets = [found.states[to] for to in rule.moves.values() if to in found.states]
    if any(role.is_timer for role in roles) and any(state.is_outcome for state in targets):
        yield path, "timer-decides", "a human role for an act that leads to an outcome", name


def _roles(found: Definition) -> Iterator[_Complaint]:
    for name, role in found.roles.items():
        if role.side not in {*found.sides, EITHER}:
            yield f"roles.{name}.side", "unknown-side", f"one of {found.sides} or either", role.side


def _deadlines(found: Definition) -> Iterator[_Complaint]:
    for name, rule in found.deadlines.items():
        path = f"deadlines.{name}"
        lengths = (rule.period or rule.profile, rule.until_field, rule.by_field)
        if sum(bool(one) for one in lengths) != 1:
            yield path, "length", "one of within or profile, until_field, by", ""
        if bool(rule.start_act) == bool(rule.start_state):
            yield path, "start", "either act or state as its start", ""
        for state in {rule.start_state} - {"", *found.states}:
            yield f"{path}.state", "unknown-state", "a state of this definition", state
        named = {rule.start_act, rule.confirmed_by, *rule.met_by, *rule.extended_by} - {""}
        for act in named - set(found.acts):
            yield path, "unknown-act", "acts of this definition", act
        if rule.start_act and not rule.met_by:
            yield f"{path}.met_by", "start", "the acts that end it", ""
        if rule.owner not in found.roles:
            yield f"{path}.owner", "unknown-role", "a role of this definition", rule.owner
        if rule.calendar not in {*found.sides, EITHER, "both"}:
            yield f"{path}.calendar", "calendar", "a side, 'either' or 'both'", rule.calendar


def _guards(found: Definition) -> Iterator[_Complaint]:
    if found.family not in FAMILIES:
        yield "family", "family", f"one of {', '.join(FAMILIES)}", found.family
    named = {use.name for use in found.guards}
    for name in sorted(FAMILIES.get(found.family, frozenset()) - named):
        yield "guards", "missing-guard", f"guard {name!r}, mandatory for {found.family}", ""
    for use in found.guards:
        if use.name not in GUARDS:
            yield "guards", "unknown-guard", "a guard that exists", use.name
    for name, rule in found.acts.items():
        for use in rule.guards:
            if use.name not in GUARDS:
                yield f"acts.{name}.guards", "unknown-guard", "a guard that exists", use.name


def _words(found: Definition, words: Vocabulary) -> Iterator[_Complaint]:
    for name, rule in found.acts.items():
        for path, field, codes in _fields(rule.schema.document, f"acts.{name}.fields"):
            if field not in words.fields:
                yield path, "label", f"labels of the field {field!r} in vocabulary.toml", ""
            for code in codes:
                if code not in words.codes:
                    yield path, "label", f"labels of the code {code!r} in vocabulary.toml", ""


def _fields(document: Mapping[str, Json], path: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    properties: Any = document.get("properties", {})  # built by closed_object: objects
    for field, rule in properties.items():
        place = f"{path}.{field}"
        inner = rule.get("items", rule)
        yield place, field, tuple(inner.get("enum", ()))
        yield from _fields(inner, place)


def _view(found: Definition) -> Iterator[_Complaint]:
    try:
        view = shared_view(found)
    except ViewError as error:
        yield "acts", "view", "acts that look alike to lead to one state", str(error)
        return
    if not view.opening_acts and any(rule.reach is Reach.SHARED for rule in found.acts.values()):
        yield "acts", "view", "a shared act that opens the partner's dossier", ""


_CHECKS: Final[tuple[Callable[[Definition], Iterator[_Complaint]], ...]] = (
    _states,
    _acts,
    _roles,
    _deadlines,
    _guards,
)
