"""The app ``dossiers``: corridors, and summaries of dossiers folded from the record."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["DossiersConfig"]


class DossiersConfig(AppConfig):
    """Register the app."""

    name = "passerelle.node.dossiers"
    label = "dossiers"
    default_auto_field = "django.db.models.BigAutoField"
