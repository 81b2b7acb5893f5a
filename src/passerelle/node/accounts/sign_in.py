"""Sign in by a one-time link, which ``passerelle demo`` prints and opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from passerelle.kernel.clock import SystemClock
from passerelle.node.accounts.domain import redeem_link

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["sign_in_by_link"]


@never_cache
@require_GET
@login_not_required
def sign_in_by_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Sign the visitor in when the link is fresh; otherwise show the ordinary sign-in page."""
    user = redeem_link(secret, SystemClock())
    if user is None:
        return redirect("account_login")
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("/")
