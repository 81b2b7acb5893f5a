"""Certain shortages, and what a doubling rule asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.factories.events import NOON, make_event, make_session, worked_fixture

from passerelle.kernel.counts import Stage
from passerelle.planning.force import ArrangementRules, Base, CrewGroup, Force
from passerelle.planning.formats.event_folder import load_event
from passerelle.planning.need import assess, standard_coefficients
from passerelle.planning.need.gap import DoublingAsk, day_gaps, doubling_asks, host_available
from passerelle.planning.programme import Doubling

if TYPE_CHECKING:
    from pathlib import Path

C = standard_coefficients()


def _force(crews: int, *, sites: tuple[str, ...] = ()) -> Force:
    event = worked_fixture()
    group = CrewGroup(
        id="G1",
        contingent_id="",
        owner="FR",
        is_host=True,
        name="Disposal",
        capabilities=("eod",),
        crew_people=2,
        crew_animals=0,
        crews=crews,
        base=Base("B", "Base", 45.0, 4.0),
        available=event.period,
        languages=("fr",),
        certificates=(),
        rules_id="host",
        cost_eur_day=0,
        allowed_site_ids=sites,
        supports_nations=(),
        is_armed=True,
        stage=Stage.ACCEPTED,
    )
    return Force((group,), (), (ArrangementRules(id="host"),))


def test_one_pair_for_a_need_of_three_leaves_two_missing() -> None:
    event = worked_fixture()

    gaps = [g for g in day_gaps(assess(event), event, _force(1), C) if g.capability == "eod"]

    # 3 pairs search for 6 h, 2 pairs stand for 1 + 3 + 2 + 1.5 h
    assert [(g.date, g.wanted_h, g.available_h, g.peak, g.missing, g.ask) for g in gaps] == [
        ("2024-07-24", 33.0, 12.0, 3, 2, 3)
    ]


def test_enough_crews_leave_no_certain_shortage() -> None:
    event = worked_fixture()

    gaps = day_gaps(assess(event), event, _force(3), C)

    assert "eod" not in {gap.capability for gap in gaps}


def test_crews_bound_to_another_site_are_not_available() -> None:
    need = assess(worked_fixture())
    rows = list(need.rows(capability="eod"))

    assert host_available(need, _force(3))[rows].tolist() == [3] * 5
    assert host_available(need, _force(3, sites=("LYO",)))[rows].tolist() == [0] * 5


def test_doubling_asks_for_as_much_as_the_host_has_on_the_days_it_holds() -> None:
    later = make_session(id="S2", start=NOON + timedelta(days=1), teams=("MAR", "UKR"))
    event = make_event(make_session(teams=("ESP",)), later)
    event = replace(event, doublings=(Doubling("eod", ("STE",), "MAR", baseline=1),))

    assert doubling_asks(event, C) == (
        DoublingAsk("eod", ("STE",), "MAR", ("2024-07-25",), target=2, ask=1, people=5),
    )


def test_paris_lacks_dogs_and_disposal_for_certain(project_root: Path) -> None:
    loaded = load_event(project_root / "examples/paris-2024")

    gaps = day_gaps(assess(loaded.event), loaded.event, loaded.force, C)

    assert {"k9_explosives", "joint_patrol", "liaison"} <= {gap.capability for gap in gaps}
