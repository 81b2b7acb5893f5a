"""Reinforcement: offers, commitments, the roll, deployability, counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.factories.dossiers import (
    ENDING,
    OPENING,
    Talk,
    cleared,
    committed,
    item,
    line,
    offer,
    person,
    procedure,
    request,
)

from passerelle.kernel.counts import Stage, Unit
from passerelle.kernel.times import Interval, parse_instant
from passerelle.procedures.dossier import Dossier
from passerelle.procedures.engine import fold
from passerelle.procedures.reinforcement.commitments import items
from passerelle.procedures.reinforcement.counts import count_dossier
from passerelle.procedures.reinforcement.offers import OfferStatus, offers
from passerelle.procedures.reinforcement.roll import missing_for_duty, roll

NOON = datetime(2024, 7, 25, 12, tzinfo=UTC)
EVENT = Interval(parse_instant(OPENING), parse_instant(ENDING))


def offered(**changes: object) -> Talk:
    talk = Talk(procedure("reinforcement"))
    talk.say("request", **request())
    talk.say("offer", offers=[offer(**changes)])
    return talk


def requested() -> Talk:
    talk = Talk(procedure("reinforcement"))
    talk.say("request", **request())
    return talk


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"line": "L9"}, "offer.unknown-line"),
        ({"posts": 3}, "offer.not-full"),
        ({"places": ["PAR"]}, "offer.not-full"),
        ({"answer": "partial"}, "offer.not-partial"),
        ({"answer": "conditional"}, "offer.no-condition"),
        ({"answer": "unsolicited"}, "offer.has-line"),
        ({"valid_until": "2024-04-22T09:30:00Z"}, "offer.born-expired"),
        ({"from": ENDING, "to": OPENING}, "terms.period"),
        ({"posts": 20}, "terms.units"),
        ({"capability": "sorcery"}, "act.fields"),
    ],
)
def test_offer_that_does_not_say_what_it_is_is_refused(
    changes: dict[str, object], code: str
) -> None:
    assert requested().refusal("offer", offers=[offer(**changes)]) == code


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"answer": "partial", "posts": 2, "present": 4, "people": 5},
        {"answer": "conditional", "conditions": [{"subject": "escorts", "text": "one a pair"}]},
        {"answer": "counter", "capability": "analyst", "posts": 1, "present": 1, "people": 1},
    ],
)
def test_offer_of_each_kind_is_taken_in(changes: dict[str, object]) -> None:
    talk = requested()

    talk.say("offer", offers=[offer(**changes)])

    assert offers(talk.now_dossier)["O1"].status is OfferStatus.STANDING


def test_unsolicited_offer_opens_a_dossier() -> None:
    talk = Talk(procedure("reinforcement"))
    row = offer(answer="unsolicited")
    del row["line"]

    talk.say("offer", offers=[row])

    assert talk.state == "offered"


def test_offer_that_expires_while_it_is_accepted_has_expired_on_both_sides() -> None:
    talk = offered(valid_until="2024-04-22T13:30:00Z")
    accept = talk.act("accept", accepted_offers=["O1"])
    assert accept.issued < parse_instant("2024-04-22T13:30:00Z") < accept.received

    assert talk.refusal("accept", accepted_offers=["O1"]) == "offer.expired"


def test_extended_validity_lets_the_offer_be_accepted() -> None:
    talk = offered(valid_until="2024-04-22T15:30:00Z")
    talk.say("extend-offer", offer="O1", valid_until="2024-05-30T18:00:00Z")

    talk.say("accept", accepted_offers=["O1"])

    assert talk.state == "accepted"


def test_commitment_beyond_the_offer_is_refused() -> None:
    talk = offered()
    talk.say("accept", accepted_offers=["O1"])
    fields = {"commitment": "C1", "level": "technical"}

    assert talk.refusal("commit", **fields, items=[item(people=11)]) == "commitment.beyond-offer"
    two = [item("I1", people=8), item("I2", people=8)]
    assert talk.refusal("commit", **fields, items=two) == "commitment.beyond-offer"


def test_offer_that_was_not_accepted_cannot_be_committed() -> None:
    talk = requested()
    talk.say("offer", offers=[offer(), offer("O2")])
    talk.say("accept", accepted_offers=["O2"])

    code = talk.refusal("commit", commitment="C1", level="technical", items=[item()])

    assert code == "commitment.not-accepted"


def test_more_people_than_committed_cannot_be_named() -> None:
    talk = committed()

    eleven = [person(f"P{number}") for number in range(11)]

    assert talk.refusal("name", persons_named=eleven) == "roll.too-many"


def test_person_cannot_be_named_twice_nor_one_passport_for_two() -> None:
    talk = committed()
    talk.say("name", persons_named=[person("P1")])

    assert talk.refusal("name", persons_named=[person("P1")]) == "roll.known"
    two = [person("P2"), person("P3", passport="PP2")]
    assert talk.refusal("name", persons_named=two) == "terms.twice"


def test_deployable_only_when_every_condition_holds() -> None:
    talk = Talk(procedure("reinforcement"))
    talk.say("request", **request())
    talk.say("offer", offers=[offer()])
    talk.say("accept", accepted_offers=["O1"])
    rows = [item(certificates=["eod-2"], needs_powers=True)]
    talk.sign("commit", commitment="C1", level="technical", items=rows)
    assert missing_for_duty(talk.now_dossier, "P1", NOON) == ("not-on-roll",)
    steps = [
        ("name", {"persons_named": [person("P1")]}, "named"),
        ("bind", {"arrangement": "c2", "text_hash": "a" * 64, "signed_on": "2024-06-20"}, ""),
        ("vet", {"person": "P1", "result": "cleared"}, "vetting"),
        (
            "accredit",
            {"person": "P1", "number_of_badge": "B1", "valid_until": "2024-08-30"},
            "accreditation",
        ),
        (
            "brief",
            {"persons": ["P1"], "on": "2024-07-20", "language": "fr", "rule_card": "RC"},
            "briefing",
        ),
        (
            "confer-powers",
            {"person": "P1", "powers": ["escorted patrol"], "valid_until": "2024-08-30"},
            "powers",
        ),
        (
            "certify",
            {"holder": "P1", "certificate": "eod-2", "valid_until": "2024-07-28"},
            "certificate eod-2",
        ),
    ]
    seen: list[tuple[str, ...]] = []
    for name, fields, _ in steps:
        if name == "bind":
            talk.sign(name, **fields)
        else:
            talk.say(name, **fields)
        seen.append(missing_for_duty(talk.now_dossier, "P1", NOON))

    assert [len(missing) for missing in seen] == [6, 5, 4, 3, 2, 1, 0]
    assert seen[0] == (
        "arrangement", "vetting", "accreditation", "briefing", "powers", "certificate eod-2",
    )  # fmt: skip
    after = NOON + timedelta(days=4)
    assert missing_for_duty(talk.now_dossier, "P1", after) == ("certificate eod-2",)


@pytest.mark.parametrize(
    ("clearance", "lost"),
    [("vetting", "vetting"), ("accreditation", "accreditation"), ("powers", "powers")],
)
def test_a_decision_taken_back_leaves_the_person_as_before_it(clearance: str, lost: str) -> None:
    talk = cleared(needs_powers=True)
    until = "2024-08-30"
    talk.say("confer-powers", person="P1", powers=["escorted patrol"], valid_until=until)
    assert missing_for_duty(talk.now_dossier, "P1", NOON) == ()
    wanted = {"person": "P1", "clearance": clearance, "reason": "By mistake"}

    talk.say("revoke", **wanted)

    assert missing_for_duty(talk.now_dossier, "P1", NOON) == (lost,)
    assert talk.refusal("revoke", **wanted) == "roll.not-given"
    assert talk.refusal("revoke", **{**wanted, "person": "P9"}) == "roll.unknown"


DUTY = {
    "person": "P1", "from": "2024-07-25T06:00:00Z", "to": "2024-07-25T18:00:00Z", "place": "STE",
}  # fmt: skip


def test_duty_of_a_person_who_is_not_deployable_is_refused_with_what_is_missing() -> None:
    talk = committed()
    talk.say("name", persons_named=[person("P1")])
    talk.say("arrive", person="P1", at="2024-07-24T09:00:00Z", place="STE")

    result = talk.try_("take-duty", duties=[DUTY])

    assert not isinstance(result, Dossier)
    assert result.code == "roll.not-deployable"
    assert result.params["missing"] == "vetting, accreditation, briefing"


def test_duty_is_published_before_the_briefing_but_not_for_whom_it_can_never_be() -> None:
    talk = committed(certificates=["eod-2"])
    talk.say("name", persons_named=[person("P1"), person("P2")])
    talk.say("certify", holder="P1", certificate="eod-2", valid_until="2024-07-30")
    fields = {"plan": "plan-1", "plan_version": 1}

    talk.say("publish", **fields, duties=[DUTY])
    assert talk.refusal("publish", **fields, duties=[DUTY | {"person": "P2"}]) == (
        "roll.not-deployable"
    )
    talk.say("vet", person="P1", result="refused")
    assert talk.refusal("publish", **fields, duties=[DUTY]) == "roll.not-deployable"


def test_replacement_takes_the_place_and_must_be_cleared_anew() -> None:
    talk = cleared()

    talk.say("replace", person="P1", substitute=person("P2"), reason="ill")

    assert missing_for_duty(talk.now_dossier, "P1", NOON) == ("not-on-roll",)
    assert missing_for_duty(talk.now_dossier, "P2", NOON) == (
        "vetting", "accreditation", "briefing",
    )  # fmt: skip


def test_no_show_frees_a_place_and_arrived_person_is_no_no_show() -> None:
    talk = committed()
    ten = [person(f"P{number}") for number in range(10)]
    talk.say("name", persons_named=ten)
    talk.say("arrive", person="P1", at="2024-07-24T09:00:00Z", place="STE")

    assert talk.refusal("no-show", person="P1", at="2024-07-24T20:00:00Z") == "roll.arrived"
    assert talk.refusal("name", persons_named=[person("P10")]) == "roll.too-many"
    talk.say("no-show", person="P2", at="2024-07-24T20:00:00Z")
    talk.say("name", persons_named=[person("P10")])
    assert sum(entry.is_active for entry in roll(talk.now_dossier).values()) == 10


def test_release_and_recall_never_take_more_than_are_left() -> None:
    talk = committed()
    talk.say("release", item="I1", people=6, **{"from": "2024-07-28T00:00:00Z"}, reason="calm")

    code = talk.refusal(
        "recall", item="I1", people=5, **{"from": "2024-07-29T00:00:00Z"}, reason="x"
    )

    assert code == "commitment.too-many-leave"
    assert items(talk.now_dossier)["I1"].people_at(parse_instant("2024-07-29T00:00:00Z")) == 4


def test_extension_needs_both_signatures() -> None:
    talk = committed()
    fields = {"item": "I1", "to": "2024-08-05T00:00:00Z", "reason": "more matches"}

    talk.say("extend", role_="directorate", **fields)
    assert items(talk.now_dossier)["I1"].terms.during.end == parse_instant(ENDING)
    talk.say("extend", role_="focal-point", **fields)

    assert items(talk.now_dossier)["I1"].terms.during.end == parse_instant("2024-08-05T00:00:00Z")


def test_committed_offer_cannot_be_withdrawn() -> None:
    assert committed().refusal("withdraw-offer", offer="O1", reason="x") == "offer.committed"


def test_announcement_moves_no_count() -> None:
    talk = Talk(procedure("reinforcement"))
    talk.say(
        "announce", text="Morocco joins.", on="2024-04-22", source_of_text="press", figure=2500,
        unit_quoted="people", stage_quoted="offered",
    )  # fmt: skip

    counts = count_dossier(talk.now_dossier, EVENT, at=NOON)

    assert talk.state == "announced"
    assert len(counts) == 28
    assert {count.figure for count in counts} == {0}


def figures(talk: Talk, during: Interval = EVENT, **filters: str) -> dict[tuple[Stage, Unit], int]:
    counts = count_dossier(talk.now_dossier, during, at=talk.now, **filters)
    return {(count.stage, count.unit): count.figure for count in counts}


def test_counts_name_four_units_at_each_stage() -> None:
    talk = cleared()
    talk.say("arrive", person="P1", at="2024-07-24T09:00:00Z", place="STE")
    duty = {"person": "P1", "from": "2024-07-25T06:00:00Z", "to": "2024-07-25T18:00:00Z"}
    talk.say("take-duty", duties=[duty | {"place": "STE"}])

    found = figures(talk)

    for stage in (Stage.ASKED, Stage.OFFERED, Stage.ACCEPTED):
        assert [found[stage, unit] for unit in Unit] == [4, 8, 10, 72]
    for stage in (Stage.NAMED, Stage.CLEARED, Stage.ARRIVED):
        assert [found[stage, unit] for unit in Unit] == [0, 1, 1, 9]
    assert [found[Stage.ON_DUTY, unit] for unit in Unit] == [0, 1, 1, 1]


def test_two_people_fill_one_of_four_posts_of_eight_people() -> None:
    talk = committed()
    talk.say("name", persons_named=[person("P1"), person("P2")])

    assert figures(talk)[Stage.NAMED, Unit.POSTS] == 1


def test_accepted_but_not_cosigned_counts_as_offered() -> None:
    talk = offered()
    talk.say("accept", accepted_offers=["O1"])

    found = figures(talk)

    assert found[Stage.OFFERED, Unit.PEOPLE] == 10
    assert found[Stage.ACCEPTED, Unit.PEOPLE] == 0


def test_certificate_that_ends_mid_event_ends_the_cleared_days() -> None:
    talk = cleared(certificates=["eod-2"])
    talk.say("certify", holder="P1", certificate="eod-2", valid_until="2024-07-27")

    found = figures(talk)

    assert found[Stage.NAMED, Unit.PERSON_DAYS] == 9
    assert found[Stage.CLEARED, Unit.PERSON_DAYS] == 4


def test_counts_by_place_capability_and_day() -> None:
    talk = Talk(procedure("reinforcement"))
    rows = [line(), line("L2", capability="patrol", posts=1, present=2, people=2, places=["PAR"])]
    talk.say("request", **request(lines=rows))
    day = Interval(EVENT.start, EVENT.start + timedelta(days=1))

    assert figures(talk, place="PAR")[Stage.ASKED, Unit.PEOPLE] == 2
    assert figures(talk, capability="eod")[Stage.ASKED, Unit.PEOPLE] == 10
    assert figures(talk, day)[Stage.ASKED, Unit.PERSON_DAYS] == 10


def test_released_people_leave_the_count_from_that_day() -> None:
    talk = committed()
    talk.say("release", item="I1", people=5, **{"from": "2024-07-31T00:00:00Z"}, reason="calm")

    found = figures(talk)

    assert found[Stage.ACCEPTED, Unit.PEOPLE] == 10
    assert found[Stage.ACCEPTED, Unit.PERSON_DAYS] == 7 * 8 + 2 * 4


def test_both_sides_fold_the_same_dossier_and_counts() -> None:
    talk = cleared()

    host = fold("case", talk.procedure, talk.acts)
    partner = fold("case", talk.procedure, list(reversed(talk.acts)))

    assert isinstance(host, Dossier)
    assert isinstance(partner, Dossier)
    assert host == partner
    assert count_dossier(host, EVENT, at=NOON) == count_dossier(partner, EVENT, at=NOON)
    assert roll(host)["P1"].briefed_on == date(2024, 7, 20)
