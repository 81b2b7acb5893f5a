"""The engine takes in, refuses with a reason, co-signs, orders and holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.factories.dossiers import (
    START,
    Talk,
    committed,
    item,
    offer,
    procedure,
    request,
)

from passerelle.procedures.dossier import Dossier
from passerelle.procedures.engine import allowed, fold, open_dossier
from passerelle.procedures.loading import DEFINITIONS, definition
from passerelle.procedures.ordering import merge
from passerelle.procedures.profile import Corridor
from passerelle.procedures.values import Act, Refusal


def test_request_opens_a_dossier_in_its_first_state() -> None:
    talk = Talk(procedure("reinforcement"))

    talk.say("request", **request())

    assert talk.state == "requested"
    assert talk.now_dossier.is_settled


def test_act_by_the_wrong_office_is_refused_with_the_right_one_named() -> None:
    talk = Talk(procedure("reinforcement"))
    talk.say("request", **request())

    result = talk.try_("acknowledge", role_="directorate")

    assert isinstance(result, Refusal)
    assert result.code == "act.wrong-office"
    assert "partner focal point" in result.reason


def test_act_out_of_turn_is_refused_with_the_states_in_which_it_is_possible() -> None:
    talk = Talk(procedure("reinforcement"))
    talk.say("request", **request())

    result = talk.try_("accept", accepted_offers=["O1"])

    assert isinstance(result, Refusal)
    assert result.code == "act.out-of-turn"
    assert "offered" in result.reason


def test_act_said_twice_counts_once() -> None:
    talk = Talk(procedure("reinforcement"))
    act = talk.say("request", **request())

    folded = fold("case", talk.procedure, [act, act, act])

    assert isinstance(folded, Dossier)
    assert [step.act.id for step in folded.steps] == [act.id]
    assert open_dossier("case", talk.procedure, act) == folded


def test_act_under_another_version_is_refused() -> None:
    talk = Talk(procedure("reinforcement"))
    talk.say("request", **request())
    act = replace(talk.act("acknowledge"), definition="0" * 64)

    folded = fold("case", talk.procedure, [*talk.acts, act])

    assert isinstance(folded, Dossier)
    assert [one.refusal.code for one in folded.refused] == ["definition.changed"]


def test_corridor_pins_the_definition() -> None:
    corridor = Corridor("fr-ma", ("FR", "MA"), pins={"reinforcement": "0" * 64})
    talk = Talk(procedure("reinforcement", corridor))

    assert talk.refusal("request", **request()) == "definition.not-pinned"


def test_unknown_act_is_refused() -> None:
    talk = Talk(procedure("information"))
    act = Act(id="x", name="conquer", side="asking", role="asker", issued=START)

    result = open_dossier("case", talk.procedure, act)

    assert isinstance(result, Refusal)
    assert result.code == "act.unknown"


def test_field_that_is_not_listed_is_refused_with_its_place() -> None:
    talk = Talk(procedure("reinforcement"))
    wrong = request()
    wrong["lines"][0]["colour"] = "blue"

    result = talk.try_("request", **wrong)

    assert isinstance(result, Refusal)
    assert result.code == "act.fields"
    assert result.params["place"] == "lines[0]"
    assert "colour" in result.reason


def test_answer_must_name_what_it_answers() -> None:
    talk = Talk(procedure("reinforcement"))
    talk.say("request", **request())
    talk.say("query", questions=["Which lodging?"])

    assert talk.refusal("clarify", re_=(), text="Barracks.") == "act.answers-nothing"
    assert talk.refusal("clarify", re_=("nothing",), text="Barracks.") == "act.unknown-reference"


def test_cosigned_act_takes_effect_with_the_second_signature() -> None:
    talk = Talk(procedure("reinforcement"))
    talk.say("request", **request())
    talk.say("offer", offers=[offer()])
    talk.say("accept", accepted_offers=["O1"])
    fields = {"commitment": "C1", "level": "technical", "items": [item()]}

    talk.say("commit", role_="directorate", **fields)
    assert talk.state == "accepted"
    assert list(talk.now_dossier.signatures) == ["commit"]

    talk.say("commit", role_="focal-point", **fields)
    assert talk.state == "committed"
    assert not talk.now_dossier.signatures


def test_other_payload_is_a_counter_proposal_not_a_second_signature() -> None:
    talk = Talk(procedure("reinforcement"))
    talk.say("request", **request())
    talk.say("offer", offers=[offer()])
    talk.say("accept", accepted_offers=["O1"])
    fields = {"commitment": "C1", "level": "technical"}

    talk.say("commit", role_="directorate", **fields, items=[item()])
    talk.say("commit", role_="focal-point", **fields, items=[item(people=9)])

    assert talk.state == "accepted"
    assert talk.now_dossier.signatures["commit"].act.side == "partner"


def test_one_side_cannot_sign_twice() -> None:
    talk = Talk(procedure("reinforcement"))
    talk.say("request", **request())
    talk.say("offer", offers=[offer()])
    talk.say("accept", accepted_offers=["O1"])
    fields = {"commitment": "C1", "level": "technical", "items": [item()]}

    talk.say("commit", role_="directorate", **fields)
    talk.say("commit", role_="directorate", **fields)

    assert talk.state == "accepted"


def test_acts_that_crossed_go_by_priority_then_origin_never_by_clock() -> None:
    talk = Talk(procedure("reinforcement"))
    talk.say("request", **request())
    talk.say("offer", offers=[offer()])
    accept = talk.act("accept", accepted_offers=["O1"])
    withdraw = replace(
        talk.act("withdraw-offer", offer="O1", reason="needed at home"),
        issued=accept.issued + timedelta(days=3),
    )

    folded = fold("case", talk.procedure, [*talk.acts, accept, withdraw])

    assert isinstance(folded, Dossier)
    assert folded.state == "offered"
    assert [(one.act.name, one.refusal.code) for one in folded.refused] == [
        ("accept", "offer.withdrawn")
    ]


def test_act_that_has_seen_the_other_comes_after_it_whatever_the_priority() -> None:
    talk = Talk(procedure("reinforcement"))
    talk.say("request", **request())
    talk.say("offer", offers=[offer()])
    talk.say("accept", accepted_offers=["O1"])
    withdraw = talk.act("withdraw-offer", offer="O1", reason="needed at home")

    ordered = merge(talk.procedure.definition, [withdraw, *reversed(talk.acts)])

    assert [act.name for act in ordered] == ["request", "offer", "accept", "withdraw-offer"]


@pytest.mark.parametrize("name", DEFINITIONS)
def test_allowed_answers_for_every_role_with_a_reason(name: str) -> None:
    found = definition(name)
    talk = Talk(procedure("reinforcement"))
    talk.say("request", **request())
    for role in talk.procedure.definition.roles.values():
        for one in allowed(talk.now_dossier, role.name, role.side, START):
            assert one.is_allowed or one.refusal.reason
    assert found.digest == definition(name).digest


def test_allowed_names_what_the_partner_may_do_first() -> None:
    talk = Talk(procedure("reinforcement"))
    talk.say("request", **request())

    names = {
        one.rule.name
        for one in allowed(talk.now_dossier, "focal-point", "partner", START)
        if one.is_allowed
    }

    assert names == {
        "announce", "acknowledge", "query", "offer", "decline", "decline-all", "bind",
    }  # fmt: skip


def test_fold_does_not_depend_on_the_order_of_delivery() -> None:
    talk = committed()

    forwards = fold("case", talk.procedure, talk.acts)
    backwards = fold("case", talk.procedure, [*reversed(talk.acts), *talk.acts])

    assert forwards == backwards
    assert isinstance(forwards, Dossier)
    assert forwards.state == "committed"
