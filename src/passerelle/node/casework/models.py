"""Who is designated for which file, what must be looked at, which key is to be destroyed.

References only: no row here holds anything about a person.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

__all__ = ["Alert", "Designation", "Erasure"]


class Designation(models.Model):
    """One official who may open one file (S27)."""

    case = models.CharField(_("dossier"), max_length=32, db_index=True)
    official = models.CharField(_("official"), max_length=160)
    given_by = models.CharField(_("designated by"), max_length=160)
    given_at = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True)
    is_emergency = models.BooleanField(_("emergency access"), default=False)

    class Meta:
        verbose_name = _("designation")
        verbose_name_plural = _("designations")
        ordering = ("case", "given_at")
        constraints = (
            models.CheckConstraint(
                condition=Q(is_emergency=False) | Q(until__isnull=False),
                name="casework_designation_emergency_ends",
            ),
        )

    def __str__(self) -> str:
        return f"{self.case}: {self.official}"


class Alert(models.Model):
    """Something that the auditor and the data-protection officer must look at."""

    kind = models.CharField(_("kind"), max_length=40)
    case = models.CharField(_("dossier"), max_length=32, blank=True)
    official = models.CharField(_("official"), max_length=160)
    at = models.DateTimeField(_("at"))
    why = models.CharField(_("reason"), max_length=500, blank=True)
    seen_by = models.CharField(_("seen by"), max_length=160, blank=True)
    seen_at = models.DateTimeField(_("seen at"), null=True)

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering = ("-at",)

    def __str__(self) -> str:
        return f"{self.kind} {self.case}"


class Erasure(models.Model):
    """A key to be destroyed once all that was said about it is receipted, and when it was."""

    case = models.CharField(_("dossier"), max_length=32, primary_key=True)
    ground = models.CharField(_("ground"), max_length=40)
    key_name = models.CharField(_("name of the key"), max_length=64)
    asked_at = models.DateTimeField(_("asked at"))
    done_at = models.DateTimeField(_("destroyed at"), null=True)

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        ordering = ("asked_at",)

    def __str__(self) -> str:
        return f"{self.case}: {self.done_at or 'waits'}"
