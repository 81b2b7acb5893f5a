"""States of a job."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

__all__ = ["FINAL", "SOLVES", "JobKind", "JobState"]


class JobState(models.TextChoices):
    """Where a job stands. QUEUED → RUNNING → DONE, FAILED or CANCELLED; RUNNING → QUEUED again."""

    QUEUED = "queued", _("Waiting")
    RUNNING = "running", pgettext_lazy("state of a job", "Running")
    DONE = "done", pgettext_lazy("state of a job", "Done")
    FAILED = "failed", pgettext_lazy("state of a job", "Failed")
    CANCELLED = "cancelled", _("Cancelled")


FINAL = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})
"""States that a job never leaves."""


class JobKind(models.TextChoices):
    """What a job does."""

    PLAN = "plan", _("Solve a plan")
    MIX = "mix", _("Compare mixes of offers")
    REPAIR = "repair", _("Repair a plan")
    CAMPAIGN = "campaign", _("Send a campaign")


SOLVES = frozenset({JobKind.PLAN, JobKind.MIX, JobKind.REPAIR})
"""Kinds that search for minutes in a process of their own; an event has one at a time."""
