"""``passerelle plan``, ``check``, ``explain``, ``repair`` and ``mix`` on bad input and in bad luck."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from passerelle.cli.app import root
from passerelle.kernel.problems import InputError, UnavailableError
from passerelle.planning.formats.plan_json import write_plan
from passerelle.planning.roster.plan import Plan
from passerelle.planning.roster.result import Result, Status

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result as Ran

FILES = {
    "venues.csv": """venue_id,name,kind,city,lat,lon,capacity,country,timezone
STA,Stade A,stadium,Lyon,45.76,4.83,30000,FR,Europe/Paris
STB,Stade B,arena,Lyon,45.77,4.85,8000,FR,Europe/Paris
""",
    "sessions.csv": """session_id,venue_id,start,end,sport,phase,title,teams,attendance,risk
S1,STA,2024-07-24T15:00:00+02:00,2024-07-24T17:00:00+02:00,Football,group,One,ESP-MAR,20000,3
S2,STB,2024-07-25T18:00:00+02:00,2024-07-25T20:00:00+02:00,Handball,group,Two,FRA-ESP,6000,2
""",
    "forces.csv": """group_id,name,capabilities,crew_people,crew_animals,crews,base_id,base_name,base_lat,base_lon,rules
H-PAT,Patrols,patrol;joint_patrol,2,0,60,B1,Lyon,45.75,4.85,host
H-EOD,EOD,eod,2,0,4,B1,Lyon,45.75,4.85,host
""",
    "contingents.csv": """contingent_id,state,contingent,stage,group_id,name,capabilities,crew_people,crew_animals,crews,base_id,base_name,base_lat,base_lon,base_beds,from,to,languages,rules,cost_eur_day,estimated
MA,MA,MA team,offered,MA-PAT,MA patrols,joint_patrol,2,0,5,L1,Hotel,45.76,4.86,,2024-07-22,2024-07-28,ar;fr,partner,200,true
""",
    "event.toml": 'name = "Small"\nhost = "FR"\ntimezone = "Europe/Paris"\n',
}
START = datetime(2024, 7, 22, 22, tzinfo=UTC)
MOVED = """now = 2024-07-23T08:00:00+02:00
[[changes]]
kind = "session-moved"
session = "S1"
start = 2024-07-24T18:00:00+02:00
"""


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an event folder, and a plan of it beside."""
    folder = tmp_path_factory.mktemp("event") / "small"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    _run("plan", folder, "--seconds", "1", "--threads", "1", "--out", folder.parent / "plan.json")
    return folder


@pytest.fixture
def event(planned: Path, tmp_path: Path) -> Path:
    """Copy the folder, to be spoilt."""
    return shutil.copytree(planned, tmp_path / "small")


def _call(*arguments: object) -> Ran:
    return CliRunner().invoke(root, [str(a) for a in arguments], standalone_mode=False)


def _run(*arguments: object) -> str:
    ran = _call(*arguments)
    if ran.exception is not None:
        raise ran.exception
    return ran.output


def _issues(*arguments: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        _run(*arguments)
    return [str(issue) for issue in caught.value.issues]


SPOILT = {
    "negative crews": (
        "forces.csv", ",60,", ",-6,",
        "forces.csv:2 [crews]: expected a whole number 0 to 100000, found '-6'",
    ),
    "absurd crews": (
        "forces.csv", ",60,", ",60000000,",
        "forces.csv:2 [crews]: expected a whole number 0 to 100000, found '60000000'",
    ),
    "a negative crowd": (
        "sessions.csv", ",20000,3", ",-20000,3",
        "sessions.csv:2 [attendance]: expected a whole number 0 to 10000000, found '-20000'",
    ),
    "a table cut off": (
        "forces.csv", "4,B1,Lyon,45.75,4.85,host\n", "4,B1",
        "forces.csv:3: expected 11 cells, found '7'",
    ),
    "settings cut off": (
        "event.toml", '"Europe/Paris"\n', "",
        "event.toml: expected a TOML file, found 'Invalid value (at end of document)'",
    ),
    "runs that contradict each other": (
        "event.toml", "host =",
        "rules.host = {min_duty_days_in_row = 5, max_duty_days_in_row = 3}\nhost =",
        "event.toml [rules.host]: expected 1 <= min_duty_days_in_row <= 3, got 5.",
    ),
    "hours too few for any duty": (
        "event.toml", "host =", "rules.host = {hour_windows = [[7, 10]]}\nhost =",
        "event.toml [rules.host.hour_windows]: expected hours for duties of 240 min in runs of 6 days",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILT)
def test_what_is_wrong_is_named_with_place_and_expectation(name: str, event: Path) -> None:
    file, old, new, expected = SPOILT[name]
    text = (event / file).read_text("utf-8")
    assert old in text
    (event / file).write_text(text.replace(old, new), "utf-8")

    assert _issues("plan", event, "--seconds", "1") == [expected]


def test_event_without_crews_is_planned_and_says_who_is_missing(event: Path) -> None:
    head = FILES["forces.csv"].partition("\n")[0]
    (event / "forces.csv").write_text(f"{head}\n", "utf-8")
    (event / "contingents.csv").unlink()

    output = _run("plan", event, "--seconds", "1")

    assert output.startswith("optimal: ")
    assert "0 crew-duties" in output
    assert "patrol" in output.partition("Nobody serves")[2]
    assert "no group has the skill" in output


def test_event_of_one_hour_is_too_short_for_any_duty_and_says_so(event: Path) -> None:
    head, first = FILES["sessions.csv"].splitlines()[:2]
    (event / "sessions.csv").write_text(f"{head}\n{first.replace('17:00', '16:00')}\n", "utf-8")
    with (event / "event.toml").open("a", encoding="utf-8") as file:
        file.write('from = "2024-07-24T15:00:00+02:00"\nto = "2024-07-24T16:00:00+02:00"\n')
    text = FILES["contingents.csv"].replace("2024-07-22", "2024-07-24")
    (event / "contingents.csv").write_text(text, "utf-8")

    answer = json.loads(_run("plan", event, "--seconds", "1", "--json"))

    assert (answer["status"], answer["crew_duties"], answer["days"]) == ("optimal", 0, 1)
    reasons = {need["skill"]: need["blocked_by"] for need in answer["unserved"]}
    assert reasons["patrol"] == "availability"


@pytest.mark.slow
def test_event_of_two_years_is_planned(event: Path) -> None:
    with (event / "event.toml").open("a", encoding="utf-8") as file:
        file.write('from = "2024-01-01T00:00:00+01:00"\nto = "2026-01-01T00:00:00+01:00"\n')

    answer = json.loads(_run("plan", event, "--seconds", "4", "--threads", "1", "--json"))

    assert answer["days"] == 731
    assert answer["crew_duties"] > 0
    assert 0 < answer["bound"] <= answer["value"]


@pytest.mark.parametrize("command", ["plan", "repair"])
def test_file_that_cannot_be_written_is_refused_before_the_work(
    command: str, planned: Path, tmp_path: Path
) -> None:
    more = [planned.parent / "plan.json", "--change", tmp_path / "none"]
    for out in (tmp_path, tmp_path / "none" / "plan.json"):
        ran = _call(command, planned, *(more if command == "repair" else []), "--out", out)

        assert type(ran.exception).__name__ == "BadParameter"
        assert "expected a f" in str(ran.exception)


def test_disk_that_is_full_is_told_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    # The name of the file is as long as a name may be, so that what is written first is longer.
    path = tmp_path / ("p" * 255)
    result = Result(
        Status.FEASIBLE, Plan("0" * 64, ()), 0.0, {}, 0.0, 0, {}, "0" * 64, None, 0.0, 0.0
    )

    with pytest.raises(UnavailableError, match="could not be written") as caught:
        write_plan(path, START, result)

    assert caught.value.code == "plan.not-written"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["check", "explain", "repair"])
def test_plan_that_is_cut_off_or_no_file_is_named(
    command: str, planned: Path, tmp_path: Path
) -> None:
    cut = tmp_path / "cut.json"
    whole = (planned.parent / "plan.json").read_bytes()
    cut.write_bytes(whole[: len(whole) // 2])
    change = tmp_path / "change.toml"
    change.write_text(MOVED, "utf-8")
    more = {"explain": ["--prices"], "repair": ["--change", change]}.get(command, [])

    assert _issues(command, planned, cut, *more)[0].startswith("cut.json:1: expected whole JSON")
    assert _issues(command, planned, tmp_path, *more)[0].endswith(
        "expected a file that can be read, found 'Is a directory'"
    )


def test_plan_of_another_programme_is_told_apart(event: Path, planned: Path) -> None:
    text = FILES["sessions.csv"].replace("20000,3", "25000,3")
    (event / "sessions.csv").write_text(text, "utf-8")

    (issue,) = _issues("explain", event, planned.parent / "plan.json", "--prices")

    assert "expected a plan of this event, level and programme" in issue


CHANGES = {
    "cut off": (MOVED[:-20], "change.toml: expected TOML"),
    "empty": (MOVED.partition("[[")[0], "change.toml [changes]: expected at least one [[changes]]"),
    "negative": (
        MOVED.partition("[[")[0]
        + '[[changes]]\nkind = "contingent-smaller"\ngroup = "H-PAT"\ncrews = -4\n',
        "change.toml [changes[1]]: expected crews >= 0, got -4.",
    ),
    "of an unknown session": (
        MOVED.replace('"S1"', '"S9"'),
        "changes [changes[1].session]: expected a session of the programme, found 'S9'",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_change_that_is_wrong_is_named_and_nothing_is_written(
    name: str, planned: Path, tmp_path: Path
) -> None:
    text, expected = CHANGES[name]
    change, out = tmp_path / "change.toml", tmp_path / "new.json"
    change.write_text(text, "utf-8")

    (issue,) = _issues(
        "repair", planned, planned.parent / "plan.json", "--change", change, "--out", out
    )

    assert issue.startswith(expected)
    assert not out.exists()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--site", "XXX", "--at", "2024-07-24T16:00"], "expected a site of the event, got 'XXX'"),
        (["--site", "STA", "--at", "2031-07-24T16:00"], "a time from 2024-07-23 to 2024-07-25"),
        (["--site", "STA", "--at", "yesterday"], "expected a time such as 2024-07-24T15:00"),
        (["--conflict", "--skill", "x", "--at", "2024-07-24T16:00"], "expected a skill that is"),
    ],
)
def test_question_about_what_is_not_in_the_event_is_refused(
    options: list[str], expected: str, planned: Path
) -> None:
    ran = _call("explain", planned, planned.parent / "plan.json", *options)

    assert type(ran.exception).__name__ == "BadParameter"
    assert expected in str(ran.exception)


def test_post_that_nobody_can_serve_says_so(planned: Path) -> None:
    plan = planned.parent / "plan.json"

    output = _run("explain", planned, plan, "--site", "STA", "--at", "2024-07-24T16:00")

    _, _, steward = output.partition("steward at STA")
    assert steward.splitlines()[1] == "  no group has the skill"


def test_mix_refuses_a_plan_that_does_not_hold(planned: Path, event: Path) -> None:
    text = FILES["forces.csv"].replace(",60,", ",10,")
    (event / "forces.csv").write_text(text, "utf-8")
    plan = planned.parent / "plan.json"

    issues = _issues("mix", event, "--plan", plan)

    assert issues[0].startswith("plan.json [H-PAT]: expected at most 10 crews, found ")
    assert "Best mix within" in _run("mix", planned, "--plan", plan)


def test_mix_without_offers_says_at_which_stage(event: Path) -> None:
    (event / "contingents.csv").unlink()

    ran = _call("mix", event)

    assert ran.return_value == 3
    assert ran.output == "No contingent is at the stage offered.\n"


@pytest.mark.slow
def test_interrupted_solve_writes_the_plan_so_far(planned: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    command = [sys.executable, "-m", "passerelle.cli", "plan", str(planned), "--seconds", "600"]
    process = subprocess.Popen(
        [*command, "--out", str(out)], start_new_session=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    while not _children(process.pid):  # the helper: the solve has begun
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does

    output, errors = process.communicate(timeout=60)

    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    assert output.startswith(("feasible: ", "optimal: "))
    assert _run("check", planned, out).startswith("0 violation(s)")


def _children(pid: int) -> list[str]:
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:  # noqa: PTH123
        return file.read().split()
