"""Coverage on tiny instances that can be checked by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passerelle.desk.boards.coverage import Scale, SiteLine, columns, coverage_board
from passerelle.desk.boards.cube import CoverageCube, Slice, Step

START = datetime(2024, 7, 24, 4, tzinfo=UTC)  # 06:00 in Paris
PARIS = ZoneInfo("Europe/Paris")


def make_cube(need: list[int], have: list[int], minimum: list[int] | None = None) -> CoverageCube:
    """Return one site, one capability, hourly steps."""
    shape = [np.array(values)[None, None] for values in (need, minimum or [0] * len(need), have)]
    return CoverageCube(("STE",), ("eod",), START, 60, *shape)


@pytest.mark.parametrize(
    ("need", "have", "minimum", "expected"),
    [
        # Two of ten are missing in one hour of two.
        ([10, 10], [10, 8], None, Slice(10, 8, 2.0, Step.SHORT)),
        # Below the minimum is critical, however short the time.
        ([10, 10], [10, 4], [5, 5], Slice(10, 4, 6.0, Step.CRITICAL)),
        # Nobody missing: the hour of the highest need is shown.
        ([3, 10], [3, 11], None, Slice(10, 11, 0.0, Step.MET)),
        # A fifth too many is over; one too many of two is not.
        ([10], [12], None, Slice(10, 12, 0.0, Step.OVER)),
        ([2], [3], None, Slice(2, 3, 0.0, Step.MET)),
        # Nothing needed, nobody there; nothing needed, somebody there.
        ([0], [0], None, Slice(0, 0, 0.0, Step.NONE)),
        ([0], [4], None, Slice(0, 4, 0.0, Step.OVER)),
    ],
)
def test_slice_says_the_worst_of_its_time(
    need: list[int], have: list[int], minimum: list[int] | None, expected: Slice
) -> None:
    cube = make_cube(need, have, minimum)

    assert cube.slices((0, cube.n_steps)) == [[expected]]


def test_one_capability_never_makes_up_for_another() -> None:
    need = np.array([[[5], [5]]])
    have = np.array([[[10], [0]]])
    cube = CoverageCube(("STE",), ("patrol", "eod"), START, 60, need, np.zeros_like(need), have)

    assert cube.slices((0, 1)) == [[Slice(10, 5, 5.0, Step.SHORT)]]


def test_half_hours_count_as_half() -> None:
    shape = [np.array(values)[None, None] for values in ([4, 4], [0, 0], [4, 2])]
    cube = CoverageCube(("STE",), ("eod",), START, 30, *shape)

    assert cube.slices((0, 2))[0][0].missing_hours == 1.0


@settings(deadline=None)  # the machine's load is not what is tested
@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=12
    )
)
def test_slices_agree_with_the_slow_reading(hours: list[tuple[int, int, int]]) -> None:
    need, have, floor = (list(column) for column in zip(*hours, strict=True))
    minimum = [min(pair) for pair in zip(floor, need, strict=True)]
    cube = make_cube(need, have, minimum)

    found = cube.slices((0, len(need)))[0][0]

    lost = sum(max(n - h, 0) for n, h in zip(need, have, strict=True))
    is_critical = any(h < m for h, m in zip(have, minimum, strict=True))
    assert found.missing_hours == lost
    assert (found.step is Step.CRITICAL) == is_critical
    assert found.missing == max((max(n - h, 0) for n, h in zip(need, have, strict=True)), default=0)


def test_days_are_cut_at_local_shifts_even_when_the_clock_changes() -> None:
    period = (datetime(2024, 10, 26, tzinfo=UTC), datetime(2024, 10, 29, tzinfo=UTC))

    parts = columns(date(2024, 10, 26), 2, Scale.WEEK, PARIS, period)

    assert [part.word for part in parts] == ["06–14", "14–22", "22–06"] * 2
    assert (parts[2].end - parts[2].start).total_seconds() == 9 * 3600


def test_gaps_only_leaves_out_what_is_covered() -> None:
    need = np.array([[[4] * 24], [[4] * 24]])
    have = np.array([[[4] * 24], [[3] * 24]])
    cube = CoverageCube(("A", "B"), ("eod",), START, 60, need, np.zeros_like(need), have)
    parts = columns(date(2024, 7, 24), 1, Scale.EVENT, PARIS, (cube.start, cube.end))
    lines = [SiteLine("A", "One", "Stadiums"), SiteLine("B", "Two", "Stadiums")]

    board = coverage_board(cube, lines, parts, gaps_only=True)

    assert [row.site.code for _, rows in board.groups for row in rows] == ["B"]
    assert (board.n_hidden, board.missing_hours) == (1, 24.0)
