"""What an arrangement lets a crew do: rest, runs, hours, nights, travel, weapons, powers, escort.

Figures and marks: domain, sections 5 and 8. When a partner's crew works for a host, both laws hold;
:func:`more_protective` takes of each rule the one that protects the person better.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Final

__all__ = ["ArrangementRules", "HourWindow", "more_protective"]


@dataclass(frozen=True, slots=True, order=True)
class HourWindow:
    """Limit the work in any ``days`` consecutive days.

    Parameters
    ----------
    days
        Length of the sliding window, ``>= 1``.
    max_work_min
        Minutes of work, door to door as counted, ``>= 0``.
    """

    days: int
    max_work_min: int

    def __post_init__(self) -> None:
        if self.days < 1:
            raise ValueError(f"Expected days >= 1, got {self.days}.")
        if self.max_work_min < 0:
            raise ValueError(f"Expected max_work_min >= 0, got {self.max_work_min}.")


@dataclass(frozen=True, slots=True)
class ArrangementRules:
    """Hold the rules of one arrangement; the defaults are those of the field [A] and EU law [S].

    Parameters
    ----------
    id
        Code, unique among the rules of an event.
    daily_rest_min
        Unbroken rest between two duties, in minutes.
    weekly_rest_min, weekly_window_days
        Unbroken rest owed once in every window of so many days.
    hour_windows
        Limits of work in sliding windows, sorted, one a length.
    min_duty_days_in_row, max_duty_days_in_row
        Length of a run of duty days.
    min_rest_days_in_row
        Least days off in a row between two runs.
    max_weekends
        Weekends with work over the whole stay; ``None`` for no limit.
    hard_stop_days
        Most days between two full weekly rests, whatever is averaged or derogated.
    max_nights, max_nights_in_row
        Night duties over the stay and in a row; ``None`` for no limit.
    night_from_min, night_to_min
        Local time of the night in minutes after midnight; a duty that overlaps it by three hours
        or more is a night duty.
    max_night_min
        Longest night duty.
    min_shift_min, max_shift_min
        Length of a duty, door to door.
    break_after_min, break_min
        A duty longer than the first contains a break of the second.
    travel_free_min
        Travel each way up to this is not counted as duty; the time beyond is.
    max_travel_min
        Longest travel each way at all.
    overlap_min
        Handover between two crews at one post.
    max_rest_debt_min
        Rest that may be owed in all; every minute needs authority and reason.
    may_carry_weapon, has_powers
        Whether the arrangement lets them carry a service weapon and use powers.
    needs_escort
        Whether crews in the field need a host escort.
    crews_per_escort
        Crews that one escort crew accompanies, ``>= 1``.
    """

    id: str
    daily_rest_min: int = 660
    weekly_rest_min: int = 2100
    weekly_window_days: int = 7
    hour_windows: tuple[HourWindow, ...] = (HourWindow(7, 72 * 60),)
    min_duty_days_in_row: int = 1
    max_duty_days_in_row: int = 6
    min_rest_days_in_row: int = 1
    max_weekends: int | None = None
    hard_stop_days: int = 12
    max_nights: int | None = None
    max_nights_in_row: int | None = 4
    night_from_min: int = 22 * 60
    night_to_min: int = 6 * 60
    max_night_min: int = 720
    min_shift_min: int = 240
    max_shift_min: int = 720
    break_after_min: int = 360
    break_min: int = 45
    travel_free_min: int = 45
    max_travel_min: int = 180
    overlap_min: int = 30
    max_rest_debt_min: int = 0
    may_carry_weapon: bool = True
    has_powers: bool = True
    needs_escort: bool = False
    crews_per_escort: int = 1

    def __post_init__(self) -> None:
        for name in _COUNTS:
            value = getattr(self, name)
            if value is not None and value < 0:
                raise ValueError(f"Expected {name} >= 0, got {value}.")
        if self.min_shift_min > self.max_shift_min:
            raise ValueError(
                f"Expected min_shift_min <= {self.max_shift_min}, got {self.min_shift_min}."
            )
        if not 1 <= self.min_duty_days_in_row <= self.max_duty_days_in_row:
            raise ValueError(
                f"Expected 1 <= min_duty_days_in_row <= {self.max_duty_days_in_row}, "
                f"got {self.min_duty_days_in_row}."
            )
        if self.weekly_window_days < 1 or self.crews_per_escort < 1:
            raise ValueError("Expected weekly_window_days >= 1 and crews_per_escort >= 1.")
        if list(self.hour_windows) != sorted({w.days: w for w in self.hour_windows}.values()):
            raise ValueError("Expected hour_windows sorted, one a length.")


_COUNTS: Final = tuple(
    field.name
    for field in fields(ArrangementRules)
    if field.name.endswith(("_min", "_days", "_row", "_weekends", "_nights"))
)

_LARGER: Final = (
    "daily_rest_min",
    "weekly_rest_min",
    "min_rest_days_in_row",
    "break_min",
    "overlap_min",
)
_SMALLER: Final = (
    "weekly_window_days",
    "max_duty_days_in_row",
    "max_weekends",
    "hard_stop_days",
    "max_nights",
    "max_nights_in_row",
    "max_night_min",
    "max_shift_min",
    "break_after_min",
    "travel_free_min",
    "max_travel_min",
    "max_rest_debt_min",
    "crews_per_escort",
)


def _smaller(one: int | None, other: int | None) -> int | None:
    limits = [limit for limit in (one, other) if limit is not None]
    return min(limits) if limits else None


def _join_windows(
    one: tuple[HourWindow, ...], other: tuple[HourWindow, ...]
) -> tuple[HourWindow, ...]:
    tightest: dict[int, HourWindow] = {}
    for window in one + other:
        known = tightest.get(window.days)
        if known is None or window.max_work_min < known.max_work_min:
            tightest[window.days] = window
    return tuple(sorted(tightest.values()))


def more_protective(host: ArrangementRules, sender: ArrangementRules) -> ArrangementRules:
    """Merge two laws, taking of each rule the one that protects the person better.

    More rest, shorter runs, fewer nights and hours win. A night counts from the earlier start to
    the later end. Weapons and powers need both; an escort is needed when either says so. The least
    lengths (shift, run) are the sender's, cut to what the merged maxima still allow.

    Parameters
    ----------
    host, sender
        The rules of both sides.

    Returns
    -------
    ArrangementRules
        Rules with the id ``host.id+sender.id``, or the common id when both are the same.
    """
    merged: dict[str, Any] = {  # Any: some limits may be None, the class checks which
        name: max(getattr(host, name), getattr(sender, name)) for name in _LARGER
    }
    merged |= {name: _smaller(getattr(host, name), getattr(sender, name)) for name in _SMALLER}
    shift, run = merged["max_shift_min"], merged["max_duty_days_in_row"]
    same = host.id == sender.id
    return ArrangementRules(
        id=host.id if same else f"{host.id}+{sender.id}",
        hour_windows=_join_windows(host.hour_windows, sender.hour_windows),
        min_duty_days_in_row=min(sender.min_duty_days_in_row, run),
        min_shift_min=min(sender.min_shift_min, shift),
        night_from_min=min(host.night_from_min, sender.night_from_min),
        night_to_min=max(host.night_to_min, sender.night_to_min),
        may_carry_weapon=host.may_carry_weapon and sender.may_carry_weapon,
        has_powers=host.has_powers and sender.has_powers,
        needs_escort=host.needs_escort or sender.needs_escort,
        **merged,
    )
