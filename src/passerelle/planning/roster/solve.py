"""The one entry point of the event engine.

Two things run side by side: a plan is built and made better
(:mod:`~passerelle.planning.roster.engine.build_up`), and prices that prove a bound are found
(:mod:`~passerelle.planning.roster.engine.bounding`). Whenever a piece of the relaxation is solved, its
solution is turned into whole crews and taken over where it is cheaper. Stopping at any moment leaves
the best plan so far and the best bound so far.

With a limit of iterations and no limit of time everything runs in one fixed order, so that the same
seed gives the same plan on any machine.
"""

from __future__ import annotations

import resource
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from passerelle.planning.roster.check import check
from passerelle.planning.roster.observer import Progress, Silent
from passerelle.planning.roster.result import (
    Result,
    Status,
    relative_gap,
)
from passerelle.planning.roster.validate import validate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from passerelle.planning.roster.engine.blocks import Prices
    from passerelle.planning.roster.engine.board import Board, Worked
    from passerelle.planning.roster.engine.bounding import Bounding
    from passerelle.planning.roster.engine.flow import Flowed
    from passerelle.planning.roster.engine.helper import Helper
    from passerelle.planning.roster.engine.relax import Solved
    from passerelle.planning.roster.engine.staffing import Staffing
    from passerelle.planning.roster.engine.tables import Tables
    from passerelle.planning.roster.instance import Instance
    from passerelle.planning.roster.observer import Observer
    from passerelle.planning.roster.plan import Plan
    from passerelle.planning.roster.stop import Stop

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int32]

__all__ = ["SolveParams", "solve"]

_REPORT_EVERY: Final = 0.5
_OPTIMAL: Final = 1e-6
_WEIGHED: Final = 100
"""Steps of improvement between two weighings of the kinds."""

_HELPED: Final = 8.0
_CROWDED: Final = 8.0
"""Least seconds for which it pays to plan many crews at once."""
_POLISH: Final = 0.1
"""Share of the time left that the programmes leave for moves of single crews."""
_SAFE: Final = 0.7
"""Share of the time left that planning parts once more may be expected to take."""
_WAIT: Final = 0.2
_LAST: Final = 3.0
"""Seconds kept for the last moves that mend rules between crews."""


@dataclass(frozen=True, slots=True)
class SolveParams:
    """Set how the solver works.

    Parameters
    ----------
    threads
        With 1 the bound is sought before the improvement, with 2 beside it.
    tolerance
        Share of the cost to which a piece of the relaxation is solved.
    finish_s
        Seconds kept at the end for the last proof and the check.
    rounds
        Most rounds of column generation for a piece.
    sharing
        Share of the time in which many crews are planned in shares.
    climbing, climbs
        Share of the time left in which the bound follows subgradients when many crews are planned
        by one thread, and most visits to a piece in doing so.
    chunks, visits
        Most chunks of steps in that phase, and most visits to kinds after it without a limit of
        time.
    """

    threads: int = 2
    tolerance: float = 2e-4
    finish_s: float = 3.0
    rounds: int = 60
    sharing: float = 0.06
    climbing: float = 0.4
    climbs: int = 100
    chunks: int = 250
    visits: int = 2000


def solve(
    instance: Instance,
    stop: Stop,
    *,
    seed: int = 0,
    params: SolveParams | None = None,
    observer: Observer | None = None,
    start: Plan | None = None,
) -> Result:
    """Plan an event.

    Parameters
    ----------
    instance
        What is to be planned.
    stop
        When to stop; may cut anywhere and still leaves a valid plan and a valid bound.
    seed
        Seed of all random choices.
    params
        How the solver works; defaults when ``None``.
    observer
        Who wants to know the progress.
    start
        A plan to begin with; duties that no longer exist are left out.

    Returns
    -------
    Result
        Plan, value, bound and certificate. The plan has passed the independent checker.

    Raises
    ------
    InputError
        When the instance contradicts itself.
    """
    validate(instance)
    return _Solve(
        instance,
        stop,
        seed=seed,
        params=params or SolveParams(),
        observer=observer or Silent(),
        start=start,
    ).run()


class _Solve:
    """Hold the state of one solve."""

    def __init__(
        self,
        instance: Instance,
        stop: Stop,
        *,
        seed: int,
        params: SolveParams,
        observer: Observer,
        start: Plan | None,
    ) -> None:
        from passerelle.planning.roster.engine.board import Board  # noqa: PLC0415 - slow import
        from passerelle.planning.roster.engine.bounding import (  # noqa: PLC0415 - slow import
            Bounding,
        )
        from passerelle.planning.roster.engine.lines import Lines  # noqa: PLC0415 - slow import
        from passerelle.planning.roster.engine.tables import (  # noqa: PLC0415 - slow import
            compile_tables,
        )

        self.instance, self.stop, self.seed = instance, stop, seed
        self.params, self.observer, self.start = params, observer, start
        self.tables: Tables = compile_tables(instance)
        pricing = Lines(self.tables)
        self.board: Board = Board(self.tables, pricing)
        self.bounding: Bounding = Bounding(self.tables, pricing)
        self.best: list[dict[Worked, int]] | None = None
        self.value = float("inf")
        self.steps = 0
        self._last_report = 0.0
        self._helped = float("-inf")
        self._proved: Prices | None = None
        self._heard: Prices | None = None
        self._rounds = 0

    @property
    def _is_timed(self) -> bool:
        return self.stop.seconds is not None

    def _is_over(self) -> bool:
        return self.stop.left <= self._reserve()

    def _reserve(self) -> float:
        if self.stop.seconds is None:
            return 0.0
        return min(self.params.finish_s, 0.2 * self.stop.seconds)

    def _left(self) -> float:
        return max(0.01, min(1e6, self.stop.left - self._reserve()))

    def run(self) -> Result:
        from passerelle.planning.roster.engine import build_up  # noqa: PLC0415 - slow import
        from passerelle.planning.roster.engine.crowd import is_crowd  # noqa: PLC0415 - slow import
        from passerelle.planning.roster.engine.outcome import (  # noqa: PLC0415 - slow import
            board_lines,
        )

        board = self.board
        helper = self._helper()
        build_up.post_locked(board)
        self.bounding.prove()
        self._keep("empty")
        if self.start is not None:
            board.reset(board_lines(board, self.start))
            build_up.drop_violations(board)
        if is_crowd(self.tables) and (self.stop.seconds is None or self._left() > _CROWDED):
            self._plan_crowd(helper)
        else:
            self._plan_each(helper)
        if helper is not None:
            self._listen(helper, take_over=False)
            helper.close()
        return self._result()

    def _plan_each(self, helper: Helper | None) -> None:
        """Post crew after crew and improve, beside or after the proof."""
        from passerelle.planning.roster.engine import build_up  # noqa: PLC0415 - slow import

        board = self.board
        build_up.first_plan(board, is_over=self._is_over, parts=40)
        build_up.drop_violations(board)
        self._keep("first")
        self._prove(helper)
        self._improve(build_up.improve, helper)

    def _plan_crowd(self, helper: Helper | None) -> None:
        """Plan crews in shares, then part by part as flows, and move them one by one at the end."""
        from passerelle.planning.roster.engine.crowd import Crowd  # noqa: PLC0415 - slow import

        rng = np.random.default_rng(self.seed)
        if helper is None:
            self._climb(0.5 * self.params.climbing)
        if self.start is None:
            crowd = Crowd(self.board)
            begun = self.stop.elapsed
            end = begun + self.params.sharing * self._left()
            crowd.share(self.seed, partial(self._shared, begun=begun, end=end))
            crowd.spread.make_whole()
            crowd.post()
        self._staff(helper)
        if helper is None:
            self._climb(self.params.climbing)
        crowd = Crowd(self.board)

        begun = self.stop.elapsed
        end = begun + max(0.0, self._left() - _LAST)

        def progress(visits: int) -> float:
            is_near = relative_gap(crowd.spread.cost, self._bound()) <= self.stop.gap
            if is_near or self.stop.is_over(visits):
                return 1.0
            if self._is_timed:
                return (self.stop.elapsed - begun) / max(1e-6, end - begun)
            return visits / self.params.visits

        def report() -> None:
            if helper is not None:
                self._listen(helper, take_over=False)
            self._report("improve", crowd.spread.cost)

        self.steps = crowd.improve(rng, progress, report)
        crowd.keep_rules(rng, lambda: self.stop.left <= 0)
        crowd.write()
        self._keep("improve")

    def _staff(self, helper: Helper | None) -> None:
        """Take part after part off the board, plan it as flows, and keep that where it is cheaper.

        The largest part, of those who walk with escorts, is planned by the helper meanwhile.
        """
        from passerelle.planning.roster.engine.staffing import Staffing  # noqa: PLC0415 - slow import

        staffing = Staffing(self.board)
        end = self.stop.elapsed + (1.0 - _POLISH) * self._left()
        self._staff_parts(helper, staffing, range(len(staffing.parts)), end)
        turns = [i for i, part in enumerate(staffing.parts) if part.turn]
        while (  # once more, at the prices that have been found meanwhile
            self._is_timed
            and turns
            and staffing.is_timely(turns[0], _SAFE * (end - self.stop.elapsed))
        ):
            if not self._staff_parts(helper, staffing, turns, end):
                break

    def _staff_parts(
        self, helper: Helper | None, staffing: Staffing, parts: Sequence[int], end: float
    ) -> bool:
        """Plan some parts; tell whether that made anything cheaper."""
        asked = set()
        if helper is not None:
            asked = {i for i in parts if staffing.parts[i].turn == 1}
        far, before = frozenset(asked), staffing.cost
        for index in far:
            assert helper is not None
            helper.ask(index, staffing.standing(index), staffing.postings(index))
        for index in parts:
            if staffing.parts[index].turn > 1:
                self._await(helper, staffing, asked, end)
            seconds = end - self.stop.elapsed if self._is_timed else self._left()
            if index in far or not staffing.is_timely(index, seconds):
                continue
            found = staffing.solve(
                index, self._prices(), staffing.standing(index), staffing.postings(index), seconds
            )
            if found is not None:
                staffing.post(index, found)
                self._offer(helper, found.prices.cover, found.tracks)
            self._told(helper, staffing, asked)
            self._report("staff", min(self.value, staffing.cost))
        self._await(helper, staffing, asked, end)
        return staffing.cost < before

    def _await(
        self, helper: Helper | None, staffing: Staffing, asked: set[int], end: float
    ) -> None:
        """Wait for what the helper plans."""
        while asked and helper is not None and helper.is_alive and self.stop.elapsed < end:
            self._told(helper, staffing, asked, seconds=_WAIT)
            self._report("staff", min(self.value, staffing.cost))

    def _told(
        self, helper: Helper | None, staffing: Staffing, asked: set[int], seconds: float = 0.0
    ) -> None:
        """Post what the helper has planned."""
        if helper is None:
            return
        for index, found in self._listen(helper, take_over=False, seconds=seconds):
            asked.discard(index)
            if found is not None:
                staffing.post(index, found)

    def _prices(self) -> Prices:
        """Return the best prices known."""
        return self.bounding.prices if self._heard is None else self._heard

    def _offer(self, helper: Helper | None, cover: FloatArray, tracks: IntArray) -> None:
        """Let the proof know prices of some tracks."""
        if helper is not None:
            helper.offer(cover, tracks)
        else:
            self.bounding.offer(cover, tracks)

    def _climb(self, share: float) -> None:
        """Raise the bound along subgradients for a share of the time left."""
        turn = self.stop.elapsed + share * self._left()
        for _ in self.bounding.ascend(
            most_visits=self.params.climbs,
            is_over=lambda: self._is_over() or (self._is_timed and self.stop.elapsed > turn),
        ):
            self._report("bound", self.value)

    def _shared(self, chunks: int, *, begun: float, end: float) -> float:
        """Return the part of the sharing that is over."""
        if self.stop.left <= self._reserve():
            return 1.0
        part = chunks / self.params.chunks
        if self._is_timed:
            part = max(part, (self.stop.elapsed - begun) / max(1e-6, end - begun))
        if chunks % 10 == 0:
            self._report("share", self.value)
        return min(1.0, part)

    def _prove(self, helper: Helper | None) -> None:
        """Let the helper prove, or prove here and now."""
        board = self.board
        lines, costs = board.copy_lines(), board.track_costs()
        if helper is not None:
            helper.begin(lines, costs)
            return
        for piece, solved in self.bounding.run(
            lines, costs, tolerance=self.params.tolerance, most_rounds=self.params.rounds,
            is_over=self._is_over, seconds=self._left,
        ):  # fmt: skip
            self._take_over(piece.kinds, solved)

    def _helper(self) -> Helper | None:
        """Start a process that proves the bound beside the improvement, when there is time."""
        from passerelle.planning.roster.engine.helper import Helper  # noqa: PLC0415 - slow import

        if self.stop.seconds is None or self.stop.left < _HELPED or self.params.threads < 2:
            return None
        return Helper.start(self.instance, self.params, self._left())

    def _improve(self, step: Callable[..., float], helper: Helper | None) -> None:
        from passerelle.planning.roster.engine.build_up import chances  # noqa: PLC0415 - slow import

        rng = np.random.default_rng(self.seed)
        kinds = [k for k, kind in enumerate(self.tables.kinds) if not kind.group.locked]
        weights = None
        while kinds and not self._is_over() and not self.stop.is_over(self.steps):
            if self.steps % _WEIGHED == 0:
                weights = chances(self.board, kinds)
            step(self.board, rng, kinds, is_over=lambda: False, weights=weights)
            self.steps += 1
            if self.steps % 20 == 0:
                if helper is not None:
                    self._listen(helper, take_over=True)
                self._keep("improve")
                if relative_gap(self.value, self._bound()) <= max(self.stop.gap, _OPTIMAL):
                    break
            if not self._is_timed and self.stop.iterations is None:
                break
        self._keep("improve")

    def _listen(
        self, helper: Helper, *, take_over: bool, seconds: float = 0.0
    ) -> list[tuple[int, Flowed | None]]:
        """Hear what the helper has proved, and take over its solutions where that is wished.

        Returns
        -------
        list
            Parts that it has planned, with their flows.
        """
        planned = []
        for news in helper.news(seconds):
            if news.bound > self._helped:
                self._helped, self._proved = news.bound, news.proved
            self._rounds = news.rounds
            if news.prices is not None:
                self._heard = news.prices
            if news.part >= 0:
                planned.append((news.part, news.flowed))
            if take_over and news.solved is not None and self.stop.left > 0:
                self._take_over(news.kinds, news.solved)
        return planned

    def _bound(self) -> float:
        return max(self._helped, self.bounding.bound)

    def _take_over(self, kinds: tuple[int, ...], solved: Solved) -> None:
        """Round a solution of the relaxation; keep it when it is cheaper."""
        from passerelle.planning.roster.engine import build_up  # noqa: PLC0415 - slow import
        from passerelle.planning.roster.engine.rounding import rounded  # noqa: PLC0415 - slow import

        board = self.board
        free = [k for k in kinds if not self.tables.kinds[k].group.locked]
        before, old = [dict(known) for known in board.worked], board.cost
        found = rounded(board, solved)
        for kind in free:
            board.exchange(kind, found.get(kind, {}))
        for kind in free:
            build_up.fill(board, kind, is_over=lambda: self.stop.left <= 0, parts=40)
        if build_up.is_broken(board):
            build_up.drop_violations(board)
            for kind, crews in enumerate(board.free):
                if crews and not self.tables.kinds[kind].group.locked:
                    build_up.fill(board, kind, is_over=lambda: self.stop.left <= 0, parts=40)
        if board.cost >= old:
            board.reset(before)
        self._keep("round")

    def _keep(self, phase: str) -> None:
        """Remember the board when it is the best, and tell the observer."""
        from passerelle.planning.roster.engine.tables import HARD  # noqa: PLC0415 - slow import

        cost = self.board.cost
        if cost < self.value and (cost < HARD or not self._is_broken()):
            self.value, self.best = cost, self.board.copy_lines()
        self._report(phase, self.value)

    def _report(self, phase: str, value: float) -> None:
        """Tell the observer, not too often."""
        now = self.stop.elapsed
        if now - self._last_report >= _REPORT_EVERY or phase == "first":
            self._last_report = now
            self.observer.report(Progress(now, value, self._bound(), phase))

    def _is_broken(self) -> bool:
        """Tell whether a rule between crews is broken on the board."""
        from passerelle.planning.roster.engine.build_up import is_broken  # noqa: PLC0415 - slow import

        return is_broken(self.board)

    def _result(self) -> Result:
        from passerelle.planning.roster.engine.outcome import (  # noqa: PLC0415 - slow import
            certificate_of,
            plan_of,
            versions,
        )

        assert self.best is not None
        plan = plan_of(self.tables, self.best)
        report = check(self.instance, plan)
        if report.violations:
            raise AssertionError(f"Expected a valid plan, got {report.violations[0]}.")
        bound, proved = self.bounding.bound, self.bounding.proved
        if self._helped > bound:
            bound, proved = self._helped, self._proved
        gap = relative_gap(report.value, bound)
        self.observer.report(Progress(self.stop.elapsed, report.value, bound, "done"))
        return Result(
            status=Status.OPTIMAL if gap <= _OPTIMAL else Status.FEASIBLE,
            plan=plan,
            value=report.value,
            terms=report.terms,
            bound=min(bound, report.value),
            seed=self.seed,
            versions=versions(),
            instance_hash=self.instance.hash,
            certificate=certificate_of(self.tables, proved, bound),
            seconds=self.stop.elapsed,
            peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            iterations={"rounds": self._rounds + self.bounding.rounds, "improvements": self.steps},
        )
