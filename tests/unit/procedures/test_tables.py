"""Every state and act of every procedure: taken in where the table says, refused with the reason elsewhere."""

from __future__ import annotations

import pytest
from tests.factories.dossiers import START, procedure

from passerelle.kernel.labels import LANGUAGES
from passerelle.procedures.definition import EITHER, RESUME, SAME, StateKind
from passerelle.procedures.dossier import Dossier
from passerelle.procedures.engine import allowed, apply
from passerelle.procedures.loading import DEFINITIONS, definition
from passerelle.procedures.refusals import refusal_catalogue
from passerelle.procedures.values import Act, Refusal, Step

OUT_OF_TURN = {"act.out-of-turn", "act.already-open"}


def standing(name: str, state: str) -> Dossier:
    """Return a dossier that stands in a state, whatever led there."""
    bound = procedure(name)
    first = next(iter(bound.definition.opening_acts.values()))
    role = bound.definition.roles[first.who[0]]
    side = bound.definition.sides[0] if role.side == EITHER else role.side
    act = Act(id="first", name="opened", side=side, role=role.name, issued=START, received=START)
    return Dossier("case", bound, state, (Step(act, "", state),), resume_to=state)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_state_and_act_is_decided_as_the_table_says(name: str) -> None:
    found = definition(name)
    for state in found.states:
        dossier = standing(name, state)
        for rule in found.acts.values():
            for role in rule.who:
                side = (
                    found.sides[0] if found.roles[role].side == EITHER else found.roles[role].side
                )
                act = Act(id="x", name=rule.name, side=side, role=role, issued=START, person="x")
                result = apply(dossier, act)
                is_waiting = rule.waits and found.states[state].kind is StateKind.HOLD
                code = result.code if isinstance(result, Refusal) else ""
                if state in rule.moves or is_waiting:
                    assert code not in OUT_OF_TURN, (state, rule.name)
                else:
                    assert code in OUT_OF_TURN, (state, rule.name, code)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_office_that_is_not_named_is_refused(name: str) -> None:
    found = definition(name)
    for rule in found.acts.values():
        state = next((start for start in rule.moves if start), next(iter(found.states)))
        dossier = standing(name, state)
        for role in found.roles.values():
            sides = found.sides if role.side == EITHER else (role.side,)
            for side in found.sides:
                act = Act(id="x", name=rule.name, side=side, role=role.name, issued=START)
                result = apply(dossier, act)
                is_wrong = role.name not in rule.who or side not in sides
                assert (
                    isinstance(result, Refusal) and result.code == "act.wrong-office"
                ) is is_wrong


@pytest.mark.parametrize("name", DEFINITIONS)
def test_allowed_lists_each_act_of_a_role_with_reasons_in_three_languages(name: str) -> None:
    found = definition(name)
    for state in found.states:
        dossier = standing(name, state)
        for role in found.roles.values():
            side = found.sides[0] if role.side == EITHER else role.side
            for one in allowed(dossier, role.name, side, START):
                assert role.name in one.rule.who
                if one.refusal is not None:
                    assert all(one.refusal.text(language) for language in LANGUAGES)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_target_of_a_move_exists(name: str) -> None:
    found = definition(name)
    targets = {to for rule in found.acts.values() for to in rule.moves.values()}

    assert targets - {SAME, RESUME} <= set(found.states)


def test_sentences_have_the_same_places_in_every_language() -> None:
    from string import Formatter

    for code, labels in refusal_catalogue().items():
        places = {
            language: {field for _, field, _, _ in Formatter().parse(labels.get(language)) if field}
            for language in LANGUAGES
        }
        assert places["fr"] == places["en"] == places["ar"], code
