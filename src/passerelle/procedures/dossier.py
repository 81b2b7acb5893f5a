"""A dossier: one matter between two states, computed from its acts.

A dossier is never edited. It is the fold of a procedure over the acts of both logs in their common
order; whoever holds the acts computes the same dossier.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from passerelle.procedures.calendars import Calendar, calendar
from passerelle.procedures.definition import StateKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from passerelle.procedures.definition import Definition, State
    from passerelle.procedures.profile import Corridor
    from passerelle.procedures.rulepacks import RulePack
    from passerelle.procedures.values import Act, Refused, Step

__all__ = ["Dossier", "Procedure", "Signature"]


@dataclass(frozen=True, slots=True)
class Procedure:
    """Bind a definition to the corridor and the states between which it runs.

    Parameters
    ----------
    definition
        The procedure, or the partner's view of it.
    corridor
        What the two states agreed.
    parties
        ISO code of the state on each side.
    rules
        Rule packs in force on the side that folds, by date; never shared.
    related
        Other dossiers of the folding side that rules must look at: the same person, the same
        corridor; the file a travel document or an interview belongs to.
    """

    definition: Definition
    corridor: Corridor
    parties: Mapping[str, str]
    rules: tuple[RulePack, ...] = ()
    related: tuple[Dossier, ...] = ()

    def __post_init__(self) -> None:
        if set(self.parties) != set(self.definition.sides):
            raise ValueError(
                f"Expected a state for each of {self.definition.sides}, got {set(self.parties)}."
            )
        if set(self.parties.values()) != set(self.corridor.parties):
            raise ValueError(
                f"Expected the parties {self.corridor.parties}, got {self.parties.values()}."
            )

    def calendar(self, side: str) -> Calendar:
        """Return the calendar of the state on ``side``."""
        code = self.parties[side]
        return calendar(code, self.corridor.days_off.get(code, frozenset()))

    def rule_pack(self, at: datetime) -> RulePack | None:
        """Return the rule pack in force at ``at``, the newest first."""
        valid = [pack for pack in self.rules if pack.is_valid(at.date())]
        return max(valid, key=lambda pack: pack.valid_from) if valid else None


@dataclass(frozen=True, slots=True)
class Signature:
    """Keep the first of two signatures: who signed what."""

    act: Act
    digest: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """Hold one matter as computed from its acts.

    Parameters
    ----------
    case
        Dossier id, no meaning.
    procedure
        Under which it runs.
    state
        Name of the present state.
    steps
        Acts taken in, in the common order.
    refused
        Acts refused, with the reasons.
    waiting
        Acts set aside during a hold, applied when it is lifted.
    signatures
        First signatures that wait for the second, by act name.
    resume_to
        State in which the present hold began; empty when there is none.
    """

    case: str
    procedure: Procedure
    state: str
    steps: tuple[Step, ...]
    refused: tuple[Refused, ...] = ()
    waiting: tuple[Act, ...] = ()
    signatures: Mapping[str, Signature] = field(default_factory=dict)
    resume_to: str = ""

    @property
    def definition(self) -> Definition:
        """The definition under which it runs."""
        return self.procedure.definition

    @property
    def current(self) -> State:
        """The present state with its meaning and labels."""
        return self.definition.states[self.state]

    @property
    def is_on_hold(self) -> bool:
        """Whether clocks that stop on a hold stand still."""
        return self.current.kind is StateKind.HOLD

    @property
    def is_final(self) -> bool:
        """Whether nothing more is expected."""
        return self.current.kind is StateKind.FINAL

    @property
    def opened(self) -> Act:
        """The act that opened it."""
        return self.steps[0].act

    @property
    def is_settled(self) -> bool:
        """Whether every shared act has its receipt, so that no instant can still change."""
        return all(step.act.received is not None or step.act.sub for step in self.steps)

    def effective(self, *names: str) -> Iterator[Act]:
        """Yield the acts in force with one of these names, oldest first."""
        return (step.act for step in self.steps if step.is_effective and step.act.name in names)

    def last(self, *names: str) -> Act | None:
        """Return the newest act in force with one of these names."""
        for step in reversed(self.steps):
            if step.is_effective and step.act.name in names:
                return step.act
        return None

    def find(self, act_id: str) -> Act | None:
        """Return the act taken in under an id."""
        return next((step.act for step in self.steps if step.act.id == act_id), None)

    def has_met(self, act_id: str) -> bool:
        """Tell whether an act with this id was taken in, set aside or refused before."""
        return (
            self.find(act_id) is not None
            or any(act.id == act_id for act in self.waiting)
            or any(one.act.id == act_id for one in self.refused)
        )

    def entered(self) -> Act:
        """Return the act with which the present state was entered."""
        for step in reversed(self.steps):
            if step.before != step.after:
                return step.act
        return self.opened
