"""Plan an event with many crews: in shares, then part by part as flows, then crew by crew.

Shares (:mod:`~passerelle.planning.roster.engine.crowd`) put a plan on the board within seconds and
flows (:mod:`~passerelle.planning.roster.engine.staffing`) replace it part by part. The largest part, of
those who walk with escorts, is planned by the helper meanwhile. At the end whole crews are moved one by
one, and those that still break a rule between crews give their duties up.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from passerelle.planning.roster.engine.crowd import Crowd
from passerelle.planning.roster.engine.staffing import Staffing
from passerelle.planning.roster.result import relative_gap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.planning.roster.engine.flow import Flowed
    from passerelle.planning.roster.engine.run import Run

__all__ = ["plan_large_event"]

_POLISH: Final = 0.1
"""Share of the time left that the programmes leave for moves of single crews, ..."""
_POLISH_S: Final = 5.0
"""... and least seconds that they leave."""
_SAFE: Final = 0.7
"""Share of the time left that planning parts once more may be expected to take."""
_ALONE: Final = 0.35
"""Share of the time left for shares of crews where not all parts can be planned after them."""
_WAIT: Final = 0.2
_LAST: Final = 3.0
"""Seconds kept for the last moves that mend rules between crews; an interrupted solve has them too."""


def plan_large_event(run: Run, *, is_begun: bool) -> None:
    """Plan an event with many crews.

    Parameters
    ----------
    run
        The solve.
    is_begun
        Whether there is a plan to begin with, so that none is made in shares.
    """
    rng = np.random.default_rng(run.seed)
    if run.helper is None:
        _climb(run, 0.5 * run.params.climbing)
    staffed = _Staffed(run)
    if not is_begun:
        _share(run, run.params.sharing if staffed.is_timely else _ALONE)
    staffed.plan()
    if run.helper is None:
        _climb(run, run.params.climbing)
    _polish(run, rng)


def _climb(run: Run, share: float) -> None:
    """Raise the bound along subgradients for a share of the time left."""
    turn = run.stop.elapsed + share * run.left
    for _ in run.bounding.ascend(
        most_visits=run.params.climbs,
        is_over=lambda: run.is_over or (run.is_timed and run.stop.elapsed > turn),
    ):
        run.report("bound", run.value)


def _share(run: Run, share: float) -> None:
    """Plan crews in shares for a share of the time left, and make them whole."""
    crowd = Crowd(run.board)
    begun = run.stop.elapsed
    end = begun + share * run.left
    crowd.share(run.seed, partial(_shared, run, begun=begun, end=end))
    crowd.spread.make_whole()
    crowd.post()


def _shared(run: Run, chunks: int, *, begun: float, end: float) -> float:
    """Return the part of the sharing that is over."""
    if run.is_over:
        return 1.0
    part = chunks / run.params.chunks
    if run.is_timed:
        part = max(part, (run.stop.elapsed - begun) / max(1e-6, end - begun))
    if chunks % 10 == 0:
        run.report("share", run.value)
    return min(1.0, part)


def _polish(run: Run, rng: np.random.Generator) -> None:
    """Move crews one by one until no rule between crews is broken and the time is up."""
    crowd = Crowd(run.board)
    begun = run.stop.elapsed
    end = begun + max(0.0, run.left - _LAST)

    def progress(visits: int) -> float:
        is_near = relative_gap(crowd.spread.cost, run.bound) <= run.stop.gap
        if is_near or run.stop.is_over(visits):
            return 1.0
        if run.is_timed:
            return (run.stop.elapsed - begun) / max(1e-6, end - begun)
        return visits / run.params.visits

    def report() -> None:
        run.listen()
        run.report("improve", crowd.spread.cost)

    run.steps = crowd.improve(rng, progress, report)
    ended = run.stop.elapsed

    def is_over() -> bool:
        is_mended = not run.is_cancelled or run.stop.elapsed > ended + _LAST
        return run.stop.left <= 0 and is_mended

    crowd.keep_rules(rng, is_over)
    crowd.write()
    run.keep("improve")


class _Staffed:
    """Take part after part off the board, plan it as flows, and keep that where it is cheaper."""

    def __init__(self, run: Run) -> None:
        self.run, self.staffing = run, Staffing(run.board)
        self._end = run.stop.elapsed + run.left - max(_POLISH * run.left, _POLISH_S)
        self._asked: set[int] = set()
        """Parts that the helper still plans."""
        self._spare: dict[int, Flowed] = {}
        """Flows of parts that were solved for their prices."""

    @property
    def is_timely(self) -> bool:
        """Whether all parts can be expected to be planned in time, those of the second turn twice."""
        if not self.run.is_timed:
            return True
        parts, by_turn = self.staffing.parts, [0.0, 0.0, 0.0]
        for index, part in enumerate(parts):
            by_turn[part.turn] += self.staffing.seconds(index)
        once, first, second = by_turn
        beside = max(once, first) if self.run.helper is not None else once + first
        return 2 * second + beside <= self._end - self.run.stop.elapsed

    def plan(self) -> None:
        """Plan all parts, and those of two turns once more at the prices found meanwhile."""
        run, staffing = self.run, self.staffing
        is_timely = self.is_timely
        self._solve_second_turns()
        if not is_timely:
            for index, found in self._spare.items():
                staffing.post(index, found)
        done = set() if is_timely else set(self._spare)
        self._plan_parts([i for i in range(len(staffing.parts)) if i not in done])
        turns = [i for i, part in enumerate(staffing.parts) if part.turn]
        while (
            run.is_timed
            and turns
            and staffing.is_timely(turns[0], _SAFE * (self._end - run.stop.elapsed))
        ):
            if not self._plan_parts(turns):
                break

    def _solve_second_turns(self) -> None:
        """Plan those who come second, for the prices by which the first are planned.

        They are most of the crews, so that prices of their tracks hardly depend on the others; at those
        of a climb that has just begun the first would be planned for what is not worth much.
        """
        for index, part in enumerate(self.staffing.parts):
            if part.turn > 1:
                found = self._solved(index)
                if found is not None:
                    self._spare[index] = found
                    self.run.offer(found.prices.cover, found.tracks)
                self._report()

    def _plan_parts(self, parts: Sequence[int]) -> bool:
        """Plan some parts; tell whether that made anything cheaper.

        The helper plans those of a first turn and then the largest of the others.
        """
        run, staffing = self.run, self.staffing
        before = staffing.cost
        far = [i for i in parts if staffing.parts[i].turn == 1] if run.helper is not None else []
        if far:
            far += [i for i in parts if not staffing.parts[i].turn][-1:]
        for index in far:
            assert run.helper is not None
            run.helper.ask(index, staffing.standing(index), staffing.postings(index))
        self._asked = set(far)
        for index in parts:
            if staffing.parts[index].turn > 1:
                self._await({i for i in far if staffing.parts[i].turn})
            if index not in far:
                spare, found = self._spare.pop(index, None), self._solved(index)
                if found is not None:
                    run.offer(found.prices.cover, found.tracks)
                best = found or spare
                if best is not None:
                    staffing.post(index, best)
                self._hear()
                self._report()
        self._await(set(far), late=_POLISH_S / 2)
        return staffing.cost < before

    def _solved(self, index: int) -> Flowed | None:
        """Return the flows of a part, ``None`` when there is no time for them."""
        run, staffing = self.run, self.staffing
        seconds = self._end - run.stop.elapsed if run.is_timed else run.left
        if run.is_cancelled or not staffing.is_timely(index, seconds):
            return None
        return staffing.solve(
            index, run.prices, staffing.standing(index), staffing.postings(index), seconds,
            is_over=lambda: run.is_cancelled,
        )  # fmt: skip

    def _await(self, parts: set[int], late: float = 0.0) -> None:
        """Wait for what the helper plans, at the end a few seconds more."""
        run = self.run
        while (
            self._asked & parts
            and run.helper is not None
            and run.helper.is_alive
            and not run.is_cancelled
            and run.stop.elapsed < self._end + late
        ):
            self._hear(_WAIT)
            self._report()

    def _hear(self, seconds: float = 0.0) -> None:
        """Post what the helper has planned."""
        for news in self.run.listen(seconds):
            if news.part >= 0:
                self._asked.discard(news.part)
                if news.flowed is not None:
                    self.staffing.post(news.part, news.flowed)

    def _report(self) -> None:
        self.run.report("staff", min(self.run.value, self.staffing.cost))
