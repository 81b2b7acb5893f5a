"""Apply changes to an event: what the programme becomes, which sites ask anew, who is cut.

Every mistake in a list of changes is reported at once, with its place and what was expected; nothing
is half done, because events are values and a new one is returned.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from passerelle.kernel.capabilities import catalogue
from passerelle.kernel.problems import InputError, Issue
from passerelle.kernel.times import Interval, format_instant
from passerelle.planning.repair.changes import (
    ContingentGone,
    ContingentLate,
    ContingentSmaller,
    CrewIll,
    PostAdded,
    RiskRaised,
    SessionAdded,
    SessionCancelled,
    SessionMoved,
    SiteClosed,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from passerelle.planning.programme import Event, Session
    from passerelle.planning.repair.changes import Change
    from passerelle.planning.roster.instance import Group, Instance

__all__ = ["Addition", "Applied", "Closure", "Cut", "apply_changes", "apply_to_programme"]


@dataclass(frozen=True, slots=True)
class Closure:
    """Close a site between two minutes of the instance."""

    site: str
    start_min: int
    end_min: int


@dataclass(frozen=True, slots=True)
class Addition:
    """Ask for so many more crews at a site between two minutes of the instance."""

    site: str
    capability: str
    start_min: int
    end_min: int
    crews: int


@dataclass(frozen=True, slots=True)
class Cut:
    """Take crews of a group away between two minutes of the instance.

    Parameters
    ----------
    group
        Code of the group.
    start_min, end_min
        When they cannot work.
    crews
        How many; ``None`` for all of them.
    crew
        Number of the crew, from 1 in the order of the plan; 0 for any.
    prefers_busy
        Whether those with most duties in that time are meant (illness), or those with fewest.
    """

    group: str
    start_min: int
    end_min: int
    crews: int | None = None
    crew: int = 0
    prefers_busy: bool = False


@dataclass(frozen=True, slots=True)
class Applied:
    """Hold what changes make of an event.

    Parameters
    ----------
    event
        The event after the changes.
    sites
        Sites that may ask for something else than before.
    closures, cuts
        What the instance must lose besides.
    additions
        What is asked on top of the need.
    now_min
        The present in minutes of the instance, up to the next step.
    """

    event: Event
    sites: frozenset[str]
    closures: tuple[Closure, ...]
    cuts: tuple[Cut, ...]
    additions: tuple[Addition, ...]
    now_min: int


def apply_changes(
    event: Event, instance: Instance, changes: Sequence[Change], now: datetime
) -> Applied:
    """Apply changes in their order.

    Parameters
    ----------
    event, instance
        What was planned.
    changes
        What happened.
    now
        Present moment; nothing before it can be changed.

    Raises
    ------
    InputError
        With every issue: unknown ids, a change twice, a change of the past, times out of the period.
    """
    applier = _Applier(event, instance, now)
    for number, change in enumerate(changes, 1):
        applier.place = f"changes[{number}]"
        applier.once(change)
        applier.take(change)
    if not changes:
        applier.place = "changes"
        applier.wrong("none", "at least one change", "none")
    if applier.issues:
        raise InputError(applier.issues)
    return Applied(
        applier.event,
        frozenset(applier.sites),
        tuple(applier.closures),
        tuple(applier.cuts),
        tuple(applier.additions),
        applier.minute_after(now),
    )


def apply_to_programme(event: Event, change: Change, now: datetime) -> Event:
    """Return the programme after a change of its sessions; other changes leave it as it is.

    Raises
    ------
    InputError
        When the change is wrong.
    """
    applier = _Applier(event, None, now)
    if isinstance(change, SessionMoved | SessionAdded | SessionCancelled | RiskRaised):
        applier.place = "change"
        applier.take(change)
    if applier.issues:
        raise InputError(applier.issues)
    return applier.event


class _Applier:
    """Hold the event while changes are applied, and what is wrong with them."""

    def __init__(self, event: Event, instance: Instance | None, now: datetime) -> None:
        self.event, self._instance, self.now = event, instance, now
        self.place = ""
        self.issues: list[Issue] = []
        self.sites: set[str] = set()
        self.closures: list[Closure] = []
        self.cuts: list[Cut] = []
        self.additions: list[Addition] = []
        self._seen: set[tuple[object, ...]] = set()

    @property
    def instance(self) -> Instance:
        """The instance; changes of sessions alone do without."""
        assert self._instance is not None
        return self._instance

    # ---- checking

    def wrong(self, code: str, expected: str, found: object, column: str = "") -> None:
        """Note an issue at the present place."""
        place = f"{self.place}.{column}" if column else self.place
        self.issues.append(Issue("changes", 0, place, f"change.{code}", expected, str(found)))

    def once(self, change: Change) -> None:
        """Refuse a second change of the same thing."""
        if isinstance(change, CrewIll):
            key: tuple[object, ...] = ("ill", change.group, change.crew, change.start)
        elif isinstance(change, SiteClosed):
            key = ("closed", change.site, change.start)
        elif isinstance(change, PostAdded):
            key = ("post", change.post)
        elif isinstance(change, ContingentLate | ContingentGone):
            key = ("force", change.contingent)
        elif isinstance(change, ContingentSmaller):
            key = ("force", change.group)
        elif isinstance(change, RiskRaised):
            key = ("risk", change.session)
        else:
            key = ("session", change.session)
        if key in self._seen:
            self.wrong("double", "every change once", "/".join(str(part) for part in key[:2]))
        self._seen.add(key)

    def _session(self, name: str, column: str = "session") -> Session | None:
        found = next((s for s in self.event.sessions if s.id == name), None)
        if found is None:
            self.wrong("unknown-session", "a session of the programme", name, column)
        elif found.interval.start <= self.now and column == "session":
            self.wrong(
                "past", f"a session that begins after {format_instant(self.now)}", name, column
            )
            return None
        return found

    def _venue(self, name: str) -> bool:
        if name and name not in {venue.id for venue in self.event.venues}:
            self.wrong("unknown-venue", "a venue of the event", name, "venue")
            return False
        return True

    def _site(self, name: str) -> bool:
        if name not in self.event.sites:
            self.wrong("unknown-site", "a site of the event", name, "site")
            return False
        return True

    def _span(self, start: datetime, end: datetime, column: str = "start") -> bool:
        """Tell whether a span lies in the future of the event."""
        if start < self.now:
            expected = f"not before {format_instant(self.now)}"
            self.wrong("past", expected, format_instant(start), column)
            return False
        period = self.event.period
        if start < period.start or end > period.end:
            self.wrong("outside-period", f"within {period}", f"{start} to {end}", column)
            return False
        return True

    def _groups(self, name: str) -> list[Group]:
        """Return the groups of a contingent, or the one group of that code."""
        found = [g for g in self.instance.groups if name in {g.contingent, g.code}]
        if not found:
            self.wrong("unknown-contingent", "a contingent or group", name, "contingent")
        return found

    def _minute(self, moment: datetime) -> int:
        step = self.instance.step_min
        return int((moment - self.instance.start).total_seconds()) // 60 // step * step

    def minute_after(self, moment: datetime) -> int:
        """Return the first step at or after a moment, in minutes of the instance."""
        step = self.instance.step_min
        return -(-int((moment - self.instance.start).total_seconds()) // 60 // step) * step

    # ---- changes

    def take(self, change: Change) -> None:
        """Apply one change."""
        if isinstance(change, SessionMoved):
            self._move(change)
        elif isinstance(change, SessionAdded):
            self._add(change)
        elif isinstance(change, SessionCancelled):
            if found := self._session(change.session):
                self._swap(found, None)
        elif isinstance(change, RiskRaised):
            self._raise(change)
        elif isinstance(change, SiteClosed):
            self._close(change)
        elif isinstance(change, PostAdded):
            self._post(change)
        else:
            self._cut(change)

    def _swap(self, old: Session | None, new: Session | None) -> None:
        """Replace a session; both venues, and the centre, ask anew."""
        sessions = list(self.event.sessions)
        at = len(sessions) if old is None else sessions.index(old)
        sessions[at : at + 1] = [] if new is None else [new]
        self.event = replace(self.event, sessions=tuple(sessions))
        self.sites |= {s.venue_id for s in (old, new) if s is not None}
        if self.event.centre_site_id:
            self.sites.add(self.event.centre_site_id)

    def _moved(self, session: Session, start: datetime, venue: str) -> Session | None:
        interval = Interval(start, start + session.interval.length)
        if not self._venue(venue) or not self._span(interval.start, interval.end):
            return None
        place = venue or session.venue_id
        for other in self.event.sessions:
            same = other.venue_id == place and other.id != session.id
            if same and other.interval.overlaps(interval) and not (other.part or session.part):
                self.wrong("overlap", f"no session at {place} at that time", other.id, "start")
                return None
        seats = next(v.capacity for v in self.event.venues if v.id == place)
        attendance = min(session.attendance, seats) if venue else session.attendance
        return replace(session, venue_id=place, interval=interval, attendance=attendance)

    def _move(self, change: SessionMoved) -> None:
        old = self._session(change.session)
        new = old and self._moved(old, change.start, change.venue)
        if old and new:
            self._swap(old, new)

    def _add(self, change: SessionAdded) -> None:
        if any(session.id == change.session for session in self.event.sessions):
            self.wrong("double", "a new id", change.session, "session")
            return
        model = self._session(change.like, "like")
        if model is not None:
            new = self._moved(replace(model, id=change.session), change.start, change.venue)
            if new is not None:
                self._swap(None, new)

    def _raise(self, change: RiskRaised) -> None:
        if old := self._session(change.session):
            risk = old.risk if change.risk is None else change.risk
            threat = old.threat if change.threat is None else change.threat
            self._swap(old, replace(old, risk=risk, threat=threat))

    def _close(self, change: SiteClosed) -> None:
        if self._site(change.site) and self._span(change.start, change.end):
            start, end = self._minute(change.start), self.minute_after(change.end)
            self.closures.append(Closure(change.site, start, end))
            self.sites.add(change.site)

    def _post(self, change: PostAdded) -> None:
        if change.capability not in catalogue():
            self.wrong("unknown-capability", "a capability", change.capability, "capability")
            return
        if any(post.id == change.post for post in self.event.posts):
            self.wrong("double", "a new code", change.post, "post")
            return
        if not self._site(change.site) or not self._span(change.start, change.end):
            return
        if change.end - change.start >= timedelta(days=1):
            self.wrong("too-long", "less than 24 hours", change.end - change.start, "end")
            return
        self.additions.append(
            Addition(
                change.site, change.capability, self._minute(change.start),
                self.minute_after(change.end), change.crews,
            )
        )  # fmt: skip
        self.sites.add(change.site)

    def _cut(self, change: ContingentLate | ContingentSmaller | ContingentGone | CrewIll) -> None:
        now = self.minute_after(max(self.now, self.instance.start))
        end = self.instance.days * 1440
        if isinstance(change, ContingentLate):
            if self._groups(change.contingent) and self._span(change.start, change.start):
                until = self.minute_after(change.start)
                for group in self._groups(change.contingent):
                    self.cuts.append(Cut(group.code, now, until))
        elif isinstance(change, ContingentGone):
            self.cuts += [Cut(g.code, now, end) for g in self._groups(change.contingent)]
        elif whole := [g for g in self.instance.groups if g.code == change.group]:
            group = whole[0]
            if isinstance(change, ContingentSmaller):
                if change.crews >= group.strength:
                    expected = f"fewer than {group.strength} crews"
                    self.wrong("not-smaller", expected, change.crews, "crews")
                else:
                    self.cuts.append(Cut(group.code, now, end, group.strength - change.crews))
            elif max(change.crews, change.crew) > group.strength:
                expected = f"at most {group.strength} crews"
                self.wrong("too-many", expected, max(change.crews, change.crew), "crews")
            elif self._span(change.start, change.start):
                until = min(end, self.minute_after(change.end))
                start = self._minute(change.start)
                self.cuts.append(
                    Cut(group.code, start, until, change.crews, change.crew, prefers_busy=True)
                )
        else:
            self.wrong("unknown-group", "a group of the plan", change.group, "group")
