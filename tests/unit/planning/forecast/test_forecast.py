"""Forecasts: outcomes follow the ratings, the bracket is kept, the same seed gives the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from passerelle.kernel.problems import InputError
from passerelle.planning.forecast.outcomes import expectation, play
from passerelle.planning.forecast.spread import forecast
from passerelle.planning.forecast.tournament import Match, Tournament
from passerelle.planning.formats.event_folder import load_event
from passerelle.planning.formats.event_folder.bracket import read_tournament
from passerelle.planning.need import standard_coefficients

if TYPE_CHECKING:
    from pathlib import Path

C = standard_coefficients()


def _four(ratings: dict[str, float]) -> Tournament:
    """Return two groups of two teams and a final with a match for the third place."""
    return Tournament(
        (
            Match("G1", "S1", "group", "A", ("AAA", "BBB")),
            Match("G2", "S2", "group", "B", ("CCC", "DDD")),
            Match("M1", "S3", "sf", "", ("1A", "2B")),
            Match("M2", "S4", "sf", "", ("1B", "2A")),
            Match("M3", "S5", "bronze", "", ("L-M1", "L-M2")),
            Match("M4", "S6", "final", "", ("W-M1", "W-M2")),
        ),
        ratings,
    )


@pytest.mark.parametrize("difference", [-300.0, -100.0, 0.0, 50.0, 400.0])
def test_outcomes_meet_the_elo_expectation(difference: float) -> None:
    duel = Tournament(
        (Match("G1", "S1", "group", "A", ("AAA", "BBB")),),
        {"AAA": 1500.0 + difference, "BBB": 1500.0},
    )

    won = play(duel, 40_000, np.random.default_rng(7)).winner[:, 0]

    score = float((won == 0).mean() + (won == -1).mean() / 2)
    assert score == pytest.approx(float(expectation(np.array(difference))), abs=0.01)


def test_the_bracket_is_kept_in_every_run() -> None:
    outcomes = play(
        _four({"AAA": 1500, "BBB": 1500, "CCC": 1500, "DDD": 1500}), 500, np.random.default_rng(1)
    )

    sides, winner = outcomes.sides, outcomes.winner
    loser = sides.sum(axis=2) - winner
    assert (sides[:, 5] == winner[:, 2:4]).all()
    assert (sides[:, 4] == loser[:, 2:4]).all()
    assert (np.sort(sides[:, 2:4].reshape(500, 4), axis=1) == np.arange(4)).all()


def test_a_team_far_above_the_others_wins() -> None:
    outcomes = play(
        _four({"AAA": 1500, "BBB": 1500, "CCC": 3000, "DDD": 1500}), 300, np.random.default_rng(1)
    )

    assert (outcomes.winner[:, 5] == 2).mean() > 0.95


def test_a_slot_before_its_match_is_refused() -> None:
    with pytest.raises(ValueError, match="Expected 'M9' before M1"):
        Tournament((Match("M1", "S1", "final", "", ("W-M9", "AAA")),), {"AAA": 1500})


def test_the_same_seed_gives_the_same_forecast(project_root: Path) -> None:
    folder = project_root / "examples/euro-2024"
    event = load_event(folder).event
    tournament = read_tournament(folder, event)

    one, two, other = (forecast(event, tournament, C, runs=50, seed=seed) for seed in (3, 3, 4))

    assert one == two
    assert one.spreads != other.spreads


def test_best_thirds_go_to_slots_that_admit_their_group(project_root: Path) -> None:
    folder = project_root / "examples/euro-2024"
    tournament = read_tournament(folder, load_event(folder).event)
    group = {team: letter for letter, teams in tournament.groups.items() for team in teams}

    outcomes = play(tournament, 200, np.random.default_rng(5))

    for index, match in enumerate(tournament.matches):
        for side, slot in enumerate(match.sides):
            if slot.startswith("3"):
                teams = {tournament.teams[i] for i in outcomes.sides[:, index, side].tolist()}
                assert {group[team] for team in teams} <= set(slot[1:].split("/"))


def test_a_group_match_has_its_teams_for_certain_and_a_final_not(project_root: Path) -> None:
    folder = project_root / "examples/euro-2024"
    event = load_event(folder).event

    found = forecast(event, read_tournament(folder, event), C, runs=400, seed=1)

    opening = [s for s in found.spreads if s.date == "2024-06-14" and s.nation]
    final = [s for s in found.spreads if s.date == "2024-07-14" and s.nation]
    assert [(s.nation, s.probability) for s in opening] == [("SCO", 1.0)]
    assert len(final) > 8
    assert sum(s.probability for s in final) <= 2.0
    asked = {n.nation: (n.pairs_on_service, n.ask) for n in found.nations}
    assert asked["GER"] == (0, 0)
    assert asked["SCO"][1] >= asked["SCO"][0] >= 8


def test_a_bracket_with_unknown_sessions_is_refused(project_root: Path, tmp_path: Path) -> None:
    event = load_event(project_root / "examples/euro-2024").event
    (tmp_path / "ratings.csv").write_text("team,rating\nAAA,1500\nBBB,x\n")
    (tmp_path / "bracket.csv").write_text(
        "match_id,session_id,stage,group,team1,team2\nM1,NONE,group,A,AAA,BBB\n"
    )

    with pytest.raises(InputError) as caught:
        read_tournament(tmp_path, event)

    assert [(i.file, i.line, i.column) for i in caught.value.issues] == [
        ("bracket.csv", 2, "session_id"),
        ("ratings.csv", 3, "rating"),
    ]
