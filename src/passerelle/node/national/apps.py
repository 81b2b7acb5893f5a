"""The app ``national``: the log of acts that never leave."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["NationalConfig"]


class NationalConfig(AppConfig):
    """Register the app."""

    name = "passerelle.node.national"
    label = "national"
    default_auto_field = "django.db.models.BigAutoField"
