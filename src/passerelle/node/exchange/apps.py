"""The app ``exchange``: the record of what was said between this node and its peers."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["ExchangeConfig"]


class ExchangeConfig(AppConfig):
    """Register the app."""

    name = "passerelle.node.exchange"
    label = "exchange"
    default_auto_field = "django.db.models.BigAutoField"
