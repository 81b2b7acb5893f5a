"""Parts of an event to be planned as flows, and what a plan of them breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from passerelle.planning.roster.check import check
from passerelle.planning.roster.engine import build_up
from passerelle.planning.roster.engine.blocks import Prices
from passerelle.planning.roster.engine.board import Board
from passerelle.planning.roster.engine.lines import Lines
from passerelle.planning.roster.engine.outcome import plan_of
from passerelle.planning.roster.engine.staffing import Staffing
from passerelle.planning.roster.engine.tables import compile_tables

if TYPE_CHECKING:
    from passerelle.planning.roster.checks import Violation
    from passerelle.planning.roster.engine.flow import Flowed
    from passerelle.planning.roster.instance import Instance

__all__ = ["broken_by", "no_prices", "solved", "staffing_of"]


def staffing_of(event: Instance) -> Staffing:
    """Return the parts of an event of which only locked duties are posted."""
    tables = compile_tables(event)
    board = Board(tables, Lines(tables))
    build_up.post_locked(board)
    return Staffing(board)


def no_prices(staffing: Staffing) -> Prices:
    """Return prices of nothing."""
    t = staffing.tables
    return Prices(np.zeros(t.minimum.shape), np.zeros(t.beds.shape))


def solved(staffing: Staffing, index: int) -> Flowed:
    """Return the flows of a part, nothing of others priced."""
    found = staffing.solve(
        index, no_prices(staffing), staffing.standing(index), staffing.postings(index), 20.0
    )
    assert found is not None
    return found


def broken_by(staffing: Staffing) -> tuple[Violation, ...]:
    """Return the rules of a crew that the board breaks; duties that break others are dropped."""
    board = staffing.board
    build_up.drop_violations(board)
    plan = plan_of(board.tables, board.copy_lines())
    return check(board.tables.instance, plan).violations
