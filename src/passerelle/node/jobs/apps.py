"""The app ``jobs``: long work with progress, leases and cancellation."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["JobsConfig"]


class JobsConfig(AppConfig):
    """Register the app."""

    name = "passerelle.node.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"
