"""The mark of an exercise node, and the ticks of its clock: inserted, never edited (triggers)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

__all__ = ["ExerciseMark", "Tick"]


class ExerciseMark(models.Model):
    """Say which exercise this database plays: one row, written when the node is made, or none."""

    code = models.CharField(_("exercise"), max_length=64)

    class Meta:
        verbose_name = _("mark of an exercise")
        verbose_name_plural = _("marks of an exercise")
        constraints = (models.CheckConstraint(condition=Q(id=1), name="exercise_mark_single_row"),)

    def __str__(self) -> str:
        return self.code


class Tick(models.Model):
    """One instant to which the clock was set. The newest instant is now, so it never goes back."""

    at = models.DateTimeField(_("at"), unique=True)
    said_by = models.CharField(_("set by"), max_length=160)

    class Meta:
        verbose_name = _("tick")
        verbose_name_plural = _("ticks")
        ordering = ("-at",)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
