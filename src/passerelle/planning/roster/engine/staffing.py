"""Plan a large event anew part by part, as flows of crews made whole.

:mod:`~passerelle.planning.roster.engine.parts` says who is planned together and when,
:mod:`~passerelle.planning.roster.engine.flow` how many crews work which duty, and
:mod:`~passerelle.planning.roster.engine.sweep` which crew that is. A part is taken off the board,
planned with the need that the others leave, and put back as it was when that is not cheaper.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from passerelle.planning.roster.engine.blocks import ESCORT_PRICE
from passerelle.planning.roster.engine.catalogue import find_postings
from passerelle.planning.roster.engine.flow import Flowed, Program
from passerelle.planning.roster.engine.parts import Part, parts_of
from passerelle.planning.roster.engine.pools import Alike
from passerelle.planning.roster.engine.sweep import sweep
from passerelle.planning.roster.engine.tables import HARD

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from passerelle.planning.roster.engine.blocks import Prices
    from passerelle.planning.roster.engine.board import Board

    IntArray = npt.NDArray[np.int32]
    LongArray = npt.NDArray[np.int64]

__all__ = ["Staffing"]

_PACE: Final = 3_000.0
"""Postings of a programme that a second of its solver is good for, by a careful guess."""
_MOST: Final = 13_000
"""About how many postings a programme chooses where it has more, ..."""
_WIDE: Final = 60_000
"""... and where it is made beside others, or for those who come second."""


class Staffing:
    """Hold the parts of an event.

    Parameters
    ----------
    board
        Where the crews stand; changed by :meth:`post`.
    """

    def __init__(self, board: Board) -> None:
        self.board, self.tables, self.pricing = board, board.tables, board.pricing
        self.catalogue = board.catalogue
        self.alike = Alike(self.tables, self.pricing, self.catalogue)
        self.parts: list[Part] = parts_of(self.tables, self.pricing, self.alike)

    def postings(self, index: int) -> LongArray:
        """Return what the crews of a part do now, as postings by first options."""
        found: set[int] = set()
        for kind in self.parts[index].kinds:
            cls = self.tables.kinds[kind].cls
            for line in self.board.worked[kind]:
                found.update(find_postings(self.catalogue, cls, line)[1])
        return self.alike.named(np.array(sorted(found), dtype=np.int64))

    def is_timely(self, index: int, seconds: float) -> bool:
        """Tell whether a part, and those of later turns, can be expected to be planned in time."""
        turn = self.parts[index].turn
        later = [i for i, part in enumerate(self.parts) if part.turn > turn > 0]
        return sum(self.seconds(i) for i in (index, *later)) <= seconds

    def seconds(self, index: int) -> float:
        """Return in how many seconds a part can be expected to be planned."""
        part = self.parts[index]
        return min(part.size, self._most(part)) / _PACE

    @staticmethod
    def _most(part: Part) -> int:
        return _WIDE if part.turn else _MOST

    def standing(self, index: int) -> tuple[IntArray, IntArray]:
        """Return cover and people in beds of all crews but those of a part."""
        board, t = self.board, self.tables
        cover, beds = board.cover.copy(), board.beds.copy()
        for kind in self.parts[index].kinds:
            cls = t.kinds[kind].cls
            base, people = int(t.class_base[cls]), int(t.class_people[cls])
            for line, crews in board.worked[kind].items():
                for start, length, option in line:
                    found = t.options[option]
                    span = slice(start + found.ext, start + length - found.ext)
                    for track, coef in zip(found.tracks, found.coefs, strict=True):
                        cover[track, span] -= coef * crews
                    if base >= 0:
                        beds[base, start // t.steps_per_day] -= people * crews
        return cover, beds

    def solve(
        self,
        index: int,
        prices: Prices,
        standing: tuple[IntArray, IntArray],
        kept: LongArray,
        seconds: float,
        *,
        is_over: Callable[[], bool] | None = None,
    ) -> Flowed | None:
        """Return the flows of a part, ``None`` when the time ran out.

        Parameters
        ----------
        index
            Which part.
        prices
            Prices of all tracks.
        standing
            Cover and people in beds of all crews but those of the part.
        kept
            Postings that are chosen anyway.
        seconds
            Time limit.
        is_over
            Asked now and then whether to give up.
        """
        program = Program(
            self.tables, self.pricing, self.alike, self.parts[index], prices, standing,
            most=self._most(self.parts[index]), kept=kept,
        )  # fmt: skip
        return program.solve(seconds, is_over)

    def post(self, index: int, flowed: Flowed) -> bool:
        """Post whole crews of a part instead of what they do now; tell whether that is cheaper.

        When it is not, everything stands as before.
        """
        board, kinds = self.board, self.parts[index].kinds
        cost = self.cost
        found = sweep(self.tables, self.pricing, self.alike, flowed)
        before = {kind: board.exchange(kind, found.get(kind, {})) for kind in kinds}
        if self.cost < cost:
            return True
        for kind in kinds:
            board.exchange(kind, before[kind])
        return False

    @property
    def cost(self) -> float:
        """Cost of the board with a price on broken rules that later moves can mend."""
        t, board = self.tables, self.board
        costs = board.track_costs()
        hard = (t.below >= HARD * t.hours).any(axis=1) | (t.above >= HARD * t.hours).any(axis=1)
        beds = float(np.maximum(board.beds - t.beds, 0).sum())
        broken = float(costs[hard].sum()) / HARD + beds
        return board.work_cost + float(costs[~hard].sum()) + ESCORT_PRICE * broken
