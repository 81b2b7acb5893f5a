"""The rules of one group, compiled to minutes, and what its crews bring along from before.

Law and arrangement speak of hours, days and exceptions; the engine needs numbers.
:mod:`passerelle.planning.roster.build` compiles the more protective of host and sender law into
:class:`Rules`; every line in every plan obeys them by construction, and
:mod:`passerelle.planning.roster.check` verifies them without the engine's code.

A *run* is a sequence of duties between two weekly rests; at most one duty starts on a local day. Times are minutes since the start of the
instance and refer to the duty door to door, with the travel that counts as work.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["History", "HoursWindow", "Rules", "SlidingHours"]

_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class HoursWindow:
    """Limit the work that starts in ``[start_min, end_min)`` to ``most_min`` minutes.

    Parameters
    ----------
    start_min, end_min
        Minutes since the start of the instance; a duty belongs to the window in which it starts.
    most_min
        Minutes of work door to door, ``>= 0``.
    """

    start_min: int
    end_min: int
    most_min: int

    def __post_init__(self) -> None:
        if self.start_min >= self.end_min:
            raise ValueError(f"Expected start_min < end_min, got {self.start_min}, {self.end_min}.")
        if self.most_min < 0:
            raise ValueError(f"Expected most_min >= 0, got {self.most_min}.")


@dataclass(frozen=True, slots=True)
class SlidingHours:
    """Limit the work that starts in any ``days`` local days in a row to ``most_min`` minutes."""

    days: int
    most_min: int

    def __post_init__(self) -> None:
        if self.days < 1 or self.most_min < 0:
            raise ValueError(
                f"Expected days >= 1 and most_min >= 0, got {self.days}, {self.most_min}."
            )


@dataclass(frozen=True, slots=True)
class Rules:
    """State what every line of a group obeys.

    Parameters
    ----------
    rest_min
        Least rest between two duties, door to door; the European rule is 11 h.
    weekly_rest_min
        Least rest between two runs; the European rule is 35 h.
    rest_days
        Least local days between two runs on which no duty starts.
    run_least, run_days
        Least and most duties in a run; one duty starts a local day, so they are duty days. A run
        that reaches the end of the horizon may be short. A crew whose run before the horizon is
        still too short goes on with it, or rests throughout.
    run_span_min
        Most minutes from the start of the first to the end of the last duty of a run. Seven days
        less the weekly rest keeps one weekly rest in every seven days.
    duty_least_min, duty_most_min
        Shortest and longest duty door to door.
    night_most_min
        Longest night duty door to door.
    run_nights, nights
        Most night duties in a run and over the horizon; ``None`` for no limit.
    hours
        Limits on minutes of work, windows in order and apart from each other.
    sliding
        Limits on minutes of work that starts in any so many local days in a row. The engine keeps them by
        the length of duties (see :mod:`passerelle.planning.roster.build`); the checker counts.
    weekends
        Most weekends with work over the horizon; a duty counts for the weekend whose Saturday or
        Sunday it touches, door to door; ``None`` for no limit.
    first_saturday
        Local day of the first Saturday, 0 to 5; -1 when the horizon begins on a Sunday.
    """

    rest_min: int = 11 * 60
    weekly_rest_min: int = 35 * 60
    rest_days: int = 1
    run_least: int = 1
    run_days: int = 6
    run_span_min: int = 7 * _DAY - 35 * 60
    duty_least_min: int = 0
    duty_most_min: int = 12 * 60
    night_most_min: int = 12 * 60
    run_nights: int | None = None
    nights: int | None = None
    hours: tuple[HoursWindow, ...] = ()
    sliding: tuple[SlidingHours, ...] = ()
    weekends: int | None = None
    first_saturday: int = 0

    def __post_init__(self) -> None:
        for name in ("rest_min", "rest_days", "duty_least_min", "night_most_min", "run_span_min"):
            if getattr(self, name) < 0:
                raise ValueError(f"Expected {name} >= 0, got {getattr(self, name)}.")
        if self.weekly_rest_min < self.rest_min:
            raise ValueError(
                f"Expected weekly_rest_min >= {self.rest_min}, got {self.weekly_rest_min}."
            )
        if not 1 <= self.run_least <= self.run_days:
            raise ValueError(
                f"Expected 1 <= run_least <= run_days, got {self.run_least}, {self.run_days}."
            )
        if self.duty_most_min < max(1, self.duty_least_min):
            raise ValueError(
                f"Expected duty_most_min >= {max(1, self.duty_least_min)}, got {self.duty_most_min}."
            )
        if not -1 <= self.first_saturday <= 5:
            raise ValueError(f"Expected -1 <= first_saturday <= 5, got {self.first_saturday}.")
        for name in ("run_nights", "nights", "weekends"):
            limit = getattr(self, name)
            if limit is not None and limit < 0:
                raise ValueError(f"Expected {name} >= 0, got {limit}.")
        for earlier, later in zip(self.hours, self.hours[1:], strict=False):
            if earlier.end_min > later.start_min:
                raise ValueError("Expected hours windows in order and apart from each other.")


@dataclass(frozen=True, slots=True)
class History:
    """Tell what a crew did before the instance begins; the default is a crew that comes rested.

    Parameters
    ----------
    free_from_min
        Earliest start of the next duty within the run that is under way: daily rest and owed rest
        included.
    fresh_from_min
        Earliest start of a new run: weekly rest included.
    run_start_min
        Start of the first duty of the run that is under way (negative).
    run_days, run_nights
        Duties and night duties of that run; 0 when none is under way.
    nights, worked_min
        Night duties that count against the limit; minutes already worked in the first hours window.
    """

    free_from_min: int = 0
    fresh_from_min: int = 0
    run_start_min: int = 0
    run_days: int = 0
    run_nights: int = 0
    nights: int = 0
    worked_min: int = 0

    def __post_init__(self) -> None:
        for name in ("run_days", "run_nights", "nights", "worked_min"):
            if getattr(self, name) < 0:
                raise ValueError(f"Expected {name} >= 0, got {getattr(self, name)}.")
        if self.fresh_from_min < self.free_from_min:
            raise ValueError(
                f"Expected fresh_from_min >= {self.free_from_min}, got {self.fresh_from_min}."
            )
