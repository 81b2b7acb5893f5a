"""What the process that proves beside the plan is told and tells."""

from __future__ import annotations

import os
import signal

from tests.factories.roster import big_event

from passerelle.planning.roster.engine.board import Board
from passerelle.planning.roster.engine.crowd import is_crowd
from passerelle.planning.roster.engine.helper import Helper
from passerelle.planning.roster.engine.lines import Lines
from passerelle.planning.roster.engine.tables import compile_tables
from passerelle.planning.roster.solve import SolveParams


def test_many_crews_planned_crew_by_crew_are_proved_beside_their_plan() -> None:
    # A helper that judged by the crews alone waited for jobs and broke off on the plan.
    instance = big_event(sites=12, posts=10, days=6)
    tables = compile_tables(instance)
    assert is_crowd(tables)
    board = Board(tables, Lines(tables))

    helper = Helper.start(instance, SolveParams(), 600.0, is_large=False)
    assert helper is not None
    helper.begin(board.copy_lines(), board.track_costs())
    news = []
    while not news and helper.is_alive:
        news = list(helper.news(0.1))
    helper.close()

    assert news
    assert 0 < news[0].bound < float("inf")


def test_helper_that_was_stopped_is_ended_all_the_same() -> None:
    instance = big_event(sites=12, posts=10, days=6)
    helper = Helper.start(instance, SolveParams(), 600.0, is_large=True)
    assert helper is not None
    os.kill(helper.pid, signal.SIGSTOP)

    helper.close()

    assert not helper.is_alive
