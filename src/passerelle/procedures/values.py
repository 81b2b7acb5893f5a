"""What is said and what comes of it: acts, refusals, steps, deadlines.

An *act* is one sentence of one office in a dossier; it is an entry of a signed log that both sides
hold. Acts are never changed: a correction is another act. A *refusal* is a value, because a correct
user meets one in normal work: an act that crossed another, came late, or was not this office's to do.

Two instants belong to an act. ``issued`` is the author's clock and orders nothing. ``received`` is
the receipt time, which both sides hold signed; deadlines and validities are computed from it, so
both sides get the same instant. Until the receipt is there the fold is provisional.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from passerelle.kernel.times import format_instant
from passerelle.procedures.refusals import refusal_labels

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from passerelle.kernel.canonical import Json
    from passerelle.kernel.labels import Labels

__all__ = ["Act", "Deadline", "DeadlineStatus", "Refusal", "Refused", "Step"]


@dataclass(frozen=True, slots=True)
class Act:
    """Hold what one office said in a dossier.

    Parameters
    ----------
    id
        Entry id: the digest of the header in the log.
    name
        Name of the act in the definition.
    side
        Side of the definition that speaks, for example ``host``.
    role
        Role in which the office speaks.
    issued
        The author's clock; shown, never used to order.
    payload
        Fields of the act, as the definition's schema lays down.
    person
        Reference of the official who decided; empty for a timer.
    received
        Receipt time; ``None`` until the receipt is there, and for national acts.
    re
        Ids of the acts that this one answers.
    definition
        Digest of the definition the author used; empty when the carrier has checked it already.
    origin, index
        Log and position in it.
    sub
        0 for an entry of the shared log; ``n >= 1`` for the n-th national act recorded after it.
    seen
        Size of the other side's log held when the act was signed.
    """

    id: str
    name: str
    side: str
    role: str
    issued: datetime
    payload: Mapping[str, Json] = field(default_factory=dict)
    person: str = ""
    received: datetime | None = None
    re: tuple[str, ...] = ()
    definition: str = ""
    origin: str = ""
    index: int = 0
    sub: int = 0
    seen: int = 0

    def __post_init__(self) -> None:
        if not self.id or not self.name:
            raise ValueError("Expected an act with an id and a name.")
        for instant in (self.issued, self.received):
            if instant is not None and instant.tzinfo is None:
                raise ValueError(f"Expected aware instants, got {instant!r}.")
        if self.index < -1 or self.sub < 0 or self.seen < 0:
            raise ValueError("Expected index >= -1, sub >= 0 and seen >= 0.")

    @property
    def at(self) -> datetime:
        """The instant that counts: the receipt when there is one, else the author's clock."""
        return self.issued if self.received is None else self.received


@dataclass(frozen=True, slots=True)
class Refusal:
    """Say no, with a stable code and the reason in words.

    Parameters
    ----------
    code
        Stable code, ``area.reason``, listed in ``refusals.toml``.
    params
        Values for the places of the sentence. Never a person's data.
    """

    code: str
    params: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        refusal_labels(self.code)

    @property
    def labels(self) -> Labels:
        """The sentence in three languages, with named places."""
        return refusal_labels(self.code)

    @property
    def reason(self) -> str:
        """The reason in English."""
        return self.text("en")

    def text(self, language: str) -> str:
        """Return the reason in ``language``."""
        return self.labels.get(language).format_map(self.params)

    def to_json(self) -> dict[str, Json]:
        """Return the code, the values and the sentence in English."""
        return {"code": self.code, "params": dict(self.params), "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Refused:
    """Keep an act that was refused, with the reason; both sides hold the same."""

    act: Act
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Step:
    """Keep an act that was taken in, with the state before and after.

    Parameters
    ----------
    act
        The act.
    before, after
        State around it; ``before`` is empty for the opening act.
    is_effective
        False for the first of two signatures: said, but not yet in force.
    """

    act: Act
    before: str
    after: str
    is_effective: bool = True


class DeadlineStatus(StrEnum):
    """How a deadline stands."""

    WAITING = "waiting"
    RUNNING = "running"
    STOPPED = "stopped"
    MET = "met"
    MET_LATE = "met-late"
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Deadline:
    """State who must do what until when. Passing it alerts; it never changes a state.

    Parameters
    ----------
    name
        Name in the definition.
    owner
        Role that must act.
    side
        Side of that role.
    start
        When the clock began; ``None`` while the receipt that starts it is missing.
    due
        Last instant in time; ``None`` while it cannot be computed.
    status
        How it stands at the instant asked for.
    act_id
        The act that started it.
    ended
        When it was met; ``None`` while open.
    local
        The due instant in the local time of each side, ISO 8601 with offset, by side.
    labels
        Name in three languages.
    """

    name: str
    owner: str
    side: str
    start: datetime | None
    due: datetime | None
    status: DeadlineStatus
    act_id: str
    ended: datetime | None
    local: Mapping[str, str]
    labels: Labels

    def to_json(self) -> dict[str, Json]:
        """Return the deadline as plain data."""

        def text(instant: datetime | None) -> str | None:
            return None if instant is None else format_instant(instant)

        return {
            "name": self.name,
            "owner": self.owner,
            "side": self.side,
            "start": text(self.start),
            "due": text(self.due),
            "status": self.status.value,
            "act": self.act_id,
            "ended": text(self.ended),
            "local": dict(self.local),
        }
