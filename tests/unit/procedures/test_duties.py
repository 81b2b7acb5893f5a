"""Duties published to a partner: in force, dropped, acknowledged, and whose they are."""

from __future__ import annotations

from tests.factories.dossiers import cleared, person

from passerelle.procedures.reinforcement.crossings import crossings
from passerelle.procedures.reinforcement.duties import (
    published_duties,
    replaced_by,
    unacknowledged,
)

PLAN = {"plan": "cup/plan", "plan_version": 1}


def duty(code: str, day: int) -> dict[str, str]:
    return {
        "person": code,
        "from": f"2024-07-{day}T08:00:00Z",
        "to": f"2024-07-{day}T16:00:00Z",
        "place": "STE",
    }


def test_the_last_publication_says_all_duties_of_whom_it_names() -> None:
    talk = cleared()
    talk.say("name", persons_named=[person("P2")])
    talk.say("publish", **PLAN, duties=[duty("P1", 25), duty("P2", 25)])
    talk.say("publish", **{**PLAN, "plan_version": 2}, duties=[duty("P1", 26)])

    found = published_duties(talk.now_dossier)

    assert [one.during.start.day for one in found["P1"].duties] == [26]
    assert (found["P1"].version, found["P2"].version) == (2, 1)


def test_who_is_dropped_has_no_duties_and_a_publication_says_something() -> None:
    talk = cleared()
    talk.say("publish", **PLAN, duties=[duty("P1", 25)])
    talk.say("publish", **{**PLAN, "plan_version": 2}, dropped=["P1"])

    assert published_duties(talk.now_dossier)["P1"].duties == ()
    assert talk.refusal("publish", **PLAN) == "roll.nobody"


def test_one_acknowledgement_answers_the_publications_it_names() -> None:
    talk = cleared()
    first = talk.say("publish", **PLAN, duties=[duty("P1", 25)])
    second = talk.say("publish", **{**PLAN, "plan_version": 2}, duties=[duty("P1", 26)])
    assert unacknowledged(talk.now_dossier) == (first.id, second.id)

    talk.say("acknowledge-duties", role_="focal-point", re_=(first.id, second.id))

    assert unacknowledged(talk.now_dossier) == ()
    assert published_duties(talk.now_dossier)["P1"].is_acknowledged


def test_a_duty_of_somebody_who_lost_a_condition_for_good_is_refused() -> None:
    talk = cleared()
    talk.say("strike", person="P1", reason="Ill")

    assert talk.refusal("publish", **PLAN, duties=[duty("P1", 25)]) == "roll.not-deployable"


def test_a_row_of_replacements_leads_to_the_last() -> None:
    talk = cleared()
    talk.say("replace", person="P1", substitute=person("P2"), reason="Ill")
    talk.say("replace", person="P2", substitute=person("P3"), reason="Ill")

    assert replaced_by(talk.now_dossier) == {"P1": "P3", "P2": "P3"}


def test_nothing_crossed_when_each_had_seen_the_other() -> None:
    assert crossings(cleared().now_dossier) == ()
