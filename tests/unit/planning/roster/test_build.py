"""Compiling need and rules into an instance."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from tests.factories.events import make_event, make_session

from passerelle.kernel.times import Interval
from passerelle.planning.force import ArrangementRules
from passerelle.planning.force.rules import HourWindow
from passerelle.planning.need.values import Level, Need
from passerelle.planning.roster.build import build_sites, compile_rules
from passerelle.planning.roster.rules import SlidingHours


def _cells(*rows: tuple[float, float, int]) -> list[tuple[int, int, int]]:
    """Build the need of patrols at one site from rows (from hour, to hour, crews)."""
    session = make_session(id="M1")
    start = session.interval.start.replace(hour=0, minute=0)
    event = make_event(session, period=Interval(start, start + timedelta(days=2)))
    n = len(rows)
    origin = int(event.period.start.timestamp())
    crews = np.array([row[2] for row in rows])
    need = Need(
        event_id=event.id, coefficient_version="1", site_ids=(session.venue_id,),
        capabilities=("patrol",), site=np.zeros(n, dtype=int), capability=np.zeros(n, dtype=int),
        start=np.array([origin + int(3600 * row[0]) for row in rows]),
        end=np.array([origin + int(3600 * row[1]) for row in rows]),
        low=crews, central=crews, high=crews, minimum=crews // 2, weight=np.ones(n),
        moment=np.arange(n),
    )  # fmt: skip
    found = build_sites(event, need, level=Level.CENTRAL).cells
    first = int(np.floor(rows[0][0]))
    zero = found[0].start_min // 60 - first
    return [(c.start_min // 60 - zero, c.end_min // 60 - zero, c.target) for c in found]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # A manual post stands beside what a session asks.
        ([(8, 12, 3), (8, 12, 2)], [(8, 12, 5)]),
        ([(8, 12, 3), (10, 14, 2)], [(8, 10, 3), (10, 12, 5), (12, 14, 2)]),
        # Two phases that meet within an hour never hold at once: the larger holds there.
        ([(8, 10.5, 3), (10.5, 12, 4)], [(8, 10, 3), (10, 12, 4)]),
    ],
)
def test_rows_of_a_need_add_up_where_they_hold_at_once(
    rows: list[tuple[float, float, int]], expected: list[tuple[int, int, int]]
) -> None:
    assert _cells(*rows) == expected


def test_rules_carry_weekends_and_sliding_hours() -> None:
    rules = ArrangementRules(id="fr", max_weekends=2, hour_windows=(HourWindow(7, 2880),))

    compiled = compile_rules(rules, first_saturday=3)

    assert (compiled.weekends, compiled.first_saturday) == (2, 3)
    assert compiled.sliding == (SlidingHours(7, 2880),)
    assert compiled.duty_most_min == 2880 // 6
