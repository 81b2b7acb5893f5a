"""The app ``audit``: what was done, by whom, chained."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["AuditConfig"]


class AuditConfig(AppConfig):
    """Register the app."""

    name = "passerelle.node.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"
