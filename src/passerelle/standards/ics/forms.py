"""The forms that incident management teams print: assignment list, check-in list, support vehicles.

Fields follow the US forms ICS 204, 211 and 218 as generally known; their grid does not. A form here is
facts, one table and a footer, so that an Arabic print mirrors. Blank rows can be added, for a desk
that works without power. What a form needs and a plan does not hold (leaders, contacts, radio plan,
instructions) comes in as values; people are offices and numbers here, never names of a roll unless the
caller passes them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from passerelle.standards.ics.layout import (
    PrintForm,
    blank_lines,
    make_form,
    moment_text,
    span_text,
)
from passerelle.standards.plans.columns import capability_name, harmless_text
from passerelle.standards.plans.duty_sheets import Cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from passerelle.kernel.times import Interval
    from passerelle.standards.plans.postings import PlanDocument

__all__ = [
    "Arrival",
    "Briefing",
    "Equipment",
    "assignment_list",
    "check_in_list",
    "support_vehicles",
]


@dataclass(frozen=True, slots=True)
class Briefing:
    """Give what an assignment list says beside the postings.

    Parameters
    ----------
    leaders, contacts
        Leader's office and contact of each group, by code.
    equipment
        Special equipment of each group, by code.
    reporting_place
        Where to report.
    work, instructions, communications
        Texts below the table.
    staff
        Operations staff: function and office.
    prepared_by, approved_by
        Offices.
    """

    leaders: Mapping[str, str] = field(default_factory=dict)
    contacts: Mapping[str, str] = field(default_factory=dict)
    equipment: Mapping[str, str] = field(default_factory=dict)
    reporting_place: str = ""
    work: str = ""
    instructions: str = ""
    communications: str = ""
    staff: tuple[tuple[str, str], ...] = ()
    prepared_by: str = ""
    approved_by: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Hold one line of the arrival desk.

    Parameters
    ----------
    state, agency
        Sending state and service.
    capability, level
        Kind and type; level 0 when not typed.
    resource
        Code of crew or contingent.
    order
        Order number: the item of the commitment.
    at
        Time of check-in; ``None`` for one that is awaited.
    leader, contact
        Office or name, and contact.
    persons
        How many came.
    home
        Home unit.
    departure, travel
        Place of departure and way of travel.
    assignment
        Where it is sent.
    qualifications
        In words.
    """

    state: str
    agency: str
    capability: str
    resource: str
    persons: int
    level: int = 0
    order: str = ""
    at: datetime | None = None
    leader: str = ""
    contact: str = ""
    home: str = ""
    departure: str = ""
    travel: str = ""
    assignment: str = ""
    qualifications: str = ""

    def __post_init__(self) -> None:
        if self.persons < 0:
            raise ValueError(f"Expected persons >= 0, got {self.persons}.")


@dataclass(frozen=True, slots=True)
class Equipment:
    """Hold one vehicle or piece of equipment.

    Parameters
    ----------
    kind, level
        What it is, and its type.
    agency, identity
        Whose it is, and its plate or number.
    assignment
        Where it is used.
    start, end
        From when to when; ``None`` when open.
    """

    kind: str
    agency: str
    identity: str
    level: str = ""
    assignment: str = ""
    start: datetime | None = None
    end: datetime | None = None


def assignment_list(
    plan: PlanDocument, site: str, during: Interval, briefing: Briefing, *, language: str
) -> PrintForm:
    """Return ICS 204: who works at a site in a shift.

    Parameters
    ----------
    plan
        The published version.
    site
        Code of the site.
    during
        The shift; postings that overlap it are listed.
    briefing
        What the plan does not hold.
    language
        ``fr``, ``en`` or ``ar``.
    """
    postings = [one for one in plan.postings if one.site == site and one.during.overlaps(during)]
    name = postings[0].site_name if postings else site
    rows = tuple(
        (
            Cell(f"{harmless_text(one.group_name)} ({one.group})"),
            Cell(capability_name(one.capability, language)),
            Cell(harmless_text(briefing.leaders.get(one.group, ""))),
            Cell(str(one.people), is_ltr=True),
            Cell(harmless_text(briefing.contacts.get(one.group, "")), is_ltr=True),
            Cell(span_text(plan, one.during), is_ltr=True),
            Cell(harmless_text(briefing.equipment.get(one.group, ""))),
        )
        for one in postings
    )
    keys = ("resource", "kind", "leader", "persons", "contact", "hours", "equipment")
    facts = [
        ("incident", Cell(harmless_text(plan.event_name))),
        ("period", Cell(f"{span_text(plan, during)} {plan.zone}", is_ltr=True)),
        ("branch", Cell(f"{harmless_text(name)} ({site})")),
        ("reporting", Cell(harmless_text(briefing.reporting_place))),
        ("version", Cell(f"v{plan.version}", is_ltr=True)),
        ("prepared", Cell(harmless_text(briefing.prepared_by))),
        ("approved", Cell(harmless_text(briefing.approved_by))),
    ]
    staff = tuple((harmless_text(role), Cell(harmless_text(who))) for role, who in briefing.staff)
    remarks = [
        ("work", Cell(harmless_text(briefing.work))),
        ("instructions", Cell(harmless_text(briefing.instructions))),
        ("communications", Cell(harmless_text(briefing.communications))),
    ]
    form = make_form(plan, "ICS 204", language, facts=facts, keys=keys, rows=rows, remarks=remarks)
    return replace(form, facts=(*form.facts, *staff))


def check_in_list(
    plan: PlanDocument,
    place: str,
    start: datetime,
    arrivals: Iterable[Arrival],
    *,
    language: str,
    blank_rows: int = 0,
) -> PrintForm:
    """Return ICS 211: who has arrived, with blank rows to fill in by hand.

    Parameters
    ----------
    plan
        The published version: event, zone and marks.
    place
        Where they arrive, in words.
    start
        When the list begins.
    arrivals
        Lines of the arrival desk.
    language
        ``fr``, ``en`` or ``ar``.
    blank_rows
        Empty rows at the end, 200 at most.
    """
    keys = (
        "state",
        "agency",
        "kind",
        "type",
        "resource",
        "order",
        "time",
        "leader",
        "persons",
        "contact",
        "home",
        "departure",
        "travel",
        "assignment",
        "qualifications",
    )
    rows = [_arrival(plan, one, language) for one in arrivals]
    facts = [
        ("incident", Cell(harmless_text(plan.event_name))),
        ("place", Cell(harmless_text(place))),
        ("start", Cell(f"{moment_text(plan, start)} {plan.zone}", is_ltr=True)),
    ]
    rows += blank_lines(len(keys), blank_rows)
    return make_form(plan, "ICS 211", language, facts=facts, keys=keys, rows=rows)


def _arrival(plan: PlanDocument, one: Arrival, language: str) -> tuple[Cell, ...]:
    texts = (one.home, one.departure, one.travel, one.assignment, one.qualifications)
    return (
        Cell(one.state, is_ltr=True),
        Cell(harmless_text(one.agency)),
        Cell(capability_name(one.capability, language)),
        Cell(str(one.level) if one.level else "", is_ltr=True),
        Cell(one.resource, is_ltr=True),
        Cell(one.order, is_ltr=True),
        Cell(moment_text(plan, one.at), is_ltr=True),
        Cell(harmless_text(one.leader)),
        Cell(str(one.persons), is_ltr=True),
        Cell(harmless_text(one.contact), is_ltr=True),
        *(Cell(harmless_text(text)) for text in texts),
    )


def support_vehicles(
    plan: PlanDocument, equipment: Iterable[Equipment], *, language: str, blank_rows: int = 0
) -> PrintForm:
    """Return ICS 218: vehicles and equipment of the contingents.

    Parameters
    ----------
    plan
        The published version: event, zone and marks.
    equipment
        Vehicles and equipment.
    language
        ``fr``, ``en`` or ``ar``.
    blank_rows
        Empty rows at the end, 200 at most.
    """
    keys = ("kind", "type", "agency", "identity", "assignment", "start", "end")
    rows: list[tuple[Cell, ...]] = [
        (
            Cell(harmless_text(one.kind)),
            Cell(one.level, is_ltr=True),
            Cell(harmless_text(one.agency)),
            Cell(one.identity, is_ltr=True),
            Cell(harmless_text(one.assignment)),
            Cell(moment_text(plan, one.start), is_ltr=True),
            Cell(moment_text(plan, one.end), is_ltr=True),
        )
        for one in equipment
    ]
    facts = [("incident", Cell(harmless_text(plan.event_name)))]
    rows += blank_lines(len(keys), blank_rows)
    return make_form(plan, "ICS 218", language, facts=facts, keys=keys, rows=rows)
