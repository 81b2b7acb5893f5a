"""Addresses of the node. Pages and API bring their own; they are named here, not imported."""

from __future__ import annotations

from django.urls import include, path

from passerelle.node.health import health

urlpatterns = [
    path("health", health, name="health"),
    path("sign-in/", include("passerelle.node.accounts.urls")),
    path("account/mfa/", include("allauth.mfa.urls")),
    path("account/", include("allauth.account.urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("x/v1/", include("passerelle.node.exchange.urls")),
    path("api/v1/", include("passerelle.api.urls")),
    path("", include("passerelle.desk.urls")),
]

handler403 = "passerelle.desk.views.errors.forbidden"
handler404 = "passerelle.desk.views.errors.not_found"
handler500 = "passerelle.desk.views.errors.failed"
