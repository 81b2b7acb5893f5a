"""The shape of a procedure: sides, roles, states, acts, deadlines, guards, words.

A :class:`Definition` is read from one TOML file by :mod:`passerelle.procedures.loading` and is
identified by the digest of its canonical JSON. It is data: a new kind of cooperation is a new file.

What the partner sees is computed, not written twice. Each state may be *hidden* (it exists before
the partner is spoken to) or *shown as* another; each act may be *national* (it never leaves) or
*shown as* another. :func:`passerelle.procedures.sharing.shared_view` folds states and acts that look
alike together, and that quotient is the procedure of the partner's node.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Final

from passerelle.kernel.canonical import digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.kernel.canonical import Json
    from passerelle.kernel.labels import Labels
    from passerelle.procedures.schema import Schema

__all__ = [
    "EITHER",
    "RESUME",
    "SAME",
    "ActRule",
    "DeadlineRule",
    "Definition",
    "GuardUse",
    "Period",
    "Reach",
    "Role",
    "Start",
    "State",
    "StateKind",
    "TimeUnit",
]

SAME: Final = "="
"""Target of an act that changes no state."""

RESUME: Final = "<"
"""Target of an act that goes back to the state in which the hold began."""

EITHER: Final = "either"
"""Side of a role that exists on both sides."""


class StateKind(StrEnum):
    """What a state means for clocks and for what may come next."""

    OPEN = "open"
    HOLD = "hold"
    FINAL = "final"


class Reach(StrEnum):
    """Whether an act goes to the other side."""

    SHARED = "shared"
    NATIONAL = "national"


class TimeUnit(StrEnum):
    """In what a period is counted."""

    MINUTES = "minutes"
    HOURS = "hours"
    CALENDAR = "calendar"
    WORKING = "working"


@dataclass(frozen=True, slots=True)
class Period:
    """Give a length of time in one unit.

    Parameters
    ----------
    value
        Whole number ``>= 1``.
    unit
        Minutes, hours, calendar days or working days.
    """

    value: int
    unit: TimeUnit

    def __post_init__(self) -> None:
        if self.value < 1:
            raise ValueError(f"Expected a period of at least 1, got {self.value}.")

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read ``"25 calendar"``.

        Raises
        ------
        ValueError
            When the text is no number followed by a unit.
        """
        value, _, unit = text.partition(" ")
        return cls(int(value), TimeUnit(unit))

    def __str__(self) -> str:
        return f"{self.value} {self.unit.value}"


class Start(StrEnum):
    """From which moment of an act a period runs."""

    SENT = "sent"
    RECEIPT = "receipt"
    CONFIRMED_RECEIPT = "confirmed_receipt"


@dataclass(frozen=True, slots=True)
class Role:
    """Name who may act on one side, or on either.

    Parameters
    ----------
    name
        Lower-case name.
    side
        Side of the definition, or :data:`EITHER`.
    is_timer
        Whether it is a clock, which may alert and never decide.
    labels
        Name in three languages.
    """

    name: str
    side: str
    is_timer: bool
    labels: Labels


@dataclass(frozen=True, slots=True)
class State:
    """Name one state.

    Parameters
    ----------
    name
        Lower-case name.
    kind
        Open, hold or final.
    is_outcome
        Whether it decides about a person or a promise: only a named human may enter it.
    shown_as
        What the partner sees: a shared state, or empty when the partner sees nothing yet.
    labels
        Name in three languages.
    """

    name: str
    kind: StateKind
    is_outcome: bool
    shown_as: str
    labels: Labels


@dataclass(frozen=True, slots=True)
class GuardUse:
    """Call a guard by name, with arguments: ``differs-from(submit)``."""

    name: str
    arguments: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}({', '.join(self.arguments)})" if self.arguments else self.name


@dataclass(frozen=True, slots=True)
class ActRule:
    """Say who may do an act, in which states, with which fields, and where it leads.

    Parameters
    ----------
    name
        Lower-case name.
    who
        Roles, all on one side.
    moves
        State to state; a target may be :data:`SAME` or :data:`RESUME`. The opening acts have the
        state ``""`` as a start.
    schema
        Closed JSON Schema of the payload.
    guards
        Guards of this act, beside those of the definition.
    is_cosigned
        Whether it takes effect only when both sides signed the same payload.
    answers
        Names of acts of which it must name at least one in ``re``.
    waits
        Whether it is set aside, not refused, when it arrives during a hold.
    priority
        Rank among acts that crossed: the lower comes first.
    reach
        Shared or national.
    shown_as
        Under which name the partner gets it; its own name unless it must look like others.
    national_fields
        Fields that never leave.
    labels
        Name in three languages.
    """

    name: str
    who: tuple[str, ...]
    moves: Mapping[str, str]
    schema: Schema
    guards: tuple[GuardUse, ...]
    is_cosigned: bool
    answers: tuple[str, ...]
    waits: bool
    priority: int
    reach: Reach
    shown_as: str
    national_fields: tuple[str, ...]
    labels: Labels

    @property
    def opens(self) -> bool:
        """Whether it may open a dossier."""
        return "" in self.moves


@dataclass(frozen=True, slots=True)
class DeadlineRule:
    """Say how long who has for what. The only effect is an alert.

    Parameters
    ----------
    name
        Lower-case name.
    period
        Length; ``None`` when it comes from the profile or from a field.
    profile
        Key of the corridor profile that gives the length and the start, or empty.
    until_field
        Field of the starting act that holds the due instant, or empty.
    by_field
        Field of the starting act whose value chooses among ``choices``, or empty.
    choices
        Period by value of ``by_field``.
    start_act, start_state
        What starts it: an act, or the entry into a state; exactly one is set.
    start
        The moment of the starting act that counts.
    confirmed_by
        Act whose receipt starts a clock of kind ``confirmed_receipt``.
    met_by
        Acts that end it; a deadline on a state ends when the state is left.
    extended_by
        Acts whose field ``until`` moves it.
    owner
        Role that must act.
    calendar
        Side whose calendar counts, or ``both``.
    stops_on_hold
        Whether a hold stops the clock.
    labels
        Name in three languages.
    """

    name: str
    period: Period | None
    profile: str
    until_field: str
    by_field: str
    choices: Mapping[str, Period]
    start_act: str
    start_state: str
    start: Start
    confirmed_by: str
    met_by: tuple[str, ...]
    extended_by: tuple[str, ...]
    owner: str
    calendar: str
    stops_on_hold: bool
    labels: Labels


@dataclass(frozen=True)
class Definition:
    """Hold one procedure.

    Parameters
    ----------
    id
        Name, for example ``reinforcement``.
    version
        Whole number, raised with every change.
    family
        Which mandatory guards it must name.
    sides
        The two sides; the first is the one that opens as a rule.
    roles, states, acts, deadlines
        The parts, by name, in the order of the file.
    guards
        Guards of every act.
    publicity, handling
        Defaults for what is said under it.
    indicators
        Names of the indicators fed by it.
    labels
        Name in three languages.
    source
        The file's content as JSON with its types resolved; its digest identifies the definition.
    """

    id: str
    version: int
    family: str
    sides: tuple[str, str]
    roles: Mapping[str, Role]
    states: Mapping[str, State]
    acts: Mapping[str, ActRule]
    deadlines: Mapping[str, DeadlineRule]
    guards: tuple[GuardUse, ...]
    publicity: str
    handling: Mapping[str, str]
    indicators: tuple[str, ...]
    labels: Labels
    source: Mapping[str, Json] = field(repr=False, compare=False)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, in hexadecimal: what identifies the definition."""
        return digest(dict(self.source))

    @cached_property
    def opening_acts(self) -> Mapping[str, ActRule]:
        """Acts that may open a dossier."""
        return {name: rule for name, rule in self.acts.items() if rule.opens}

    def other_side(self, side: str) -> str:
        """Return the side that is not ``side``."""
        first, second = self.sides
        return second if side == first else first

    def has_role(self, role: str, side: str) -> bool:
        """Tell whether ``role`` exists on ``side``."""
        found = self.roles.get(role)
        return found is not None and found.side in {side, EITHER}
