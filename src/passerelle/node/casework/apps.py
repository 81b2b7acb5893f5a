"""The app ``casework``: designations, alerts, erasures."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["CaseworkConfig"]


class CaseworkConfig(AppConfig):
    """Register the app."""

    name = "passerelle.node.casework"
    label = "casework"
    default_auto_field = "django.db.models.BigAutoField"
