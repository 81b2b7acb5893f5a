"""One long solve in a process of its own: progress comes back while it runs, and it can be stopped.

A process of its own keeps the one who waits responsive, gives the memory back at the end, and turns
a crash of compiled code into an answer (:class:`LostError`) instead of a dead worker.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from passerelle.compute.orphans import leave_with_parent
from passerelle.kernel.problems import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

__all__ = ["Channel", "LostError", "Watched", "start_watched"]

T = TypeVar("T")


class LostError(UnavailableError):
    """Say that the process of a solve ended without an answer."""


class Channel:
    """What a task holds of its watcher: it reports progress and learns when to stop.

    Parameters
    ----------
    connection
        The task's end of the pipe.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.stopped = threading.Event()
        threading.Thread(target=self._listen, name="stop-watch", daemon=True).start()

    def report(self, message: object) -> None:
        """Send a picklable message to the watcher; never waits for an answer."""
        self._connection.send(("message", message))

    def _listen(self) -> None:
        try:
            while self._connection.recv() != "stop":
                pass
        except (EOFError, OSError):
            pass
        self.stopped.set()


@dataclass(frozen=True, slots=True)
class _Outcome:
    value: object
    error: BaseException | None


class Watched(Generic[T]):
    """A solve that runs: read its messages, stop it, take its result.

    Parameters
    ----------
    process
        The process of the task.
    connection
        The watcher's end of the pipe.
    """

    def __init__(self, process: SpawnProcess, connection: Connection) -> None:
        self._process = process
        self._connection = connection
        self._outcome: _Outcome | None = None

    def messages(self, wait_s: float) -> list[Any]:  # Any: whatever the task reports
        """Return what the task reported, waiting up to ``wait_s`` for the first message."""
        found: list[Any] = []  # Any: as above
        try:
            while self._outcome is None and self._connection.poll(0 if found else wait_s):
                kind, content = self._connection.recv()
                if kind == "message":
                    found.append(content)
                else:
                    self._outcome = content
        except (EOFError, OSError):
            self._process.join(5)
            lost = LostError(
                "The solving process ended without an answer (exit code {exit_status}); "
                "it may have run out of memory.",
                code="compute.process-lost",
                exit_status=self._process.exitcode,
            )
            self._outcome = _Outcome(None, lost)
        return found

    @property
    def is_over(self) -> bool:
        """Whether there is an answer, good or bad."""
        return self._outcome is not None

    def stop(self) -> None:
        """Ask the task to stop soon and return the best it has."""
        try:
            self._connection.send("stop")
        except OSError:
            return  # it is over already

    def result(self) -> T:
        """Return the task's value, or raise what it raised; only when :attr:`is_over`."""
        if self._outcome is None:
            raise RuntimeError("Expected the task to be over.")
        if self._outcome.error is not None:
            raise self._outcome.error
        return self._outcome.value  # type: ignore[return-value]  # the task's own type

    def close(self) -> None:
        """End the process, whether it is done or not, and free what it held."""
        if self._process.is_alive():
            self._process.terminate()
            self._process.join(2)
        if self._process.is_alive():
            self._process.kill()
        self._process.join()
        self._connection.close()


def start_watched(task: Callable[[Any, Channel], T], payload: object) -> Watched[T]:
    """Start a task in a spawned process.

    Parameters
    ----------
    task
        Module-level function of the payload and a channel.
    payload
        Picklable.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=True)
    process = context.Process(target=_run, args=(task, payload, theirs), daemon=False)
    process.start()
    theirs.close()
    return Watched(process, ours)


def _run(task: Callable[[Any, Channel], T], payload: object, connection: Connection) -> None:
    # An interrupt at the terminal reaches every process of the group; only the watcher decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    leave_with_parent()
    try:
        outcome = _Outcome(task(payload, Channel(connection)), None)
    except Exception as error:  # noqa: BLE001 - the outermost loop of this process
        outcome = _Outcome(None, error)
    connection.send(("outcome", outcome))
    connection.close()
