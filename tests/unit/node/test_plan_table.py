from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest

from passerelle.node.plans.changes import ChangeKind, changes_between
from passerelle.node.plans.table import PlanTable, crew_book, read_table, table_of, write_table
from passerelle.planning.roster.plan import Duty, Line, Plan

START = datetime(2024, 7, 24, 22, 0, tzinfo=UTC)
EARLY = Duty(480, 960, "STE", "patrol")
LATE = Duty(960, 1440, "STE", "patrol")
AWAY = Duty(960, 1440, "PDP", "patrol")
NEXT = Duty(1440 + 480, 1440 + 960, "STE", "patrol")
PEOPLE = {"FR-1": 2, "MA-1": 4}


def _plan(*lines: Line) -> Plan:
    return Plan("0" * 64, lines)


def _table(*lines: Line) -> PlanTable:
    return table_of(_plan(*lines), START, PEOPLE)


FIRST = (
    Line("FR-1", 3, (EARLY, NEXT)),
    Line("FR-1", 1, (LATE,)),
    Line("MA-1", 2, (LATE,)),
)


def test_a_table_counts_crews_and_people() -> None:
    table = _table(*FIRST)

    assert (table.n_crew_duties, table.n_people) == (3 * 2 + 1 + 2, 4 * 2 + 2 * 4)
    assert table.duty_people.sum() == 6 * 2 + 2 + 8


def test_a_table_is_the_same_after_the_database() -> None:
    table = _table(*FIRST)

    again = read_table(write_table(table))

    assert crew_book(again, START) == crew_book(table, START)
    assert write_table(again) == write_table(table)


def test_every_crew_has_a_number() -> None:
    table = _table(*FIRST)

    assert [number for number, _ in table.crews_of("FR-1")] == [1, 2, 3, 4]
    assert list(table.crews_of("XX")) == []


def test_a_crew_that_does_not_move_keeps_its_number() -> None:
    old = _table(*FIRST)
    moved = _plan(
        Line("FR-1", 2, (EARLY, NEXT)), Line("FR-1", 1, (AWAY,)), Line("FR-1", 1, (LATE,))
    )

    new = table_of(moved, START, PEOPLE, old)

    was, now = crew_book(old, START)["FR-1"], crew_book(new, START)["FR-1"]
    assert [a == b for a, b in zip(was, now, strict=True)].count(False) == 1


def test_no_change_is_no_change() -> None:
    assert changes_between(_table(*FIRST), _table(*reversed(FIRST)), "Europe/Paris") == ()


def test_from_nothing_everything_is_new() -> None:
    changes = changes_between(None, _table(*FIRST), "Europe/Paris")

    assert {change.kind for change in changes} == {ChangeKind.NEW}
    assert sum(change.crews for change in changes) == 9


def test_crews_that_stand_elsewhere_on_the_same_day_have_moved() -> None:
    new = _table(
        Line("FR-1", 3, (EARLY, NEXT)),
        Line("FR-1", 1, (AWAY,)),
        Line("MA-1", 1, (LATE,)),
    )

    changes = changes_between(_table(*FIRST), new, "Europe/Paris")

    assert [
        (c.kind, c.group, c.crews, c.people, c.before and c.before.site, c.after and c.after.site)
        for c in changes
    ] == [
        (ChangeKind.MOVED, "FR-1", 1, 2, "STE", "PDP"),
        (ChangeKind.DROPPED, "MA-1", 1, 4, "STE", None),
    ]
    assert changes[0].day == (START + timedelta(hours=3)).date()


def test_a_table_refuses_columns_that_do_not_fit() -> None:
    table = _table(*FIRST)

    with pytest.raises(ValueError, match="every crew"):
        type(table)(
            **{name: getattr(table, name) for name in (field.name for field in fields(table))}
            | {"crew_line": table.crew_line[:-1]}
        )
