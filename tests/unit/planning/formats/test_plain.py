"""Values of the planner survive the way through plain JSON."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from tests.factories.events import worked_fixture

from passerelle.kernel.counts import Stage
from passerelle.kernel.times import Interval
from passerelle.planning.force import ArrangementRules, Base, Certificate, CrewGroup, Force
from passerelle.planning.formats.plain import from_plain, to_plain
from passerelle.planning.need import Need, assess
from passerelle.planning.programme import Event


def _group() -> CrewGroup:
    return CrewGroup(
        id="MA-EOD-1",
        contingent_id="MA",
        owner="MA",
        is_host=False,
        name="Bomb disposal",
        capabilities=("eod",),
        crew_people=2,
        crew_animals=0,
        crews=2,
        base=Base("LYO-H", "Lyon", 45.7, 4.9, beds=40),
        available=Interval(
            datetime(2024, 7, 15, tzinfo=UTC), datetime(2024, 8, 11, 22, tzinfo=UTC)
        ),
        languages=("ar", "fr"),
        certificates=(Certificate("eod-3", date(2024, 8, 2)),),
        rules_id="fr",
        cost_eur_day=500,
        allowed_site_ids=("LYO",),
        supports_nations=(),
        is_armed=False,
        stage=Stage.ACCEPTED,
    )


def test_a_force_survives_the_way_through_json() -> None:
    force = Force((_group(),), (), (ArrangementRules(id="fr"),))

    again = from_plain(Force, json.loads(json.dumps(to_plain(force))))

    assert again == force


def test_reading_refuses_an_unknown_field_and_names_the_place() -> None:
    data = to_plain(Force((_group(),), (), (ArrangementRules(id="fr"),)))
    assert isinstance(data, dict)
    data["groups"][0]["base"]["rooms"] = 3

    with pytest.raises(ValueError, match=r"Force\.groups\[0\]\.base; see \['rooms'\]"):
        from_plain(Force, data)


def test_a_need_survives_the_way_through_json() -> None:
    need = assess(worked_fixture())

    again = from_plain(Need, json.loads(json.dumps(to_plain(need))))

    assert to_plain(again) == to_plain(need)
    assert [again.interval(row) for row in range(len(again))] == [
        need.interval(row) for row in range(len(need))
    ]


def test_an_event_survives_the_way_through_json() -> None:
    event = worked_fixture()

    assert from_plain(Event, json.loads(json.dumps(to_plain(event)))) == event
