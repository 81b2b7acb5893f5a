"""The acceptance values and the worked fixture of the demand model, exactly."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories.events import NOON, make_event, make_session, worked_fixture

from passerelle.planning.need import Level, Need, OverlayKind, blocks
from passerelle.planning.need.assess import assess
from passerelle.planning.need.coefficients import standard_coefficients
from passerelle.planning.need.formulas import (
    ask,
    ceil_units,
    delegation,
    doubled,
    joint_patrols,
    officers,
    people_for_posts,
    search_hours,
    search_people,
)
from passerelle.planning.programme import Nation, Phase, Qualification, Supporters

C = standard_coefficients()


def _officers(people: int, risk: int, threat: str, venue: str, phase: str) -> int:
    load = people * C[f"q.{risk}"] * C[f"threat.{threat}"] * C[f"phase.{phase}"]
    return int(officers(load, C[f"venue.{venue}"]))


@pytest.mark.parametrize(
    ("people", "risk", "threat", "phase", "expected"),
    [
        (25_000, 2, "standard", "ingress", 100),
        (40_000, 4, "maximum", "ingress", 650),
        (40_000, 4, "maximum", "event", 455),
        (40_000, 4, "maximum", "egress", 650),
        (40_000, 4, "maximum", "dispersal", 325),
        (40_000, 4, "maximum", "night", 33),
        (75_000, 5, "heightened", "ingress", 1510),
    ],
)
def test_officers_on_the_ground(
    people: int, risk: int, threat: str, phase: str, expected: int
) -> None:
    assert _officers(people, risk, threat, "stadium", phase) == expected


def _search(seats: int, level: str, hours: float, use: float) -> tuple[int, int, int]:
    found = search_people(
        search_hours(seats, C[f"search.seat.{level}"]),
        hours,
        use,
        least=C["search.least"],
        dog_share=C["search.dog-share"],
        dog_least=C["search.dog-least"],
        eod_step=C["search.eod-step"],
    )
    return int(found.people), int(found.dog_pairs), int(found.eod_people)


@pytest.mark.parametrize(
    ("seats", "level", "hours", "use", "expected"),
    [
        (80_000, "full", 7.5, 1.0, (118, 50, 6)),
        (80_000, "full", 7.5, 0.85, (139, 59, 8)),
        (42_000, "full", 6.0, 0.85, (91, 39, 6)),
        (80_000, "light", 2.0, 1.0, (4, 2, 2)),
    ],
)
def test_search_of_a_site(
    seats: int, level: str, hours: float, use: float, expected: tuple[int, int, int]
) -> None:
    assert _search(seats, level, hours, use) == expected


def test_joint_patrols_for_fifteen_thousand_supporters() -> None:
    assert joint_patrols(15_000, C["joint.supporters"]) == 6


@pytest.mark.parametrize(("risk_supporters", "spotters"), [(150, 3), (None, 4), (0, 2), (900, 12)])
def test_spotters_of_a_visiting_delegation(risk_supporters: int | None, spotters: int) -> None:
    found = delegation(
        15_000,
        risk_supporters,
        per_spotter=C["spotter.risk-supporters"],
        least=2,
        most=12,
        unknown=4,
        per_contact=C["contact.supporters"],
        most_contact=10,
    )

    assert (found.spotters, found.contact_officers, found.host_guides) == (
        spotters,
        10,
        -(-spotters // 2),
    )


@pytest.mark.parametrize(
    ("coverage_h", "shift_h", "days_on", "days_off", "shown"),
    [(24, 12, 4, 2, 3.5), (24, 8, 5, 2, 4.9), (14, 10, 5, 2, 2.3)],
)
def test_people_behind_a_post(
    coverage_h: float, shift_h: float, days_on: float, days_off: float, shown: float
) -> None:
    people = people_for_posts(
        1,
        coverage_h=coverage_h,
        shift_h=shift_h,
        days_on=days_on,
        days_off=days_off,
        absence=C["people.absence"],
        reserve=C.at("people.reserve", Level.LOW),
    )

    assert round(people, 1) == shown


def test_doubling_asks_for_one_pair_which_is_five_people_over_the_stay() -> None:
    target, asked = doubled(baseline=1, factor=2, host_available=1)
    people = people_for_posts(
        asked * 2,
        coverage_h=C["people.coverage-hours"],
        shift_h=C["people.shift-hours"],
        days_on=C["people.days-on"],
        days_off=C["people.days-off"],
        absence=C["people.absence"],
        reserve=C["people.reserve"],
    )

    assert (target, asked, int(ceil_units(people))) == (2, 1, 5)


def test_ask_counts_on_those_who_will_not_come() -> None:
    assert ask(gap=1, expected_fill=C["ask.fill"]) == 2
    assert ask(gap=-3, expected_fill=C["ask.fill"]) == 0


def _central(need: Need, capability: str) -> list[int]:
    return [int(need.central[row]) for row in need.rows(capability=capability)]


def test_worked_fixture_through_the_whole_model() -> None:
    need = assess(worked_fixture())

    found = {code: _central(need, code) for code in need.capabilities}

    assert found == {
        # night, search, lockdown, ingress, event, egress, dispersal: 33 98 130 650 455 650 325
        # officers, of whom 30 % in sections of 22 while the crowd is there, the others in pairs
        "patrol": [17, 49, 65, 228, 160, 228, 114],
        "public_order": [9, 7, 9, 5],
        # search: 91 people = 39 dog pairs, 6 bomb technicians, 46 others in teams of seven
        "k9_explosives": [39, 10],
        "eod": [3, 2, 2, 2, 2],
        "search": [7],
        # M 6 + N 2 pairs of visitors, as many of hosts: 16 + 16 people; half in the event
        "joint_patrol": [8, 4, 8, 8],
        "escort": [8, 4, 8, 8],
        # spotters M 3 + N 4, in pairs; contact officers 10 + 5, in pairs
        "spotter": [4, 4, 4, 4],
        "contact_officer": [8, 8, 8, 8],
        "host_guide": [4, 4, 4, 4],
        "delegation_head": [2, 2, 2],
        "delegation_coordinator": [2, 2, 2],
        "liaison": [2, 2, 2],
        "counter_drone": [1, 1, 1, 1, 1],
        "screening": [62],
        "steward": [400, 400, 400],
    }


def test_phases_of_the_worked_fixture_are_all_there() -> None:
    need = assess(worked_fixture())

    assert len(list(need.rows(capability="patrol"))) == len(Phase)


def test_supporters_of_the_host_are_no_visitors() -> None:
    match = make_session(supporters=(Supporters("FRA", 20_000), Supporters("MAR", 5_000)))
    nations = (Nation("FRA", "FR", "France"), Nation("MAR", "MA", "Morocco", ("ar",)))

    need = assess(make_event(match, nations=nations))

    assert _central(need, "joint_patrol") == [2, 1, 2, 2]
    assert {(o.kind, o.key, o.crews) for o in need.overlays} == {
        (OverlayKind.LANGUAGE, "ar", 2),
        (OverlayKind.LANGUAGE, "ar", 1),
        (OverlayKind.SUPPORTERS, "MAR", 2),
    }


def test_two_sessions_at_once_add_their_crowds_up_to_the_seats() -> None:
    first = make_session(id="S1", attendance=30_000, part="north")
    second = make_session(id="S2", attendance=30_000, part="south")

    need = assess(make_event(first, second))

    # the full house of 42,000 at 4 per 1,000, not 60,000: 168 officers in pairs, 70 % in the event
    assert _central(need, "patrol")[3:5] == [84, 59]
    assert _central(need, "steward")[0] == 168


def test_a_site_used_twice_a_day_is_searched_once() -> None:
    first = make_session(id="S1", start=NOON - timedelta(hours=6))
    second = make_session(id="S2")

    searches = [b.window(Phase.SEARCH) for b in blocks(make_event(first, second), C)]
    assert [window is not None for window in searches] == [True, False]


def test_a_qualification_asks_for_a_part_of_every_row_of_its_capability() -> None:
    asked = Qualification("patrol", "weapon", "", share=0.5)

    need = assess(make_event(qualifications=(asked,)))

    wanted = [-(-units // 2) for units in _central(need, "patrol")]
    assert [o.crews for o in need.overlays if o.kind is OverlayKind.WEAPON] == wanted
