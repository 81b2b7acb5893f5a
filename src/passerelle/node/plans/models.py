"""Versions of the plan of an event: immutable content, and one state that moves forward.

A Paris-sized plan has hundreds of thousands of crew duties. A version keeps them as lines (so many
crews of a group work these duties) in packed columns, which a page decodes once a process; see
``docs/adr/0040-plans-are-packed-columns.md``. The row beside it carries what lists need.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from passerelle.node.plans.enums import PlanState

__all__ = ["DutyLock", "PlanContent", "PlanVersion"]


class PlanVersion(models.Model):
    """One plan of an event, with its value, its proven bound and where it came from."""

    # Versions are the record of what was ordered: nothing they rest on can be deleted.
    event = models.ForeignKey("events.Event", on_delete=models.PROTECT, related_name="plans")
    revision = models.ForeignKey(
        "events.EventRevision", on_delete=models.PROTECT, related_name="plans"
    )
    need = models.ForeignKey("events.NeedSnapshot", on_delete=models.PROTECT, related_name="plans")
    based_on = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="followers"
    )
    job = models.ForeignKey("jobs.Job", on_delete=models.PROTECT, null=True, related_name="plans")
    number = models.PositiveIntegerField(_("number"))
    state = models.CharField(
        _("state"), max_length=10, choices=PlanState.choices, default=PlanState.DRAFT
    )
    status = models.CharField(_("status of the solve"), max_length=10)
    value = models.FloatField(_("value"))
    bound = models.FloatField(_("proven bound"), null=True)
    terms = models.JSONField(_("cost by term"), default=dict)
    n_lines = models.PositiveIntegerField(_("lines"))
    n_duties = models.PositiveIntegerField(_("crew duties"))
    n_people = models.PositiveIntegerField(_("people on duty"))
    n_violations = models.PositiveIntegerField(_("violations found by the checker"))
    seed = models.BigIntegerField(_("seed"), default=0)
    seconds = models.FloatField(_("seconds"))
    peak_mb = models.FloatField(_("peak memory, MB"))
    versions = models.JSONField(_("versions of the software"), default=dict)
    instance_hash = models.CharField(_("hash of the instance"), max_length=64)
    digest = models.CharField(_("digest of the content"), max_length=64)
    repair = models.JSONField(_("repair that made it"), null=True, default=None)
    created_at = models.DateTimeField(_("made at"))
    created_by = models.CharField(_("made by"), max_length=160)
    published_at = models.DateTimeField(_("published at"), null=True)
    published_by = models.CharField(_("published by"), max_length=160, blank=True)

    class Meta:
        verbose_name = _("version of a plan")
        verbose_name_plural = _("versions of plans")
        ordering = ("event", "-number")
        constraints = (
            models.UniqueConstraint(fields=("event", "number"), name="plans_version_number"),
            models.UniqueConstraint(
                fields=("event",),
                condition=Q(state=PlanState.PUBLISHED),
                name="plans_version_one_published",
            ),
            models.CheckConstraint(
                condition=Q(state__in=PlanState.values), name="plans_version_state"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(PlanState.PUBLISHED, PlanState.SUPERSEDED))
                | (Q(published_at__isnull=False) & Q(n_violations=0)),
                name="plans_version_published_is_clean",
            ),
            models.CheckConstraint(
                condition=Q(bound__lte=F("value") + 0.000001 * F("value") + 0.000001),
                name="plans_version_bound_below_value",
            ),
        )

    def __str__(self) -> str:
        return f"{self.event_id}/{self.number}"

    @property
    def gap(self) -> float | None:
        """Relative gap between value and proven bound; ``None`` while nothing is proven."""
        if self.bound is None:
            return None
        return max(0.0, self.value - self.bound) / max(abs(self.value), 1e-9)


class PlanContent(models.Model):
    """The lines of a version, packed; apart from the row so that lists never load it."""

    # The content is part of its version.
    version = models.OneToOneField(
        PlanVersion, on_delete=models.CASCADE, primary_key=True, related_name="content"
    )
    columns = models.BinaryField()
    certificate = models.BinaryField(null=True)
    violations = models.JSONField(default=list)

    class Meta:
        verbose_name = _("content of a plan")
        verbose_name_plural = _("contents of plans")

    def __str__(self) -> str:
        return f"content {self.pk}"


class DutyLock(models.Model):
    """A duty that the next solve must keep, and who asked for it. Released, never deleted."""

    # A lock is an order; the event it belongs to stays.
    event = models.ForeignKey("events.Event", on_delete=models.PROTECT, related_name="locks")
    group = models.CharField(_("group"), max_length=64)
    site = models.CharField(_("site"), max_length=64)
    capability = models.CharField(_("capability"), max_length=64)
    starts_at = models.DateTimeField(_("start"))
    ends_at = models.DateTimeField(_("end"))
    crews = models.PositiveIntegerField(_("crews"))
    why = models.CharField(_("reason"), max_length=500)
    locked_at = models.DateTimeField()
    locked_by = models.CharField(max_length=160)
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=160, blank=True)

    class Meta:
        verbose_name = _("locked duty")
        verbose_name_plural = _("locked duties")
        ordering = ("event", "starts_at", "site")
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="plans_lock_ends_after_start"
            ),
            models.CheckConstraint(condition=Q(crews__gte=1), name="plans_lock_crews"),
            models.UniqueConstraint(
                fields=("event", "group", "site", "capability", "starts_at", "ends_at"),
                condition=Q(released_at__isnull=True),
                name="plans_lock_once",
            ),
        )

    def __str__(self) -> str:
        return f"lock {self.pk}"
