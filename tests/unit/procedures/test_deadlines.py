"""Deadlines run in the agreed calendars and only alert."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.factories.dossiers import Talk, offer, procedure, request

from passerelle.kernel.problems import RefusedError
from passerelle.procedures.calendars import add_period, calendar, calendar_codes
from passerelle.procedures.deadlines import due, next_due
from passerelle.procedures.definition import Period
from passerelle.procedures.values import Deadline, DeadlineStatus


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("period", "codes", "start", "end"),
    [
        # Hours and minutes are added as they are.
        ("8 hours", ("FR",), "2024-05-08T20:00:00+00:00", "2024-05-09T04:00:00+00:00"),
        ("15 minutes", ("FR",), "2024-05-08T20:00:00+00:00", "2024-05-08T20:15:00+00:00"),
        # 8 and 9 May 2024 are holidays in France, 11 and 12 a weekend: the second working day is Monday 13.
        ("2 working", ("FR",), "2024-05-07T10:00:00+02:00", "2024-05-13T23:59:59+02:00"),
        # In Morocco they are working days.
        ("2 working", ("MA",), "2024-05-07T10:00:00+01:00", "2024-05-09T23:59:59+01:00"),
        # Working in both: 30 July 2024, the feast of the throne, is off in Morocco.
        ("2 working", ("FR", "MA"), "2024-07-29T10:00:00+02:00", "2024-08-01T23:59:59+02:00"),
        # Calendar days count every day and end in local time.
        ("7 calendar", ("MA",), "2024-04-22T23:30:00+00:00", "2024-04-30T23:59:59+01:00"),
        # Friday and Saturday are the weekend in Algeria.
        ("1 working", ("DZ",), "2024-09-05T10:00:00+01:00", "2024-09-08T23:59:59+01:00"),
    ],
)
def test_period_ends_where_the_calendar_says(
    period: str, codes: tuple[str, ...], start: str, end: str
) -> None:
    calendars = tuple(calendar(code) for code in codes)

    assert add_period(instant(start), Period.parse(period), calendars) == instant(end)


def test_period_that_ends_on_a_day_off_rolls_when_agreed() -> None:
    start = instant("2024-05-02T10:00:00+02:00")  # nine days on is Saturday 11 May
    nine = Period.parse("9 calendar")

    assert add_period(start, nine, (calendar("FR"),)) == instant("2024-05-11T23:59:59+02:00")
    assert add_period(start, nine, (calendar("FR"),), is_rolling=True) == instant(
        "2024-05-13T23:59:59+02:00"
    )


def test_agreed_extra_day_off_is_not_worked() -> None:
    extra = calendar("FR", frozenset({date(2024, 7, 26)}))

    assert not extra.is_working(date(2024, 7, 26))
    assert date(2024, 7, 26) in extra.holidays(2024)


def test_calendars_of_many_states_are_known() -> None:
    assert len(calendar_codes()) >= 50
    # Ukraine has had no day off under martial law since 2022.
    assert [code for code in calendar_codes() if not calendar(code).holidays(2024)] == ["UA"]


@pytest.mark.parametrize(
    ("code", "day", "kind"),
    [
        ("IL", date(2024, 7, 26), "off"),  # a Friday
        ("IL", date(2024, 7, 28), "worked"),  # a Sunday
        ("IL", date(2024, 5, 14), "off"),  # Independence Day, as observed that year
        ("UY", date(2024, 7, 18), "off"),  # Jura de la Constitución
        ("UY", date(2024, 7, 26), "worked"),
        ("VN", date(2024, 9, 2), "off"),  # National Day
        ("VN", date(2024, 2, 9), "off"),  # eve of the lunar new year
        ("VN", date(2024, 7, 26), "worked"),
    ],
)
def test_weekends_and_days_off_are_those_of_the_state(code: str, day: date, kind: str) -> None:
    assert calendar(code).is_working(day) is (kind == "worked")


def test_state_without_calendar_is_refused() -> None:
    with pytest.raises(RefusedError, match="XX"):
        calendar("XX")


def by_name(talk: Talk, now: datetime) -> dict[str, Deadline]:
    return {one.name: one for one in due(talk.now_dossier, now)}


def requested() -> Talk:
    talk = Talk(procedure("reinforcement"))
    talk.say("request", **request())
    return talk


def test_deadline_runs_from_the_receipt_and_shows_both_local_times() -> None:
    talk = requested()

    found = by_name(talk, talk.now)["acknowledge"]

    assert found.start == talk.acts[0].received
    assert found.status is DeadlineStatus.RUNNING
    assert found.local == {
        "host": "2024-04-25T00:59:59+02:00",
        "partner": "2024-04-24T23:59:59+01:00",
    }


def test_passed_deadline_alerts_and_changes_no_state() -> None:
    talk = requested()
    late = talk.now + timedelta(days=30)

    assert by_name(talk, late)["answer"].status is DeadlineStatus.PASSED
    assert talk.state == "requested"
    assert next_due(talk.now_dossier, late) == by_name(talk, late)["acknowledge"]


def test_late_act_is_taken_in_and_marked_late() -> None:
    talk = requested()
    talk.now += timedelta(days=30)
    talk.say("offer", offers=[offer(valid_until="2024-06-30T00:00:00Z")])

    found = by_name(talk, talk.now)

    assert talk.state == "offered"
    assert found["answer"].status is DeadlineStatus.MET_LATE
    assert found["decide"].status is DeadlineStatus.RUNNING


def test_without_a_receipt_no_clock_runs() -> None:
    talk = Talk(procedure("reinforcement"))
    act = replace(talk.act("request", **request()), received=None)
    talk.dossier = None

    from passerelle.procedures.engine import open_dossier

    dossier = open_dossier("case", talk.procedure, act)
    found = {one.name: one for one in due(dossier, talk.now)}

    assert found["acknowledge"].status is DeadlineStatus.WAITING
    assert found["acknowledge"].due is None


@pytest.mark.parametrize(
    ("urgency", "length"),
    [
        ("FLASH", timedelta(hours=1)),
        ("URGENT", timedelta(hours=8)),
        ("PRIORITY", timedelta(hours=24)),
    ],
)
def test_answer_to_an_information_request_is_due_by_urgency(
    urgency: str, length: timedelta
) -> None:
    talk = Talk(procedure("information"))
    talk.say(
        "ask", purpose="Safety of the match", legal_ground="Agreement", subject="Supporters",
        questions=["How many travel?"], urgency=urgency, channel="passerelle",
        handling={"tlp": "AMBER", "police": "H2"},
    )  # fmt: skip

    found = by_name(talk, talk.now)["answer"]

    assert found.due - found.start == length
