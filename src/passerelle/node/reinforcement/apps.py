"""The app ``reinforcement``: campaigns of requests, and positions of dossiers for lists."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["ReinforcementConfig"]


class ReinforcementConfig(AppConfig):
    """Register the app."""

    name = "passerelle.node.reinforcement"
    label = "reinforcement"
    default_auto_field = "django.db.models.BigAutoField"
