"""The app ``feeds``: secret addresses of calendars."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["FeedsConfig"]


class FeedsConfig(AppConfig):
    """Register the app."""

    name = "passerelle.node.feeds"
    label = "feeds"
    default_auto_field = "django.db.models.BigAutoField"
