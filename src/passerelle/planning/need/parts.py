"""Values of an explanation: a moment in plain numbers, the parts of a figure, how they combine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.planning.need.frame import attendance_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from passerelle.planning.need.coefficients import Coefficients
    from passerelle.planning.need.frame import Frame
    from passerelle.planning.need.values import Level
    from passerelle.planning.programme import Event, Phase, Session, Venue

__all__ = ["Combination", "Moment", "Part"]


@dataclass(frozen=True, slots=True)
class Part:
    """Hold one part of a figure.

    Parameters
    ----------
    formula
        ``F1`` to ``F11``.
    units
        Smallest units.
    inputs, coefficients, trace
        As in :class:`~passerelle.planning.need.values.Explanation`.
    """

    formula: str
    units: int
    inputs: tuple[tuple[str, float | str], ...] = ()
    coefficients: tuple[str, ...] = ()
    trace: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Combination:
    """Say of which parts a capability is made.

    Parameters
    ----------
    gives
        Functions that give the parts.
    is_greatest
        Whether the greatest part counts instead of their sum.
    """

    gives: tuple[Callable[[Moment], Part], ...]
    is_greatest: bool = False

    def join(self, parts: Sequence[Part]) -> int:
        """Return the units of all parts together."""
        units = [part.units for part in parts]
        return max(units) if self.is_greatest else sum(units)

    def tell(self, parts: Sequence[Part], total: int) -> tuple[str, ...]:
        """Tell how several parts come together."""
        if len(parts) < 2:
            return ()
        units = [str(part.units) for part in parts]
        joined = f"max({', '.join(units)})" if self.is_greatest else " + ".join(units)
        return (f"together {joined} = {total}",)


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """Hold one moment of one site at one level, as plain values.

    Parameters
    ----------
    event, venue, c, level
        What it belongs to.
    pairs
        Session, phase, attendance at the level, hours of the opening's search.
    """

    event: Event
    venue: Venue
    c: Coefficients
    level: Level
    pairs: tuple[tuple[Session, Phase, float, float], ...]

    @classmethod
    def at(cls, laid: Frame, moment: int, level: Level) -> Moment:
        """Read a moment from the frame."""
        event, c = laid.event, laid.coefficients
        venue = event.venues[int(laid.moments.venue[moment])]
        pairs = []
        for index, phase, opening in laid.moments.pairs(moment):
            session = event.sessions[index]
            people = attendance_at(session, venue.capacity, level, c)
            pairs.append((session, phase, people, float(laid.moments.search_h[opening])))
        return cls(event, venue, c, level, tuple(pairs))

    @property
    def sessions(self) -> tuple[Session, ...]:
        """Sessions of the moment, each once."""
        return tuple(dict.fromkeys(session for session, _, _, _ in self.pairs))

    def among(self, phases: Sequence[Phase]) -> list[tuple[Session, Phase, float]]:
        """Return the pairs whose phase is among ``phases``."""
        return [(s, phase, people) for s, phase, people, _ in self.pairs if phase in phases]

    def crowd(self, phases: Sequence[Phase]) -> float:
        """Add the crowds of the given phases, never above the seats."""
        found = [people for _, _, people in self.among(phases)]
        return min(sum(found), max(float(self.venue.capacity), max(found, default=0.0)))

    def describe(self) -> str:
        """Name the sessions and phases of the moment."""
        told = dict.fromkeys(f"{session.id} {phase.value}" for session, phase, _, _ in self.pairs)
        return f"{self.venue.id}: {', '.join(told)}"
