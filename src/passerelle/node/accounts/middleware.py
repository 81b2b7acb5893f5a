"""Ask everybody for a passkey or an authenticator before anything else is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.mfa.utils import is_mfa_enabled
from django.shortcuts import redirect

from passerelle.node.configuration import configuration

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase

__all__ = ["SecondFactorMiddleware", "is_second_factor_held"]

_OPEN = ("/api/", "/account/", "/sign-in/", "/language/", "/health", "/static/")
_SESSION_KEY = "second_factor_held"


class SecondFactorMiddleware:
    """Send users without a second factor to the page where they make one.

    The answer is kept in the session, so that it costs one query a session. The API asks by itself.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.is_asked = configuration().second_factor

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let through, or redirect to the page of second factors."""
        if self._is_missing(request):
            return redirect("mfa_index")
        return self.get_response(request)

    def _is_missing(self, request: HttpRequest) -> bool:
        if not self.is_asked or not request.user.is_authenticated:
            return False
        return not request.path.startswith(_OPEN) and not is_second_factor_held(request)


def is_second_factor_held(request: HttpRequest) -> bool:
    """Tell whether the signed-in user holds a second factor, or the node asks for none."""
    if not configuration().second_factor or request.session.get(_SESSION_KEY):
        return True
    if not is_mfa_enabled(request.user):
        return False
    request.session[_SESSION_KEY] = True
    return True
