"""The worker: takes jobs, runs each in a process of its own, shows progress, keeps the lease.

States of the loop for one job::

    claim → start → (read messages, renew the lease, pass a stop on)* → store and finish
                          │ lease lost: end the process, store nothing
                          │ worker told to leave: end the process, give the job back
                          └ process lost, refused or broken: fail, with the reason

Whatever happens, a job is either finished with its result in one transaction, or not at all. Work in steps
(:mod:`.steps`) keeps each step in a transaction of its own and finds on the next attempt what is done.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Protocol

import structlog
from django.db import DatabaseError, connection, transaction

from passerelle.kernel.problems import Problem
from passerelle.node.jobs.domain import claim, fail, finish, give_back, renew
from passerelle.node.jobs.standing import Standing

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping

    from passerelle.kernel.clock import Clock
    from passerelle.node.jobs.models import Job

__all__ = ["Handler", "Outcome", "Work", "Worker"]

_log = structlog.get_logger("passerelle.node.jobs")

_READ_S: Final = 0.25
_SHOW_S: Final = 1.0


class Work(Protocol):
    """Work under way: a process that is watched, or steps taken one by one."""

    @property
    def is_over(self) -> bool:
        """Whether there is an answer, good or bad."""
        ...

    def messages(self, wait_s: float) -> list[Any]:  # Any: standings
        """Return what was reported, waiting or working about so long."""
        ...

    def stop(self) -> None:
        """Ask it to end soon."""
        ...

    def result(self) -> Any:  # Any: each kind has its own result
        """Return the result, or raise what was raised; ``None`` when it was stopped without one."""
        ...

    def close(self) -> None:
        """Free what it held."""
        ...


class Handler(Protocol):
    """What a kind of job does."""

    def start(self, job: Job) -> Work:
        """Read what the job needs and start it."""
        ...

    def store(self, job: Job, result: Any, clock: Clock) -> str:  # Any: as above
        """Keep the result and return a reference to it; runs in the transaction of the end."""
        ...


class Outcome(StrEnum):
    """How the worker's time with a job ended."""

    DONE = "done"
    FAILED = "failed"
    GIVEN_BACK = "given-back"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Worker:
    """Run jobs, one at a time.

    Parameters
    ----------
    name
        Unique among the workers of the node.
    handlers
        What to do for each kind.
    lease_s
        How long a job stays ours without a sign of life.
    clock
        Gives the instants of leases: the clock of the machine.
    facts
        Gives the instants that are recorded; the same when ``None``.
    leave
        Set it to make the worker give its job back and end.
    stop_grace_s
        How long a stopped solve may take to return the best it has.
    """

    name: str
    handlers: Mapping[str, Handler]
    lease_s: int
    clock: Clock
    leave: threading.Event
    stop_grace_s: float = 30.0
    facts: Clock | None = None

    @property
    def _recorded(self) -> Clock:
        return self.facts or self.clock

    def run(self, *, until_idle: bool = False, idle_s: float = 0.5) -> int:
        """Take job after job; return how many were taken.

        Parameters
        ----------
        until_idle
            Return as soon as nothing waits, instead of waiting for more.
        idle_s
            Pause between two looks at an empty queue.
        """
        taken = 0
        while not self.leave.is_set():
            try:
                job = claim(
                    self.name, self.lease_s, self.clock, self.facts, kinds=tuple(self.handlers)
                )
            except DatabaseError as error:
                _log.warning("job.claim-failed", reason=type(error).__name__)
                connection.close()
                job = None
            if job is None:
                if until_idle:
                    break
                self.leave.wait(idle_s)
                continue
            taken += 1
            self.run_one(job)
        return taken

    def run_one(self, job: Job) -> Outcome:
        """Run a claimed job to its end, whichever that is."""
        with structlog.contextvars.bound_contextvars(job_id=job.key):
            _log.info("job.started", kind=job.kind, attempt=job.attempts)
            started = time.monotonic()
            try:
                outcome = self._run(job)
            except Problem as problem:
                outcome = self._fail(job, problem.code, str(problem))
            except DatabaseError as error:
                outcome = self._storage_failed(job, error)
            except Exception as error:  # noqa: BLE001 - the outermost loop of the worker
                _log.exception("job.broken")
                outcome = self._fail(job, "job.internal", f"Internal error: {type(error).__name__}")
            _log.info("job.ended", outcome=outcome.value, seconds=round(time.monotonic() - started))
        return outcome

    def _run(self, job: Job) -> Outcome:
        handler = self.handlers[job.kind]
        watched = handler.start(job)
        try:
            outcome = self._watch(job, watched)
            if outcome is not None:
                return outcome
            result = watched.result()
        finally:
            watched.close()
        if result is None:
            give_back(job, self._recorded)
            return Outcome.GIVEN_BACK
        with transaction.atomic():
            reference = handler.store(job, result, self._recorded)
            finish(job, reference, self._recorded)
        return Outcome.DONE

    def _watch(self, job: Job, watched: Work) -> Outcome | None:
        """Keep the job until its process is over; an outcome when it must not be stored."""
        shown, stop_at = 0.0, None
        standing: Standing | None = Standing(0.0, "starting")
        while not watched.is_over:
            for message in watched.messages(_READ_S):
                standing = message
            now = time.monotonic()
            if self.leave.is_set():
                give_back(job, self._recorded)
                return Outcome.GIVEN_BACK
            if stop_at is not None and now - stop_at > self.stop_grace_s:
                give_back(job, self._recorded)
                return Outcome.GIVEN_BACK
            if now - shown < _SHOW_S and not watched.is_over:
                continue
            asked = self._renew(job, standing)
            if asked is None:
                return Outcome.LOST
            shown, standing = now, None
            if asked and stop_at is None:
                watched.stop()
                stop_at = now
        return None

    def _renew(self, job: Job, standing: Standing | None) -> bool | None:
        """Renew the lease; a database that cannot be written now is tried again a second later."""
        try:
            return renew(job, self.lease_s, standing, self.clock)
        except DatabaseError as error:
            _log.warning("job.renew-failed", reason=type(error).__name__)
            connection.close()
            return False

    def _fail(self, job: Job, code: str, message: str) -> Outcome:
        _log.warning("job.failed", code=code)
        try:
            return Outcome.FAILED if fail(job, code, message, self._recorded) else Outcome.LOST
        except DatabaseError:
            connection.close()
            return Outcome.LOST  # the lease runs out, and the job is tried again

    def _storage_failed(self, job: Job, error: DatabaseError) -> Outcome:
        full = "full" in str(error) or "No space left" in str(error)
        code = "storage.full" if full else "storage.failed"
        connection.close()
        reason = "The disk is full" if full else "The database refused the write"
        return self._fail(job, code, f"{reason}; nothing more was stored. Ask again after repair.")
