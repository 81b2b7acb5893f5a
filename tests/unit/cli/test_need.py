"""``passerelle need`` on the Paris example and on a folder with only venues and sessions."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from passerelle.cli.commands.need import command
from passerelle.kernel.problems import InputError, RefusedError

if TYPE_CHECKING:
    from pathlib import Path


def _run(*arguments: str) -> str:
    done = CliRunner().invoke(command, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_totals_of_paris_name_what_must_be_asked(project_root: Path) -> None:
    output = _run(str(project_root / "examples/paris-2024"))

    assert "724 sessions" in output
    assert "How many tickets are" in output


def test_one_site_is_explained_line_by_line(project_root: Path) -> None:
    folder = str(project_root / "examples/paris-2024")

    output = _run(folder, "--site", "STE", "--capability", "eod", "--explain")

    assert "doubling: 2 x the host's 2 = 4 pairs when MAR plays" in output


def test_json_holds_every_figure(project_root: Path) -> None:
    folder = str(project_root / "examples/paris-2024")

    data = json.loads(_run(folder, "--site", "X-EOD", "--json"))

    assert data["event"] == "paris-2024"
    assert data["figures"][0] == {
        "site_id": "X-EOD",
        "capability": "eod",
        "interval": {"start": "2024-07-22T22:00:00Z", "end": "2024-07-23T22:00:00Z"},
        "low": 1,
        "central": 1,
        "high": 1,
        "minimum": 1,
        "weight": 5.0,
    }


def test_an_unknown_site_is_refused_with_the_known_ones(project_root: Path) -> None:
    with pytest.raises(RefusedError, match="Unknown site XYZ"):
        _run(str(project_root / "examples/paris-2024"), "--site", "XYZ")


@pytest.mark.shared
def test_venues_and_sessions_alone_give_a_need_and_questions(shared: Path, tmp_path: Path) -> None:
    for name in ("venues.csv", "sessions.csv"):
        shutil.copy(shared / "data/euro-2024" / name, tmp_path / name)

    data = json.loads(_run(str(tmp_path), "--json"))

    assert len(data["figures"]) > 1_000
    assert [item["field"] for item in data["assumptions"]] == [
        "event.id",
        "event.name",
        "event.host",
        "event.timezone",
        "event.from, event.to",
        "event.threat",
        "venues.kind",
        "venues.bags",
        "venues.static_posts",
        "sessions.attendance",
        "sessions.risk",
        "sessions.vip",
        "sessions.heads_of_state",
        "sessions.threat",
        "sessions.search",
        "sessions.supporters",
        "sessions.times",
    ]
    assert all(item["ask"].endswith("?") for item in data["assumptions"])


def test_a_folder_without_files_says_which_are_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        _run(str(tmp_path))

    assert [(issue.file, issue.code) for issue in caught.value.issues] == [
        ("sessions.csv", "folder.missing-file"),
        ("venues.csv", "folder.missing-file"),
    ]


def test_a_wrong_folder_ends_with_exit_code_4_and_every_issue(tmp_path: Path) -> None:
    (tmp_path / "venues.csv").write_text("venue_id,name\nA,B\n")
    (tmp_path / "sessions.csv").write_text("session_id\nS1\n")

    done = subprocess.run(
        [sys.executable, "-m", "passerelle.cli", "need", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )

    lines = done.stderr.splitlines()
    assert done.returncode == 4
    assert done.stdout == ""
    assert lines[0].startswith("sessions.csv:1 [end]: expected the column end")
    assert lines[-1] == "passerelle: 10 problem(s); nothing was taken in."
