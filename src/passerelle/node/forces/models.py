"""Who may be posted in a revision of an event: contingents and groups of identical crews.

The values that the planner uses (with bases, certificates and rules) are read from the revision's
folder; these rows are for lists, searches and references.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

__all__ = ["Contingent", "CrewGroup"]


class Contingent(models.Model):
    """What one state sends under one arrangement."""

    # Rows drawn from a revision stand and fall with it.
    revision = models.ForeignKey(
        "events.EventRevision", on_delete=models.CASCADE, related_name="contingents"
    )
    code = models.CharField(_("code"), max_length=64)
    state = models.CharField(_("sending state"), max_length=2)
    name = models.CharField(_("name"), max_length=200)
    stage = models.CharField(_("stage"), max_length=12)

    class Meta:
        verbose_name = _("contingent")
        verbose_name_plural = _("contingents")
        ordering = ("code",)
        constraints = (
            models.UniqueConstraint(fields=("revision", "code"), name="forces_contingent_code"),
        )

    def __str__(self) -> str:
        return self.code


class CrewGroup(models.Model):
    """A number of identical crews."""

    # Rows drawn from a revision stand and fall with it.
    revision = models.ForeignKey(
        "events.EventRevision", on_delete=models.CASCADE, related_name="crew_groups"
    )
    code = models.CharField(_("code"), max_length=64)
    contingent = models.ForeignKey(
        Contingent, on_delete=models.CASCADE, null=True, related_name="crew_groups"
    )
    state = models.CharField(_("state"), max_length=2)
    name = models.CharField(_("name"), max_length=200)
    capability = models.CharField(_("main capability"), max_length=64)
    crews = models.PositiveIntegerField(_("crews"))
    crew_people = models.PositiveIntegerField(_("people in a crew"))
    base = models.CharField(_("base"), max_length=200)
    available_from = models.DateTimeField()
    available_to = models.DateTimeField()
    rules = models.CharField(_("rules"), max_length=130)
    is_assumed = models.BooleanField(_("assumed"))

    class Meta:
        verbose_name = _("group of crews")
        verbose_name_plural = _("groups of crews")
        ordering = ("code",)
        constraints = (
            models.UniqueConstraint(fields=("revision", "code"), name="forces_group_code"),
            models.CheckConstraint(
                condition=Q(available_to__gt=F("available_from")), name="forces_group_available"
            ),
            models.CheckConstraint(condition=Q(crew_people__gte=1), name="forces_group_people"),
        )

    def __str__(self) -> str:
        return self.code
