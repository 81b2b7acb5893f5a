"""The count sheet: the same figures as single counts, the same bytes on both sides, sums of partners."""

from __future__ import annotations

from datetime import timedelta

from tests.factories.dossiers import ENDING, OPENING, cleared, committed, offer, person

from passerelle.kernel.canonical import canonical_bytes
from passerelle.kernel.counts import Stage, Unit
from passerelle.kernel.times import Interval, parse_instant
from passerelle.procedures.engine import fold
from passerelle.procedures.reinforcement.counts import count_dossier
from passerelle.procedures.reinforcement.sheets import (
    ANY,
    CountSheet,
    add_sheets,
    count_sheet,
    valid_until,
)

CUT_OFF = parse_instant("2024-07-27T00:00:00Z")
EVENT = Interval(parse_instant(OPENING), parse_instant(ENDING))


def test_the_sheet_says_what_single_counts_say() -> None:
    talk = cleared("P1", people=10)
    talk.say("name", persons_named=[person("P2")])
    talk.say("arrive", person="P1", at="2024-07-24T08:00:00Z", place="STE")

    sheet = count_sheet(talk.now_dossier, CUT_OFF)

    assert sheet.during == EVENT
    for place in (ANY, "STE"):
        counts = count_dossier(
            talk.now_dossier, EVENT, at=CUT_OFF, place="" if place == ANY else place
        )
        for one in counts:
            figures = sheet.at(one.stage, place=place)
            values = {
                Unit.POSTS: figures.posts,
                Unit.PRESENT: figures.present,
                Unit.PEOPLE: figures.people,
                Unit.PERSON_DAYS: figures.person_days,
            }
            assert values[one.unit] == one.figure, (one.stage, one.unit, place)
    assert sheet.at(Stage.NAMED, day="2024-07-25").present == 2
    assert sheet.at(Stage.CLEARED, day="2024-07-25").people == 1


def test_both_sides_compute_the_same_bytes_whatever_the_order_of_arrival() -> None:
    talk = cleared()

    sheets = [
        count_sheet(fold("case", talk.procedure, acts), CUT_OFF)  # type: ignore[arg-type]
        for acts in (talk.acts, [*reversed(talk.acts), talk.acts[0]])
    ]

    assert sheets[0].to_bytes() == sheets[1].to_bytes()
    assert sheets[0].digest == sheets[1].digest


def test_a_sheet_names_no_person_and_survives_being_written() -> None:
    talk = cleared("PERSON-ONE")

    sheet = count_sheet(talk.now_dossier, CUT_OFF)

    assert b"PERSON-ONE" not in sheet.to_bytes()
    assert b"Exemple" not in sheet.to_bytes()
    again = CountSheet.from_json(sheet.to_json())
    assert again == sheet
    assert canonical_bytes(again.to_json()) == sheet.to_bytes()


def test_people_of_two_partners_are_different_people_and_peaks_are_peaks_of_the_sum() -> None:
    one = count_sheet(committed().now_dossier, CUT_OFF)
    later = {"from": "2024-07-26T00:00:00Z"}
    other = count_sheet(committed(**later).now_dossier, CUT_OFF)

    both = add_sheets([one, other], CUT_OFF)

    assert both.at(Stage.ACCEPTED).people == 20
    assert both.at(Stage.ACCEPTED, day="2024-07-24").present == 8
    assert both.at(Stage.ACCEPTED, day="2024-07-26").present == 16
    assert both.at(Stage.ACCEPTED).present == 16
    assert both.at(Stage.ACCEPTED).person_days == 8 * 9 + 8 * 7
    assert add_sheets([], CUT_OFF).during is None


def test_a_sheet_holds_until_the_first_offer_that_stands_expires() -> None:
    talk = committed()
    assert valid_until(talk.now_dossier, CUT_OFF) is None
    until = talk.now + timedelta(days=3)
    words = until.strftime("%Y-%m-%dT%H:%M:%SZ")
    fewer = {"posts": 2, "present": 4, "people": 4}
    talk.say("offer", offers=[offer("O2", valid_until=words, answer="partial", **fewer)])

    assert valid_until(talk.now_dossier, talk.now) == until.replace(microsecond=0)
