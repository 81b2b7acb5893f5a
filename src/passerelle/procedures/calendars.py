"""Days off, weekends and the arithmetic of periods, in the calendar of a state.

A period in minutes or hours is added as it is. A period in days runs from the day after the start and
ends with the last second of its last day in the local time of the calendar; in working days, weekends
and public holidays are not counted. When an agreement says so, a period of calendar days that ends on
a day off ends with the next working day (the rule of Regulation (EEC, Euratom) No 1182/71, Article 3).

Public holidays come from the library *holidays*, wrapped here and nowhere else. Holidays fixed by the
moon are estimates there; an agreement that needs other days lists them in the corridor profile.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from passerelle.kernel.problems import RefusedError
from passerelle.procedures.definition import Period, TimeUnit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Calendar", "add_period", "calendar", "calendar_codes", "local_text"]

_LAST_SECOND: Final = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Know the days off of one state.

    Parameters
    ----------
    code
        ISO 3166 code of the state.
    zone
        Name of the time zone of its capital.
    weekend
        Days of the week off, Monday 0.
    extra
        Further days off, agreed by the parties.
    """

    code: str
    zone: str
    weekend: frozenset[int]
    extra: frozenset[date] = field(default_factory=frozenset)

    @property
    def zone_info(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.zone)

    def is_working(self, day: date) -> bool:
        """Tell whether offices work on ``day``."""
        return (
            day.weekday() not in self.weekend
            and day not in self.extra
            and day not in _holidays(self.code, day.year)
        )

    def holidays(self, year: int) -> tuple[date, ...]:
        """Return the public holidays of ``year``, in order."""
        extra = {day for day in self.extra if day.year == year}
        return tuple(sorted(_holidays(self.code, year) | extra))


def add_period(
    start: datetime,
    period: Period,
    calendars: tuple[Calendar, ...],
    *,
    is_rolling: bool = False,
) -> datetime:
    """Return the last instant in time of a period.

    Parameters
    ----------
    start
        Instant from which it runs.
    period
        Its length.
    calendars
        Calendars in which a day must be a working day; the first gives the local time.
    is_rolling
        Whether calendar days that end on a day off end with the next working day.
    """
    if period.unit is TimeUnit.MINUTES:
        return start + timedelta(minutes=period.value)
    if period.unit is TimeUnit.HOURS:
        return start + timedelta(hours=period.value)
    zone = calendars[0].zone_info
    day = start.astimezone(zone).date()
    if period.unit is TimeUnit.CALENDAR:
        day += timedelta(days=period.value)
        while is_rolling and not _all_work(day, calendars):
            day += timedelta(days=1)
    else:
        left = period.value
        while left:
            day += timedelta(days=1)
            left -= _all_work(day, calendars)
    return datetime.combine(day, _LAST_SECOND, zone).astimezone(UTC)


def local_text(instant: datetime, at: Calendar) -> str:
    """Write an instant in the local time of a calendar, ISO 8601 with offset."""
    return instant.astimezone(at.zone_info).isoformat()


@cache
def calendar(code: str, extra: frozenset[date] = frozenset()) -> Calendar:
    """Return the calendar of one state.

    Parameters
    ----------
    code
        ISO 3166 code.
    extra
        Further days off, agreed by the parties.

    Raises
    ------
    RefusedError
        With code ``calendar.unknown`` when the state is not in ``calendars.toml``.
    """
    if code not in _zones():
        raise RefusedError(
            "No calendar for {found}; expected one of {expected}.",
            code="calendar.unknown",
            found=code,
            expected=", ".join(_zones()),
        )
    return Calendar(code, _zones()[code], _weekend(code), extra)


def calendar_codes() -> tuple[str, ...]:
    """Return the codes of all states that have a calendar."""
    return tuple(_zones())


@cache
def _zones() -> Mapping[str, str]:
    text = files("passerelle.procedures").joinpath("calendars.toml").read_text("utf-8")
    zones: dict[str, str] = tomllib.loads(text)["zones"]
    return zones


@cache
def _weekend(code: str) -> frozenset[int]:
    import holidays  # noqa: PLC0415 - slow import

    return frozenset(holidays.country_holidays(code, years=2024).weekend)


@cache
def _holidays(code: str, year: int) -> frozenset[date]:
    import holidays  # noqa: PLC0415 - slow import

    return frozenset(holidays.country_holidays(code, years=year))


def _all_work(day: date, calendars: Iterable[Calendar]) -> bool:
    return all(one.is_working(day) for one in calendars)
