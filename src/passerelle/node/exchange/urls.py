"""Addresses of the wire."""

from __future__ import annotations

from django.urls import path

from passerelle.node.exchange import views

urlpatterns = [
    path("logs/<str:log_id>/push", views.push),
    path("logs/<str:log_id>/pull", views.pull),
    path("logs/<str:log_id>/suffix", views.suffix),
    path("trust/<str:name>", views.trust),
]
