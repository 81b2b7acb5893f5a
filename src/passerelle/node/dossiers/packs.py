"""Request packs for partners without a node, and their answers as acts.

A pack is made from the request as it stands in the dossier; an answer is read whole or refused whole, by
cell, and becomes acts that an officer says on the partner's behalf.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from passerelle.kernel.ids import is_code
from passerelle.kernel.problems import RefusedError
from passerelle.kernel.times import parse_instant
from passerelle.node.dossiers.queries import open_dossier_value
from passerelle.node.dossiers.sheets import COUNTED
from passerelle.node.events.models import Event
from passerelle.node.exchange.station import station
from passerelle.procedures.reinforcement.commitments import items
from passerelle.procedures.reinforcement.offers import lines
from passerelle.standards.forms import AskedLine, Request, read_workbook, write_pack
from passerelle.standards.forms.pack import MAILABLE
from passerelle.standards.marks import Handling, Status, Tlp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.kernel.canonical import Json
    from passerelle.procedures.dossier import Dossier as DossierValue
    from passerelle.standards.forms import Answers

__all__ = ["ReadAnswer", "acts_of", "make_request_pack", "read_answer", "request_of"]


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """Hold an answer that was read: its parts, and the acts that it becomes."""

    answers: Answers
    acts: tuple[tuple[str, Mapping[str, Json]], ...]


def request_of(case: str) -> Request:
    """Return what a dossier asks, as the value of which forms are made.

    Raises
    ------
    RefusedError
        When the dossier holds no request.
    """
    row, _heard, found = open_dossier_value(case)
    first = next(found.effective("request"), None)
    if row.procedure != COUNTED or first is None:
        raise RefusedError("{case} asks for nothing.", code="packs.unknown", case=case[:32])
    payload, newest = first.payload, found.last("request", "amend")
    answer_by = (newest or first).payload.get("answer_by", payload["answer_by"])
    event = Event.objects.filter(code=row.event or str(payload["event"])).first()
    reference = str(payload["reference"])
    marks: Any = payload["handling"]  # checked by the schema: a record
    police = marks["police"]
    return Request(
        reference=reference if is_code(reference) else case[:8],
        event=str(payload["event"]),
        event_name=event.name if event else str(payload["event"]),
        zone=found.procedure.calendar(found.definition.sides[0]).zone,
        sender=str(payload["issuing_authority"]),
        addressee=str(payload["addressee"]),
        contact=str(payload["contact_24_7"]),
        answer_by=parse_instant(str(answer_by)),
        issued=first.issued.replace(microsecond=0),
        lines=_lines(found),
        items=tuple(items(found)),
        limits={code: one.people_left for code, one in items(found).items()},
        status=Status.EXERCISE if station().identity.exercise else Status.ACTUAL,
        handling=Handling(tlp=Tlp(marks["tlp"]), marks=(police,) if police != "H0" else ()),
    )


def make_request_pack(case: str, *, allows: Tlp | None = None) -> bytes:
    """Write the pack that is mailed to a partner without a node.

    Parameters
    ----------
    case
        The dossier.
    allows
        A stricter mark that the officer lets leave by this mail, by the rule of the own state.

    Raises
    ------
    MarkError
        When the handling does not let it leave in plain text.
    """
    _row, _heard, found = open_dossier_value(case)
    first = next(found.effective("request"))
    mailable = MAILABLE if allows is None else MAILABLE | {allows}
    node = station().identity.node
    return write_pack(request_of(case), entry_id=first.id, node=node, mailable=mailable)


def read_answer(case: str, content: bytes, name: str) -> ReadAnswer:
    """Read a filled-in workbook into acts.

    Raises
    ------
    FormatError
        With every issue found, by cell.
    """
    answers = read_workbook(content, request_of(case), name=name)
    _row, _heard, found = open_dossier_value(case)
    return ReadAnswer(answers, acts_of(answers, set(lines(found))))


def acts_of(answers: Answers, asked: set[str]) -> tuple[tuple[str, Mapping[str, Json]], ...]:
    """Turn an answer into acts: offers, declined lines by reason, names."""
    found: list[tuple[str, Mapping[str, Json]]] = []
    if answers.offers:
        found.append(("offer", {"offers": [dict(row) for row in answers.offers]}))
    by_reason: dict[str, list[str]] = {}
    for line, reason in answers.declined.items():
        by_reason.setdefault(reason, []).append(line)
    if not answers.offers and set(answers.declined) == asked and len(by_reason) == 1:
        found.append(("decline-all", {"reason_code": next(iter(by_reason))}))
    else:
        for reason, declined in sorted(by_reason.items()):
            fields: Mapping[str, Json] = {"declined_lines": declined, "reason_code": reason}
            found.append(("decline", fields))
    named: dict[str, Json] = {}
    if answers.people:
        named["persons_named"] = [dict(row) for row in answers.people]
    if answers.animals:
        named["animals_named"] = [dict(row) for row in answers.animals]
    if named:
        found.append(("name", named))
    return tuple(found)


def _lines(found: DossierValue) -> tuple[AskedLine, ...]:
    newest = found.last("request", "amend")
    rows: Any = () if newest is None else newest.payload["lines"]  # checked by the schema
    tasks = {row["line"]: row.get("task", "") for row in rows}
    return tuple(
        AskedLine(
            line=line.code,
            capability=line.terms.capability,
            posts=line.terms.posts,
            present=line.terms.present,
            people=line.terms.people,
            places=line.terms.places,
            during=line.terms.during,
            task=tasks.get(line.code, ""),
        )
        for line in lines(found).values()
    )
