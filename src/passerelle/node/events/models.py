"""Events as they were imported, and the need computed from them.

An event folder is a fact: each import adds a revision that is never edited. The revision keeps the
folder itself, packed, so that it can be read again by any later version of the planner and exported
to the byte. Sites and sessions are also rows, for lists, searches and references.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

__all__ = ["Event", "EventRevision", "NeedSnapshot", "Session", "Site"]


class Event(models.Model):
    """One event, by its code; everything else about it belongs to a revision."""

    code = models.SlugField(_("code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=200)
    host = models.CharField(_("host state"), max_length=2)
    time_zone = models.CharField(_("time zone"), max_length=64)
    starts_at = models.DateTimeField(_("start"))
    ends_at = models.DateTimeField(_("end"))

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ("-starts_at", "code")
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="events_event_ends_after_start"
            ),
        )

    def __str__(self) -> str:
        return self.code


class EventRevision(models.Model):
    """One import of an event folder."""

    # A revision is evidence: the event cannot go while it is there.
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField(_("number"))
    digest = models.CharField(_("digest of the folder"), max_length=64)
    folder = models.BinaryField(_("folder, packed"))
    imported_at = models.DateTimeField(_("imported at"))
    imported_by = models.CharField(_("imported by"), max_length=160)
    n_venues = models.PositiveIntegerField()
    n_sessions = models.PositiveIntegerField()
    n_posts = models.PositiveIntegerField()
    n_groups = models.PositiveIntegerField()
    n_assumptions = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("revision of an event")
        verbose_name_plural = _("revisions of events")
        ordering = ("event", "-number")
        constraints = (
            models.UniqueConstraint(fields=("event", "number"), name="events_revision_number"),
            models.CheckConstraint(
                condition=Q(number__gte=1), name="events_revision_number_from_one"
            ),
        )

    def __str__(self) -> str:
        return f"{self.event_id}/{self.number}"


class Site(models.Model):
    """One place of a revision: a venue, or a place of the territory."""

    # Rows drawn from a revision stand and fall with it.
    revision = models.ForeignKey(EventRevision, on_delete=models.CASCADE, related_name="sites")
    code = models.CharField(_("code"), max_length=64)
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=40)
    lat = models.FloatField()
    lon = models.FloatField()
    capacity = models.PositiveIntegerField(null=True)
    is_venue = models.BooleanField()

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ("code",)
        constraints = (
            models.UniqueConstraint(fields=("revision", "code"), name="events_site_code"),
            models.CheckConstraint(
                condition=Q(lat__range=(-90, 90)) & Q(lon__range=(-180, 180)),
                name="events_site_position",
            ),
        )

    def __str__(self) -> str:
        return self.code


class Session(models.Model):
    """One public session of a revision."""

    # Rows drawn from a revision stand and fall with it.
    revision = models.ForeignKey(EventRevision, on_delete=models.CASCADE, related_name="sessions")
    code = models.CharField(_("code"), max_length=64)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="sessions")
    title = models.CharField(_("title"), max_length=300)
    sport = models.CharField(_("sport"), max_length=80)
    starts_at = models.DateTimeField(_("start"))
    ends_at = models.DateTimeField(_("end"))
    attendance = models.PositiveIntegerField(_("attendance"))
    risk = models.PositiveSmallIntegerField(_("risk"))

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ("starts_at", "code")
        constraints = (
            models.UniqueConstraint(fields=("revision", "code"), name="events_session_code"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="events_session_ends_after_start"
            ),
            models.CheckConstraint(condition=Q(risk__range=(1, 5)), name="events_session_risk"),
        )

    def __str__(self) -> str:
        return self.code


class NeedSnapshot(models.Model):
    """The need computed from a revision with one version of the coefficients.

    A repair computes the need of the programme as its change leaves it; ``after`` tells such needs apart.
    """

    # A need means nothing without what it was computed from.
    revision = models.ForeignKey(EventRevision, on_delete=models.CASCADE, related_name="needs")
    coefficient_version = models.CharField(max_length=64)
    changes = models.JSONField(_("changes since the revision"), default=list, blank=True)
    after = models.CharField(_("digest of the changes"), max_length=64, blank=True, default="")
    columns = models.BinaryField(_("figures, packed"))
    digest = models.CharField(max_length=64)
    n_figures = models.PositiveIntegerField()
    n_overlays = models.PositiveIntegerField()
    computed_at = models.DateTimeField()
    computed_by = models.CharField(max_length=160)

    class Meta:
        verbose_name = _("need")
        verbose_name_plural = _("needs")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("revision", "coefficient_version", "after"), name="events_need_once"
            ),
        )

    def __str__(self) -> str:
        return f"need {self.pk}"
