"""The app ``forces``: groups, contingents and the rules of their arrangements."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["ForcesConfig"]


class ForcesConfig(AppConfig):
    """Register the app."""

    name = "passerelle.node.forces"
    label = "forces"
    default_auto_field = "django.db.models.BigAutoField"
