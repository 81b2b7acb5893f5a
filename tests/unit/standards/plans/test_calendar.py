from dataclasses import replace
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from tests.factories.postings import BASE, make_plan, make_posting

from passerelle.kernel.labels import Labels
from passerelle.kernel.times import Interval
from passerelle.standards.marks import Handling, Status, Tlp
from passerelle.standards.plans import Change, Mail, Method, changes, follow_plan, write_calendar

MAIL = Mail(Method.CANCEL, "plan@fr.example", "crew@ma.example")


def events(content: bytes) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(content).walk("VEVENT"))


def test_a_first_plan_writes_one_event_a_duty_readable_by_others() -> None:
    plan = make_plan(make_posting(post="Gate 2; north, upper\\deck"))
    entries = follow_plan({}, plan)

    content = write_calendar(entries.values(), plan, name="MA-EOD", node="fr.example")

    (event,) = events(content)
    assert event["UID"] == "d1@fr.example"
    assert event["SEQUENCE"] == 0
    assert event.decoded("DTSTART") == datetime(2024, 7, 24, 12, tzinfo=UTC)
    assert event.decoded("DTEND") == datetime(2024, 7, 24, 20, tzinfo=UTC)
    assert event["LOCATION"] == "Geoffroy-Guichard · Gate 2; north, upper\\deck"
    assert event["STATUS"] == "CONFIRMED"
    assert event["CLASS"] == "PUBLIC"


def test_the_difference_of_two_plans_equals_the_change_list() -> None:
    stays, moves, goes, words = (make_posting(key) for key in ("stays", "moves", "goes", "words"))
    first = make_plan(stays, moves, goes, words)
    later = moves.during
    second = replace(
        first,
        version=2,
        published=first.published + timedelta(days=3),
        postings=(
            stays,
            replace(
                moves,
                during=Interval(later.start + timedelta(days=1), later.end + timedelta(days=1)),
            ),
            replace(words, task=Labels("fouille", "search", "تفتيش")),
            make_posting("new"),
        ),
    )

    before = follow_plan({}, first)
    after = follow_plan(before, second)

    assert changes(before, after) == {
        "moves": Change.MOVED,
        "goes": Change.CANCELLED,
        "words": Change.REWORDED,
        "new": Change.NEW,
    }
    assert {key: entry.sequence for key, entry in after.items()} == {
        "stays": 0,
        "moves": 1,
        "goes": 1,
        "words": 0,
        "new": 0,
    }
    assert after["goes"].cancelled


def test_a_cancelled_duty_stays_until_thirty_days_after_its_end() -> None:
    first = make_plan(make_posting("gone"), make_posting("stays", day=90))
    before = follow_plan({}, first)

    def at(instant: datetime) -> set[str]:
        plan = replace(
            first, version=2, published=instant, postings=(make_posting("stays", day=90),)
        )
        return set(follow_plan(before, plan))

    end = BASE + timedelta(hours=8)
    assert at(end + timedelta(days=30)) == {"gone", "stays"}
    assert at(end + timedelta(days=30, seconds=1)) == {"stays"}


def test_a_duty_that_comes_back_gets_a_higher_sequence() -> None:
    first = make_plan(make_posting("a"), make_posting("b"))
    gone = follow_plan(
        follow_plan({}, first), replace(first, version=2, postings=(make_posting("b"),))
    )

    back = follow_plan(gone, replace(first, version=3))

    assert back["a"].sequence == 2
    assert not back["a"].cancelled
    assert changes(gone, back) == {"a": Change.NEW}


def test_a_cancelled_event_says_so_and_rings_no_alarm() -> None:
    first = make_plan(make_posting("a"), make_posting("b"))
    second = replace(first, version=2, postings=(make_posting("b"),))
    entries = follow_plan(follow_plan({}, first), second)

    content = write_calendar([entries["a"]], second, name="x", node="n", mail=MAIL)

    (event,) = events(content)
    assert event["STATUS"] == "CANCELLED"
    assert not event.walk("VALARM")
    assert b"\r\nMETHOD:CANCEL\r\n" in content
    assert event["ORGANIZER"] == "mailto:plan@fr.example"
    assert event["ATTENDEE"] == "mailto:crew@ma.example"


def test_a_mail_needs_addresses() -> None:
    with pytest.raises(ValueError, match="mail address"):
        Mail(Method.REQUEST, "plan@fr.example", "crew\r\nX:1@a")


def test_private_handling_hides_place_and_task_unless_the_feed_is_protected() -> None:
    plan = make_plan(make_posting(), handling=Handling(tlp=Tlp.AMBER))
    entries = follow_plan({}, plan).values()

    hidden = write_calendar(entries, plan, name="MA-EOD", node="n")
    shown = write_calendar(entries, plan, name="MA-EOD", node="n", protected=True)

    assert b"CLASS:PRIVATE" in hidden
    assert b"CLASS:PRIVATE" in shown
    assert b"Geoffroy" in shown
    assert b"Geoffroy" not in hidden
    assert b"STE" not in hidden
    assert b"bomb" not in hidden


def test_an_exercise_is_marked_in_summary_and_categories() -> None:
    plan = make_plan(make_posting(), status=Status.EXERCISE)

    (event,) = events(write_calendar(follow_plan({}, plan).values(), plan, name="x", node="n"))

    assert str(event["SUMMARY"]).startswith("EXERCISE · ")
    assert event["CATEGORIES"].to_ical() == b"EXERCISE"


def test_lines_end_in_crlf_and_fold_at_75_octets_inside_no_character() -> None:
    plan = make_plan(make_posting(post="قاعة القيادة والتنسيق " * 12))

    content = write_calendar(follow_plan({}, plan).values(), plan, name="x", node="n")

    lines = content.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert max(len(line) for line in lines) <= 75
    assert all(line.decode("utf-8") is not None for line in lines)
    assert str(events(content)[0]["LOCATION"]).count("القيادة") == 12


def test_a_line_break_in_a_name_cannot_add_a_property() -> None:
    plan = make_plan(make_posting(post="x\r\nATTENDEE:mailto:a@example.org"))

    (event,) = events(write_calendar(follow_plan({}, plan).values(), plan, name="x", node="n"))

    assert "ATTENDEE" not in event


def test_the_same_plan_gives_the_same_bytes() -> None:
    plan = make_plan(make_posting("a"), make_posting("b", day=1))
    entries = list(follow_plan({}, plan).values())

    one = write_calendar(entries, plan, name="x", node="n")

    assert one == write_calendar(reversed(entries), plan, name="x", node="n")
