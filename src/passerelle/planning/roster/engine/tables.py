r"""Turn an instance into arrays: tracks of need, options to post, classes and kinds of crews.

*Track*: one timeline on the grid on which something is counted: crews of a skill at a site, escorts
left at a site, crews under a limit. A duty adds its coefficient to each of its tracks while it
lasts. At every step a track has a convex cost with breakpoints minimum, target and ceiling.

*Option*: one capability at one site for one class; with a start and an end it is a duty.

*Class*: crews that are alike when they are posted (capabilities, tags, travel, size). *Kind*: crews
that are alike in their whole line: class, rules, windows, history, locks. Groups of one kind are
planned together and told apart at the end, which is what makes thousands of crews cheap.

*Window*: the time of a duty door to door, ``(start step, length in steps)``. Lines are chosen among
windows, postings among options; this separates *when* from *where*.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import lcm
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from passerelle.planning.roster.instance import Base, Group, Instance, Shifts
    from passerelle.planning.roster.plan import Duty
    from passerelle.planning.roster.rules import History, Rules

__all__ = ["HARD", "Kind", "Option", "Tables", "compile_tables", "given_tracks"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int32]

HARD: Final = 1e7
"""Weight a crew-hour that stands for a rule that no plan may break."""


@dataclass(frozen=True, slots=True)
class Option:
    """Post crews of one class at one site in one capability.

    Parameters
    ----------
    cls
        Index of the class.
    site, capability
        Where and as what.
    ext
        Steps of counted travel on each side.
    marks
        Steps of handover.
    least, most
        Steps on site.
    rate, fixed
        Cost of one step on site and of the travel, for one crew.
    tracks, coefs
        What a crew counts for.
    """

    cls: int
    site: str
    capability: str
    ext: int
    marks: tuple[int, ...]
    least: int
    most: int
    rate: float
    fixed: float
    tracks: tuple[int, ...]
    coefs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """Hold groups whose crews are alike in their whole line.

    Parameters
    ----------
    cls
        Index of the class.
    members
        Indices of the groups.
    strength
        Crews of all of them.
    group
        One of the groups, for rules, windows, history and locks.
    """

    cls: int
    members: tuple[int, ...]
    strength: int
    group: Group


@dataclass(frozen=True)
class Tables:
    """Hold the arrays of one instance.

    Parameters
    ----------
    instance
        Where they come from.
    n_steps, hours, longest
        Steps of the horizon, hours in a step, most steps of a window.
    track_names
        Name of each track: a track of need, ``escort:SITE`` or ``limit:INDEX``.
    minimum, target, ceiling
        Breakpoints, shape ``(n_tracks, n_steps)``.
    below, short, above
        Cost of one crew and step below minimum, below target, above ceiling; same shape. Zero
        where nothing is asked.
    options, kinds
        As described above.
    class_people, class_base
        Officers in a crew of each class; index of its base when beds bind, else -1.
    night
        Whether a window is a night duty, shape ``(n_steps, longest + 1)``.
    beds
        People by bound base and night, shape ``(n_bound_bases, days)``.
    bound_bases
        Codes of the bases whose beds bind.
    """

    instance: Instance
    n_steps: int
    hours: float
    longest: int
    track_names: tuple[str, ...]
    minimum: IntArray
    target: IntArray
    ceiling: IntArray
    below: FloatArray
    short: FloatArray
    above: FloatArray
    options: tuple[Option, ...]
    kinds: tuple[Kind, ...]
    class_people: IntArray
    class_base: IntArray
    night: npt.NDArray[np.bool_]
    beds: IntArray
    bound_bases: tuple[str, ...]

    @cached_property
    def is_escort(self) -> npt.NDArray[np.bool_]:
        """Whether a track counts the escorts left at a site; shape ``(n_tracks,)``."""
        return np.array([name.startswith("escort:") for name in self.track_names], dtype=np.bool_)

    @property
    def steps_per_day(self) -> int:
        """Steps in a day."""
        return 1440 // self.instance.step_min


class _Tracks:
    """Collect tracks of need, escorts and limits."""

    def __init__(self, instance: Instance) -> None:
        self.step = instance.step_min
        self.n_steps = instance.days * 1440 // self.step
        self.hours = self.step / 60
        self.index: dict[str, int] = {}
        self._rows: list[tuple[IntArray, IntArray, IntArray, FloatArray, FloatArray, FloatArray]]
        self._rows = []
        self.overlays: dict[str, dict[str, set[tuple[str, ...]]]] = {}
        self._add_need(instance)

    def row(self, name: str) -> int:
        """Return the index of a track, made on first use; open everywhere."""
        if name not in self.index:
            self.index[name] = len(self._rows)
            whole = np.zeros(self.n_steps, dtype=np.int32)
            ceiling = np.full(self.n_steps, 1 << 29, dtype=np.int32)
            cost = np.zeros(self.n_steps)
            self._rows.append((whole, whole.copy(), ceiling, cost, cost.copy(), cost.copy()))
        return self.index[name]

    def _add_need(self, instance: Instance) -> None:
        names = {name for group in instance.groups for name in group.tags}
        for cell in instance.cells:
            row = self._rows[self.row(cell.track)]
            span = slice(cell.start_min // self.step, cell.end_min // self.step)
            row[0][span], row[1][span], row[2][span] = cell.minimum, cell.target, cell.ceiling
            row[3][span] = cell.minimum_weight * self.hours
            row[4][span] = cell.target_weight * self.hours
            row[5][span] = cell.surplus_weight * self.hours
            if cell.skill in names:
                found = self.overlays.setdefault(cell.site, {}).setdefault(cell.skill, set())
                found.add(cell.capabilities)

    def add_escort(self, site: str) -> int:
        """Return the track of spare escorts at a site: never below zero."""
        row = self.row(f"escort:{site}")
        self._rows[row][3][:] = HARD * self.hours
        return row

    def add_limit(self, index: int, instance: Instance) -> int:
        """Return the track of crews under a limit."""
        limit = instance.limits[index]
        row = self.row(f"limit:{index}")
        span = slice(limit.start_min // self.step, limit.end_min // self.step)
        self._rows[row][2][span] = limit.crews
        self._rows[row][5][span] = HARD * self.hours
        return row

    def stacked(self) -> tuple[list[IntArray], list[FloatArray]]:
        """Return the six tables."""
        if not self._rows:
            self.row("nothing")
        ints = [np.ascontiguousarray(np.stack([r[i] for r in self._rows])) for i in range(3)]
        costs = [np.ascontiguousarray(np.stack([r[i] for r in self._rows])) for i in range(3, 6)]
        return ints, costs


@dataclass(frozen=True, slots=True)
class _ClassKey:
    contingent: str
    capabilities: tuple[str, ...]
    tags: tuple[str, ...]
    people: int
    travel: tuple[tuple[str, int], ...]
    base: str
    per_escort: int
    locked: tuple[Duty, ...]


_KindKey: TypeAlias = "tuple[int, Rules, tuple[tuple[int, int], ...], History, float]"
"""Class, rules, windows, history and cost of use."""


def _class_key(
    group: Group,
    bases: Mapping[str, Base],
    sites: frozenset[str],
    tags: frozenset[str],
    limited: frozenset[str],
) -> _ClassKey:
    base = bases[group.base]
    allowed = sites if group.sites is None else sites & set(group.sites)
    reached = sorted((s, t) for s, t in base.travel_min.items() if s in allowed)
    return _ClassKey(
        contingent=group.contingent if group.contingent in limited else "",
        capabilities=tuple(sorted(group.capabilities)),
        tags=tuple(sorted(tags & set(group.tags))),
        people=group.people,
        travel=tuple(reached),
        base=group.base if base.beds is not None else "",
        per_escort=group.crews_per_escort,
        locked=tuple(sorted(group.locked)),
    )


def _options(
    instance: Instance, tracks: _Tracks, keys: list[_ClassKey], longest_min: list[int]
) -> list[Option]:
    by_site: dict[str, list[Shifts]] = {}
    for shifts in instance.shifts:
        by_site.setdefault(shifts.site, []).append(shifts)
    shares = [key.per_escort for key in keys if key.per_escort]
    whole = lcm(*shares)
    options = []
    for cls, key in enumerate(keys):
        for site, travel in key.travel:
            for shifts in by_site.get(site, ()):
                if shifts.capability not in key.capabilities:
                    continue
                counted = _counted(instance, tracks, key, site, shifts.capability)
                change = whole if shifts.capability == instance.escort else 0
                change -= whole // key.per_escort if key.per_escort else 0
                if shares and change:
                    counted[tracks.add_escort(site)] = change
                options.append(
                    _option(instance, cls, key, shifts, travel, counted, longest_min[cls])
                )
    return [option for option in options if option.least <= option.most]


def given_tracks(options: Iterable[Option]) -> set[int]:
    """Return the tracks to which somebody can add: of escorts, those where somebody can be one."""
    return {
        track for o in options for track, coef in zip(o.tracks, o.coefs, strict=True) if coef > 0
    }


def _escorted(options: list[Option], keys: Sequence[_ClassKey]) -> list[Option]:
    """Leave out options that need an escort where nobody can be one, but for those of locked duties."""
    given = given_tracks(options)
    return [
        o
        for o in options
        if any((d.site, d.capability) == (o.site, o.capability) for d in keys[o.cls].locked)
        or given.issuperset(o.tracks)
    ]


def _counted(
    instance: Instance, tracks: _Tracks, key: _ClassKey, site: str, capability: str
) -> dict[int, int]:
    """Return the tracks of need and limits for which a crew counts, with coefficients."""
    counted = {}
    own = f"{site}/{capability}"
    if own in tracks.index:
        counted[tracks.index[own]] = 1
    for skill, filters in tracks.overlays.get(site, {}).items():
        for allowed in filters:
            if skill in key.tags and (not allowed or capability in allowed):
                counted[tracks.index["/".join((site, skill, *allowed))]] = 1
    for index, limit in enumerate(instance.limits):
        if limit.site == site and limit.contingent == key.contingent:
            counted[tracks.add_limit(index, instance)] = 1
    return counted


def _option(  # noqa: PLR0917 - the parts of one value
    instance: Instance,
    cls: int,
    key: _ClassKey,
    shifts: Shifts,
    travel: int,
    counted: dict[int, int],
    longest_min: int,
) -> Option:
    step = instance.step_min
    most = min(shifts.most_min, longest_min - 2 * travel)
    there = dict(key.travel)
    # Who must stand elsewhere at that time cannot begin here: the window of a lock has one option.
    elsewhere = {
        duty.start_min - there.get(duty.site, 0) + travel
        for duty in key.locked
        if (duty.site, duty.capability) != (shifts.site, shifts.capability)
    }
    weights = instance.weights
    return Option(
        cls=cls,
        site=shifts.site,
        capability=shifts.capability,
        ext=travel // step,
        marks=tuple(mark // step for mark in shifts.marks_min if mark not in elsewhere),
        least=-(-shifts.least_min // step),
        most=most // step,
        rate=key.people * weights.duty * step / 60,
        fixed=key.people * weights.travel * 2 * travel / 60,
        tracks=tuple(counted),
        coefs=tuple(counted.values()),
    )


def compile_tables(instance: Instance) -> Tables:
    """Compile an instance.

    Parameters
    ----------
    instance
        Valid by :func:`passerelle.planning.roster.validate.validate`.

    Returns
    -------
    Tables
        Arrays for the engine.
    """
    step = instance.step_min
    tracks = _Tracks(instance)
    bases = {base.code: base for base in instance.bases}
    sites = frozenset(shifts.site for shifts in instance.shifts)
    tags = frozenset(cell.skill for cell in instance.cells)
    limited = frozenset(limit.contingent for limit in instance.limits)
    keys: dict[_ClassKey, int] = {}
    longest: list[int] = []
    members: dict[_KindKey, list[int]] = {}
    for index, group in enumerate(instance.groups):
        if group.strength == 0:
            continue
        key = _class_key(group, bases, sites, tags, limited)
        cls = keys.setdefault(key, len(keys))
        if cls == len(longest):
            longest.append(0)
        longest[cls] = max(longest[cls], group.rules.duty_most_min)
        kind = (cls, group.rules, group.windows, group.history, group.use_cost)
        members.setdefault(kind, []).append(index)
    options = _escorted(_options(instance, tracks, list(keys), longest), list(keys))
    kinds = tuple(
        Kind(
            cls=kind[0],
            members=tuple(found),
            strength=sum(instance.groups[i].strength for i in found),
            group=instance.groups[found[0]],
        )
        for kind, found in members.items()
    )
    ints, costs = tracks.stacked()
    most = max(longest, default=0) // step
    bound = sorted({key.base for key in keys if key.base})
    beds = [bases[code].beds or () for code in bound]
    return Tables(
        instance=instance,
        n_steps=tracks.n_steps,
        hours=tracks.hours,
        longest=most,
        track_names=tuple(tracks.index),
        minimum=ints[0],
        target=ints[1],
        ceiling=ints[2],
        below=costs[0],
        short=costs[1],
        above=costs[2],
        options=tuple(options),
        kinds=kinds,
        class_people=np.array([key.people for key in keys], dtype=np.int32),
        class_base=np.array(
            [bound.index(key.base) if key.base else -1 for key in keys], dtype=np.int32
        ),
        night=_night(instance, tracks.n_steps, most),
        beds=np.array(beds, dtype=np.int32).reshape(len(bound), instance.days),
        bound_bases=tuple(bound),
    )


def _night(instance: Instance, n_steps: int, longest: int) -> npt.NDArray[np.bool_]:
    step = instance.step_min
    per_day = 1440 // step
    pattern = np.zeros((per_day, longest + 1), dtype=np.bool_)
    for start in range(per_day):
        for length in range(1, longest + 1):
            pattern[start, length] = instance.is_night(start * step, (start + length) * step)
    return np.ascontiguousarray(np.tile(pattern, (n_steps // per_day, 1)))
