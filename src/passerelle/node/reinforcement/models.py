"""Campaigns with their drafts, and the position of each dossier of reinforcement.

A draft is this node's own paper until it is signed; what was signed lies in the record. Positions
(tallies, offers) are computed from the record and can be deleted and computed again at any time; they
hold codes, figures and instants, no free text and no person, and go when the dossier can no longer
be opened.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

__all__ = ["Campaign", "DraftLine", "MixRun", "OfferRow", "Position", "TallyRow", "Thread"]


class Campaign(models.Model):
    """Requests to several partners from one gap, each in a thread of its own."""

    # Drafts rest on a need and a plan that are never deleted.
    event = models.ForeignKey("events.Event", on_delete=models.PROTECT, related_name="campaigns")
    need = models.ForeignKey("events.NeedSnapshot", on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey(
        "plans.PlanVersion", on_delete=models.PROTECT, null=True, related_name="campaigns"
    )
    number = models.PositiveIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=120)
    basis = models.CharField(_("what counts as covered"), max_length=12)
    header = models.JSONField(_("fields of every request"), default=dict)
    answer_by = models.DateTimeField(_("answer by"))
    left = models.JSONField(_("what nobody is known to have"), default=list)
    created_at = models.DateTimeField(_("made at"))
    created_by = models.CharField(_("made by"), max_length=160)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    sent_by = models.CharField(_("sent by"), max_length=160, blank=True)

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ("event", "-number")
        constraints = (
            models.UniqueConstraint(
                fields=("event", "number"), name="reinforcement_campaign_number"
            ),
        )

    def __str__(self) -> str:
        return f"{self.event_id}/{self.number}"


class Thread(models.Model):
    """The request to one partner."""

    # Threads are part of their campaign.
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="threads")
    peer = models.CharField(_("peer"), max_length=64)
    state = models.CharField(_("state"), max_length=2)
    reference = models.CharField(_("reference"), max_length=64)
    case = models.CharField(_("dossier"), max_length=32, blank=True)
    earlier = models.JSONField(_("dossiers before"), default=list)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    problem = models.CharField(_("why it was not sent"), max_length=400, blank=True)
    why = models.JSONField(_("the refusal behind it"), default=dict)

    class Meta:
        verbose_name = _("thread")
        verbose_name_plural = _("threads")
        ordering = ("campaign", "state", "peer")
        constraints = (
            models.UniqueConstraint(fields=("campaign", "peer"), name="reinforcement_thread_once"),
        )

    def __str__(self) -> str:
        return self.reference


class DraftLine(models.Model):
    """One line of the request to one partner, as drafted and edited."""

    # Lines are part of their thread.
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="lines")
    code = models.CharField(_("line"), max_length=16)
    ask = models.CharField(_("part of"), max_length=16, blank=True)
    capability = models.CharField(_("capability"), max_length=64)
    town = models.CharField(_("town"), max_length=120)
    places = models.JSONField(_("sites"), default=list)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    posts = models.PositiveIntegerField(_("posts"))
    present = models.PositiveIntegerField(_("people present"))
    people = models.PositiveIntegerField(_("people"))
    animals = models.PositiveIntegerField(_("animals"), default=0)
    host_escort = models.PositiveIntegerField(_("host escorts offered"), default=0)
    languages = models.JSONField(_("languages"), default=list)
    task = models.CharField(_("task"), max_length=1000)
    priority = models.CharField(_("priority"), max_length=2)
    needs = models.JSONField(_("needs that it serves"), default=list)
    reasons = models.JSONField(_("why this partner"), default=list)
    doubles_host = models.BooleanField(_("doubles the host"), default=False)
    is_out = models.BooleanField(_("left out"), default=False)

    class Meta:
        verbose_name = _("drafted line")
        verbose_name_plural = _("drafted lines")
        ordering = ("thread", "code")
        constraints = (
            models.UniqueConstraint(fields=("thread", "code"), name="reinforcement_line_code"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="reinforcement_line_period"
            ),
            models.CheckConstraint(
                condition=Q(posts__lte=F("present")) & Q(present__lte=F("people")),
                name="reinforcement_line_units",
            ),
        )

    def __str__(self) -> str:
        return self.code


class Position(models.Model):
    """Where one dossier of reinforcement stands, as lists need it."""

    # A position is computed from its dossier.
    dossier = models.OneToOneField(
        "dossiers.Dossier", on_delete=models.CASCADE, primary_key=True, related_name="position"
    )
    answer_by = models.DateTimeField(_("answer by"), null=True)
    n_lines = models.PositiveIntegerField(_("lines"), default=0)
    n_declined = models.PositiveIntegerField(_("declined lines"), default=0)
    n_standing = models.PositiveIntegerField(_("standing offers"), default=0)
    next_expiry = models.DateTimeField(_("next expiry of an offer"), null=True)
    announced_figure = models.PositiveIntegerField(_("figure announced"), null=True)
    announced_unit = models.CharField(_("unit announced"), max_length=16, blank=True)
    announced_on = models.CharField(_("announced on"), max_length=10, blank=True)
    is_announced = models.BooleanField(_("announced in public"), default=False)
    is_bound = models.BooleanField(_("arrangement bound"), default=False)
    n_unacknowledged = models.PositiveIntegerField(_("duties not acknowledged"), default=0)
    computed_at = models.DateTimeField(_("computed at"))

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")

    def __str__(self) -> str:
        return str(self.pk)


class TallyRow(models.Model):
    """One capability at one stage in one dossier, with its curve over days."""

    # Tallies are computed from their dossier.
    dossier = models.ForeignKey(
        "dossiers.Dossier", on_delete=models.CASCADE, related_name="tallies"
    )
    capability = models.CharField(_("capability"), max_length=64)
    stage = models.CharField(_("stage"), max_length=12)
    people = models.PositiveIntegerField(_("people"))
    person_days = models.PositiveIntegerField(_("person-days"))
    first_day = models.DateField(_("first day"))
    posts = models.BinaryField()
    present = models.BinaryField()

    class Meta:
        verbose_name = _("tally")
        verbose_name_plural = _("tallies")
        constraints = (
            models.UniqueConstraint(
                fields=("dossier", "capability", "stage"), name="reinforcement_tally_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.dossier_id}: {self.capability} {self.stage}"


class OfferRow(models.Model):
    """One offer in one dossier, as lists and the comparison of mixes need it."""

    # Rows of offers are computed from their dossier.
    dossier = models.ForeignKey("dossiers.Dossier", on_delete=models.CASCADE, related_name="offers")
    code = models.CharField(_("offer"), max_length=64)
    line = models.CharField(_("line"), max_length=64, blank=True)
    answer = models.CharField(_("kind of answer"), max_length=16)
    status = models.CharField(_("how it stands, expiry aside"), max_length=12)
    valid_until = models.DateTimeField(_("valid until"))
    capability = models.CharField(_("capability"), max_length=64)
    posts = models.PositiveIntegerField(_("posts"))
    present = models.PositiveIntegerField(_("people present"))
    people = models.PositiveIntegerField(_("people"))
    animals = models.PositiveIntegerField(_("animals"), default=0)
    places = models.JSONField(_("sites"), default=list)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    languages = models.JSONField(_("languages"), default=list)
    certificates = models.JSONField(_("certificates"), default=list)
    conditions = models.JSONField(_("subjects of its conditions"), default=list)
    weapons = models.CharField(_("weapons"), max_length=16, blank=True)
    command = models.CharField(_("command"), max_length=16)
    cost_eur = models.PositiveBigIntegerField(_("cost, EUR"), null=True)
    payer = models.CharField(_("who pays"), max_length=16, blank=True)
    committed = models.PositiveIntegerField(_("people committed"), default=0)

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        ordering = ("valid_until", "code")
        constraints = (
            models.UniqueConstraint(fields=("dossier", "code"), name="reinforcement_offer_code"),
        )
        indexes = (
            models.Index(fields=("status", "valid_until"), name="reinforcement_offer_expiry"),
        )

    def __str__(self) -> str:
        return self.code


class MixRun(models.Model):
    """One comparison of mixes of offers, with its report as plain values."""

    # A comparison is the reason of a choice; event and job stay.
    event = models.ForeignKey("events.Event", on_delete=models.PROTECT, related_name="mixes")
    job = models.ForeignKey("jobs.Job", on_delete=models.PROTECT, related_name="+")
    report = models.JSONField(_("report"))
    keeps_assumed = models.BooleanField(_("counts what the folder assumes"), default=True)
    created_at = models.DateTimeField(_("made at"))
    created_by = models.CharField(_("made by"), max_length=160)

    class Meta:
        verbose_name = _("comparison of mixes")
        verbose_name_plural = _("comparisons of mixes")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"mix {self.pk}"
