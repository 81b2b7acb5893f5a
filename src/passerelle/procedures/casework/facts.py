"""What stands in the way of speaking to the other state about a person, and what was checked.

A *bar* is a fact recorded on the requesting side only: protection asked, a court's order, a minor, a
status. It stands until cleared by a final decision; an order of a court only by the court. *Gates* are
the answers of the safeguard officer. Nothing of this ever leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from passerelle.procedures.definition import Reach
from passerelle.procedures.reinforcement.terms import rows_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from passerelle.procedures.definition import ActRule
    from passerelle.procedures.dossier import Dossier
    from passerelle.procedures.values import Act

__all__ = [
    "GATES",
    "STATUSES",
    "Gate",
    "age_on",
    "days_of",
    "gates_of",
    "is_contact",
    "newest_gates",
    "related_dossiers",
    "standing_bars",
    "state_at",
]

GATES: Final = ("S1", "S4", "S5", "S6", "S7", "S8", "S9", "S10")
"""Gates that must be answered before the first contact and again before it resumes."""

STATUSES: Final = frozenset(
    {
        "refugee",
        "subsidiary-protection",
        "temporary-protection",
        "stateless",
        "free-movement-family",
    }
)
"""Statuses that bar a file (S7)."""

_NEUTRAL: Final = frozenset({"request-deletion", "close", "erase"})


@dataclass(frozen=True, slots=True)
class Gate:
    """Hold the answer to one gate.

    Parameters
    ----------
    code
        Number of the safeguard.
    is_green
        Whether it lets pass.
    official
        Who answered.
    on
        When.
    reasons
        In own words; stored nationally.
    """

    code: str
    is_green: bool
    official: str
    on: date
    reasons: str


def is_contact(dossier: Dossier, act: Act, rule: ActRule) -> bool:
    """Tell whether an act says something about the person to the other state.

    A neutral pause, a request for deletion and a closure say nothing and stay possible under a bar.
    """
    return (
        rule.reach is Reach.SHARED
        and act.side == dossier.definition.sides[0]
        and rule.shown_as == rule.name
        and rule.name not in _NEUTRAL
    )


def standing_bars(dossier: Dossier) -> frozenset[str]:
    """Return the bars that stand."""
    found: set[str] = set()
    for act in dossier.effective("raise-bar", "clear-bar"):
        bar = text_of(act.payload, "bar")
        if act.name == "raise-bar":
            found.add(bar)
        else:
            found.discard(bar)
    return frozenset(found)


def gates_of(act: Act) -> tuple[Gate, ...]:
    """Return the gates answered in an act."""
    return tuple(
        Gate(
            code=row["gate"],
            is_green=row["verdict"] == "green",
            official=row["official"],
            on=date.fromisoformat(row["on"]),
            reasons=row["reasons"],
        )
        for row in rows_of(act.payload, "gates")
    )


def newest_gates(dossier: Dossier) -> tuple[Gate, ...]:
    """Return the gates as answered last; empty when never."""
    last = dossier.last("review", "review-again", "recheck")
    return () if last is None else gates_of(last)


def age_on(born: date, day: date) -> int:
    """Return the age in whole years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def days_of(dossier: Dossier, act: Act, figure: str, default: int) -> timedelta:
    """Return a figure of the rule pack in force as days."""
    pack = dossier.procedure.rule_pack(act.issued)
    return timedelta(days=default if pack is None else pack.figures.get(figure, default))


def related_dossiers(dossier: Dossier, definition: str) -> Iterator[Dossier]:
    """Yield the other dossiers under a definition that the folding side put beside this one."""
    return (
        one
        for one in dossier.procedure.related
        if one.definition.id == definition and one.case != dossier.case
    )


def state_at(dossier: Dossier, instant: datetime) -> str:
    """Return the state that a dossier had at an instant; empty before it was opened."""
    state = ""
    for step in dossier.steps:
        if step.act.issued > instant:
            break
        state = step.after
    return state
