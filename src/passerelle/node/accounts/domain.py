"""Verbs on offices, users and roles."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction

from passerelle.node.accounts.models import Membership, Office, SignInLink, User

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from passerelle.kernel.clock import Clock
    from passerelle.kernel.labels import Labels
    from passerelle.node.accounts.enums import Role

__all__ = ["add_office", "add_user", "issue_link", "redeem_link"]

LINK_LIFE: Final = timedelta(minutes=10)


def add_office(code: str, labels: Labels) -> Office:
    """Make an office, or give it new names when it is there."""
    office, _ = Office.objects.update_or_create(
        code=code, defaults={"name_fr": labels.fr, "name_en": labels.en, "name_ar": labels.ar}
    )
    return office


@transaction.atomic
def add_user(
    username: str,
    office: Office,
    roles: Iterable[Role],
    *,
    password: str | None = None,
    language: str = "",
    is_demo: bool = False,
) -> User:
    """Make a user with roles in one office; without a password only a link or passkey lets in."""
    user = User(username=username, language=language, is_demo=is_demo)
    user.set_password(password)  # None makes every password wrong
    user.save()
    Membership.objects.bulk_create(
        Membership(user=user, office=office, role=role) for role in sorted(set(roles))
    )
    return user


def issue_link(user: User, clock: Clock, token: Callable[[], str]) -> str:
    """Make a one-time sign-in token for a user; it lives ten minutes and only its digest is kept.

    Parameters
    ----------
    token
        Source of randomness, ``secrets.token_urlsafe`` in the node.
    """
    secret = token()
    SignInLink.objects.create(user=user, digest=_digest(secret), expires_at=clock.now() + LINK_LIFE)
    return secret


def redeem_link(secret: str, clock: Clock) -> User | None:
    """Return the user whom the token signs in, or nothing when it is unknown, old or used."""
    now = clock.now()
    usable = SignInLink.objects.filter(
        digest=_digest(secret), used_at=None, expires_at__gt=now, user__is_active=True
    )
    # The conditional update is the lock: of two visitors with one link, one gets in.
    if usable.update(used_at=now) != 1:
        return None
    return SignInLink.objects.select_related("user").get(digest=_digest(secret)).user


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()
