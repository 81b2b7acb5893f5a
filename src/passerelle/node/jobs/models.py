"""Long work: one row a job, with its lease, its progress and its result.

A worker takes a job by a conditional update and keeps it by renewing the lease. A worker that dies
renews nothing; after the lease another one takes the job. What is shown live is the newest progress
on the row and the series beside it.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from passerelle.node.jobs.enums import JobKind, JobState

__all__ = ["Job", "JobProgress"]


class Job(models.Model):
    """One piece of long work."""

    key = models.CharField(_("key"), max_length=32, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=JobKind.choices)
    # A job is the history of its event.
    event = models.ForeignKey("events.Event", on_delete=models.PROTECT, related_name="jobs")
    params = models.JSONField(_("parameters"), default=dict)
    state = models.CharField(
        _("state"), max_length=10, choices=JobState.choices, default=JobState.QUEUED
    )
    cancel_requested = models.BooleanField(_("stop asked"), default=False)
    created_at = models.DateTimeField(_("asked at"))
    created_by = models.CharField(_("asked by"), max_length=160)
    started_at = models.DateTimeField(_("started at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    worker = models.CharField(_("worker"), max_length=80, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease_until = models.DateTimeField(_("leased until"), null=True)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True)
    phase = models.CharField(_("phase"), max_length=40, blank=True)
    seconds = models.FloatField(_("seconds"), default=0)
    value = models.FloatField(_("best value"), null=True)
    bound = models.FloatField(_("proven bound"), null=True)
    n_done = models.PositiveIntegerField(_("steps done"), default=0)
    n_steps = models.PositiveIntegerField(_("steps"), default=0)
    result = models.CharField(_("result"), max_length=80, blank=True)
    error_code = models.CharField(_("error code"), max_length=64, blank=True)
    error = models.CharField(_("error"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ("-pk",)
        indexes = (models.Index(fields=("state", "lease_until"), name="jobs_job_waiting"),)
        constraints = (
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="jobs_job_state"),
            models.CheckConstraint(
                condition=~Q(state=JobState.RUNNING)
                | (Q(lease_until__isnull=False) & ~Q(worker="")),
                name="jobs_job_running_is_leased",
            ),
            models.CheckConstraint(
                condition=~Q(state=JobState.DONE) | ~Q(result=""), name="jobs_job_done_has_result"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind}:{self.key[:8]}"

    @property
    def gap(self) -> float | None:
        """Relative gap between best value and proven bound; ``None`` before there are both."""
        if self.value is None or self.bound is None:
            return None
        return max(0.0, self.value - self.bound) / max(abs(self.value), 1e-9)


class JobProgress(models.Model):
    """Best value and bound of a job at one moment; the chart of a solve is drawn from these."""

    # The series means nothing without its job.
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="series")
    seconds = models.FloatField()
    value = models.FloatField(null=True)
    bound = models.FloatField(null=True)
    phase = models.CharField(max_length=40)

    class Meta:
        verbose_name = _("progress of a job")
        verbose_name_plural = _("progress of jobs")
        ordering = ("job", "seconds")
        indexes = (models.Index(fields=("job", "seconds"), name="jobs_progress_series"),)

    def __str__(self) -> str:
        return f"{self.job_id} {self.seconds}"
