"""Problems of the nurse rostering competition: read, refused, solved, written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from passerelle.kernel.problems import InputError
from passerelle.planning.formats.inrc2.case import (
    assignments_of,
    day_grid,
    read_case,
    write_solution,
)
from passerelle.planning.formats.inrc2.files import read_solution
from passerelle.planning.formats.inrc2.invent import InventedSize, invent
from passerelle.planning.formats.inrc2.scoring import score
from passerelle.planning.roster.named.bounds import check_certificate
from passerelle.planning.roster.named.checker import check_roster
from passerelle.planning.roster.named.search import NamedParams
from passerelle.planning.roster.named.solve import solve
from passerelle.planning.roster.stop import Stop

if TYPE_CHECKING:
    from pathlib import Path

SIZE = InventedSize(nurses=4, weeks=2, shifts=3, skills=2, week_files=3)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    invent(tmp_path, SIZE, 7)
    return tmp_path


def refused(folder: Path, weeks: str = "0-2", history: str = "H0") -> tuple[str, int, str, str]:
    with pytest.raises(InputError) as caught:
        read_case(folder, history, weeks)
    (issue,) = caught.value.issues
    return issue.file, issue.line, issue.expected, issue.found


def change(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.shared
def test_n005w4_costs_less_than_the_reference_and_its_bound_is_proved(shared: Path) -> None:
    case = read_case(shared / "benchmarks" / "inrc2" / "n005w4", "H0", "1-2-3-3")
    grid = day_grid(case)

    result = solve(grid, Stop(iterations=8), seed=0, params=NamedParams(threads=1))

    assert result.roster is not None
    costs = score(case.scenario, case.history, case.weeks, assignments_of(case, result.roster))
    assert (costs.hard, costs.value) == (0, result.value)
    assert check_roster(grid, result.roster).value == result.value
    assert 1400 < result.bound <= result.value < 1600
    assert check_certificate(grid, result.certificate) == []


def test_the_same_seed_gives_the_same_roster_on_one_thread_or_two(folder: Path) -> None:
    grid = day_grid(read_case(folder, "H0", "0-2"))

    one, two = (
        solve(grid, Stop(iterations=12), seed=5, params=NamedParams(threads=n)) for n in (1, 2)
    )

    assert one.roster is not None
    assert two.roster is not None
    assert (one.value, one.bound) == (two.value, two.bound)
    assert one.roster.tolist() == two.roster.tolist()


def test_a_solution_written_is_read_back_as_it_was(folder: Path, tmp_path: Path) -> None:
    case = read_case(folder, "0", "0-2")
    result = solve(day_grid(case), Stop(iterations=2), params=NamedParams(threads=1))
    assert result.roster is not None

    paths = write_solution(tmp_path / "out", case, result.roster)
    read = [a for week, path in enumerate(paths) for a in read_solution(path, case.scenario, week)]

    assert [path.name for path in paths] == ["Sol-n004w2-0-0.txt", "Sol-n004w2-2-1.txt"]
    assert sorted(read) == sorted(assignments_of(case, result.roster))


def test_a_name_says_history_and_weeks(folder: Path) -> None:
    assert read_case(folder, "H0", "0-2").name == "n004w2_0_0-2"


@pytest.mark.parametrize(
    ("weeks", "history", "expected", "found"),
    [
        ("0-9", "H0", "WD files of n004w2 with numbers 0, 1, 2", "9"),
        ("0-1", "H4", "H0 files of n004w2 with numbers 0", "4"),
        ("0-1-2", "H0", "2 weeks, as Sc-n004w2.txt says", "3 in 0-1-2"),
        ("0;1", "H0", "numbers such as 1-2-3-3", "0;1"),
        ("0-1", "first", "a number such as H0", "first"),
    ],
)
def test_what_is_not_there_is_named(
    folder: Path, weeks: str, history: str, expected: str, found: str
) -> None:
    assert refused(folder, weeks, history)[2:] == (expected, found)


@pytest.mark.parametrize(
    ("file", "old", "new", "expected", "found"),
    [
        ("Sc-n004w2.txt", "FullTime 2", "Other 2", "a contract: one of FullTime, PartTime, HalfTime", "Other"),
        ("Sc-n004w2.txt", "N000 ", "N001 ", "a nurse named once", "N001"),
        ("Sc-n004w2.txt", "Day 1 Early", "Day 1 Dawn", "a shift type: one of Early, Day, Late", "Dawn"),
        ("H0-n004w2-0.txt", "N002 0 0", "N009 0 0", "a nurse: one of N000, N001, N002, N003", "N009"),
        ("WD-n004w2-2.txt", "Early HeadNurse", "Early Cook", "a skill: one of Nurse, HeadNurse", "Cook"),
        ("WD-n004w2-2.txt", "Late Nurse", "Dusk Nurse", "a shift type: one of Early, Day, Late", "Dusk"),
    ],
)  # fmt: skip
def test_a_name_nobody_knows_is_named_with_its_line(
    folder: Path, file: str, old: str, new: str, expected: str, found: str
) -> None:
    if new == "Other 2":
        text = (folder / file).read_text("utf-8")
        nurse = next(line for line in text.splitlines() if line.startswith("N000"))
        old, new = nurse, nurse.replace(nurse.split()[1], "Other")
    change(folder, file, old, new)
    lines = (folder / file).read_text("utf-8").splitlines()

    name, line, wanted, got = refused(folder)

    assert (name, wanted, got) == (file, expected, found)
    assert found in lines[line - 1]


def test_more_people_than_have_the_skill_are_refused(folder: Path) -> None:
    path = folder / "WD-n004w2-0.txt"
    lines = path.read_text("utf-8").splitlines()
    row = next(k for k, text in enumerate(lines) if text.startswith("Early HeadNurse"))
    lines[row] = "Early HeadNurse (0,0) (9,9) (0,0) (0,0) (0,0) (0,0) (0,0)"
    path.write_text("\n".join(lines), "utf-8")

    name, line, expected, found = refused(folder)

    assert (name, line, found) == ("WD-n004w2-0.txt", row + 1, "9 on Tue")
    assert expected.endswith("nurses, who have the skill HeadNurse")


@pytest.mark.parametrize("file", ["Sc-n004w2.txt", "H0-n004w2-0.txt", "WD-n004w2-0.txt"])
def test_a_file_cut_off_after_any_line_is_refused_or_read(folder: Path, file: str) -> None:
    path = folder / file
    lines = path.read_text("utf-8").splitlines()
    faulty = []
    for length in range(len(lines)):
        path.write_text("\n".join(lines[:length]), "utf-8")
        try:
            read_case(folder, "H0", "0-2")
        except InputError as error:
            faulty.append(error.issues[0].file)

    # Only what a file of zero wishes ends with may be missing.
    assert faulty in ([file] * len(lines), [file] * (len(lines) - 1))
