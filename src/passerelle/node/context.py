"""What every page may show of the node itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle import __version__
from passerelle.node.configuration import configuration
from passerelle.node.exercise.queries import exercise_instant

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["node"]


def node(request: HttpRequest) -> dict[str, object]:
    """Name the node, its state and the version of the software."""
    del request
    settings = configuration()
    return {
        "node": {"name": settings.node, "state": settings.state, "title": settings.title},
        "software_version": __version__,
        "exercise_at": exercise_instant(),
        "has_story": settings.exercise.startswith("paris-2024:"),
    }
