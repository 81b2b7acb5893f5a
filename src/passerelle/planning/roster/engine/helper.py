"""Prove the bound in a process of its own, beside the plan, and plan parts there on demand.

The process gets the instance, compiles it again and climbs (:mod:`~passerelle.planning.roster.engine.
bounding`). With many crews it reads between two visits to a piece what it was sent: prices that others have
found, and parts of the event to be planned as flows (:mod:`~passerelle.planning.roster.engine.staffing`);
with few it waits for a plan, with whose lines a master begins. It reports bound and prices now and then.
It is started afresh rather than forked, because the parent may hold threads and locks. When no process
can be started (inside a daemon, for example) the solve goes on without it.

A thread reads all reports as they come, so that neither side waits for a full pipe.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import queue
import signal
import threading
from dataclasses import dataclass
from multiprocessing import resource_tracker
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import numpy.typing as npt

    from passerelle.planning.roster.engine.blocks import Prices
    from passerelle.planning.roster.engine.board import Worked
    from passerelle.planning.roster.engine.bounding import Bounding
    from passerelle.planning.roster.engine.flow import Flowed
    from passerelle.planning.roster.engine.relax import Solved
    from passerelle.planning.roster.engine.staffing import Staffing
    from passerelle.planning.roster.instance import Instance
    from passerelle.planning.roster.solve import SolveParams

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int32]
    LongArray = npt.NDArray[np.int64]

__all__ = ["Helper", "News"]

_TELL_EVERY: Final = 2.0
_PATIENCE: Final = 2.0
"""Seconds in which a process that is told to end should do so."""


@dataclass(frozen=True, slots=True)
class News:
    """Report one step.

    Parameters
    ----------
    bound, proved
        Best bound so far and what proves it.
    prices
        Prices of now, when they were asked for.
    rounds
        Rounds so far.
    kinds, solved
        The piece solved last and its solution; no kinds and ``None`` at first.
    part, flowed
        The part planned on demand and its flows, ``None`` when the time ran out; no part is -1.
    """

    bound: float
    proved: Prices | None
    rounds: int
    prices: Prices | None = None
    kinds: tuple[int, ...] = ()
    solved: Solved | None = None
    part: int = -1
    flowed: Flowed | None = None


@dataclass(frozen=True, slots=True)
class _Plan:
    """Give lines to begin with, and what each track costs."""

    lines: list[dict[Worked, int]]
    cost_of_track: FloatArray


@dataclass(frozen=True, slots=True)
class _Offer:
    """Offer prices of some tracks."""

    cover: FloatArray
    tracks: IntArray


@dataclass(frozen=True, slots=True)
class _Job:
    """Ask for the flows of a part beside what stands, with postings that are chosen anyway."""

    part: int
    standing: tuple[IntArray, IntArray]
    kept: LongArray


class Helper:
    """Hold the process and its pipe."""

    def __init__(
        self, process: Any, pipe: Any, problem: object
    ) -> None:  # Any: of the start method
        self._process, self._pipe = process, pipe
        self._told: queue.SimpleQueue[News] = queue.SimpleQueue()
        self._sent: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._sent.put(problem)
        self._threads = [
            threading.Thread(target=work, daemon=True) for work in (self._hand, self._listen)
        ]
        for thread in self._threads:
            thread.start()

    def _hand(self) -> None:
        """Hand over what is to be sent, so that nobody waits for a full pipe.

        The problem too, and not as arguments of the process: their pipe has a reading end in this
        process, so that writing would never end when the other is killed before it has read them.
        """
        with contextlib.suppress(OSError):
            while (message := self._sent.get()) is not None:
                self._pipe.send(message)

    def _listen(self) -> None:
        """Read all reports as they come."""
        with contextlib.suppress(EOFError, OSError):
            while True:
                self._told.put(self._pipe.recv())

    @classmethod
    def start(
        cls, instance: Instance, params: SolveParams, seconds: float, *, is_large: bool
    ) -> Helper | None:
        """Start the process; ``None`` when that is not possible here.

        Parameters
        ----------
        instance, params
            As for the solve.
        seconds
            How long it works.
        is_large
            Whether it climbs and plans parts on demand, rather than wait for a plan.
        """
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs,), daemon=True)
        # An interrupt of the terminal goes to all its processes; this one ends when it is told. The tracker
        # is started before, because it would unblock the signal.
        resource_tracker.ensure_running()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            process.start()
        except (AssertionError, OSError):
            return None
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()
        return cls(process, ours, (instance, params, seconds, is_large))

    @property
    def pid(self) -> int:
        """Number of the process."""
        return int(self._process.pid)

    @property
    def is_alive(self) -> bool:
        """Whether the process still works."""
        return bool(self._process.is_alive())

    def begin(self, lines: list[dict[Worked, int]], cost_of_track: FloatArray) -> None:
        """Give the process a plan with whose lines the master begins."""
        self._sent.put(_Plan(lines, cost_of_track))

    def offer(self, cover: FloatArray, tracks: IntArray) -> None:
        """Offer prices of some tracks."""
        self._sent.put(_Offer(cover, tracks))

    def ask(self, part: int, standing: tuple[IntArray, IntArray], kept: LongArray) -> None:
        """Ask for the flows of a part beside what stands, with postings that are chosen anyway."""
        self._sent.put(_Job(part, standing, kept))

    def news(self, seconds: float = 0.0) -> Iterator[News]:
        """Yield what has been reported since the last call; wait for it up to some seconds."""
        with contextlib.suppress(queue.Empty):
            if seconds > 0.0:
                yield self._told.get(timeout=seconds)
            while True:
                yield self._told.get_nowait()

    def close(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.join(_PATIENCE)
        self._process.kill()  # one that was stopped, say, does not hear the first call
        self._process.join()
        with contextlib.suppress(queue.Empty):
            while True:
                self._sent.get_nowait()  # nobody reads it any more
        self._sent.put(None)
        for thread in self._threads:
            thread.join()
        self._pipe.close()


class _Worker:
    """Hold what the process works with."""

    def __init__(
        self,
        pipe: Any,
        bounding: Bounding,
        staffing: Staffing | None,
        params: SolveParams,
        end: float,
    ) -> None:  # Any: pipe
        self._pipe, self._bounding, self._staffing = pipe, bounding, staffing
        self._params, self._end = params, end
        self._jobs: list[_Job] = []
        self._told = 0.0

    def _left(self) -> float:
        return max(0.01, self._end - monotonic())

    def _tell(self, **more: Any) -> None:  # Any: what is told besides
        found = self._bounding
        self._pipe.send(News(found.bound, found.proved, found.rounds, **more))

    def _read(self) -> None:
        """Read what was sent; do what it asks for."""
        while self._pipe.poll():
            message = self._pipe.recv()
            match message:
                case _Offer():
                    self._bounding.offer(message.cover, message.tracks)
                case _Job():
                    self._jobs.append(message)
                case _:
                    raise TypeError(f"Expected an offer or a job, got {type(message)}.")

    def _do_job(self) -> None:
        job, found = self._jobs.pop(0), None
        if self._staffing is not None:
            prices = self._bounding.prices
            found = self._staffing.solve(job.part, prices, job.standing, job.kept, self._left())
        if found is not None:
            self._bounding.offer(found.prices.cover, found.tracks)
        self._tell(part=job.part, flowed=found)

    def climb(self) -> None:
        """Raise the bound along subgradients until time is up, and do between visits what is asked for."""
        self._tell(prices=self._bounding.prices)
        self._told = monotonic()
        while monotonic() < self._end:
            for _ in self._bounding.ascend(
                most_visits=self._params.climbs, is_over=lambda: monotonic() > self._end
            ):
                self._serve()
            self._tell(prices=self._bounding.prices)
            self._pipe.poll(self._left())  # nothing rises any more until others offer prices
            self._serve()

    def _serve(self) -> None:
        """Do what is asked for, and tell how far the climb is."""
        self._read()
        while self._jobs:
            self._do_job()
            self._read()
        if monotonic() - self._told > _TELL_EVERY:
            self._told = monotonic()
            self._tell(prices=self._bounding.prices)

    def close_pieces(self) -> None:
        """Wait for a plan and let the master close the pieces, beginning with its lines."""
        plan = self._pipe.recv()
        assert isinstance(plan, _Plan)
        self._tell()
        for piece, solved in self._bounding.run(
            plan.lines,
            plan.cost_of_track,
            tolerance=self._params.tolerance,
            most_rounds=self._params.rounds,
            is_over=lambda: monotonic() > self._end,
            seconds=self._left,
        ):
            self._tell(kinds=piece.kinds, solved=solved)


def _work(pipe: Any) -> None:  # Any: pipe
    """Do the work of the process."""
    from passerelle.planning.roster.engine.board import Board  # noqa: PLC0415 - slow import
    from passerelle.planning.roster.engine.bounding import Bounding  # noqa: PLC0415 - slow import
    from passerelle.planning.roster.engine.lines import Lines  # noqa: PLC0415 - slow import
    from passerelle.planning.roster.engine.staffing import Staffing  # noqa: PLC0415 - slow import
    from passerelle.planning.roster.engine.tables import compile_tables  # noqa: PLC0415 - slow import

    try:
        problem: tuple[Instance, SolveParams, float, bool] = pipe.recv()
        instance, params, seconds, is_large = problem
        end = monotonic() + seconds
        tables = compile_tables(instance)
        lines = Lines(tables)
        bounding = Bounding(tables, lines)
        bounding.prove()
        staffing = Staffing(Board(tables, lines)) if is_large else None
        worker = _Worker(pipe, bounding, staffing, params, end)
        if is_large:
            worker.climb()
        else:
            worker.close_pieces()
    except (EOFError, OSError, KeyboardInterrupt, MemoryError):
        return  # what was told stands
