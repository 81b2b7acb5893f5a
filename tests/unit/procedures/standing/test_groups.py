"""A joint group read from its meetings: dormancy, decisions and what became of them."""

from __future__ import annotations

from datetime import date, timedelta

from tests.factories.standing import adopted, called

from passerelle.procedures.counting.groups import dormancy
from passerelle.procedures.counting.indicators import Rate
from passerelle.procedures.standing.groups import read_groups, read_meeting


def test_a_group_sleeps_from_the_day_after_its_period() -> None:
    talk = adopted()
    day = read_meeting(talk.now_dossier).adopted_at
    assert day is not None

    last = read_groups([talk.now_dossier], day.date() + timedelta(days=180))[0]
    after = read_groups([talk.now_dossier], day.date() + timedelta(days=181))[0]

    assert (last.is_dormant, after.is_dormant) == (False, True)
    assert last.wakes_by == last.today
    assert after.silent_days == 181


def test_a_group_whose_minutes_were_never_adopted_counts_from_its_first_call() -> None:
    talk = called()

    group = read_groups([talk.now_dossier], date(2024, 4, 30))[0]

    assert group.last_adopted is None
    assert group.silent_days == 8
    assert group.next_on == date(2024, 5, 10)


def test_a_group_older_than_the_register_counts_from_its_last_minutes() -> None:
    talk = called(last_adopted="2022-04-15")

    group = read_groups([talk.now_dossier], date(2024, 4, 30))[0]

    assert group.last_adopted == date(2022, 4, 15)
    assert group.silent_days == 746
    assert group.is_dormant
    assert dormancy([talk.now_dossier], date(2024, 4, 30)) == Rate("I12", 746, 180)


def test_a_decision_says_which_commitment_it_became() -> None:
    talk = adopted()
    talk.say("link-decision", decision="D2", commitment_case="case-9")

    found = read_meeting(talk.now_dossier)

    assert [(one.code, one.commitment, one.due_on) for one in found.decisions] == [
        ("D1", "", date(2024, 11, 10)),
        ("D2", "case-9", None),
    ]
    assert found.open_decisions == 1
    assert found.agenda == ("Consular passes", "Visas")


def test_meetings_of_one_group_stand_together_and_of_two_apart() -> None:
    same, other = called(), called(group_name="Cyber working group")

    groups = read_groups(
        [adopted().now_dossier, same.now_dossier, other.now_dossier], date(2024, 6, 1)
    )

    assert [(one.charter.name, len(one.meetings)) for one in groups] == [
        ("Cyber working group", 1),
        ("Permanent mixed migration group", 2),
    ]
    assert len({one.key for one in groups}) == 2
