"""The app ``accounts``: who signs in and what they may do."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["AccountsConfig"]


class AccountsConfig(AppConfig):
    """Register the app."""

    name = "passerelle.node.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
