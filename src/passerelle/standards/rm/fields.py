"""Where the fields of our records lie in EDXL-RM, and what is lost without our extension.

The records are those of the reinforcement procedure: request line, offer, item of a commitment. A
field is carried *exactly* by elements of the standard, in *words* only, or by the *extension* alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.capabilities import catalogue
from passerelle.kernel.times import format_instant, parse_instant
from passerelle.standards.rm import values
from passerelle.standards.rm.rules import UNITS_OF
from passerelle.standards.rm.tables import ScheduleType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.kernel.canonical import Json
    from passerelle.standards.xml.fragment import Fragment

__all__ = ["RECORDS", "RecordShape", "line_of_record", "losses", "record_of_line"]

CAPABILITY_LIST: Final = "urn:passerelle:capability:1"
LANGUAGE_LIST: Final = "urn:passerelle:language:1"
CURRENCY_LIST: Final = "urn:iso:std:iso:4217"
_LEVEL: Final = "level-"
_PEOPLE: Final = values.ValueList(UNITS_OF, ("people",))
_EURO: Final = values.ValueList(CURRENCY_LIST, ("EUR",))


@dataclass(frozen=True, slots=True)
class RecordShape:
    """Say how one kind of record lies in a line.

    Parameters
    ----------
    id_field
        Field that names the line (ResourceInfoElementID).
    resource_field
        Field that names the resource (ResourceID); empty when none does.
    starts, ends
        Schedule types of ``from`` and ``to``.
    skills
        Field of qualifications or certificates (Certifications).
    words
        Fields that become part of a sentence.
    """

    id_field: str
    resource_field: str
    starts: ScheduleType
    ends: ScheduleType
    skills: str
    words: tuple[str, ...]


RECORDS: Final[dict[str, RecordShape]] = {
    "request-line": RecordShape(
        "line",
        "",
        ScheduleType.REQUESTED_ARRIVAL,
        ScheduleType.ESTIMATED_RETURN_DEPARTURE,
        "qualifications",
        ("command", "powers", "weapons_allowed", "uniform"),
    ),
    "offer": RecordShape(
        "offer",
        "offer",
        ScheduleType.BEGIN_AVAILABLE,
        ScheduleType.END_AVAILABLE,
        "certificates",
        ("command", "caveats", "weapons", "working_time_rule"),
    ),
    "commitment-line": RecordShape(
        "item",
        "offer",
        ScheduleType.BEGIN_AVAILABLE,
        ScheduleType.END_AVAILABLE,
        "certificates",
        (),
    ),
}
"""Every kind of record with its shape."""


def losses(kind: str, record: Mapping[str, Json]) -> tuple[str, ...]:
    """List the fields that a reader without our extension does not get exactly.

    Parameters
    ----------
    kind
        Kind of record, a key of :data:`RECORDS`.
    record
        The record.
    """
    back = record_of_line(kind, line_of_record(kind, record))
    return tuple(sorted(name for name in record if back.get(name) != record[name]))


def line_of_record(
    kind: str,
    record: Mapping[str, Any],
    *,
    response: values.Response | None = None,
    type_info: Fragment | None = None,
) -> values.Line:
    """Return the line that says what a record says, as far as the standard can.

    Parameters
    ----------
    kind
        Kind of record.
    record
        The record, checked by its procedure; the values have the types of its schema.
    response
        Answer to a line of the preceding message.
    type_info
        TypeInfo to put in.
    """
    shape = RECORDS[kind]
    return values.Line(
        id=record[shape.id_field],
        response=response,
        resource=_resource(shape, record, type_info),
        assignment=_assignment(shape, record),
        schedules=tuple(_schedules(shape, record)),
    )


def record_of_line(kind: str, line: values.Line) -> dict[str, Json]:
    """Return the fields of a record that a line carries exactly.

    Parameters
    ----------
    kind
        Kind of record.
    line
        The line, ours or foreign.
    """
    shape = RECORDS[kind]
    record: dict[str, Json] = {shape.id_field: line.id}
    if line.resource is not None:
        record |= _from_resource(shape, line.resource)
    if line.assignment is not None:
        record |= _from_assignment(line.assignment)
    places: list[str] = []
    for schedule in line.schedules:
        if schedule.kind is shape.starts:
            if schedule.at is not None:
                record["from"] = format_instant(schedule.at)
            if schedule.place is not None and schedule.place.description:
                places.append(schedule.place.description)
        elif schedule.kind is shape.ends and schedule.at is not None:
            record["to"] = format_instant(schedule.at)
    if places:
        record["places"] = places
    return record


def _resource(
    shape: RecordShape, record: Mapping[str, Any], type_info: Fragment | None
) -> values.Resource:
    code = record["capability"]
    known = catalogue().get(code)
    level = [f"{_LEVEL}{record['level']}"] if "level" in record else []
    languages = tuple(record.get("languages", ()))
    return values.Resource(
        id=record.get(shape.resource_field) if shape.resource_field else None,
        name=known.labels.en if known else code,
        kind=values.ValueList(CAPABILITY_LIST, (code, *level)),
        type_info=type_info,
        keywords=(values.ValueList(LANGUAGE_LIST, languages),) if languages else (),
        certifications="; ".join(record.get(shape.skills, ())) or None,
        special_requirements="; ".join(record.get("needs_from_host", ())) or None,
    )


def _assignment(shape: RecordShape, record: Mapping[str, Any]) -> values.Assignment:
    price = None
    if "cost_eur" in record:
        price = values.Quantity(measured=values.Measured(float(record["cost_eur"]), _EURO))
    return values.Assignment(
        quantity=values.Quantity(measured=values.Measured(float(record["people"]), _PEOPLE)),
        restrictions=_sentence(shape, record),
        function=record.get("task"),
        price=price,
    )


def _sentence(shape: RecordShape, record: Mapping[str, Any]) -> str | None:
    parts = []
    for name in shape.words:
        if name in record:
            value = record[name]
            text = ", ".join(value) if isinstance(value, list | tuple) else str(value)
            parts.append(f"{name.replace('_', ' ')}: {text}")
    return "; ".join(parts) or None


def _schedules(shape: RecordShape, record: Mapping[str, Any]) -> Iterator[values.Schedule]:
    start = parse_instant(record["from"])
    for place in record["places"]:
        yield values.Schedule(shape.starts, start, values.Location(description=place))
    yield values.Schedule(shape.ends, parse_instant(record["to"]))


def _from_resource(shape: RecordShape, resource: values.Resource) -> dict[str, Json]:
    record: dict[str, Json] = {}
    if shape.resource_field and shape.resource_field != shape.id_field and resource.id:
        record[shape.resource_field] = resource.id
    if resource.kind is not None and resource.kind.urn == CAPABILITY_LIST:
        code, *rest = resource.kind.values
        if code in catalogue():
            record["capability"] = code
        levels = [one.removeprefix(_LEVEL) for one in rest if one.startswith(_LEVEL)]
        if levels and levels[0].isascii() and levels[0].isdecimal():
            record["level"] = int(levels[0])
    for keyword in resource.keywords:
        if keyword.urn == LANGUAGE_LIST:
            record["languages"] = list(keyword.values)
    if resource.certifications:
        record[shape.skills] = resource.certifications.split("; ")
    if resource.special_requirements:
        record["needs_from_host"] = resource.special_requirements.split("; ")
    return record


def _from_assignment(assignment: values.Assignment) -> dict[str, Json]:
    record: dict[str, Json] = {}
    measured = assignment.quantity.measured if assignment.quantity else None
    if measured is not None and measured.unit == _PEOPLE and measured.amount.is_integer():
        record["people"] = int(measured.amount)
    price = assignment.price.measured if assignment.price else None
    if price is not None and price.unit == _EURO and price.amount.is_integer():
        record["cost_eur"] = int(price.amount)
    if assignment.function:
        record["task"] = assignment.function
    return record
