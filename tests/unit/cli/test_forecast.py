"""``passerelle forecast`` on the EURO example, and on a folder without a tournament."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from passerelle.cli.commands.forecast import command
from passerelle.kernel.problems import InputError
from passerelle.planning.formats.event_folder import load_event, write_event

if TYPE_CHECKING:
    from pathlib import Path


def _run(*arguments: str) -> str:
    done = CliRunner().invoke(command, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_nations_stand_by_what_their_busiest_day_asks_for(project_root: Path) -> None:
    output = _run(str(project_root / "examples/euro-2024"), "--runs", "50")

    assert "50 runs, seed 1, service level 90%" in output
    assert "TUR" in output


def test_one_site_shows_who_may_play_there(project_root: Path) -> None:
    output = _run(str(project_root / "examples/euro-2024"), "--runs", "50", "--site", "STU")

    assert "2024-07-05" in output


def test_json_holds_runs_seed_spreads_and_nations(project_root: Path) -> None:
    folder = str(project_root / "examples/euro-2024")

    data = json.loads(_run(folder, "--runs", "20", "--seed", "9", "--json"))

    assert (data["event_id"], data["runs"], data["seed"], data["service"]) == (
        "euro-2024",
        20,
        9,
        0.9,
    )
    assert len(data["nations"]) == 24
    assert {spread["site_id"] for spread in data["spreads"]} == {
        "BER",
        "COL",
        "DOR",
        "DUS",
        "FRA",
        "GEL",
        "HAM",
        "LEI",
        "MUN",
        "STU",
    }


def test_a_folder_without_a_tournament_says_which_files_are_missing(
    project_root: Path, tmp_path: Path
) -> None:
    write_event(tmp_path, load_event(project_root / "examples/euro-2024").event)

    with pytest.raises(InputError) as caught:
        _run(str(tmp_path))

    assert [(issue.file, issue.code) for issue in caught.value.issues] == [
        ("bracket.csv", "folder.missing-file"),
        ("ratings.csv", "folder.missing-file"),
    ]
