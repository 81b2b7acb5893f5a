"""One row a feed; the token itself is shown once and never stored."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

__all__ = ["CalendarFeed"]


class CalendarFeed(models.Model):
    """A secret address of the calendar of one group, or of one of its crews. Revoked, never deleted."""

    # Who could read what until when belongs to the event and stays with it.
    event = models.ForeignKey(
        "events.Event",
        verbose_name=_("event"),
        on_delete=models.PROTECT,
        related_name="calendar_feeds",
    )
    token_hash = models.CharField(_("hash of the token"), max_length=64, unique=True)
    group = models.CharField(_("group"), max_length=64)
    crew = models.PositiveIntegerField(_("crew"), null=True)
    language = models.CharField(_("language"), max_length=2)
    made_by = models.CharField(_("made by"), max_length=160)
    made_at = models.DateTimeField(_("made at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True)

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")
        ordering = ("event", "group", "crew", "made_at")

    def __str__(self) -> str:
        return f"{self.event_id}/{self.group}"
