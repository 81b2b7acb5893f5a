"""Make a version of a plan ready for questions: its instance, checked, with everybody counted.

That takes a second or two at the size of Paris 2024 and is kept for the versions asked last; every
question after it takes milliseconds.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from passerelle.kernel.problems import InputError
from passerelle.node import planner
from passerelle.node.events.queries import need_of, planned
from passerelle.node.plans.models import PlanVersion
from passerelle.node.plans.queries import held_by, history, table
from passerelle.node.plans.repairing import EarlierRepair

if TYPE_CHECKING:
    from passerelle.planning.repair import Published

__all__ = ["forget_ready", "ready"]


def ready(version: PlanVersion) -> Published | None:
    """Return a version ready for questions.

    A repaired version is read through the changes that it answers. ``None`` when its lines break a rule of
    the programme that it rests on: nothing certain can be said of it then.
    """
    job = version.job
    level = str(job.params.get("level", "central")) if job else "central"
    return _ready(version.pk, level)


def forget_ready() -> None:
    """Drop what is kept; for a database that was replaced under a running process."""
    _ready.cache_clear()


@lru_cache(maxsize=2)
def _ready(version_id: int, level: str) -> Published | None:
    solved, repairs = history(PlanVersion.objects.get(pk=version_id))
    answered = [
        EarlierRepair(bytes(version.content.columns), version.repair or {}).answered()
        for version in repairs
    ]
    try:
        return planner.ready(
            planned(solved.revision_id), need_of(solved.need_id), table(solved.pk),
            level=level, answered=answered, locks=held_by(solved.job.params if solved.job else {}),
        )  # fmt: skip
    except InputError:
        return None
