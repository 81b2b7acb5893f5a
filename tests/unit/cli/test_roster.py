from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from passerelle.cli.benches.roster import command as bench
from passerelle.cli.benches.roster_bounds import command as bounds
from passerelle.cli.commands.roster_check import command as check
from passerelle.cli.commands.roster_solve import command as solve
from passerelle.cli.commands.roster_verify import command as verify
from passerelle.kernel.problems import InputError, RefusedError
from passerelle.planning.formats.inrc2.invent import InventedSize, invent

if TYPE_CHECKING:
    from pathlib import Path

INSTANCE = """SECTION_HORIZON
7
SECTION_SHIFTS
E,480,
SECTION_STAFF
A,E=7,{most},{least},2,1,2,1
B,E=7,2400,0,5,2,2,1
SECTION_DAYS_OFF
A,3
SECTION_SHIFT_ON_REQUESTS
A,5,E,2
SECTION_SHIFT_OFF_REQUESTS
B,1,E,3
SECTION_COVER
0,E,1,100,1
5,E,2,100,1
"""


def instance(folder: Path, *, least: int = 0, most: int = 2400) -> Path:
    path = folder / "tiny.txt"
    path.write_text(INSTANCE.format(least=least, most=most), "utf-8")
    return path


def test_solve_writes_a_roster_that_check_accepts(tmp_path: Path) -> None:
    file, out = instance(tmp_path), tmp_path / "roster.csv"

    solved = CliRunner().invoke(
        solve, [str(file), "--seconds", "60", "--out", str(out), "--json"], catch_exceptions=False
    )
    checked = CliRunner().invoke(
        check, [str(file), str(out), "--json"], catch_exceptions=False, standalone_mode=False
    )

    assert {k: json.loads(solved.stdout)[k] for k in ("status", "value", "bound", "breaches")} == {
        "status": "optimal", "value": 0, "bound": 0, "breaches": 0,
    }  # fmt: skip
    assert (json.loads(checked.stdout)["value"], checked.return_value) == (0, 0)


def test_contradictory_rules_are_refused_by_name_and_nothing_is_written(tmp_path: Path) -> None:
    file, out = instance(tmp_path, least=2400), tmp_path / "roster.csv"

    with pytest.raises(RefusedError) as caught:
        solve.main([str(file), "--seconds", "5", "--out", str(out)], standalone_mode=False)

    assert caught.value.code == "roster.contradictory-rules"
    assert str(caught.value) == (
        "Person A has no roster: these rules cannot hold together: "
        "least-minutes, longest-run, shortest-rest."
    )
    assert not out.exists()


def test_a_broken_rule_ends_check_with_three(tmp_path: Path) -> None:
    file, roster = instance(tmp_path), tmp_path / "roster.csv"
    roster.write_text("staff_id,day,shift_id\nA,3,E\n")

    done = CliRunner().invoke(check, [str(file), str(roster)], standalone_mode=False)

    assert done.return_value == 3
    assert done.stdout.splitlines()[0] == "A: works on day 3, a closed day [closed-days]"


def test_a_file_cut_off_is_refused_before_anything_is_solved(tmp_path: Path) -> None:
    path = tmp_path / "cut.txt"
    path.write_text(INSTANCE[:60], "utf-8")

    with pytest.raises(InputError):
        solve.main([str(path), "--out", str(tmp_path / "out.csv")], standalone_mode=False)


@pytest.mark.parametrize("cut", range(0, len(INSTANCE), 9))
def test_a_file_cut_off_anywhere_is_refused_or_read_and_never_fails_otherwise(
    cut: int, tmp_path: Path
) -> None:
    path, out = tmp_path / "cut.txt", tmp_path / "out.csv"
    path.write_text(INSTANCE.format(least=0, most=2400)[:cut], "utf-8")

    done = CliRunner().invoke(
        solve, [str(path), "--seconds", "1", "--out", str(out)], standalone_mode=False
    )

    assert done.exception is None or isinstance(done.exception, InputError)
    assert out.exists() == (done.exception is None)


def test_verify_proves_the_bound_of_a_solve_and_refuses_a_higher_claim(tmp_path: Path) -> None:
    file, claim = instance(tmp_path), tmp_path / "certificate.json"
    out = tmp_path / "roster.csv"
    CliRunner().invoke(
        solve, [str(file), "--out", str(out), "--certificate", str(claim)], catch_exceptions=False
    )

    honest = CliRunner().invoke(verify, [str(file), str(claim)], standalone_mode=False)
    data = json.loads(claim.read_text("utf-8"))
    claim.write_text(json.dumps(data | {"bound": 7.0}), "utf-8")
    false = CliRunner().invoke(verify, [str(file), str(claim), "--json"], standalone_mode=False)

    assert (honest.return_value, false.return_value) == (0, 3)
    assert (json.loads(false.stdout)["claimed"], json.loads(false.stdout)["proved"]) == (7, 0)


def test_a_folder_of_the_competition_is_solved_checked_and_verified(tmp_path: Path) -> None:
    folder, out, claim = tmp_path / "case", tmp_path / "roster.csv", tmp_path / "claim.json"
    invent(folder, InventedSize(nurses=3, weeks=1, shifts=2, skills=2), 1)
    named = [str(folder), "--history", "H0", "--weeks", "4"]
    made = ["--seconds", "60", "--out", str(out), "--json"]

    solved = CliRunner().invoke(
        solve, [*named, *made, "--certificate", str(claim)], catch_exceptions=False
    )
    checked = CliRunner().invoke(
        check, [named[0], str(out), *named[1:], "--json"],
        catch_exceptions=False, standalone_mode=False,
    )  # fmt: skip
    verified = CliRunner().invoke(
        verify, [named[0], str(claim), *named[1:]], catch_exceptions=False, standalone_mode=False
    )

    told = json.loads(solved.stdout)
    assert (told["status"], told["hard"], told["bound"]) == ("optimal", 0, told["value"])
    assert sum(told["costs"].values()) == told["value"]
    assert (json.loads(checked.stdout)["value"], checked.return_value) == (told["value"], 0)
    assert verified.return_value == 0
    written = tmp_path / "Solution_H_0-WD_4"
    assert [path.name for path in written.iterdir()] == ["Sol-n003w1-4-0.txt"]


def test_week_by_week_says_what_each_week_expected(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    invent(folder, InventedSize(nurses=3, weeks=2, shifts=2, skills=1), 1)

    solved = CliRunner().invoke(
        solve,
        [str(folder), "--weeks", "0-1", "--week-by-week", "--seconds", "2", "--json",
         "--out", str(tmp_path / "roster.csv")],
        catch_exceptions=False,
    )  # fmt: skip

    told = json.loads(solved.stdout)
    assert (told["bound"], len(told["expected"])) == (None, 2)


@pytest.mark.parametrize(
    "words",
    [
        ["--seconds", "1"],
        ["--weeks", "0", "--format", "shift-scheduling"],
        ["--weeks", "0", "--week-by-week", "--certificate", "c.json"],
    ],
)
def test_a_folder_wants_weeks_and_no_contradictory_options(
    words: list[str], tmp_path: Path
) -> None:
    invent(tmp_path, InventedSize(nurses=2, weeks=1, shifts=1, skills=1), 0)

    refused = CliRunner().invoke(solve, [str(tmp_path), "--out", str(tmp_path / "o.csv"), *words])

    assert refused.exit_code == 2


def test_bench_of_bounds_writes_what_each_certificate_proves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSERELLE_ROOT", str(tmp_path))
    claims = tmp_path / "claims"
    claims.mkdir()
    file = instance(tmp_path).rename(tmp_path / "Instance1.txt")
    arguments = [str(file), "--out", str(tmp_path / "roster.csv")]
    CliRunner().invoke(solve, [*arguments, "--certificate", str(claims / "roster-1-0.json")])

    done = CliRunner().invoke(bounds, [str(claims), "--folder", str(tmp_path)])

    assert done.exit_code == 0
    (written,) = (tmp_path / "benchmarks" / "results").glob("roster-bounds-*.json")
    (row,) = json.loads(written.read_text("utf-8"))["rows"]
    assert (row["instance"], row["claimed"], row["proved"]) == (1, 0, 0)


@pytest.mark.parametrize("numbers", ["x", "0", "3-25", ""])
def test_bench_refuses_instances_that_do_not_exist(numbers: str, tmp_path: Path) -> None:
    (tmp_path / "best_known.csv").write_text("instance,best_known,lower_bound\n")

    done = CliRunner().invoke(bench, ["--instances", numbers, "--folder", str(tmp_path)])

    assert done.exit_code == 2
