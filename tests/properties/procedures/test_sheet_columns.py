"""Columns of count sheets say what the sheets say, alone, added up, and after being stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from passerelle.kernel.counts import Stage
from passerelle.kernel.times import Interval
from passerelle.procedures.reinforcement.columns import (
    SheetColumns,
    add_columns,
    columns_of_sheet,
    pack_columns,
    unpack_columns,
)
from passerelle.procedures.reinforcement.sheets import ANY, CountSheet, Scope, add_sheets
from passerelle.procedures.reinforcement.strands import Figures

CUT_OFF = datetime(2024, 7, 27, tzinfo=UTC)
FIRST = datetime(2024, 7, 24, tzinfo=UTC)
DAYS = ("2024-07-24", "2024-07-25", "2024-07-26")
CAPABILITIES = ("eod", "patrol", ANY)
PLACES = ("STE", "SDF", ANY)

_FIGURES = st.builds(Figures, *[st.integers(0, 9)] * 4)
_SCOPES = st.builds(
    Scope, st.sampled_from(CAPABILITIES), st.sampled_from(PLACES), st.sampled_from(DAYS),
    st.sampled_from(Stage),
)  # fmt: skip


@st.composite
def _sheets(draw: st.DrawFn) -> CountSheet:
    """A sheet as they are counted: whatever has a day has a row for the whole time."""
    rows = draw(st.dictionaries(_SCOPES, _FIGURES, max_size=20))
    whole = {Scope(one.capability, one.place, ANY, one.stage): draw(_FIGURES) for one in rows}
    start = FIRST + timedelta(days=draw(st.integers(0, 1)))
    during = Interval(start, start + timedelta(days=draw(st.integers(1, 3))))
    return CountSheet(CUT_OFF, during if rows else None, {**rows, **whole})


def _says_the_same(columns: SheetColumns, sheet: CountSheet) -> None:
    assert columns.during == sheet.during
    for capability in (*CAPABILITIES, "other"):
        for place in (*PLACES, "other"):
            for day in (*DAYS, ANY, "2030-01-01"):
                for stage in Stage:
                    where = {"capability": capability, "place": place, "day": day}
                    assert columns.at(stage, **where) == sheet.at(stage, **where)
    for field in ("capability", "place", "day"):
        named = {getattr(scope, field) for scope in sheet.rows} - {ANY}
        assert columns.values(field) == tuple(sorted(named))


@given(_sheets())
def test_columns_say_what_their_sheet_says_also_when_stored(sheet: CountSheet) -> None:
    columns = columns_of_sheet(sheet)

    again = unpack_columns(pack_columns(columns))

    _says_the_same(columns, sheet)
    assert again is not None
    _says_the_same(again, sheet)


@given(st.lists(_sheets(), max_size=4))
def test_sum_of_columns_is_the_sum_of_sheets(sheets: list[CountSheet]) -> None:
    total = add_columns([columns_of_sheet(sheet) for sheet in sheets])

    _says_the_same(total, add_sheets(sheets, CUT_OFF))


def test_columns_of_another_format_are_made_again() -> None:
    assert unpack_columns(b"") is None
