"""Who calls: a program with a token, or a browser with a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ninja.security import HttpBearer, SessionAuth

from passerelle.kernel.clock import SystemClock
from passerelle.node.accounts.actor import Actor
from passerelle.node.accounts.domain import user_of_token
from passerelle.node.accounts.middleware import is_second_factor_held
from passerelle.node.accounts.models import User

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["Session", "Token", "actor_of"]


class Token(HttpBearer):
    """Accept ``Authorization: Bearer TOKEN``."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """Return the actor for whom the token acts."""
        del request
        user = user_of_token(token, SystemClock())
        return None if user is None else Actor.of(user)


class Session(SessionAuth):
    """Accept a signed-in browser, with its CSRF token and its second factor."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        """Return the actor that the signed-in user is."""
        del key
        if not isinstance(request.user, User) or not is_second_factor_held(request):
            return None
        return Actor.of(request.user)


def actor_of(request: HttpRequest) -> Actor:
    """Return who calls."""
    actor = getattr(request, "auth", None)
    if not isinstance(actor, Actor):
        raise TypeError("Expected an authenticated call.")
    return actor
