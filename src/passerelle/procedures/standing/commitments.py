"""A commitment: instrument, pillar, objective, action, leads, indicator, deadline, two statuses, dispute.

A side's status is what it said last itself: a report, a contestation, or the claim that it delivered.
A commitment is *contested* while the procedure says so, or while the two sides' statuses differ and
nobody has verified the claim; this is also what indicator I15 counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.labels import Labels
from passerelle.procedures.reinforcement.terms import text_of, texts_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from passerelle.kernel.canonical import Json
    from passerelle.procedures.dossier import Dossier
    from passerelle.procedures.values import Act

__all__ = [
    "Commitment",
    "IndicatorSheet",
    "SideStatus",
    "is_contested",
    "read_commitment",
    "side_status",
]

_SPEAKS: Final = ("report", "contest", "claim")
_MOVES: Final = {"agree": "due_on", "delay": "until", "settle": "until", "resume": "until"}
_SETTLED: Final = frozenset({"verified", "closed", "dropped"})


@dataclass(frozen=True, slots=True)
class SideStatus:
    """State what one side says of a commitment.

    Parameters
    ----------
    side, state
        Side of the procedure, and ISO code of its state.
    lead
        Office that leads on this side; empty before the commitment is agreed.
    status
        ``on-track``, ``at-risk``, ``late``, ``done``, ``not-done``; empty when it said nothing.
    phase
        ``adopted`` or ``working``; empty when it said nothing.
    evidence
        Where its newest evidence is; empty without one.
    reason
        Why it contests; empty unless it does.
    said_at
        When it said so.
    """

    side: str
    state: str
    lead: str = ""
    status: str = ""
    phase: str = ""
    evidence: str = ""
    reason: str = ""
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IndicatorSheet:
    """Say how a commitment is measured.

    Parameters
    ----------
    name, unit, source
        What is measured, in which unit, told by whom.
    baseline, target
        Where it began, where it should be.
    actual
        The newest reported value; ``None`` before one is.
    """

    name: str
    unit: str
    source: str
    baseline: int
    target: int
    actual: int | None = None


@dataclass(frozen=True, slots=True)
class Commitment:
    """Hold one commitment as both sides read it.

    Parameters
    ----------
    case, corridor
        Dossier and corridor.
    state
        State of the procedure.
    instrument, instrument_on, paragraph
        Text in which it was promised, its date, and where in it.
    pillar, objective, sector
        Where it belongs.
    action
        Wording in three languages.
    contributors
        Further offices.
    indicator
        How it is measured; ``None`` before it is agreed.
    due_on
        Deadline, as last agreed by both; ``None`` before it is agreed.
    sides
        What each side says, in the order of the procedure.
    contested
        Whether the two sides differ.
    verified_on, scale
        Verification: when, and how much was found; empty before.
    cause
        Why it is delayed, blocked, suspended or dropped; empty otherwise.
    publicity
        ``public``, ``restricted`` or ``confidential``; ``restricted`` before it is agreed.
    agreed_at, ended_at, touched_at
        When it was agreed, when it ended, and when anything was last said.
    """

    case: str
    corridor: str
    state: str
    instrument: str
    instrument_on: date
    paragraph: str
    pillar: str
    objective: str
    sector: str
    action: Labels
    contributors: tuple[str, ...]
    indicator: IndicatorSheet | None
    due_on: date | None
    sides: tuple[SideStatus, SideStatus]
    contested: bool
    verified_on: date | None
    scale: str
    cause: str
    publicity: str
    agreed_at: datetime | None
    ended_at: datetime | None
    touched_at: datetime

    def to_json(self) -> dict[str, Json]:
        """Return the commitment as plain data, for exports."""
        sheet = self.indicator
        return {
            "case": self.case,
            "corridor": self.corridor,
            "instrument": {
                "text": self.instrument,
                "date": self.instrument_on.isoformat(),
                "paragraph": self.paragraph,
            },
            "pillar": self.pillar,
            "objective": self.objective,
            "sector": self.sector,
            "action": {"fr": self.action.fr, "en": self.action.en, "ar": self.action.ar},
            "contributors": list(self.contributors),
            "indicator": None
            if sheet is None
            else {
                "name": sheet.name,
                "unit": sheet.unit,
                "source": sheet.source,
                "baseline": sheet.baseline,
                "target": sheet.target,
                "actual": sheet.actual,
            },
            "due_on": _day(self.due_on),
            "state": self.state,
            "sides": [
                {
                    "state": one.state,
                    "lead": one.lead,
                    "status": one.status,
                    "phase": one.phase,
                    "evidence": one.evidence,
                    "reason": one.reason,
                    "said_at": None if one.said_at is None else one.said_at.isoformat(),
                }
                for one in self.sides
            ],
            "contested": self.contested,
            "verified_on": _day(self.verified_on),
            "scale": self.scale,
            "cause": self.cause,
            "publicity": self.publicity,
        }


def side_status(commitment: Dossier, side: str) -> SideStatus:
    """Return what one side says of a commitment."""
    state = commitment.procedure.parties[side]
    agreed = commitment.last("agree")
    place = commitment.definition.sides.index(side)
    lead = "" if agreed is None else text_of(agreed.payload, ("lead_first", "lead_second")[place])
    said = [act for act in commitment.effective(*_SPEAKS) if act.side == side]
    if not said:
        return SideStatus(side, state, lead)
    newest = said[-1]
    evidence = [text_of(act.payload, "evidence_link") for act in said]
    phases = [text_of(act.payload, "phase") for act in said]
    return SideStatus(
        side=side,
        state=state,
        lead=lead,
        status="done" if newest.name == "claim" else text_of(newest.payload, "own_status"),
        phase=next((one for one in reversed(phases) if one), ""),
        evidence=next((one for one in reversed(evidence) if one), ""),
        reason=text_of(newest.payload, "reason"),
        said_at=newest.at,
    )


def is_contested(commitment: Dossier) -> bool:
    """Tell whether the two sides say different things and nothing has settled it."""
    if commitment.state == "contested":
        return True
    if commitment.state in _SETTLED:
        return False
    said = {side_status(commitment, side).status for side in commitment.definition.sides} - {""}
    return len(said) > 1


def read_commitment(dossier: Dossier) -> Commitment:
    """Read a commitment from its dossier."""
    opened: Mapping[str, Any] = dossier.opened.payload  # checked by the schema: Any is right here
    agreed = dossier.last("agree")
    verified = dossier.last("verify")
    wording = opened["action_text"] if agreed is None else agreed.payload["action_text"]
    first, second = (side_status(dossier, side) for side in dossier.definition.sides)
    return Commitment(
        case=dossier.case,
        corridor=dossier.procedure.corridor.id,
        state=dossier.state,
        instrument=opened["origin"]["origin_text"],
        instrument_on=date.fromisoformat(opened["origin"]["origin_date"]),
        paragraph=opened["origin"].get("paragraph", ""),
        pillar=opened["pillar"],
        objective=opened["objective"],
        sector=opened["sector"],
        action=_wording(wording),
        contributors=() if agreed is None else texts_of(agreed.payload, "contributors"),
        indicator=_sheet(dossier, agreed),
        due_on=_due(dossier),
        sides=(first, second),
        contested=is_contested(dossier),
        verified_on=None
        if verified is None or dossier.state not in _SETTLED
        else date.fromisoformat(text_of(verified.payload, "on")),
        scale="" if verified is None else text_of(verified.payload, "scale"),
        cause=_cause(dossier),
        publicity="restricted" if agreed is None else text_of(agreed.payload, "publicity_class"),
        agreed_at=None if agreed is None else agreed.at,
        ended_at=dossier.entered().at if dossier.is_final else None,
        touched_at=dossier.steps[-1].act.at,
    )


def _wording(record: Any) -> Labels:  # Any: a record that the schema has checked
    return Labels(fr=record["fr"], en=record["en"], ar=record["ar"])


def _sheet(dossier: Dossier, agreed: Act | None) -> IndicatorSheet | None:
    if agreed is None:
        return None
    row: Any = agreed.payload["indicator"]  # checked by the schema: a record
    actual = [
        act.payload["actual"] for act in dossier.effective("report") if "actual" in act.payload
    ]
    return IndicatorSheet(
        name=row["indicator_name"],
        unit=row["indicator_unit"],
        source=row["indicator_source"],
        baseline=row["baseline"],
        target=row["target"],
        actual=int(str(actual[-1])) if actual else None,
    )


def _due(dossier: Dossier) -> date | None:
    moved = dossier.last(*_MOVES)
    return None if moved is None else date.fromisoformat(text_of(moved.payload, _MOVES[moved.name]))


def _cause(dossier: Dossier) -> str:
    if dossier.state not in {"delayed", "blocked", "suspended", "dropped"}:
        return ""
    payload = dossier.entered().payload
    return text_of(payload, "cause") or text_of(payload, "reason")


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()
