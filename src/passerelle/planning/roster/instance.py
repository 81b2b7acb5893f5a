"""What the roster engine plans: sites, groups of identical crews, need over time, rules between them.

Everything is in minutes since ``Instance.start`` and on a grid of ``step_min``. Need holds at every
step of a cell, and cost is an integral over time: one crew missing for two hours costs twice as much
as one missing for one. Splitting a cell therefore changes nothing, and a duty that covers half a
cell counts for that half.

Money does not appear. Weights are points a crew-hour; by default one officer on duty for one hour
is one point, so that value and bound of a plan read as officer-hours plus penalties.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from passerelle.kernel.canonical import digest
from passerelle.kernel.times import format_instant
from passerelle.planning.roster.rules import History, Rules

if TYPE_CHECKING:
    from passerelle.kernel.canonical import Json
    from passerelle.planning.roster.plan import Duty

__all__ = ["Base", "Cell", "Group", "Instance", "Limit", "Shifts", "Weights"]

_EXACT: Final = 2**53
_LEAST: Final = 1e-4
_FIELDS: Final[dict[type[object], tuple[str, ...]]] = {}


@dataclass(frozen=True, slots=True)
class Base:
    """Place from which crews go on duty and to which they return.

    Parameters
    ----------
    code
        Name of the base.
    travel_min
        For each site that can be reached: the minutes of one way that count as work (travel above
        the threshold of the arrangement), a multiple of the step.
    beds
        People who can lodge there in each night of the horizon; ``None`` when it does not bind. A
        crew takes its beds in the night of each day on which it starts a duty.
    """

    code: str
    travel_min: Mapping[str, int]
    beds: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """Ask for crews of one skill at one site over one block of time.

    Parameters
    ----------
    site
        Code of the site.
    skill
        Capability, or a tag such as ``lang:ar`` for an overlay on the same people.
    start_min, end_min
        Block, on the grid.
    minimum, target, ceiling
        Crews on duty: below ``minimum`` is dangerous, below ``target`` is poor, above ``ceiling``
        is waste; ``0 <= minimum <= target <= ceiling``.
    minimum_weight, target_weight, surplus_weight
        Points a crew-hour missing below minimum, missing below target, too many above ceiling.
    capabilities
        For an overlay: the capabilities of which a duty must be to count; empty means any.
    """

    site: str
    skill: str
    start_min: int
    end_min: int
    minimum: int
    target: int
    ceiling: int
    minimum_weight: float
    target_weight: float
    surplus_weight: float = 0.0
    capabilities: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.start_min >= self.end_min:
            raise ValueError(f"Expected start_min < end_min, got {self.start_min}, {self.end_min}.")
        if not 0 <= self.minimum <= self.target <= self.ceiling:
            raise ValueError(
                "Expected 0 <= minimum <= target <= ceiling, "
                f"got {self.minimum}, {self.target}, {self.ceiling}."
            )
        if not self.minimum_weight >= self.target_weight >= 0 or self.surplus_weight < 0:
            raise ValueError(
                "Expected minimum_weight >= target_weight >= 0 and surplus_weight >= 0."
            )

    @property
    def track(self) -> str:
        """Name of the timeline to which the cell belongs; its cells never overlap."""
        return "/".join((self.site, self.skill, *self.capabilities))

    def counts(self, duty: Duty, tags: tuple[str, ...]) -> bool:
        """Tell whether a crew with ``tags`` on ``duty`` stands in for the skill at the site."""
        if duty.site != self.site:
            return False
        if self.skill in tags:
            return not self.capabilities or duty.capability in self.capabilities
        return duty.capability == self.skill


@dataclass(frozen=True, slots=True)
class Shifts:
    """List the duties that exist for one capability at one site.

    A duty may start and end at any two of the marks that lie between ``least_min`` and
    ``most_min`` apart.

    Parameters
    ----------
    site, capability
        Where and what.
    marks_min
        Moments of handover in order, on the grid.
    least_min, most_min
        Shortest and longest duty on site.
    """

    site: str
    capability: str
    marks_min: tuple[int, ...]
    least_min: int
    most_min: int

    def __post_init__(self) -> None:
        if not 0 < self.least_min <= self.most_min:
            raise ValueError(
                f"Expected 0 < least_min <= most_min, got {self.least_min}, {self.most_min}."
            )
        if any(a >= b for a, b in zip(self.marks_min, self.marks_min[1:], strict=False)):
            raise ValueError("Expected marks in rising order.")

    def allows(self, start_min: int, end_min: int) -> bool:
        """Tell whether a duty from ``start_min`` to ``end_min`` is in the catalogue."""
        marks = set(self.marks_min)
        fits = self.least_min <= end_min - start_min <= self.most_min
        return fits and start_min in marks and end_min in marks


@dataclass(frozen=True, slots=True)
class Group:
    """Stand for identical crews of one contingent.

    Parameters
    ----------
    code
        Name of the group, unique.
    contingent
        Whose crews they are, for example ``FR`` or ``MA``.
    capabilities
        What a crew can be posted as, one at a time.
    tags
        What it brings besides (languages, certificates, weapon), counted by overlays.
    strength
        Number of crews, ``>= 0``.
    people
        Officers in a crew, ``>= 1``.
    base
        Code of its base.
    rules
        What its lines obey.
    windows
        When it may work, door to door, in order; leave and late arrival are gaps.
    history
        What it did before.
    crews_per_escort
        Its crews that one escort crew of the host accompanies; 0 when it needs no escort.
    sites
        The only sites where it may stand; ``None`` for all that its base reaches.
    locked
        Duties that every crew of the group must work (published, past or by order).
    use_cost
        Points for each crew that works at all: the price of an offer.
    """

    code: str
    contingent: str
    capabilities: tuple[str, ...]
    strength: int
    people: int
    base: str
    windows: tuple[tuple[int, int], ...]
    tags: tuple[str, ...] = ()
    rules: Rules = field(default_factory=Rules)
    history: History = field(default_factory=History)
    crews_per_escort: int = 0
    sites: tuple[str, ...] | None = None
    locked: tuple[Duty, ...] = ()
    use_cost: float = 0.0

    def __post_init__(self) -> None:
        if self.strength < 0:
            raise ValueError(f"Expected strength >= 0, got {self.strength}.")
        if self.people < 1:
            raise ValueError(f"Expected people >= 1, got {self.people}.")
        if self.use_cost < 0 or self.crews_per_escort < 0:
            raise ValueError("Expected use_cost and crews_per_escort >= 0.")


@dataclass(frozen=True, slots=True)
class Limit:
    """Cap the crews of a contingent on duty at a site at the same time.

    Parameters
    ----------
    site, contingent
        Where and whose.
    start_min, end_min
        Block, on the grid.
    crews
        Most crews on duty at once, ``>= 0``.
    """

    site: str
    contingent: str
    start_min: int
    end_min: int
    crews: int

    def __post_init__(self) -> None:
        if self.start_min >= self.end_min:
            raise ValueError(f"Expected start_min < end_min, got {self.start_min}, {self.end_min}.")
        if self.crews < 0:
            raise ValueError(f"Expected crews >= 0, got {self.crews}.")


@dataclass(frozen=True, slots=True)
class Weights:
    """Price the work itself, in points an officer-hour.

    Parameters
    ----------
    duty
        One officer on site for one hour.
    travel
        One officer on counted travel for one hour.
    """

    duty: float = 1.0
    travel: float = 1.5

    def __post_init__(self) -> None:
        if not self.duty >= 0 or not self.travel >= 0:
            raise ValueError(f"Expected weights >= 0, got {self.duty} and {self.travel}.")


@dataclass(frozen=True)
class Instance:
    """Hold one problem of who stands where and when.

    Parameters
    ----------
    name
        Name of the event.
    start
        First local midnight of the horizon; UTC. Minutes count from here.
    days
        Length of the horizon; duties end at ``days × 1440`` at the latest.
    step_min
        Grid of all starts and ends, a divisor of 1440.
    bases, groups, cells, shifts, limits
        The parts.
    escort
        Capability of the escorts: at each site and step, the crews that need escorts, each divided
        by its ``crews_per_escort``, are no more than the crews on duty in this capability.
    weights
        Price of work.
    night_from_min, night_to_min
        The night, minutes after local midnight; beyond 1440 is the next day (22:00 to 06:00).
    night_least_min
        A duty is a night duty when it holds, door to door, at least this much of one night.
    """

    name: str
    start: datetime
    days: int
    step_min: int
    bases: tuple[Base, ...]
    groups: tuple[Group, ...]
    cells: tuple[Cell, ...]
    shifts: tuple[Shifts, ...]
    limits: tuple[Limit, ...] = ()
    escort: str = "escort"
    weights: Weights = field(default_factory=Weights)
    night_from_min: int = 22 * 60
    night_to_min: int = 30 * 60
    night_least_min: int = 3 * 60

    def __post_init__(self) -> None:
        if self.start.tzinfo is None:
            raise ValueError(f"Expected an aware start, got {self.start}.")
        if self.days < 1:
            raise ValueError(f"Expected days >= 1, got {self.days}.")
        if self.step_min < 1 or 1440 % self.step_min:
            raise ValueError(f"Expected step_min to divide 1440, got {self.step_min}.")

    @cached_property
    def hash(self) -> str:
        """SHA-256 of everything that decides the result, in hexadecimal."""
        return _fingerprint(self)

    @cached_property
    def travel(self) -> Mapping[str, Mapping[str, int]]:
        """Counted minutes of one way, by base and site."""
        return {base.code: base.travel_min for base in self.bases}

    @cached_property
    def catalogue(self) -> Mapping[tuple[str, str], tuple[frozenset[int], int, int]]:
        """Moments of handover, least and most length of duties, by site and capability."""
        return {
            (shifts.site, shifts.capability): (
                frozenset(shifts.marks_min), shifts.least_min, shifts.most_min,
            )
            for shifts in self.shifts
        }  # fmt: skip

    def is_night(self, start_min: int, end_min: int) -> bool:
        """Tell whether a duty door to door from ``start_min`` to ``end_min`` is a night duty."""
        for day in range(start_min // 1440 - 1, end_min // 1440 + 1):
            begins = max(start_min, day * 1440 + self.night_from_min)
            if min(end_min, day * 1440 + self.night_to_min) - begins >= self.night_least_min:
                return True
        return False


def _fingerprint(value: object) -> str:
    """Return the digest of the canonical form of a value.

    The writer of the standard library gives the same bytes as RFC 8785 for everything that an
    instance usually holds, in a tenth of the time; the rest goes the slow way.
    """
    try:
        text = _written(value)
    except _UnusualError:
        return digest(_plain(value))
    return sha256(text.encode()).hexdigest()


def _written(value: object) -> str:
    """Write a value; parts that are many and rarely change are written once."""
    if not isinstance(value, Instance):
        return _dump(_usual(value))
    kept = ("cells", "groups", "shifts", "limits")
    parts = {
        name: _dump(_usual(getattr(value, name))) for name in _names(Instance) if name not in kept
    }
    for name in kept:
        parts[name] = f"[{','.join(map(_part_text, getattr(value, name)))}]"
    return f"{{{','.join(f'{_dump(name)}:{parts[name]}' for name in sorted(parts))}}}"


@lru_cache(maxsize=1 << 16)
def _part_text(part: Cell | Group | Shifts | Limit) -> str:
    return _dump(_usual(part))


def _dump(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class _UnusualError(Exception):
    """A value that the two writers may write differently."""


def _usual(value: object) -> Json:  # noqa: PLR0911 - one exit a type
    """Reduce a value to plain JSON, whole floats as integers; refuse what is written differently."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return value  # type: ignore[return-value] # the types just asked for
    if isinstance(value, int | float):
        if abs(value) < _EXACT and value == int(value):
            return int(value)
        if kind is float and _LEAST <= abs(value) < _EXACT:
            return value
        raise _UnusualError
    names = _names(kind)
    if names:
        return {name: _usual(getattr(value, name)) for name in names}
    if isinstance(value, tuple | list):
        return [_usual(item) for item in value]
    if isinstance(value, Mapping):
        if not all(str(key).isascii() for key in value):
            raise _UnusualError
        return {str(key): _usual(item) for key, item in value.items()}
    return _plain(value)


def _plain(value: object) -> Json:
    """Reduce a value to what canonical JSON can hold."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    names = _names(type(value))
    if names:
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    raise TypeError(f"Expected a plain value, got {type(value).__name__}.")


def _names(kind: type[object]) -> tuple[str, ...]:
    """Return the fields of a dataclass; nothing for other types."""
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple(f.name for f in fields(kind)) if is_dataclass(kind) else ()
    return _FIELDS[kind]
