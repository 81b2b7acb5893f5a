"""Duties published to the partner: whose, of which version of the plan, acknowledged or not.

An act of publication gives each person named in it all duties of that person anew; whom it drops has
none any more. So later acts need only name the people whose duties change, and the duties in force
are what the last act says of each person. An acknowledgement names the publications that it answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.kernel.times import Interval, parse_instant
from passerelle.procedures.reinforcement.terms import rows_of, text_of, texts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from passerelle.procedures.dossier import Dossier
    from passerelle.procedures.values import Act

__all__ = [
    "Duty",
    "PersonDuties",
    "publications",
    "published_duties",
    "replaced_by",
    "unacknowledged",
]


@dataclass(frozen=True, slots=True, order=True)
class Duty:
    """State one duty of a person."""

    during: Interval
    place: str
    task: str = ""


@dataclass(frozen=True, slots=True)
class PersonDuties:
    """Hold the duties of one person in force.

    Parameters
    ----------
    person
        Reference on the roll.
    plan, version
        Plan, and its version, with which they last changed.
    duties
        All of them, by time; empty when they were dropped.
    act_id
        The act that published them.
    published_at
        When.
    is_acknowledged
        Whether the partner has acknowledged that act.
    """

    person: str
    plan: str
    version: int
    duties: tuple[Duty, ...]
    act_id: str
    published_at: datetime
    is_acknowledged: bool


def published_duties(dossier: Dossier) -> dict[str, PersonDuties]:
    """Return the duties in force, by person."""
    seen = _acknowledged(dossier)
    found: dict[str, PersonDuties] = {}
    for act in dossier.effective("publish"):
        for person, duties in _said(act).items():
            found[person] = PersonDuties(
                person=person,
                plan=text_of(act.payload, "plan"),
                version=int(str(act.payload["plan_version"])),
                duties=duties,
                act_id=act.id,
                published_at=act.at,
                is_acknowledged=act.id in seen,
            )
    return found


def publications(dossier: Dossier) -> Iterator[tuple[datetime, dict[str, tuple[Duty, ...]]]]:
    """Yield, for each publication in order, when it was and the duties then in force, by person."""
    found: dict[str, tuple[Duty, ...]] = {}
    for act in dossier.effective("publish"):
        found = found | _said(act)
        yield act.at, found


def _said(act: Act) -> dict[str, tuple[Duty, ...]]:
    """Return what an act of publication says of each person it names."""
    by_person: dict[str, list[Duty]] = {code: [] for code in texts_of(act.payload, "dropped")}
    for row in rows_of(act.payload, "duties"):
        during = Interval(parse_instant(row["from"]), parse_instant(row["to"]))
        duty = Duty(during, row["place"], row.get("task", ""))
        by_person.setdefault(row["person"], []).append(duty)
    return {person: tuple(sorted(duties)) for person, duties in by_person.items()}


def unacknowledged(dossier: Dossier) -> tuple[str, ...]:
    """Return the publications that the partner has not acknowledged, oldest first."""
    seen = _acknowledged(dossier)
    return tuple(act.id for act in dossier.effective("publish") if act.id not in seen)


def replaced_by(dossier: Dossier) -> dict[str, str]:
    """Return who stands in for whom, each to the last in the row."""
    found: dict[str, str] = {}
    for act in dossier.effective("replace"):
        substitute = act.payload["substitute"]
        if isinstance(substitute, dict):
            found[text_of(act.payload, "person")] = str(substitute["person"])
    return {person: _last(found, first) for person, first in found.items()}


def _last(found: Mapping[str, str], person: str) -> str:
    for _ in found:
        if person not in found:
            break
        person = found[person]
    return person


def _acknowledged(dossier: Dossier) -> frozenset[str]:
    return frozenset(one for act in dossier.effective("acknowledge-duties") for one in act.re)
