"""What the rules of a plan look at: duties door to door with what lies before them, who stands where.

Only the words of :mod:`passerelle.planning.roster.rules` are worked out here (door to door, run, rested),
slowly and once for all rules; whether anything is broken is for each rule to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from passerelle.planning.roster.instance import Group, Instance
    from passerelle.planning.roster.plan import Duty

__all__ = ["DAY", "Door", "Posted", "Turn", "clock", "door_of", "steps_of", "turns_of"]

DAY: Final = 1440

Door: TypeAlias = tuple[int, int]
"""Start and end of a duty door to door, in minutes of the instance."""

Posted: TypeAlias = "Sequence[tuple[Group, Duty, int]]"
"""Groups, their duties, and how many crews of them work each."""


class Turn(NamedTuple):
    """Hold one duty of a line and what lies before it.

    Parameters
    ----------
    start, end, is_night
        The duty door to door, and whether it is a night duty.
    earliest
        When it may begin after the daily rest, or after what the crew did before the horizon.
    days_between
        Local days between its start and that of the duty before; -1 on the same day, 0 for the first.
    is_new_run, run_before
        Whether a run begins with it, and the duties of the run before (or of the same run).
    run, run_start, run_nights
        Duties of its run up to it, start of the run, its night duties.
    nights
        Night duties up to it, those before the horizon that count among them.
    """

    start: int
    end: int
    is_night: bool
    earliest: int
    days_between: int
    is_new_run: bool
    run_before: int
    run: int
    run_start: int
    run_nights: int
    nights: int

    def place(self, group: Group) -> str:
        """Name the duty in a violation."""
        return f"{group.code} at {clock(self.start)}"


def clock(minute: int) -> str:
    """Write a minute of the instance as people read it: day from 1, and local time.

    Examples
    --------
    >>> clock(1980)
    'day 2, 09:00'
    """
    day, rest = divmod(minute, DAY)
    return f"day {day + 1}, {rest // 60:02}:{rest % 60:02}"


def door_of(instance: Instance, group: Group, duty: Duty) -> Door | None:
    """Return start and end door to door; ``None`` when the site is out of reach."""
    travel = instance.travel.get(group.base, {}).get(duty.site)
    if travel is None:
        return None
    return duty.start_min - travel, duty.end_min + travel


def steps_of(instance: Instance, duty: Duty) -> range:
    """Return the steps of the grid that a duty touches on site."""
    return range(duty.start_min // instance.step_min, -(-duty.end_min // instance.step_min))


def turns_of(instance: Instance, group: Group, doors: Sequence[Door]) -> Iterator[Turn]:
    """Yield the duties of a line with what lies before each.

    Parameters
    ----------
    instance, group
        The problem, and whose line it is.
    doors
        Its duties door to door, in order.
    """
    rules, history = group.rules, group.history
    run, run_nights = history.run_days, history.run_nights
    run_start, nights = history.run_start_min, history.nights
    earliest = history.free_from_min if history.run_days else history.fresh_from_min
    days_between = 0
    before: Door | None = None
    for start, end in doors:
        is_night = instance.is_night(start, end)
        if before is None:
            is_new_run = history.run_days == 0 or start >= history.fresh_from_min
        else:
            earliest = before[1] + rules.rest_min
            days_between = start // DAY - before[0] // DAY - 1
            is_rested = start - before[1] >= rules.weekly_rest_min
            is_new_run = is_rested and days_between >= rules.rest_days
        run_before = run
        if is_new_run:
            run, run_nights, run_start = 0, 0, start
        run, run_nights, nights = run + 1, run_nights + is_night, nights + is_night
        yield Turn(
            start, end, is_night, earliest, days_between, is_new_run, run_before, run, run_start,
            run_nights, nights,
        )  # fmt: skip
        before = start, end
