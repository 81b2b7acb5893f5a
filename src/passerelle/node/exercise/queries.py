"""Reads of the exercise: which one this node plays, and where its clock stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.kernel.problems import RefusedError
from passerelle.node.configuration import configuration
from passerelle.node.exercise.models import ExerciseMark, Tick

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["exercise_instant", "kind_of_node"]


def kind_of_node() -> str:
    """Return the exercise that this node plays; empty for a real node.

    Raises
    ------
    RefusedError
        With code ``exercise.switched``, when settings and database disagree.
    """
    said = configuration().exercise
    marked = ExerciseMark.objects.values_list("code", flat=True).first() or ""
    if said != marked:
        raise switched({"settings": said, "database": marked})
    return said


def switched(places: dict[str, str]) -> RefusedError:
    """Make the refusal of a node whose places name different exercises."""
    found = ", ".join(f"{place}: {code or 'real'}" for place, code in places.items())
    return RefusedError(
        "A node is an exercise node from its first day or never; found {found}.",
        code="exercise.switched",
        found=found,
    )


def exercise_instant() -> datetime | None:
    """Return where the clock of the exercise stands; ``None`` on a real node."""
    if not configuration().exercise:
        return None
    return Tick.objects.values_list("at", flat=True).first()
