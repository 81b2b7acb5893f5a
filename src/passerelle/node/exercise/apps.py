"""The app ``exercise``: the mark of an exercise node and its clock."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["ExerciseConfig"]


class ExerciseConfig(AppConfig):
    """Register the app."""

    name = "passerelle.node.exercise"
    label = "exercise"
    default_auto_field = "django.db.models.BigAutoField"
