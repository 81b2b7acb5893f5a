"""What the pages of files about persons show: gates, bars, clocks, who may do what now and why not.

A page shows one file to a designated official. Nothing here lists, searches or compares persons.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from passerelle.desk.words import GATE_NAMES
from passerelle.kernel.times import parse_instant
from passerelle.node.casework.models import Designation
from passerelle.procedures.casework.detention import DetentionClock, detention_clock
from passerelle.procedures.casework.facts import GATES, newest_gates, standing_bars
from passerelle.procedures.engine import allowed
from passerelle.procedures.reinforcement.terms import text_of

if TYPE_CHECKING:
    from datetime import date, datetime

    from passerelle.node.dossiers.models import Dossier as Row
    from passerelle.procedures.dossier import Dossier

__all__ = ["CaseFile", "Condition", "GateLine", "OfficeLine", "case_file", "conditions"]

_NOTICE_H: Final = 48
"""Hours of notice before an interview where no rule pack says otherwise."""


@dataclass(frozen=True, slots=True)
class GateLine:
    """Show one gate of the safeguard review: its rule, and how it was answered."""

    code: str
    rule: str
    verdict: str
    official: str
    on: date | None
    reasons: str


@dataclass(frozen=True, slots=True)
class OfficeLine:
    """Show what one office may do now, and why it may not do the rest."""

    office: str
    may: tuple[str, ...]
    not_now: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """Show one condition of a joint interview."""

    key: str
    is_met: bool
    hours: int = 0


@dataclass(frozen=True, slots=True)
class CaseFile:
    """Hold what stands above the acts of a file.

    Parameters
    ----------
    is_home
        Whether this side holds what never leaves.
    is_held
        Whether it is held.
    bars
        Bars that stand.
    gates
        Gates of the review; empty where there is none.
    offices
        What each office of our side may do now.
    detention
        Detention clock; ``None`` when nobody is detained.
    conditions
        Conditions of a joint interview.
    officials
        Who is designated.
    has_copies
        Whether something about the person was sent.
    """

    procedure: str
    is_home: bool
    is_held: bool
    bars: tuple[str, ...]
    gates: tuple[GateLine, ...]
    offices: tuple[OfficeLine, ...]
    detention: DetentionClock | None
    conditions: tuple[Condition, ...]
    officials: tuple[Designation, ...]
    has_copies: bool


def case_file(row: Row, found: Dossier, language: str, now: datetime) -> CaseFile:
    """Read what a page shows of a file about a person."""
    name = found.definition.id
    is_home = row.side == found.definition.sides[0]
    return CaseFile(
        procedure=name,
        is_home=is_home,
        is_held=found.is_on_hold,
        bars=tuple(sorted(standing_bars(found))),
        gates=_gates(found) if is_home and name != "rights-request" else (),
        offices=_offices(found, row.side, language, now),
        detention=detention_clock(found) if name == "identification" else None,
        conditions=conditions(found, now) if name == "joint-interview" else (),
        officials=tuple(Designation.objects.filter(case=row.case)),
        has_copies=is_home and found.last("send", "send-again") is not None,
    )


def _gates(found: Dossier) -> tuple[GateLine, ...]:
    answered = {gate.code: gate for gate in newest_gates(found)}
    lines = []
    for code in GATES if found.definition.id == "identification" else ("S8",):
        gate = answered.get(code)
        verdict = "" if gate is None else ("green" if gate.is_green else "red")
        lines.append(
            GateLine(
                code,
                str(GATE_NAMES[code]),
                verdict,
                "" if gate is None else gate.official,
                None if gate is None else gate.on,
                "" if gate is None else gate.reasons,
            )
        )
    return tuple(lines)


def _offices(found: Dossier, side: str, language: str, now: datetime) -> tuple[OfficeLine, ...]:
    lines = []
    for role in found.definition.roles.values():
        if not found.definition.has_role(role.name, side):
            continue
        may, not_now = [], []
        for one in allowed(found, role.name, side, now):
            words = one.rule.labels.get(language)
            if one.refusal is None:
                may.append(words)
            else:
                not_now.append((words, one.refusal.text(language)))
        lines.append(OfficeLine(role.labels.get(language), tuple(may), tuple(not_now)))
    return tuple(lines)


def conditions(found: Dossier, now: datetime) -> tuple[Condition, ...]:
    """Say which conditions of a joint interview are met; the guard asks for all of them (S23, S42)."""
    notice, confirmed = found.last("notice"), found.last("confirm")
    starts = parse_instant(text_of(found.opened.payload, "starts_at"))
    pack = found.procedure.rule_pack(now)
    figures = {} if pack is None else pack.figures
    hours = figures.get("interview_notice_hours", _NOTICE_H)

    def is_in_time(field: str) -> bool:
        if notice is None:
            return False
        return starts - parse_instant(text_of(notice.payload, field)) >= timedelta(hours=hours)

    def is_said(field: str) -> bool:
        return confirmed is not None and confirmed.payload.get(field) is True

    outside = notice is not None and text_of(notice.payload, "interpreter_from") != "visitor"
    checked = any(gate.code == "S8" and gate.is_green for gate in newest_gates(found))
    return (
        Condition("review", checked),
        Condition("person-told", is_in_time("delivered_at"), hours),
        Condition("lawyer-told", is_in_time("lawyer_informed_at"), hours),
        Condition("interpreter", outside),
        Condition("lawyer-possible", is_said("lawyer_possible")),
        Condition("host-official", is_said("host_official_present")),
        Condition("nationality-only", is_said("nationality_only")),
    )
