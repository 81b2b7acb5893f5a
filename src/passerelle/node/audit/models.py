"""The record of who did what: inserted, never edited, each entry bound to the one before."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

__all__ = ["AuditEntry", "AuditHead"]


class AuditEntry(models.Model):
    """One thing done. The database itself refuses to change or delete an entry (triggers)."""

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(_("at"))
    actor = models.CharField(_("who"), max_length=160)
    action = models.CharField(_("what"), max_length=64)
    subject = models.CharField(_("on"), max_length=160)
    old = models.JSONField(_("before"), null=True)
    new = models.JSONField(_("after"), null=True)
    why = models.CharField(_("why"), max_length=500, blank=True)
    digest = models.CharField(_("digest"), max_length=64, unique=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ("-number",)
        indexes = (models.Index(fields=("subject", "number"), name="audit_entry_subject"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(number__gte=1), name="audit_entry_number_from_one"
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.action}"


class AuditHead(models.Model):
    """The last number and digest of the chain: one row, taken by every writer in turn."""

    size = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(id=1), name="audit_head_single_row"),
        )

    def __str__(self) -> str:
        return f"{self.size} {self.digest[:12]}"
