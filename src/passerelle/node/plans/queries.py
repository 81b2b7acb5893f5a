"""Read plans: versions for lists, columns for everything that is drawn or counted."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from passerelle.kernel.problems import RefusedError
from passerelle.node import planner
from passerelle.node.plans.changes import changes_between
from passerelle.node.plans.enums import PlanState
from passerelle.node.plans.models import DutyLock, PlanContent, PlanVersion
from passerelle.node.plans.table import read_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from passerelle.node.events.models import Event
    from passerelle.node.plans.changes import PlanChange
    from passerelle.node.plans.table import PlanTable

__all__ = [
    "changes_against_published",
    "current",
    "find_version",
    "forget",
    "held_by",
    "history",
    "locks_of",
    "need_current",
    "published",
    "table",
    "versions_of",
]


def versions_of(event: Event) -> QuerySet[PlanVersion]:
    """Return the versions of an event's plan, the newest first."""
    return event.plans.select_related("need", "revision").defer("need__columns", "revision__folder")


def find_version(event: Event, number: int) -> PlanVersion:
    """Return one version.

    Raises
    ------
    RefusedError
        With code ``plan.unknown``.
    """
    version = versions_of(event).filter(number=number).first()
    if version is None:
        raise RefusedError(
            "Event {event} has no plan version {number}.",
            code="plan.unknown",
            event=event.code,
            number=number,
        )
    return version


def published(event: Event) -> PlanVersion | None:
    """Return the published version; ``None`` while nothing is published."""
    return versions_of(event).filter(state=PlanState.PUBLISHED).first()


def current(event: Event) -> PlanVersion | None:
    """Return the version that pages show by default: the published one, else the newest draft."""
    found = versions_of(event).filter(state__in=(PlanState.PUBLISHED, PlanState.DRAFT))
    by_state = {version.state: version for version in reversed(found)}
    return by_state.get(PlanState.PUBLISHED) or by_state.get(PlanState.DRAFT)


def history(version: PlanVersion) -> tuple[PlanVersion, tuple[PlanVersion, ...]]:
    """Return the version that was solved, and the repairs that lead from it to a version."""
    repairs: list[PlanVersion] = []
    while version.repair is not None and version.based_on is not None:
        repairs.append(version)
        version = version.based_on
    return version, tuple(reversed(repairs))


def need_current(event: Event) -> PlanVersion:
    """Return the current version.

    Raises
    ------
    RefusedError
        With code ``plan.none`` when there is neither a published version nor a draft.
    """
    version = current(event)
    if version is None:
        raise RefusedError("Event {event} has no plan yet.", code="plan.none", event=event.code)
    return version


def table(version_id: int) -> PlanTable:
    """Return the columns of a version; decoded once a process."""
    return _table(version_id)


def changes_against_published(version: PlanVersion) -> tuple[PlanChange, ...]:
    """List what would change for the crews if the version were published now."""
    known = published(version.event)
    return _changes(known.pk if known else None, version.pk, version.event.time_zone)


def changes_against(version: PlanVersion) -> tuple[PlanChange, ...]:
    """List what a version changes for the crews against the one that it is based on."""
    return _changes(version.based_on_id, version.pk, version.event.time_zone)


def locks_of(event: Event) -> QuerySet[DutyLock]:
    """Return the locks that hold."""
    return event.locks.filter(released_at=None)


def held_by(params: Mapping[str, Any]) -> tuple[planner.Held, ...]:  # Any: parameters as JSON
    """Return the locks that a job was asked to keep."""
    return tuple(planner.Held(*values) for values in params.get("locks", ()))


def forget() -> None:
    """Drop what was decoded; for a database that was replaced under a running process."""
    _table.cache_clear()
    _changes.cache_clear()


@lru_cache(maxsize=6)
def _table(version_id: int) -> PlanTable:
    packed = PlanContent.objects.values_list("columns", flat=True).get(pk=version_id)
    return read_table(bytes(packed))


@lru_cache(maxsize=6)
def _changes(old_id: int | None, new_id: int, zone: str) -> tuple[PlanChange, ...]:
    return changes_between(None if old_id is None else _table(old_id), _table(new_id), zone)
