"""Run the phases of :mod:`~passerelle.planning.roster.engine.spread` on a board with many crews."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.engine import build_up
from passerelle.planning.roster.engine.rounding import rounded
from passerelle.planning.roster.engine.spread import Spread

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt

    from passerelle.planning.roster.engine.board import Board
    from passerelle.planning.roster.engine.tables import Tables

    FloatArray = npt.NDArray[np.float64]

__all__ = ["Crowd", "is_crowd"]

_CROWD: Final = 500
_CHUNK: Final = 200
_NARROW: Final = 0.03
_REACHED: Final = 1.3
"""The narrowest width is reached at one 1.3th of the phase; the rest is for settling there."""
_STEEP_FROM: Final = 0.5
_PATIENCE: Final = 2000
"""Most visits to kinds, after the rules between crews were made steep, until all are kept."""


def is_crowd(tables: Tables) -> bool:
    """Tell whether there are so many crews that they are better planned in shares."""
    free = [kind.strength for kind in tables.kinds if not kind.group.locked]
    return bool(free) and sum(free) >= _CROWD


class Crowd:
    """Plan the crews of a board that are not locked.

    Parameters
    ----------
    board
        Where they stand; changed by :meth:`write` only.
    """

    def __init__(self, board: Board) -> None:
        kinds = [k for k, kind in enumerate(board.tables.kinds) if not kind.group.locked]
        self.board = board
        self.spread = Spread(board.tables, board.pricing, kinds, board)

    def share(self, seed: int, progress: Callable[[int], float]) -> int:
        """Improve shares of crews; return the chunks of steps taken.

        Parameters
        ----------
        seed
            Seed of all random choices.
        progress
            Part of the phase that is over, after so many chunks; 1 ends it.
        """
        chunks = 0
        while (part := progress(chunks)) < 1.0:
            self.spread.set_width(_NARROW ** min(1.0, _REACHED * part))
            self.spread.improve_shares(seed + chunks, _CHUNK)
            chunks += 1
        return chunks

    def improve(
        self,
        rng: np.random.Generator,
        progress: Callable[[int], float],
        report: Callable[[], None],
    ) -> int:
        """Make crews whole and move them one by one; return the visits to kinds.

        Halfway the rules between crews become steep: before, a crew may step where its escort
        comes later.

        Parameters
        ----------
        rng
            Source of chance.
        progress
            Part of the phase that is over, after so many visits; 1 ends it.
        report
            Called now and then.
        """
        self.spread.make_whole()
        visits, is_steep = 0, False
        while (part := progress(visits)) < 1.0:
            if part >= _STEEP_FROM and not is_steep:
                self.spread.harden()
                is_steep = True
            self.spread.improve_whole(rng)
            visits += 1
            if visits % 20 == 0:
                report()
        if not is_steep:
            self.spread.harden()
        return visits

    def keep_rules(self, rng: np.random.Generator, is_over: Callable[[], bool]) -> None:
        """Move crews until no rule between crews is broken, or give up."""
        for _ in range(_PATIENCE):
            if not self.spread.is_broken or is_over():
                return
            self.spread.improve_whole(rng)

    def post(self) -> None:
        """Let the board have the crews."""
        found = rounded(self.board, self.spread.solved())
        for kind in self.spread.kinds:
            self.board.exchange(kind, found.get(kind, {}))

    def write(self) -> None:
        """Let the board have the crews; duties that still break a rule are dropped."""
        self.post()
        if build_up.is_broken(self.board):
            build_up.drop_violations(self.board)
