"""One row a feed; the token itself is shown once and never stored."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

__all__ = ["CalendarFeed", "DutyFeed", "Feed"]


class Feed(models.Model):
    """A secret address of a calendar. Revoked, never deleted."""

    token_hash = models.CharField(_("hash of the token"), max_length=64, unique=True)
    language = models.CharField(_("language"), max_length=2)
    made_by = models.CharField(_("made by"), max_length=160)
    made_at = models.DateTimeField(_("made at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True)
    # How often it was asked in the hour that began then: a program that asks too often is told to wait.
    window_at = models.DateTimeField(_("counted since"), null=True)
    n_asked = models.PositiveIntegerField(_("times asked since"), default=0)

    class Meta:
        abstract = True


class CalendarFeed(Feed):
    """The calendar of one group of the published plan, or of one of its crews."""

    # Who could read what until when belongs to the event and stays with it.
    event = models.ForeignKey(
        "events.Event",
        verbose_name=_("event"),
        on_delete=models.PROTECT,
        related_name="calendar_feeds",
    )
    group = models.CharField(_("group"), max_length=64)
    crew = models.PositiveIntegerField(_("crew"), null=True)

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")
        ordering = ("event", "group", "crew", "made_at")

    def __str__(self) -> str:
        return f"{self.event_id}/{self.group}"


class DutyFeed(Feed):
    """The calendar of the duties published in a dossier: of the whole contingent, or of one person."""

    # As above.
    dossier = models.ForeignKey(
        "dossiers.Dossier",
        verbose_name=_("dossier"),
        on_delete=models.PROTECT,
        related_name="calendar_feeds",
    )
    person = models.CharField(_("reference of the person"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("calendar feed of duties")
        verbose_name_plural = _("calendar feeds of duties")
        ordering = ("dossier", "person", "made_at")

    def __str__(self) -> str:
        return f"{self.dossier_id}/{self.person}"
