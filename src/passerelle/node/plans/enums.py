"""States of a version of a plan."""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy

__all__ = ["PlanState"]


class PlanState(models.TextChoices):
    """DRAFT → PUBLISHED → SUPERSEDED, or DRAFT → DROPPED. At most one version is PUBLISHED."""

    DRAFT = "draft", pgettext_lazy("state of a plan", "Draft")
    PUBLISHED = "published", pgettext_lazy("state of a plan", "Published")
    SUPERSEDED = "superseded", pgettext_lazy("state of a plan", "Superseded")
    DROPPED = "dropped", pgettext_lazy("state of a plan", "Dropped")
