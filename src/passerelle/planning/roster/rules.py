"""The rules of one group, compiled to minutes, and what its crews bring along from before.

Law and arrangement speak of hours, days and exceptions; the engine needs numbers.
:mod:`passerelle.planning.roster.build` compiles the more protective of host and sender law into
:class:`Rules`; every line in every plan obeys them by construction, and
:mod:`passerelle.planning.roster.check` verifies them without the engine's code.

A *run* is a sequence of duties between two weekly rests. Times are minutes since the start of the
instance and refer to the duty door to door, with the travel that counts as work.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["History", "HoursWindow", "Rules"]

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
class Rules:
    """State what every line of a group obeys.

    Parameters
    ----------
    rest_min
        Least rest between two duties, door to door; the European rule is 11 h.
    weekly_rest_min
        Least rest that ends a run; the European rule is 35 h.
    run_duties
        Most duties in a run, ``>= 1``.
    run_span_min
        Most minutes from the start of the first to the end of the last duty of a run. Seven days
        less the weekly rest keeps one weekly rest in every seven days.
    duty_most_min
        Longest duty door to door.
    hours
        Limits on minutes of work, windows in order and apart from each other.
    run_nights
        Most night duties in a run; ``None`` for no limit.
    """

    rest_min: int = 11 * 60
    weekly_rest_min: int = 35 * 60
    run_duties: int = 6
    run_span_min: int = 7 * _DAY - 35 * 60
    duty_most_min: int = 12 * 60
    hours: tuple[HoursWindow, ...] = ()
    run_nights: int | None = None

    def __post_init__(self) -> None:
        if self.rest_min < 0:
            raise ValueError(f"Expected rest_min >= 0, got {self.rest_min}.")
        if self.weekly_rest_min < self.rest_min:
            raise ValueError(
                f"Expected weekly_rest_min >= rest_min, got {self.weekly_rest_min} < {self.rest_min}."
            )
        if self.run_duties < 1:
            raise ValueError(f"Expected run_duties >= 1, got {self.run_duties}.")
        if self.duty_most_min < 1:
            raise ValueError(f"Expected duty_most_min >= 1, got {self.duty_most_min}.")
        if self.run_nights is not None and self.run_nights < 0:
            raise ValueError(f"Expected run_nights >= 0, got {self.run_nights}.")
        for earlier, later in zip(self.hours, self.hours[1:], strict=False):
            if earlier.end_min > later.start_min:
                raise ValueError("Expected hours windows in order and apart from each other.")


@dataclass(frozen=True, slots=True)
class History:
    """Tell what a crew did before the instance begins; all zero and ``None`` when it comes rested.

    Parameters
    ----------
    free_from_min
        Earliest start of the next duty: end of the last one, daily rest and owed rest included;
        ``None`` for rested.
    last_end_min
        End of the last duty; the weekly rest is counted from here; ``None`` for rested.
    run_start_min
        Start of the first duty of the run that is under way (usually negative).
    run_duties, run_nights
        Duties and night duties of that run.
    worked_min
        Minutes already worked in the first hours window.
    """

    free_from_min: int | None = None
    last_end_min: int | None = None
    run_start_min: int = 0
    run_duties: int = 0
    run_nights: int = 0
    worked_min: int = 0

    def __post_init__(self) -> None:
        if self.run_duties < 0 or self.run_nights < 0 or self.worked_min < 0:
            raise ValueError("Expected run_duties, run_nights and worked_min >= 0.")
        if (self.run_duties > 0) != (self.last_end_min is not None):
            raise ValueError("Expected last_end_min exactly when run_duties > 0.")
