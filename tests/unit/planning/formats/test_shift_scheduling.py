from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from passerelle.kernel.problems import InputError
from passerelle.planning.formats.shift_scheduling import read_instance, read_roster, write_roster

if TYPE_CHECKING:
    from pathlib import Path

INSTANCE = """SECTION_HORIZON
7

SECTION_SHIFTS
# ShiftID, Length, followers
E,480,
L,600,E

SECTION_STAFF
A,E=7|L=2,2400,960,5,2,2,1
B,E=0|L=7,2400,960,5,2,2,1

SECTION_DAYS_OFF
A,3

SECTION_SHIFT_ON_REQUESTS
A,5,L,2

SECTION_SHIFT_OFF_REQUESTS
B,1,L,3

SECTION_COVER
0,E,1,100,1
0,L,1,100,1
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "tiny.txt"
    path.write_text(text, encoding="utf-8")
    return path


def faults(path: Path) -> list[tuple[int, str]]:
    with pytest.raises(InputError) as caught:
        read_instance(path)
    return [(issue.line, issue.code) for issue in caught.value.issues]


def test_every_field_of_an_instance_is_read(tmp_path: Path) -> None:
    grid = read_instance(write(tmp_path, INSTANCE))

    assert (grid.name, grid.n_days, grid.type_ids, grid.person_ids) == (
        "tiny",
        7,
        ("E", "L"),
        ("A", "B"),
    )
    assert grid.type_minutes.tolist() == [480, 600]
    assert grid.banned.tolist() == [[False, False], [True, False]]
    assert grid.type_cap.tolist() == [[7, 2], [0, 7]]
    assert np.argwhere(grid.closed).tolist() == [[0, 3]]
    assert (grid.wish[0, 5, 1], grid.wish[1, 1, 1], grid.wish_constant) == (-2, 3, 2)
    assert (int(grid.need.sum()), int(grid.under.sum()), int(grid.over.sum())) == (2, 200, 2)
    contract = grid.contracts[0]
    assert (contract.min_minutes, contract.max_minutes) == (960, 2400)
    assert (contract.min_run, contract.max_run, contract.min_rest) == (2, 5, 2)


def test_a_roster_goes_out_and_comes_back(tmp_path: Path) -> None:
    grid = read_instance(write(tmp_path, INSTANCE))
    roster = grid.empty_roster()
    roster[0, 4:6] = 1

    write_roster(tmp_path / "out.csv", grid, roster)

    assert (tmp_path / "out.csv").read_text() == "staff_id,day,shift_id\nA,4,L\nA,5,L\n"
    assert (read_roster(tmp_path / "out.csv", grid) == roster).all()


def test_a_file_cut_off_in_the_middle_is_named_by_line(tmp_path: Path) -> None:
    cut = INSTANCE[: INSTANCE.index("B,E=0|L=7,2400") + len("B,E=0|L")]

    assert faults(write(tmp_path, cut)) == [
        (11, "shift-scheduling.truncated-row"),
        *[(11, "shift-scheduling.truncated")] * 4,
    ]


def test_all_faults_are_listed_at_once(tmp_path: Path) -> None:
    text = INSTANCE.replace("A,5,L,2", "A,9,L,2").replace("B,1,L,3", "X,1,L,-3")
    text = text.replace("0,L,1,100,1", "0,E,1,100,1")

    assert faults(write(tmp_path, text)) == [
        (17, "shift-scheduling.number"),
        (20, "shift-scheduling.unknown-name"),
        (20, "shift-scheduling.number"),
        (24, "shift-scheduling.doubled-cover"),
    ]


def test_an_empty_file_misses_every_section(tmp_path: Path) -> None:
    assert len(faults(write(tmp_path, ""))) == 7


def test_a_faulty_roster_is_named_by_line(tmp_path: Path) -> None:
    grid = read_instance(write(tmp_path, INSTANCE))
    path = tmp_path / "roster.csv"
    path.write_text("staff_id,day,shift_id\nA,0,E\nA,0,L\nC,1,E\nA,2\n")

    with pytest.raises(InputError) as caught:
        read_roster(path, grid)

    assert [issue.line for issue in caught.value.issues] == [3, 4, 5]


def test_weights_too_high_to_be_counted_in_whole_numbers_are_refused(tmp_path: Path) -> None:
    rows = "".join(f"{d},{t},1000000,1000000,1\n" for d in range(7) for t in "EL")
    text = INSTANCE[: INSTANCE.index("0,E,1,100,1")] + rows

    assert faults(write(tmp_path, text)) == [(0, "shift-scheduling.too-dear")]


def test_wishes_that_pile_up_on_one_shift_are_refused(tmp_path: Path) -> None:
    text = INSTANCE.replace("A,5,L,2", "A,5,L,1000000\nA,5,L,1")

    assert faults(write(tmp_path, text)) == [(18, "shift-scheduling.too-dear")]
