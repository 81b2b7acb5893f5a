"""The app ``plans``: versions of the plan of an event."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["PlansConfig"]


class PlansConfig(AppConfig):
    """Register the app."""

    name = "passerelle.node.plans"
    label = "plans"
    default_auto_field = "django.db.models.BigAutoField"
