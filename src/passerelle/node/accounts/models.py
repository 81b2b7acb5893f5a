"""Offices, the people who sign in, their roles, and sign-in links, tokens of programs."""

from __future__ import annotations

from functools import cached_property

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from passerelle.node.accounts.enums import Role

__all__ = ["ApiToken", "Membership", "Office", "SignInLink", "User"]


class Office(models.Model):
    """One desk of the administration: what signs, receives and decides."""

    code = models.CharField(_("code"), max_length=64, unique=True)
    name_fr = models.CharField(_("name in French"), max_length=160)
    name_en = models.CharField(_("name in English"), max_length=160)
    name_ar = models.CharField(_("name in Arabic"), max_length=160)

    class Meta:
        verbose_name = _("office")
        verbose_name_plural = _("offices")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.code

    def name(self, language: str) -> str:
        """Return the name in a language; English when it is none of ours."""
        return str(getattr(self, f"name_{language[:2]}", self.name_en))


class User(AbstractUser):
    """One person who signs in. What the person may do follows from the memberships alone."""

    language = models.CharField(_("language"), max_length=2, default="", blank=True)
    is_demo = models.BooleanField(_("made for the demonstration"), default=False)

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = (
            models.CheckConstraint(
                condition=Q(is_superuser=False) & Q(is_staff=False),
                name="accounts_user_no_superuser",
            ),
        )

    @cached_property
    def roles(self) -> frozenset[Role]:
        """Roles held in any office; read once a request."""
        return frozenset(Role(role) for role in self.memberships.values_list("role", flat=True))


class Membership(models.Model):
    """One role of one person in one office."""

    # A membership means nothing without its person or its office.
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = (
            models.UniqueConstraint(
                fields=("user", "office", "role"), name="accounts_membership_once"
            ),
            models.CheckConstraint(
                condition=Q(role__in=Role.values), name="accounts_membership_role"
            ),
        )

    def __str__(self) -> str:
        return f"{self.office_id}:{self.role}"


class SignInLink(models.Model):
    """A link that signs one person in, once, for a short time. Only its digest is kept."""

    # The link dies with the person's account.
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("sign-in link")
        verbose_name_plural = _("sign-in links")

    def __str__(self) -> str:
        return f"link {self.pk}"


class ApiToken(models.Model):
    """What a program shows to act for a user. Only its digest is kept."""

    # A token is nothing without the user for whom it acts.
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(_("name"), max_length=64)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("made at"))
    expires_at = models.DateTimeField(_("valid until"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("token")
        verbose_name_plural = _("tokens")
        constraints = (
            models.UniqueConstraint(fields=("user", "name"), name="accounts_token_name"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("created_at")), name="accounts_token_expires"
            ),
        )

    def __str__(self) -> str:
        return self.name
