"""The desk as a Django application: templates, static files, messages, template tags."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["DeskConfig"]


class DeskConfig(AppConfig):
    """Register the desk; it has no tables of its own."""

    name = "passerelle.desk"
    label = "desk"
    verbose_name = "Desk"
