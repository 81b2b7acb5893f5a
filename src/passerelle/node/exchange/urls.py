"""Addresses of the wire."""

from __future__ import annotations

from django.urls import path

from passerelle.node.exchange import blob_views, views

urlpatterns = [
    path("logs/<str:log_id>/push", views.push),
    path("logs/<str:log_id>/pull", views.pull),
    path("logs/<str:log_id>/suffix", views.suffix),
    path("logs/<str:log_id>/peer", views.peer_notice),
    path("trust/<str:name>", views.trust),
    path("blobs/<str:root>", blob_views.blob),
    path("blobs/<str:root>/leaves", blob_views.leaves),
    path("blobs/<str:root>/fetch", blob_views.fetch),
]
