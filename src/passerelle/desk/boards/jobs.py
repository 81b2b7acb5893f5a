"""A job as pages show it: its state in words, its progress, its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.node.jobs.enums import FINAL, JobState

if TYPE_CHECKING:
    from datetime import datetime

    from passerelle.node.jobs.models import Job

__all__ = ["JobLine", "job_line"]

_LOOKS = {
    JobState.QUEUED: "idle",
    JobState.RUNNING: "live",
    JobState.DONE: "met",
    JobState.FAILED: "critical",
    JobState.CANCELLED: "idle",
}


@dataclass(frozen=True, slots=True)
class JobLine:
    """Show one job."""

    key: str
    kind: str
    words: str
    state_words: str
    look: str
    phase: str
    is_active: bool
    is_stopping: bool
    percent: int
    n_done: int
    n_steps: int
    value: float | None
    bound: float | None
    gap: float | None
    seconds: float
    created: datetime
    created_by: str
    started: datetime | None
    finished: datetime | None
    attempts: int
    error: str
    error_code: str

    @property
    def short(self) -> str:
        """First signs of the key, enough to tell jobs apart."""
        return self.key[-6:]


def job_line(job: Job) -> JobLine:
    """Turn a row into what is shown."""
    state = JobState(job.state)
    limit = job.params.get("seconds") or 0
    share = min(99, round(100 * job.seconds / limit)) if limit else 0
    if job.n_steps:
        share = round(100 * job.n_done / job.n_steps)
    return JobLine(
        key=job.key,
        kind=job.kind,
        words=str(job.get_kind_display()),
        state_words=str(state.label),
        look=_LOOKS[state],
        phase=job.phase,
        is_active=state not in FINAL,
        is_stopping=job.cancel_requested and state not in FINAL,
        percent=100 if state is JobState.DONE else share,
        n_done=job.n_done,
        n_steps=job.n_steps,
        value=job.value,
        bound=job.bound,
        gap=job.gap,
        seconds=job.seconds,
        created=job.created_at,
        created_by=job.created_by,
        started=job.started_at,
        finished=job.finished_at,
        attempts=job.attempts,
        error=job.error,
        error_code=job.error_code,
    )
