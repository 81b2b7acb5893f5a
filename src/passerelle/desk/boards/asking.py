"""Questions to the planner beside a plan: why a post is short, who could take a duty over, what if it moved.

The answers are those of :mod:`passerelle.planning.explain`; here they get names, local times and words in
the reader's language. Points are those of the plan: one officer-hour of work is one point, and missing
need weighs more.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from passerelle.desk import formats
from passerelle.desk.words import capability_name
from passerelle.planning.roster.plan import Duty

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from django_stubs_ext import StrPromise

    from passerelle.desk.boards.coverage import SiteLine
    from passerelle.desk.boards.roster import RosterDuty
    from passerelle.desk.facts import Facts
    from passerelle.planning.explain import Substitute, WhatIf
    from passerelle.planning.explain.worth import OneMore
    from passerelle.planning.force import CrewGroup
    from passerelle.planning.repair import Published

__all__ = ["RULES", "Asked", "MoveLine", "ShortAnswer", "SubstituteLine"]

RULES: Final[Mapping[str, StrPromise]] = {
    "": pgettext_lazy("crew", "free"),
    "site": gettext_lazy("may not stand at this site"),
    "reach": gettext_lazy("too far from the base"),
    "catalogue": gettext_lazy("no duty with these times exists"),
    "capability": gettext_lazy("does not have this capability"),
    "availability": gettext_lazy("not here at this time"),
    "horizon": gettext_lazy("outside the days of the plan"),
    "duty-length": gettext_lazy("the duty would be too long or too short"),
    "night-length": gettext_lazy("the night duty would be too long"),
    "on-duty": pgettext_lazy("crew", "on duty"),
    "one-a-day": gettext_lazy("already begins a duty that day"),
    "rest": gettext_lazy("the daily rest would be cut short"),
    "weekly-rest": gettext_lazy("the weekly rest would come too late"),
    "run": gettext_lazy("too many duty days in a row"),
    "run-least": gettext_lazy("too few duty days in a row"),
    "run-nights": gettext_lazy("too many nights in a row"),
    "nights": gettext_lazy("too many nights over the stay"),
    "weekends": gettext_lazy("too many weekends over the stay"),
    "hours": gettext_lazy("too many hours"),
    "sliding-hours": gettext_lazy("too many hours in days in a row"),
    "escort": gettext_lazy("no host escort is free there"),
    "limit": gettext_lazy("the limit of its contingent at the site is reached"),
    "beds": gettext_lazy("no bed is free"),
    "locked": gettext_lazy("a locked duty stands in the way"),
}
"""Words for the rules of the checker."""

_GROUPS: Final = 10
_MOST: Final = 14
_ASKED: Final = 200


@dataclass(frozen=True, slots=True)
class GroupLine:
    """Tell what holds so many crews of a group."""

    name: str
    state: str
    crews: int
    words: str
    is_free: bool
    url: str


@dataclass(frozen=True, slots=True)
class ShortAnswer:
    """Explain one short post at its worst moment.

    Parameters
    ----------
    capability, moment
        What is short, and when most crews are missing.
    on_duty, minimum, target
        Crews there and crews wanted.
    reasons
        Words and crews of each first rule over all groups, free crews first.
    groups
        The groups, free ones first.
    n_more
        Groups that are not shown.
    worth
        What one more crew would save; ``None`` when no duty exists.
    worth_start, worth_end
        The duty of that crew.
    """

    capability: str
    moment: datetime
    on_duty: int
    minimum: int
    target: int
    reasons: tuple[tuple[str, int], ...]
    groups: tuple[GroupLine, ...]
    n_more: int
    worth: OneMore | None
    worth_start: datetime | None
    worth_end: datetime | None


@dataclass(frozen=True, slots=True)
class SubstituteLine:
    """Tell of crews that could take a duty over."""

    name: str
    state: str
    crews: int
    now: str
    words: str
    points: float
    is_blocked: bool
    url: str


@dataclass(frozen=True, slots=True)
class MoveLine:
    """Tell what would follow if one crew worked another duty that day, or none.

    Parameters
    ----------
    start, end
        The other duty; ``None`` when the crew would rest.
    points
        Change of the value of the plan; negative is better.
    missing_hours
        Change of the crew-hours missing.
    words
        The post that loses most or the rule that is broken; empty when nobody loses.
    is_blocked
        Whether a rule is broken.
    """

    start: datetime | None
    end: datetime | None
    points: float
    missing_hours: float
    words: str
    is_blocked: bool


class Asked:
    """Put questions about the plan in view.

    Parameters
    ----------
    facts
        What the page starts from.
    published
        The plan, ready for questions.
    sites
        Sites by name.
    """

    def __init__(self, facts: Facts, published: Published, sites: Sequence[SiteLine]) -> None:
        self.facts, self.published = facts, published
        self._sites = {line.code: line.name for line in sites}
        self._groups: dict[str, CrewGroup] = {group.id: group for group in facts.force.groups}
        self._by_code = {group.code: group for group in published.instance.groups}
        self._url = reverse("desk:group", args=[facts.event.code, "GROUP"])

    @property
    def zone(self) -> ZoneInfo:
        """Zone of the event."""
        return self.facts.zone

    def _minute(self, moment: datetime) -> int:
        return int((moment - self.published.instance.start) // timedelta(minutes=1))

    def _moment(self, minute: int) -> datetime:
        return (self.published.instance.start + timedelta(minutes=minute)).astimezone(self.zone)

    def _group(self, code: str) -> tuple[str, str, str]:
        group = self._groups.get(code)
        name, state = (group.name, group.owner) if group else (code, "")
        return name, state, self._url.replace("GROUP", code)

    def duty(self, found: RosterDuty) -> Duty:
        """Return a duty of the roster as the planner knows it."""
        return Duty(
            self._minute(found.start), self._minute(found.end), found.site, found.capability
        )

    def reaches(self, group: str, site: str) -> bool:
        """Tell whether a group may stand at a site at all."""
        known = self._by_code.get(group)
        if known is None or (known.sites is not None and site not in known.sites):
            return False
        return site in self.published.instance.travel[known.base]

    def short(
        self, site: str, capability: str, start: datetime, end: datetime
    ) -> ShortAnswer | None:
        """Explain a short post; ``None`` when nobody is missing there then."""
        from passerelle.planning.explain import explain_short  # noqa: PLC0415 - slow import
        from passerelle.planning.explain.worth import one_more, worst_minute  # noqa: PLC0415 - slow

        minute = worst_minute(
            self.published, site, capability, self._minute(start), self._minute(end)
        )
        if minute is None:
            return None
        cells = explain_short(self.published.instance, self.published.plan, site, minute)
        cell = next((found for found in cells if found.skill == capability), None)
        if cell is None:
            return None
        reasons: dict[str, int] = defaultdict(int)
        lines = []
        for candidate in cell.candidates:
            words = _rule(candidate.blocked_by)
            reasons[words] += candidate.crews
            name, state, url = self._group(candidate.group)
            lines.append(
                GroupLine(name, state, candidate.crews, words, not candidate.blocked_by, url)
            )
        free = _rule("")
        worth = one_more(self.published, site, capability, minute)
        return ShortAnswer(
            capability=capability_name(capability),
            moment=self._moment(minute),
            on_duty=cell.on_duty,
            minimum=cell.minimum,
            target=cell.target,
            reasons=tuple(sorted(reasons.items(), key=lambda r: (r[0] != free, -r[1]))),
            groups=tuple(lines[:_GROUPS]),
            n_more=max(0, len(lines) - _GROUPS),
            worth=worth,
            worth_start=None if worth is None else self._moment(worth.duty.start_min),
            worth_end=None if worth is None else self._moment(worth.duty.end_min),
        )

    def substitutes(self, group: str, duty: Duty) -> tuple[SubstituteLine, ...]:
        """Rank who could take the duty of one crew over."""
        from passerelle.planning.explain import substitutes  # noqa: PLC0415 - slow import

        found = substitutes(self.published, group, duty, most=_ASKED)
        lines: dict[object, SubstituteLine] = {}
        for line in map(self._substitute, found):
            key = (line.url, line.words) if line.is_blocked else line
            known = lines.get(key)
            lines[key] = line if known is None else replace(known, crews=known.crews + line.crews)
        return tuple(lines.values())[:_MOST]

    def _substitute(self, item: Substitute) -> SubstituteLine:
        from passerelle.planning.explain import Reason  # noqa: PLC0415 - slow import

        name, state, url = self._group(item.group)
        now = pgettext("crew", "rests that day")
        if item.leaves is not None:
            first, last = (self._moment(m) for m in (item.leaves.start_min, item.leaves.end_min))
            times = formats.isolated(f"{first:%H:%M}\N{EN DASH}{last:%H:%M}")
            now = f"{self._sites.get(item.leaves.site, item.leaves.site)} {times}"
        words = {
            Reason.RESTS: "",
            Reason.TRAVELS: _("travel counts as work"),
            Reason.SPARE: _("more stand there than are wanted"),
            Reason.LEAVES_SHORT: self._leaves_short(item.detail),
            Reason.BLOCKED: _rule(item.detail.partition(":")[0]),
        }[item.reason]
        return SubstituteLine(
            name, state, item.crews, now, words, item.points, item.reason is Reason.BLOCKED, url
        )

    def _leaves_short(self, track: str) -> str:
        return _("short of one more: {post}").format(post=self._post(track))

    def _post(self, track: str) -> str:
        """Name a track of need."""
        site, _slash, skill = track.partition("/")
        skill = skill.partition("/")[0]
        return f"{self._sites.get(site, site)} \N{EN DASH} {capability_name(skill)}"

    def moves(
        self, group: str, line: tuple[Duty, ...], duty: Duty, site: str, capability: str
    ) -> tuple[MoveLine, ...]:
        """Ask what would follow from every duty of that day at a site, and from none, best first."""
        from passerelle.planning.explain import what_if  # noqa: PLC0415 - slow import

        day = duty.start_min // 1440
        others: list[Duty | None] = [None]
        for shifts in self.published.instance.shifts:
            if (shifts.site, shifts.capability) != (site, capability):
                continue
            others += [
                Duty(start, end, site, capability)
                for start in shifts.marks_min
                if start // 1440 == day
                for end in shifts.marks_min
                if shifts.least_min <= end - start <= shifts.most_min
            ]
        lines = [
            self._move(other, what_if(self.published, group, line, duty, other))
            for other in others
            if other != duty
        ]
        return tuple(sorted(lines, key=lambda found: (found.is_blocked, found.points))[:_MOST])

    def _move(self, other: Duty | None, answer: WhatIf) -> MoveLine:
        words = ""
        if answer.violations:
            words = _rule(answer.violations[0].rule)
        elif answer.covers and answer.covers[0].points > 0:
            words = self._leaves_short(answer.covers[0].track)
        return MoveLine(
            start=None if other is None else self._moment(other.start_min),
            end=None if other is None else self._moment(other.end_min),
            points=round(answer.value, 1),
            missing_hours=round(sum(cover.missing_hours for cover in answer.covers), 1),
            words=words,
            is_blocked=bool(answer.violations),
        )


def _rule(code: str) -> str:
    """Return the words of a rule; the code itself when it is new."""
    return str(RULES.get(code, code))
