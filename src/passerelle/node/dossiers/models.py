"""Corridors with their brake, and the summary of each dossier.

What two states said lies in the record of the exchange and is insert-only there. Here a corridor says
between whom it runs; a summary can be deleted and computed again at any time.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

__all__ = ["CheckIn", "Corridor", "Dossier", "Erasure", "ProfileVersion", "Sheet", "Suspension"]


class Corridor(models.Model):
    """What this state and a peer agreed: between whom, since when."""

    code = models.CharField(_("code"), max_length=64, unique=True)
    peer = models.CharField(_("peer"), max_length=64, unique=True)
    own_state = models.CharField(_("own state"), max_length=2)
    peer_state = models.CharField(_("state of the peer"), max_length=2)
    active_from = models.DateTimeField(_("in force since"), null=True)
    active_to = models.DateTimeField(_("in force until"), null=True)

    class Meta:
        verbose_name = _("corridor")
        verbose_name_plural = _("corridors")
        ordering = ("code",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(own_state=models.F("peer_state")),
                name="dossiers_corridor_two_states",
            ),
        )

    def __str__(self) -> str:
        return self.code


class Suspension(models.Model):
    """One pull of the brake: while it is on, nothing leaves through the corridor (S37)."""

    # The brake belongs to the history of the corridor; neither is deleted.
    corridor = models.ForeignKey(Corridor, on_delete=models.PROTECT, related_name="suspensions")
    started_at = models.DateTimeField(_("since"))
    started_by = models.CharField(_("pulled by"), max_length=160)
    ended_at = models.DateTimeField(_("until"), null=True)
    ended_by = models.CharField(_("released by"), max_length=160, blank=True)

    class Meta:
        verbose_name = _("suspension")
        verbose_name_plural = _("suspensions")
        ordering = ("corridor", "started_at")
        constraints = (
            models.UniqueConstraint(
                fields=("corridor",),
                condition=Q(ended_at__isnull=True),
                name="dossiers_suspension_one_open",
            ),
        )

    def __str__(self) -> str:
        return f"{self.corridor_id}: {self.started_at}"


class Dossier(models.Model):
    """Summary of one dossier, computed from its acts."""

    case = models.CharField(_("dossier"), max_length=32, primary_key=True)
    # A summary can be computed again; its corridor stays.
    corridor = models.ForeignKey(Corridor, on_delete=models.PROTECT, related_name="dossiers")
    procedure = models.CharField(_("procedure"), max_length=40)
    definition = models.CharField(_("digest of the definition"), max_length=64)
    side = models.CharField(_("own side"), max_length=16)
    event = models.CharField(_("event"), max_length=64, blank=True)
    reference = models.CharField(_("reference"), max_length=120, blank=True)
    state = models.CharField(_("state"), max_length=40)
    is_final = models.BooleanField(_("closed"), default=False)
    is_settled = models.BooleanField(_("all receipts are there"), default=False)
    is_owed = models.BooleanField(_("a pause has yet to leave"), default=False)
    n_acts = models.PositiveIntegerField(_("acts"), default=0)
    n_refused = models.PositiveIntegerField(_("refused acts"), default=0)
    opened_at = models.DateTimeField(_("opened at"))
    touched_at = models.DateTimeField(_("last act at"))
    last_act = models.CharField(_("last act"), max_length=40)
    due_at = models.DateTimeField(_("next deadline"), null=True)
    due_name = models.CharField(_("what is due"), max_length=40, blank=True)
    due_side = models.CharField(_("who must act"), max_length=16, blank=True)

    class Meta:
        verbose_name = _("dossier")
        verbose_name_plural = _("dossiers")
        ordering = ("due_at", "case")
        indexes = (models.Index(fields=("is_final", "due_at"), name="dossiers_open_by_due"),)

    def __str__(self) -> str:
        return self.case


class Sheet(models.Model):
    """Count sheet of a dossier of reinforcement: figures only, no person. It outlives an erasure."""

    # A count sheet is computed with its summary; while the summary stands, so does the sheet.
    dossier = models.OneToOneField(
        Dossier,
        verbose_name=_("dossier"),
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="sheet",
    )
    content = models.JSONField(_("content"))
    # The same figures as columns, for lists; empty when an earlier release kept the sheet.
    packed = models.BinaryField(_("figures as columns"), default=b"")
    digest = models.CharField(_("digest"), max_length=64)
    cut_off = models.DateTimeField(_("cut-off"))
    valid_until = models.DateTimeField(_("holds until"), null=True)
    n_blocked = models.PositiveIntegerField(_("not deployable on some day"), default=0)
    n_owed = models.PositiveIntegerField(_("replacements owed"), default=0)

    class Meta:
        verbose_name = _("count sheet")
        verbose_name_plural = _("count sheets")
        ordering = ("dossier",)

    def __str__(self) -> str:
        return f"{self.dossier_id}: {self.digest[:16]}"


class CheckIn(models.Model):
    """One check-in of an arrival desk, by the key that the device drew: what came of it, once.

    It names no person: who it was about stands in the sealed act.
    """

    key = models.CharField(_("key"), max_length=32, primary_key=True)
    # A check-in means nothing without its dossier.
    dossier = models.ForeignKey(
        Dossier, verbose_name=_("dossier"), on_delete=models.CASCADE, related_name="check_ins"
    )
    what = models.CharField(_("what"), max_length=16)
    outcome = models.CharField(_("outcome"), max_length=8)
    code = models.CharField(_("code"), max_length=64, blank=True)
    entry = models.CharField(_("entry"), max_length=64, blank=True)
    at = models.DateTimeField(_("taken at"))

    class Meta:
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        ordering = ("at", "key")

    def __str__(self) -> str:
        return f"{self.key}: {self.outcome}"


class ProfileVersion(models.Model):
    """One version of the figures and references of a corridor of persons.

    A version is never edited: a change is a new one. It comes inactive; a second person activates it.
    """

    # A dossier stays under the version in which it was opened; neither is deleted.
    corridor = models.ForeignKey(Corridor, on_delete=models.PROTECT, related_name="profiles")
    number = models.PositiveIntegerField(_("version"))
    source = models.CharField(_("made from"), max_length=64)
    document = models.JSONField(_("profile"))
    digest = models.CharField(_("digest of the agreed part"), max_length=64)
    proposed_by = models.CharField(_("proposed by"), max_length=160)
    proposed_at = models.DateTimeField(_("proposed at"))
    pins = models.JSONField(_("pinned definitions"), default=dict)
    activated_by = models.CharField(_("activated by"), max_length=160, blank=True)
    active_from = models.DateTimeField(_("in force since"), null=True)
    active_to = models.DateTimeField(_("in force until"), null=True)

    class Meta:
        verbose_name = _("corridor profile")
        verbose_name_plural = _("corridor profiles")
        ordering = ("corridor", "number")
        constraints = (
            models.UniqueConstraint(
                fields=("corridor", "number"), name="dossiers_profileversion_number"
            ),
            models.CheckConstraint(
                condition=Q(active_from__isnull=True)
                | ~Q(activated_by="") & ~Q(activated_by=models.F("proposed_by")),
                name="dossiers_profileversion_two_persons",
            ),
        )

    def __str__(self) -> str:
        return f"{self.corridor_id}/{self.number}"


class Erasure(models.Model):
    """The end of a dossier's content: ordered, key destroyed, noticed, answered by the other side."""

    # What was erased must stay known: the summary cannot be deleted under it.
    dossier = models.OneToOneField(
        Dossier,
        verbose_name=_("dossier"),
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="erasure",
    )
    ground = models.CharField(_("ground"), max_length=40)
    ordered_by = models.CharField(_("ordered by"), max_length=160)
    ordered_at = models.DateTimeField(_("ordered at"))
    n_acts = models.PositiveIntegerField(_("acts"))
    destroyed_at = models.DateTimeField(_("key destroyed at"), null=True)
    notice = models.CharField(_("notice"), max_length=64, blank=True)
    answered_at = models.DateTimeField(_("the other side erased at"), null=True)

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        ordering = ("ordered_at",)

    def __str__(self) -> str:
        return f"{self.dossier_id}: {self.ground}"
