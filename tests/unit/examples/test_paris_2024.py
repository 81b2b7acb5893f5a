"""The Paris example says what the facts say, and holds the sizes that the planner is measured on."""

from __future__ import annotations

import csv
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from passerelle.kernel.capabilities import capability
from passerelle.kernel.times import parse_instant
from passerelle.planning.formats.event_folder import LoadedEvent, load_event
from passerelle.planning.need import assess, standard_coefficients
from passerelle.planning.need.explain import Explainer
from passerelle.planning.need.standing import local_days

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def paris(project_root: Path) -> LoadedEvent:
    return load_event(project_root / "examples/paris-2024")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_it_holds_all_venues_and_sessions(paris: LoadedEvent, project_root: Path) -> None:
    planned = load_event(project_root / "examples/paris-2024", programme="sessions_planned.csv")

    assert (len(paris.event.venues), len(paris.event.sessions)) == (42, 724)
    assert len(planned.event.sessions) == 723


@pytest.mark.shared
def test_venues_and_sessions_equal_the_facts(paris: LoadedEvent, shared: Path) -> None:
    facts = _rows(shared / "data/paris-2024/sessions.csv")
    expected = {
        row["session_id"]: (
            row["venue_id"],
            parse_instant(row["start_utc"]),
            parse_instant(row["end_utc"]),
            row["sport"],
            row["phase"],
        )
        for row in facts
    }
    seats = {
        row["venue_id"]: (int(row["capacity"]), float(row["lat"]), float(row["lon"]))
        for row in _rows(shared / "data/paris-2024/venues.csv")
    }

    assert expected == {
        s.id: (s.venue_id, s.interval.start, s.interval.end, s.sport, s.stage)
        for s in paris.event.sessions
    }
    assert seats == {v.id: (v.capacity, v.lat, v.lon) for v in paris.event.venues}


@pytest.mark.shared
def test_reported_contingents_carry_over(paris: LoadedEvent, shared: Path) -> None:
    facts = _rows(shared / "data/paris-2024/contingents.csv")
    sums: Counter[str] = Counter()
    for row in facts:
        present = row["from"] <= "2024-08-12" and row["to"] >= "2024-07-23"
        if present and row["estimated"] == "false":
            sums[row["country_iso"]] += int(row["officers"])
    found: Counter[str] = Counter()
    for group in paris.force.groups:
        if not group.is_host and not group.is_assumed:
            found[group.owner] += group.people

    # the odd officer of a contingent that patrols in pairs is left out, and nobody else
    assert {state: sums[state] - found[state] for state in sums if sums[state] != found[state]} == {
        "CH": 1,
        "DE": 1,
        "US": 1,
    }


def test_at_least_thirty_thousand_host_officers_are_needed_every_day(paris: LoadedEvent) -> None:
    need = assess(paris.event)
    foreign = {"joint_patrol", "spotter", "contact_officer", "delegation_head"}
    private = {"steward", "screening"}
    hours: Counter[str] = Counter()
    days = list(local_days(paris.event))
    for row in range(len(need)):
        code = need.capabilities[int(need.capability[row])]
        if code in foreign | private:
            continue
        people = int(need.central[row]) * capability(code).unit_people
        for label, day in days:
            shared_time = need.interval(row).intersection(day)
            if shared_time:
                hours[label] += people * shared_time.hours
    event_days = [label for label, _ in days if "2024-07-24" <= label <= "2024-08-11"]

    assert len(event_days) == 19
    assert min(hours[label] for label in event_days) / 12 >= 30_000


def test_partners_bring_two_thousand_officers_beside_the_delegations(paris: LoadedEvent) -> None:
    people = sum(
        group.people
        for group in paris.force.groups
        if not group.is_host and "spotter" not in group.capabilities
    )

    assert people >= 2_000


def test_morocco_serves_the_four_towns_and_doubles_at_saint_etienne(paris: LoadedEvent) -> None:
    teams = {
        group.base.name: (group.people, group.allowed_site_ids)
        for group in paris.force.groups
        if group.owner == "MA" and group.capabilities == ("eod",)
    }
    need = assess(paris.event)
    doubled = {
        need.interval(row).start.date().isoformat()
        for row in need.rows(site_id="STE", capability="eod")
        if need.central[row] == 4
    }

    assert teams == {
        "Lodging Bordeaux MA": (2, ("BOR",)),
        "Lodging Lyon MA": (4, ("LYO", "STE")),
        "Lodging Nice MA": (2, ("NIC",)),
        "Lodging Lille MA": (2, ("LIL",)),
    }
    assert doubled == {"2024-07-24", "2024-07-27"}


def test_every_hundredth_figure_is_explained_as_it_stands_in_the_table(paris: LoadedEvent) -> None:
    need = assess(paris.event)
    explainer = Explainer.of(paris.event, standard_coefficients())
    rows = range(0, len(need), 100)

    told = [explainer.figure(need, row) for row in rows]

    assert [(f.low, f.central, f.high, f.minimum) for f in told] == [
        tuple(int(a[row]) for a in (need.low, need.central, need.high, need.minimum))
        for row in rows
    ]
    assert all(figure.explanation.trace for figure in told)
