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

import queue
import resource
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from passerelle import __version__
from passerelle.planning.roster.check import check
from passerelle.planning.roster.observer import Progress, Silent
from passerelle.planning.roster.result import (
    Certificate,
    PriceSpan,
    Result,
    Status,
    relative_gap,
)
from passerelle.planning.roster.validate import validate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from passerelle.planning.roster.engine.board import Board, Worked
    from passerelle.planning.roster.engine.bounding import Bounding, Piece
    from passerelle.planning.roster.engine.relax import Prices, Solved
    from passerelle.planning.roster.engine.tables import Tables
    from passerelle.planning.roster.instance import Instance
    from passerelle.planning.roster.observer import Observer
    from passerelle.planning.roster.plan import Plan
    from passerelle.planning.roster.stop import Stop

__all__ = ["SolveParams", "solve"]

_REPORT_EVERY: Final = 0.5
_OPTIMAL: Final = 1e-6


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
    """

    threads: int = 2
    tolerance: float = 2e-4
    finish_s: float = 3.0
    rounds: int = 60


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
    return _Solve(instance, stop, seed, params or SolveParams(), observer or Silent(), start).run()
    return _Solve(
        instance, stop, seed, params or SolveParams(), observer or Silent(), start
    ).run()


class _Solve:
    """Hold the state of one solve."""

    def __init__(
        self,
        instance: Instance,
        stop: Stop,
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
        self._solved: queue.Queue[tuple[Piece, Solved]] = queue.Queue()
        self._snapshot: list[dict[Worked, int]] = []
        self._halt = threading.Event()

    @property
    def _is_timed(self) -> bool:
        return self.stop.seconds is not None

    def _is_over(self) -> bool:
        return self._halt.is_set() or self.stop.left <= self._reserve()

    def _reserve(self) -> float:
        if self.stop.seconds is None:
            return 0.0
        return min(self.params.finish_s, 0.2 * self.stop.seconds)

    def _left(self) -> float:
        return max(0.01, min(1e6, self.stop.left - self._reserve()))

    def run(self) -> Result:
        from passerelle.planning.roster.engine import build_up  # noqa: PLC0415 - slow import
        from passerelle.planning.roster.engine.outcome import (  # noqa: PLC0415 - slow import
            board_lines,
        )

        board = self.board
        build_up.post_locked(board)
        self._keep("empty")
        self.bounding.prove()
        self._snapshot = board.copy_lines()
        helper = threading.Thread(target=self._bound, daemon=True)
        beside = self._is_timed and self.params.threads > 1
        if beside:
            helper.start()
        if self.start is not None:
            board.reset(board_lines(board, self.start))
            build_up.drop_violations(board)
        build_up.first_plan(board, is_over=self._is_over, parts=16)
        build_up.drop_violations(board)
        self._keep("first")
        self._snapshot = board.copy_lines()
        if not beside:
            self._bound()
        self._improve(build_up.improve)
        self._halt.set()
        if beside:
            helper.join()
        self._take_over()
        self.bounding.prove()
        return self._result()

    def _improve(self, step: Callable[..., float]) -> None:
        rng = np.random.default_rng(self.seed)
        kinds = [k for k, kind in enumerate(self.tables.kinds) if not kind.group.locked]
        self._take_over()
        while kinds and not self._is_over() and not self.stop.is_over(self.steps):
            self._take_over()
            step(self.board, rng, kinds, is_over=lambda: False)
            self.steps += 1
            if self.steps % 20 == 0:
                self._keep("improve")
                if relative_gap(self.value, self.bounding.bound) <= max(self.stop.gap, _OPTIMAL):
                    break
            if not self._is_timed and self.stop.iterations is None:
                break
        self._keep("improve")

    def _bound(self) -> None:
        """Solve the pieces of the relaxation, small ones first."""
        for piece in self.bounding.pieces:
            if self._is_over():
                return
            lines = [(k, line) for k in piece.kinds for line in self._snapshot[k]]
            tolerance = self.params.tolerance * max(1.0, self._scale())
            relaxation = self.bounding.solve_piece(
                piece, lines, is_over=self._is_over, seconds=self._left, tolerance=tolerance,
                most_rounds=self.params.rounds,
            )  # fmt: skip
            if relaxation.solution is not None:
                self._solved.put((piece, relaxation.solved()))
            self.bounding.prove()

    def _scale(self) -> float:
        """Return the size of the cost, for tolerances."""
        return self.bounding.bound if self.bounding.bound > 0 else 1.0

    def _take_over(self) -> None:
        """Round finished pieces of the relaxation; keep what is cheaper."""
        from passerelle.planning.roster.engine import build_up  # noqa: PLC0415 - slow import
        from passerelle.planning.roster.engine.rounding import rounded  # noqa: PLC0415 - slow import

        while not self._solved.empty():
            piece, solved = self._solved.get()
            board = self.board
            before, old = board.copy_lines(), board.cost
            found = rounded(board, solved)
            after = [dict(known) for known in before]
            for kind in piece.kinds:
                if not self.tables.kinds[kind].group.locked:
                    after[kind] = found.get(kind, {})
            board.reset(after)
            for kind in piece.kinds:
                if not self.tables.kinds[kind].group.locked:
                    build_up.fill(board, kind, is_over=lambda: self.stop.left <= 0, parts=40)
            build_up.drop_violations(board)
            if board.cost >= old:
                board.reset(before)
            self._keep("round")

    def _keep(self, phase: str) -> None:
        """Remember the board when it is the best, and tell the observer."""
        from passerelle.planning.roster.engine.tables import HARD  # noqa: PLC0415 - slow import

        cost = self.board.cost
        if cost < self.value and (cost < HARD or not self._is_broken()):
            self.value, self.best = cost, self.board.copy_lines()
        now = self.stop.elapsed
        if now - self._last_report >= _REPORT_EVERY or phase == "first":
            self._last_report = now
            self.observer.report(Progress(now, self.value, self.bounding.bound, phase))

    def _is_broken(self) -> bool:
        """Tell whether a rule between crews is broken on the board."""
        from passerelle.planning.roster.engine.build_up import is_broken  # noqa: PLC0415 - slow import

        return is_broken(self.board)

    def _result(self) -> Result:
        from passerelle.planning.roster.engine.outcome import plan_of  # noqa: PLC0415 - slow import

        assert self.best is not None
        plan = plan_of(self.tables, self.best)
        report = check(self.instance, plan)
        if report.violations:
            raise AssertionError(f"Expected a valid plan, got {report.violations[0]}.")
        bound = self.bounding.bound
        gap = relative_gap(report.value, bound)
        self.observer.report(Progress(self.stop.elapsed, report.value, bound, "done"))
        return Result(
            status=Status.OPTIMAL if gap <= _OPTIMAL else Status.FEASIBLE,
            plan=plan,
            value=report.value,
            terms=report.terms,
            bound=min(bound, report.value),
            seed=self.seed,
            versions=_versions(),
            instance_hash=self.instance.hash,
            certificate=_certificate(self.tables, self.bounding.proved, bound),
            seconds=self.stop.elapsed,
            peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            iterations={"rounds": self.bounding.rounds, "improvements": self.steps},
        )


def _versions() -> Mapping[str, str]:
    from importlib.metadata import version  # noqa: PLC0415 - slow import

    names = ("numpy", "numba", "highspy")
    return {"passerelle": __version__} | {name: version(name) for name in names}


def _certificate(tables: Tables, prices: Prices | None, bound: float) -> Certificate | None:
    """Write prices in the terms of the instance."""
    if prices is None:
        return None
    need, escorts = {}, {}
    limits: list[tuple[PriceSpan, ...]] = [()] * len(tables.instance.limits)
    whole = {
        track: coef
        for option in tables.options
        for track, coef in zip(option.tracks, option.coefs, strict=True)
        if coef > 0 and tables.track_names[track].startswith("escort:")
    }
    for index, name in enumerate(tables.track_names):
        row = prices.cover[index] / tables.hours
        if name.startswith("escort:"):
            escorts[name.removeprefix("escort:")] = _spans(tables, row * whole.get(index, 1))
        elif name.startswith("limit:"):
            limits[int(name.removeprefix("limit:"))] = _spans(tables, -row)
        elif name != "nothing":
            need[name] = _spans(tables, row)
    beds = {
        (base, night): float(prices.beds[i, night])
        for i, base in enumerate(tables.bound_bases)
        for night in range(tables.instance.days)
        if prices.beds[i, night] > 0
    }
    return Certificate(tables.instance.hash, need, escorts, tuple(limits), beds, bound)


def _spans(tables: Tables, row: np.ndarray) -> tuple[PriceSpan, ...]:
    edges = [0, *(int(i) + 1 for i in np.flatnonzero(np.diff(row))), len(row)]
    step = tables.instance.step_min
    return tuple(
        PriceSpan(a * step, b * step, float(row[a]))
        for a, b in zip(edges, edges[1:], strict=False)
        if row[a] != 0
    )
