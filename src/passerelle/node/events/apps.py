"""The app ``events``: events, venues, sessions, posts and their need."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["EventsConfig"]


class EventsConfig(AppConfig):
    """Register the app."""

    name = "passerelle.node.events"
    label = "events"
    default_auto_field = "django.db.models.BigAutoField"
