"""Tallies agree with the counts of the dossier and say what is chosen and announced."""

from __future__ import annotations

from datetime import timedelta

from tests.factories.dossiers import ENDING, OPENING, Talk, cleared, item, offer, procedure, request

from passerelle.kernel.counts import Unit
from passerelle.kernel.times import Interval, parse_instant
from passerelle.procedures.reinforcement.counts import count_dossier
from passerelle.procedures.reinforcement.tallies import CHOSEN, announcements, tallies

EVENT = Interval(
    parse_instant(OPENING) - timedelta(days=9), parse_instant(ENDING) + timedelta(days=9)
)


def test_tallies_agree_with_the_counts_of_the_dossier() -> None:
    talk = cleared()
    talk.say("arrive", person="P1", at="2024-07-24T08:00:00Z", place="STE")
    dossier = talk.now_dossier

    found = {tally.stage: tally for tally in tallies(dossier, talk.now)}

    for count in count_dossier(dossier, EVENT, at=talk.now):
        tally = found.get(count.stage.value)
        expected = {
            Unit.PEOPLE: tally.people if tally else 0,
            Unit.PERSON_DAYS: tally.person_days if tally else 0,
            Unit.POSTS: max(tally.posts) if tally else 0,
            Unit.PRESENT: max(tally.present) if tally else 0,
        }
        assert count.figure == expected[count.unit], count


def test_what_is_accepted_and_not_co_signed_is_chosen_and_allocates_nothing() -> None:
    talk = Talk(procedure("reinforcement"))
    talk.say("request", **request())
    talk.say("offer", offers=[offer()])
    talk.say("accept", accepted_offers=["O1"])

    before = {tally.stage: tally.people for tally in tallies(talk.now_dossier, talk.now)}
    talk.sign("commit", commitment="C1", level="technical", items=[item(people=6, present=6)])
    after = {tally.stage: tally.people for tally in tallies(talk.now_dossier, talk.now)}

    assert before == {"asked": 10, "offered": 10, CHOSEN: 10}
    assert after == {"asked": 10, "offered": 10, "accepted": 6, CHOSEN: 4}


def test_an_announcement_is_quoted_and_never_counted() -> None:
    talk = Talk(procedure("reinforcement"))
    talk.say(
        "announce", text="We join.", on="2024-04-22", source_of_text="Press", figure=2500,
        unit_quoted="people",
    )  # fmt: skip

    (quoted,) = announcements(talk.now_dossier)

    assert (quoted.figure, quoted.unit, quoted.stage) == (2500, "people", "")
    assert tallies(talk.now_dossier, talk.now) == ()
