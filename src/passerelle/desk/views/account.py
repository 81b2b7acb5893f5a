"""One's own account, and what a device prefers to see."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from passerelle.desk.frame import PREFERENCES, show
from passerelle.desk.views.page import page

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from passerelle.node.accounts.models import User

__all__ = ["account", "preferences"]

_YEAR_S = 365 * 24 * 3600


@require_GET
@page(None)
def account(request: HttpRequest) -> HttpResponse:
    """Show the visitor's roles and ways to sign in."""
    user = cast("User", request.user)  # the middleware lets only our users in
    language = get_language() or "en"
    values = {
        "memberships": [
            {"office": entry.office.name(language), "role": entry.get_role_display()}
            for entry in user.memberships.select_related("office")
        ],
        "links": [
            {"url": reverse("mfa_index"), "words": _("Passkeys and authenticator")},
            {"url": reverse("account_change_password"), "words": _("Change the password")},
        ],
    }
    return show(request, "account.html", values)


@require_POST
@page(None)
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep what this device prefers to see, as cookies, and go back."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    response = redirect(target)
    for name, values in PREFERENCES.items():
        value = request.POST.get(name)
        if value in values:
            response.set_cookie(
                f"desk_{name}",
                value,
                max_age=_YEAR_S,
                samesite="Lax",
                secure=request.is_secure(),
                httponly=True,
            )
    return response
