"""A version of a plan as files: JSON, CSV, XLSX, iCalendar and duty sheets.

Formats live in :mod:`passerelle.standards`; this module gives them the version as a document of
postings. The same version gives the same bytes, whenever it is exported.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from passerelle.kernel.problems import RefusedError
from passerelle.kernel.times import format_instant
from passerelle.node.accounts.enums import Action
from passerelle.node.configuration import configuration
from passerelle.node.events.queries import planned
from passerelle.node.plans.queries import table
from passerelle.node.plans.table import crew_book
from passerelle.planning.roster.instance import Group, Instance
from passerelle.standards.marks import Status
from passerelle.standards.plans import (
    Names,
    PlanDocument,
    plan_csv,
    plan_workbook,
    postings_by_crew,
    postings_by_group,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passerelle.kernel.canonical import Json
    from passerelle.node.accounts.actor import Actor
    from passerelle.node.plans.models import PlanVersion

__all__ = ["PlanFormat", "document", "export_plan", "plan_json"]


class PlanFormat(StrEnum):
    """Formats of a whole plan."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


def export_plan(
    version: PlanVersion, kind: PlanFormat, *, actor: Actor, language: str = "en"
) -> bytes:
    """Write a version in one format.

    Raises
    ------
    RefusedError
        When the actor may not export.
    """
    actor.require(Action.EXPORT_PLAN)
    if kind is PlanFormat.JSON:
        text = json.dumps(plan_json(version), ensure_ascii=False, sort_keys=True, indent=1)
        return f"{text}\n".encode()
    if kind is PlanFormat.CSV:
        return plan_csv(document(version), language=language)
    return plan_workbook(document(version), language=language)


def plan_json(version: PlanVersion) -> dict[str, Json]:
    """Return a version as plain values: its figures, its lines, their duties."""
    columns = table(version.pk)
    lines: list[Json] = []
    for line, group in enumerate(columns.line_group.tolist()):
        duties: list[Json] = [
            {
                "site": columns.sites[columns.duty_site[row]],
                "capability": columns.capabilities[columns.duty_capability[row]],
                "start": _text(int(columns.duty_start[row])),
                "end": _text(int(columns.duty_end[row])),
            }
            for row in columns.duties_of(line)
        ]
        lines.append(
            {
                "group": columns.groups[group],
                "crews": int(columns.line_crews[line]),
                "duties": duties,
            }
        )
    return {
        "format": "passerelle-plan/1",
        "event": version.event.code,
        "revision": version.revision.number,
        "version": version.number,
        "state": version.state,
        "status": version.status,
        "value": version.value,
        "bound": version.bound,
        "instance": version.instance_hash,
        "digest": version.digest,
        "lines": lines,
    }


def document(version: PlanVersion, *, groups: Iterable[str] | None = None) -> PlanDocument:
    """Return a version as postings.

    Parameters
    ----------
    version
        The version; a draft is marked as a test.
    groups
        Codes of groups whose crews are wanted one by one; ``None`` for all groups, with one posting
        for all crews on the same duty.
    """
    source, columns = planned(version.revision_id), table(version.pk)
    start = version.event.starts_at
    book = crew_book(columns, start)
    instance = _outline(start, version.event.ends_at, columns.groups, columns.group_people.tolist())
    sites = source.event.sites
    names = Names(
        zone=version.event.time_zone,
        sites={code: site.name for code, site in sites.items()},
        groups={group.id: group.name for group in source.force.groups},
        states={group.id: group.owner for group in source.force.groups},
    )
    if groups is None:
        postings = postings_by_group(instance, book, names)
    else:
        wanted = frozenset(groups)
        unknown = sorted(wanted - set(columns.groups))
        if unknown:
            raise RefusedError(
                "No crew of {group} is on duty in this plan.", code="plan.group", group=unknown[0]
            )
        postings = postings_by_crew(instance, book, names, groups=wanted)
    return PlanDocument(
        event=version.event.code,
        event_name=version.event.name,
        zone=version.event.time_zone,
        version=version.number,
        published=version.published_at or version.created_at,
        postings=postings,
        status=_status(version),
    )


def _status(version: PlanVersion) -> Status:
    """Return what a document is meant as: nothing of an exercise node is actual."""
    if configuration().exercise:
        return Status.EXERCISE
    return Status.ACTUAL if version.published_at else Status.TEST


def _outline(start: datetime, end: datetime, codes: tuple[str, ...], people: list[int]) -> Instance:
    """Give the postings what they need of an instance: when it starts and how large crews are."""
    return Instance(
        name="outline",
        start=start,
        days=max(1, -(-(end - start) // timedelta(days=1))),
        step_min=1,
        bases=(),
        groups=tuple(
            Group(
                code=code,
                contingent="",
                capabilities=(),
                strength=0,
                people=size,
                base="",
                windows=(),
            )
            for code, size in zip(codes, people, strict=True)
        ),
        cells=(),
        shifts=(),
    )


def _text(seconds: int) -> str:
    return format_instant(datetime.fromtimestamp(seconds, UTC))
