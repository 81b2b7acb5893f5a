"""Deadlines: who must act until when, computed from the acts of a dossier.

A deadline runs from an act (its sending, its receipt, or the receipt of its confirmation) or from the
entry into a state, for a period of the definition, of the corridor profile, of a choice in a field
(urgency), or up to an instant named in a field. A hold may stop its clock: the time held is added to
the end. Passing a deadline alerts and changes nothing.

Both sides hold the same receipts and the same agreed calendars, hence compute the same instant.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from passerelle.kernel.times import parse_instant
from passerelle.procedures.calendars import add_period, local_text
from passerelle.procedures.definition import EITHER, Period, Start, StateKind
from passerelle.procedures.values import Deadline, DeadlineStatus

if TYPE_CHECKING:
    from passerelle.procedures.calendars import Calendar
    from passerelle.procedures.definition import DeadlineRule
    from passerelle.procedures.dossier import Dossier
    from passerelle.procedures.values import Act

__all__ = ["due", "held_time", "next_due"]

_DAY_END = time(23, 59, 59)


@dataclass(slots=True)
class _Run:
    """Follow one state from entry to exit, holds included."""

    act: Act
    ended: datetime | None = None


@dataclass(slots=True)
class _History:
    """Gather when states were entered and left, and when the dossier was held."""

    runs: dict[str, _Run] = field(default_factory=dict)
    holds: list[tuple[datetime, datetime | None]] = field(default_factory=list)


def due(dossier: Dossier, now: datetime) -> tuple[Deadline, ...]:
    """Compute every deadline that has begun, open or met, at an instant.

    Parameters
    ----------
    dossier
        The dossier as it stands.
    now
        Present instant; decides between running and passed.
    """
    history = _read(dossier)
    found = (
        _deadline(dossier, rule, history, now) for rule in dossier.definition.deadlines.values()
    )
    return tuple(one for one in found if one is not None)


def next_due(dossier: Dossier, now: datetime) -> Deadline | None:
    """Return the open deadline that ends first; ``None`` when nothing is due."""
    open_ones = [
        one
        for one in due(dossier, now)
        if one.due is not None and one.status in {DeadlineStatus.RUNNING, DeadlineStatus.PASSED}
    ]
    return min(open_ones, key=lambda one: (one.due, one.name), default=None)


def held_time(dossier: Dossier, start: datetime, end: datetime) -> timedelta:
    """Add up the time between two instants during which the dossier was held."""
    return _overlap(_read(dossier).holds, start, end)


def _read(dossier: Dossier) -> _History:
    history = _History()
    states = dossier.definition.states
    beneath = ""
    for step in dossier.steps:
        if step.before == step.after:
            continue
        was_held = bool(step.before) and states[step.before].kind is StateKind.HOLD
        is_held = states[step.after].kind is StateKind.HOLD
        if is_held and not was_held:
            beneath = step.before
            history.holds.append((step.act.at, None))
        elif was_held and not is_held:
            history.holds[-1] = (history.holds[-1][0], step.act.at)
        if was_held and not is_held and step.after == beneath:
            history.runs[step.before].ended = step.act.at
            continue
        left = beneath if was_held and not is_held else step.before
        if left in history.runs and not (is_held and not was_held):
            history.runs[left].ended = step.act.at
        if was_held:
            history.runs[step.before].ended = step.act.at
        history.runs[step.after] = _Run(step.act)
    return history


def _deadline(
    dossier: Dossier, rule: DeadlineRule, history: _History, now: datetime
) -> Deadline | None:
    if rule.start_state:
        run = history.runs.get(rule.start_state)
        if run is None:
            return None
        act, ended = run.act, run.ended
    else:
        last = dossier.last(rule.start_act)
        if last is None:
            return None
        act, ended = last, _met(dossier, rule, last)
    side = _owner_side(dossier, rule, act)
    start = _start(dossier, rule, act)
    calendars = _calendars(dossier, rule, side)
    end = None if start is None else _end(dossier, rule, act, start, calendars)
    if start is not None and end is None:
        return None
    if start is not None and end is not None and rule.stops_on_hold:
        end += _overlap(history.holds, start, ended or now)
    return Deadline(
        name=rule.name,
        owner=rule.owner,
        side=side,
        start=start,
        due=end,
        status=_status(dossier, rule, end, ended, now),
        act_id=act.id,
        ended=ended,
        local={
            one: local_text(end, dossier.procedure.calendar(one))
            for one in dossier.definition.sides
        }
        if end is not None
        else {},
        labels=rule.labels,
    )


def _status(
    dossier: Dossier,
    rule: DeadlineRule,
    end: datetime | None,
    ended: datetime | None,
    now: datetime,
) -> DeadlineStatus:
    if ended is not None:
        is_late = end is not None and ended > end
        return DeadlineStatus.MET_LATE if is_late else DeadlineStatus.MET
    if end is None:
        return DeadlineStatus.WAITING
    if rule.stops_on_hold and dossier.is_on_hold:
        return DeadlineStatus.STOPPED
    return DeadlineStatus.PASSED if now > end else DeadlineStatus.RUNNING


def _met(dossier: Dossier, rule: DeadlineRule, start: Act) -> datetime | None:
    is_after = False
    for step in dossier.steps:
        if is_after and step.act.name in rule.met_by:
            return step.act.at
        is_after = is_after or step.act.id == start.id
    return None


def _owner_side(dossier: Dossier, rule: DeadlineRule, act: Act) -> str:
    side = dossier.definition.roles[rule.owner].side
    return dossier.definition.other_side(act.side) if side == EITHER else side


def _start(dossier: Dossier, rule: DeadlineRule, act: Act) -> datetime | None:
    moment = rule.start
    profile = dossier.procedure.corridor.profile
    if rule.profile == "reply" and profile is not None and profile.reply is not None:
        moment = profile.reply.starts
    if moment is Start.SENT:
        return act.issued
    if moment is Start.RECEIPT:
        return act.at if act.sub else act.received
    confirmations = [one for one in dossier.effective(rule.confirmed_by) if one.index >= 0]
    return confirmations[-1].received if confirmations else None


def _calendars(dossier: Dossier, rule: DeadlineRule, side: str) -> tuple[Calendar, ...]:
    procedure = dossier.procedure
    if rule.calendar == "both":
        other = dossier.definition.other_side(side)
        return (procedure.calendar(side), procedure.calendar(other))
    return (procedure.calendar(side if rule.calendar == EITHER else rule.calendar),)


def _end(
    dossier: Dossier,
    rule: DeadlineRule,
    act: Act,
    start: datetime,
    calendars: tuple[Calendar, ...],
) -> datetime | None:
    extension = _extension(dossier, rule, act)
    if extension is not None:
        return _instant(extension, calendars[0])
    if rule.until_field:
        text = act.payload.get(rule.until_field)
        return _instant(text, calendars[0]) if isinstance(text, str) else None
    period = _period(dossier, rule, act)
    if period is None:
        return None
    rolls = dossier.procedure.corridor.is_rolling
    return add_period(start, period, calendars, is_rolling=rolls)


def _period(dossier: Dossier, rule: DeadlineRule, act: Act) -> Period | None:
    if rule.by_field:
        return rule.choices.get(str(act.payload.get(rule.by_field)))
    if rule.profile:
        profile = dossier.procedure.corridor.profile
        found = None if profile is None else profile.period(rule.profile)
        return found or rule.period
    return rule.period


def _extension(dossier: Dossier, rule: DeadlineRule, start: Act) -> str | None:
    found: str | None = None
    is_after = False
    for step in dossier.steps:
        if is_after and step.is_effective and step.act.name in rule.extended_by:
            text = step.act.payload.get("until", step.act.payload.get(rule.until_field))
            found = found if text is None else str(text)
        is_after = is_after or step.act.id == start.id
    return found


def _instant(text: str, at: Calendar) -> datetime:
    """Read an instant, or a date as the last second of that day in local time."""
    if "T" in text:
        return parse_instant(text)
    day = date.fromisoformat(text)
    return datetime.combine(day, _DAY_END, at.zone_info).astimezone(UTC)


def _overlap(
    holds: list[tuple[datetime, datetime | None]], start: datetime, end: datetime
) -> timedelta:
    total = timedelta()
    for since, until in holds:
        length = min(until or end, end) - max(since, start)
        total += max(length, timedelta())
    return total
