"""Hold one solve in the making: the board, the proof beside it, the best plan so far.

Those who plan (:mod:`~passerelle.planning.roster.engine.crew_by_crew`,
:mod:`~passerelle.planning.roster.engine.large_event`) change the board and say when it is worth
keeping; the proof goes on in a helper of its own where there is one. Whatever stops them, the best
plan and the best bound are here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.engine import build_up
from passerelle.planning.roster.engine.board import Board
from passerelle.planning.roster.engine.bounding import Bounding
from passerelle.planning.roster.engine.helper import Helper
from passerelle.planning.roster.engine.lines import Lines
from passerelle.planning.roster.engine.tables import HARD, Tables, compile_tables
from passerelle.planning.roster.observer import Progress

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from passerelle.planning.roster.engine.blocks import Prices
    from passerelle.planning.roster.engine.board import Worked
    from passerelle.planning.roster.engine.helper import News
    from passerelle.planning.roster.instance import Instance
    from passerelle.planning.roster.observer import Observer
    from passerelle.planning.roster.solve import SolveParams
    from passerelle.planning.roster.stop import Stop

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int32]

__all__ = ["Run"]

_REPORT_EVERY: Final = 0.5
_HELPED: Final = 8.0
"""Least seconds for which a helper is started."""


class Run:
    """Hold the state of one solve.

    Parameters
    ----------
    instance, stop, seed, params, observer
        As for :func:`passerelle.planning.roster.solve.solve`.
    """

    def __init__(
        self,
        instance: Instance,
        stop: Stop,
        *,
        seed: int,
        params: SolveParams,
        observer: Observer,
    ) -> None:
        self.instance, self.stop, self.seed = instance, stop, seed
        self.params, self.observer = params, observer
        self.tables: Tables = compile_tables(instance)
        pricing = Lines(self.tables)
        self.board = Board(self.tables, pricing)
        self.bounding = Bounding(self.tables, pricing)
        self.helper: Helper | None = None
        self.best: list[dict[Worked, int]] | None = None
        self.value = float("inf")
        self.steps = 0
        self._last_report = 0.0
        self._least = float("inf")
        self._helped = float("-inf")
        self._proved: Prices | None = None
        self._heard: Prices | None = None
        self._rounds = 0

    # ---- time

    @property
    def is_timed(self) -> bool:
        """Whether there is a limit of time."""
        return self.stop.seconds is not None

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody wants the solve to end soon."""
        return self.stop.cancelled.is_set()

    @property
    def is_over(self) -> bool:
        """Whether the time is up, but for what is kept for the end."""
        return self.stop.left <= self._reserve

    @property
    def left(self) -> float:
        """Seconds left, but for what is kept for the end; a large number without a limit."""
        return max(0.01, min(1e6, self.stop.left - self._reserve))

    @property
    def _reserve(self) -> float:
        if self.stop.seconds is None:
            return 0.0
        return min(self.params.finish_s, 0.2 * self.stop.seconds)

    # ---- the proof

    def start_helper(self, *, is_large: bool) -> None:
        """Start a process that proves the bound beside the plan, when there is time for it.

        Parameters
        ----------
        is_large
            Whether the event is planned as a large one.
        """
        if self.is_timed and self.stop.left >= _HELPED and self.params.threads > 1:
            self.helper = Helper.start(self.instance, self.params, self.left, is_large=is_large)

    def close_helper(self) -> None:
        """Hear the helper for the last time and end it."""
        if self.helper is not None:
            self.listen()
            self.helper.close()

    def listen(self, seconds: float = 0.0) -> list[News]:
        """Return what the helper has told since the last call, its bound and prices noted.

        Parameters
        ----------
        seconds
            How long to wait for it.
        """
        found = [] if self.helper is None else list(self.helper.news(seconds))
        for news in found:
            if news.bound > self._helped:
                self._helped, self._proved = news.bound, news.proved
            self._rounds = news.rounds
            if news.prices is not None:
                self._heard = news.prices
        return found

    def offer(self, cover: FloatArray, tracks: IntArray) -> None:
        """Let the proof know prices of some tracks."""
        if self.helper is not None:
            self.helper.offer(cover, tracks)
        else:
            self.bounding.offer(cover, tracks)

    @property
    def prices(self) -> Prices:
        """The best prices known."""
        return self.bounding.prices if self._heard is None else self._heard

    @property
    def bound(self) -> float:
        """The best bound known."""
        return max(self._helped, self.bounding.bound)

    @property
    def proved(self) -> Prices | None:
        """The prices that prove it."""
        return self._proved if self._helped > self.bounding.bound else self.bounding.proved

    @property
    def rounds(self) -> int:
        """Rounds of the proof, here and in the helper."""
        return self._rounds + self.bounding.rounds

    # ---- the plan

    def keep(self, phase: str) -> None:
        """Remember the board when it is the best, and tell the observer."""
        cost = self.board.cost
        if cost < self.value and (cost < HARD or not build_up.is_broken(self.board)):
            self.value, self.best = cost, self.board.copy_lines()
        self.report(phase, self.value)

    def report(self, phase: str, value: float) -> None:
        """Tell the observer the least cost so far, not too often.

        While crews are moved one by one the cost may hold rules between crews that are still broken, at prices
        that change with the step; nobody needs to see it rise.
        """
        now = self.stop.elapsed
        self._least = min(self._least, value)
        if now - self._last_report >= _REPORT_EVERY or phase == "first":
            self._last_report = now
            self.observer.report(Progress(now, self._least, self.bound, phase))
