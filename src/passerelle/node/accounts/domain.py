"""Verbs on offices, users and roles."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction

from passerelle.kernel.ids import is_code
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action, Role
from passerelle.node.accounts.models import ApiToken, Membership, Office, SignInLink, User
from passerelle.node.audit.domain import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from passerelle.kernel.clock import Clock
    from passerelle.kernel.labels import Labels
    from passerelle.node.accounts.actor import Actor

__all__ = [
    "add_office",
    "add_user",
    "enrol",
    "issue_link",
    "issue_token",
    "redeem_link",
    "user_of_token",
]

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


@transaction.atomic
def enrol(name: str, office: str, roles: Iterable[str], *, actor: Actor, clock: Clock) -> User:
    """Add a user by name, with roles in an office, which is made when it is not there.

    Raises
    ------
    RefusedError
        When the name is taken or no name, a role does not exist, or the actor may not.
    """
    actor.require(Action.MANAGE_USERS)
    unknown = sorted(set(roles) - set(Role.values))
    if unknown or not roles:
        raise RefusedError(
            "Unknown role {role}; expected some of {expected}.",
            code="accounts.unknown-role",
            role=unknown[0] if unknown else "(none)",
            expected=", ".join(Role.values),
        )
    if not is_code(name) or not is_code(office):
        raise RefusedError("Expected a short name, got {name}.", code="accounts.name", name=name)
    if User.objects.filter(username=name).exists():
        raise RefusedError("The name {name} is taken.", code="accounts.name-taken", name=name)
    place, _ = Office.objects.get_or_create(
        code=office, defaults={"name_fr": office, "name_en": office, "name_ar": office}
    )
    user = add_user(name, place, [Role(role) for role in roles])
    record(
        actor.label,
        Action.MANAGE_USERS.value,
        f"user:{name}",
        clock=clock,
        new={"office": office, "roles": sorted(roles)},
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


@transaction.atomic
def issue_token(
    user: User, name: str, days: int, *, actor: Actor, clock: Clock, token: Callable[[], str]
) -> str:
    """Make a token with which a program acts for a user; an older one of that name is replaced.

    Raises
    ------
    RefusedError
        When the name or the number of days (1 to 366) is out of range, or the actor may not.
    """
    actor.require(Action.MANAGE_USERS)
    if not is_code(name) or not 1 <= days <= 366:
        raise RefusedError(
            "Expected a short name and 1 to 366 days, got {name} and {days}.",
            code="accounts.token",
            name=name,
            days=days,
        )
    secret, now = token(), clock.now()
    ApiToken.objects.update_or_create(
        user=user,
        name=name,
        defaults={
            "digest": _digest(secret),
            "created_at": now,
            "expires_at": now + timedelta(days=days),
            "revoked_at": None,
        },
    )
    record(
        actor.label,
        "accounts.issue-token",
        f"user:{user.username}/token:{name}",
        clock=clock,
        new={"days": days},
    )
    return secret


def user_of_token(secret: str, clock: Clock) -> User | None:
    """Return the user for whom a token acts; nothing when it is unknown, old or revoked."""
    found = (
        ApiToken.objects.select_related("user")
        .filter(
            digest=_digest(secret),
            expires_at__gt=clock.now(),
            revoked_at=None,
            user__is_active=True,
        )
        .first()
    )
    return found.user if found else None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()
