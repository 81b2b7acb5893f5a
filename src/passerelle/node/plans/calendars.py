"""The published plan as a calendar of one group or one of its crews.

The calendar follows every version that was ever published, in order, so that ``SEQUENCE`` and
cancelled duties are the same whenever and wherever it is written; nothing about it is stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.plans.documents import document
from passerelle.node.plans.queries import table, versions_of
from passerelle.standards.plans import follow_plan, write_calendar

if TYPE_CHECKING:
    from passerelle.node.accounts.actor import Actor
    from passerelle.node.events.models import Event
    from passerelle.standards.plans import CalendarEntry

__all__ = ["export_calendar"]


def export_calendar(
    event: Event,
    group: str,
    *,
    node: str,
    actor: Actor,
    crew: int | None = None,
    language: str = "en",
) -> bytes:
    """Write the duties of a group's crews as iCalendar.

    Parameters
    ----------
    event
        The event.
    group
        Code of the group.
    node
        Name of this node, the right side of every UID.
    actor
        Who asks.
    crew
        Number of the crew; all crews of the group when ``None``.
    language
        Language of the texts.

    Raises
    ------
    RefusedError
        When the actor may not export, nothing is published, or the group was never on duty.
    """
    actor.require(Action.EXPORT_PLAN)
    versions = list(
        versions_of(event).exclude(published_at=None).order_by("published_at", "number")
    )
    if not versions:
        raise RefusedError(
            "Event {event} has no published plan.", code="plan.not-published", event=event.code
        )
    if not any(group in table(version.pk).groups for version in versions):
        raise RefusedError(
            "No crew of {group} is on duty in this plan.", code="plan.group", group=group
        )
    entries: dict[str, CalendarEntry] = {}
    for version in versions:
        present = [group] if group in table(version.pk).groups else []
        plan = document(version, groups=present)
        entries = follow_plan(entries, plan)
    wanted = [
        entry
        for entry in entries.values()
        if crew is None or entry.posting.crew == f"{group}-{crew}"
    ]
    name = f"{event.name} · {group}" + ("" if crew is None else f"-{crew}")
    return write_calendar(wanted, plan, name=name, node=node, language=language)
