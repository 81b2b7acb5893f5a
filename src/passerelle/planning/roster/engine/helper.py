"""Prove the bound in a process of its own, beside the improvement of the plan.

The process gets the instance, compiles it again, waits for the first plan and then solves piece after
piece of the relaxation. After each it reports bound, prices and the solution of the piece. It is
started afresh rather than forked, because the parent may hold threads and locks. When no process can
be started (inside a daemon, for example) the solve goes on without it.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import threading
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import numpy.typing as npt

    from passerelle.planning.roster.engine.board import Worked
    from passerelle.planning.roster.engine.bounding import Bounding
    from passerelle.planning.roster.engine.crowd import Seed
    from passerelle.planning.roster.engine.relax import Prices, Solved
    from passerelle.planning.roster.instance import Instance
    from passerelle.planning.roster.solve import SolveParams

    FloatArray = npt.NDArray[np.float64]
    Begun: TypeAlias = tuple[list[dict[Worked, int]], FloatArray, Seed | None]

__all__ = ["Helper", "News"]

_TELL_EVERY: Final = 2.0


@dataclass(frozen=True, slots=True)
class News:
    """Report one step.

    Parameters
    ----------
    bound, prices
        Best bound so far and what proves it.
    rounds
        Rounds so far.
    kinds, solved
        The piece solved last and its solution; no kinds and ``None`` at first.
    """

    bound: float
    prices: Prices | None
    rounds: int
    kinds: tuple[int, ...] = ()
    solved: Solved | None = None


class Helper:
    """Hold the process and its pipe."""

    def __init__(
        self, process: Any, pipe: Any, problem: object
    ) -> None:  # Any: of the start method
        self._process, self._pipe = process, pipe
        self._handing = threading.Thread(target=self._hand, args=(problem,), daemon=True)
        self._handing.start()

    def _hand(self, problem: object) -> None:
        """Hand over what is to be solved.

        Not as arguments of the process: their pipe has a reading end in this process too, so that
        writing would never end when the other is killed before it has read them.
        """
        with contextlib.suppress(OSError):
            self._pipe.send(problem)

    @classmethod
    def start(cls, instance: Instance, params: SolveParams, seconds: float) -> Helper | None:
        """Start the process; ``None`` when that is not possible here."""
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs,), daemon=True)
        try:
            process.start()
        except (AssertionError, OSError):
            return None
        theirs.close()
        return cls(process, ours, (instance, params, seconds))

    def begin(
        self,
        lines: list[dict[Worked, int]],
        cost_of_track: FloatArray,
        seed: Seed | None = None,
    ) -> None:
        """Give the process a plan to begin with, and what shares of crews have found."""
        self._handing.join()
        with contextlib.suppress(OSError):
            self._pipe.send((lines, cost_of_track, seed))

    def news(self) -> Iterator[News]:
        """Yield what has been reported since the last call."""
        try:
            while self._pipe.poll():
                yield self._pipe.recv()
        except (EOFError, OSError):
            return

    def close(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.join()
        self._handing.join()
        self._pipe.close()


def _work(pipe: Any) -> None:  # Any: pipe
    """Do the work of the process."""
    from passerelle.planning.roster.engine.bounding import Bounding  # noqa: PLC0415 - slow import
    from passerelle.planning.roster.engine.crowd import is_crowd  # noqa: PLC0415 - slow import
    from passerelle.planning.roster.engine.lines import Lines  # noqa: PLC0415 - slow import
    from passerelle.planning.roster.engine.tables import compile_tables  # noqa: PLC0415 - slow import

    try:
        problem: tuple[Instance, SolveParams, float] = pipe.recv()
    except (EOFError, OSError, KeyboardInterrupt):
        return
    instance, params, seconds = problem
    end = monotonic() + seconds
    tables = compile_tables(instance)
    bounding = Bounding(tables, Lines(tables))
    bounding.prove()
    try:
        begun: Begun | None = None
        if is_crowd(tables):
            begun = _ascend(pipe, bounding, params, end)
        # before the first report otherwise: two full pipes would block
        lines, cost_of_track, seed = begun or pipe.recv()
        pipe.send(News(bounding.bound, bounding.proved, bounding.rounds))
        for piece, solved in bounding.run(
            lines,
            cost_of_track,
            tolerance=params.tolerance,
            most_rounds=params.rounds,
            is_over=lambda: monotonic() > end,
            seconds=lambda: max(0.01, end - monotonic()),
            postings=seed.postings if seed is not None else (),
        ):
            pipe.send(News(bounding.bound, bounding.proved, bounding.rounds, piece.kinds, solved))
    except (EOFError, OSError, KeyboardInterrupt):
        return


def _ascend(  # Any: pipe
    pipe: Any, bounding: Bounding, params: SolveParams, end: float
) -> Begun | None:
    """Raise the bound along subgradients, with news now and then; return the plan once it came.

    What shares of crews have found comes meanwhile and is offered to the climb; news are sent only
    after that, because before two full pipes would block.
    """
    told = monotonic()
    turn = told + params.climbing * max(0.0, end - told)
    begun: Begun | None = None
    for _ in bounding.ascend(most_visits=params.climbs, is_over=lambda: monotonic() > turn):
        if begun is None and pipe.poll():
            begun = pipe.recv()
            if begun[2] is not None:
                bounding.offer(begun[2].prices)
        if begun is not None and monotonic() - told > _TELL_EVERY:
            told = monotonic()
            pipe.send(News(bounding.bound, bounding.proved, bounding.rounds))
    return begun
