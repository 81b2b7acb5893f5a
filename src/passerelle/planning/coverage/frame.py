"""Condense an instance: sites to regions, steps to parts of days, groups to kinds and units.

*Region*: sites that no group can tell apart by reach or travel. *Part*: a block of some hours.
*Unit*: crews that can be posted alike. *Kind*: crews of a unit with the same windows and rules; a
group that must stay recognisable (an offer) is a kind of its own.

Condensing only ever forgets restrictions or adds up costs that are convex, so what is cheapest in
the condensed problem costs no more than in the true one.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.planning.roster.instance import Cell, Group, Instance
    from passerelle.planning.roster.rules import Rules

__all__ = ["Demand", "Frame", "Kind", "Skill", "Unit", "frame_of"]

_DAY = 1440


@dataclass(frozen=True, slots=True, order=True)
class Skill:
    """Name what is asked: a capability, or an overlay on crews of some capabilities."""

    name: str
    capabilities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Demand:
    """Hold what one region asks of one skill in one part.

    Parameters
    ----------
    region, skill, part
        Where, what, when.
    minimum_h, target_h
        Crew-hours up to the minimum, and from there to the target.
    steps
        Pairs of points a crew-hour missing and hours at that price.
    """

    region: int
    skill: Skill
    part: int
    minimum_h: float
    target_h: float
    steps: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """Hold crews that can be posted alike.

    Parameters
    ----------
    capabilities, tags
        What they can do, and the overlays that they count for.
    reach
        Counted minutes of one way, by region.
    people, per_escort
        Officers in a crew; crews that one escort accompanies, 0 for none needed.
    contingent
        Whose they are; kept apart only where somebody asks.
    """

    capabilities: tuple[str, ...]
    tags: tuple[str, ...]
    reach: tuple[tuple[int, int], ...]
    people: int
    per_escort: int

    def serves(self, skill: Skill, capability: str) -> bool:
        """Tell whether a crew posted in ``capability`` counts for ``skill``."""
        if skill.name in self.tags:
            return not skill.capabilities or capability in skill.capabilities
        return skill.name == capability


@dataclass(frozen=True, slots=True)
class Kind:
    """Hold crews of a unit with the same windows and rules.

    Parameters
    ----------
    unit
        Index of the unit.
    groups
        Codes of the groups.
    crews
        Crews of all of them.
    windows, rules
        When they can work and how.
    base
        Code of the base when its beds bind, else empty.
    """

    unit: int
    groups: tuple[str, ...]
    crews: int
    windows: tuple[tuple[int, int], ...]
    rules: Rules
    base: str

    def hours_in(self, start_min: int, end_min: int) -> float:
        """Return the hours of a span in which a crew may be at work."""
        return sum(max(0, min(b, end_min) - max(a, start_min)) for a, b in self.windows) / 60


@dataclass(frozen=True, slots=True)
class Frame:
    """Hold the condensed instance.

    Parameters
    ----------
    instance
        Where it comes from.
    part_min, n_parts
        Length and number of the parts.
    regions
        Sites of each region.
    demands
        What is asked.
    units, kinds
        Who can answer.
    """

    instance: Instance
    part_min: int
    n_parts: int
    regions: tuple[tuple[str, ...], ...]
    demands: tuple[Demand, ...]
    units: tuple[Unit, ...]
    kinds: tuple[Kind, ...]

    @property
    def region_of(self) -> Mapping[str, int]:
        """Region of each site."""
        return {site: r for r, sites in enumerate(self.regions) for site in sites}

    @property
    def parts_per_day(self) -> int:
        """Parts in a day."""
        return _DAY // self.part_min


def frame_of(
    instance: Instance, *, part_min: int = 360, apart: Sequence[str] = (), by_site: bool = False
) -> Frame:
    """Condense an instance.

    Parameters
    ----------
    instance
        What is condensed.
    part_min
        Length of a part; a divisor of 1440 and a multiple of the grid.
    apart
        Codes of groups that stay kinds of their own.
    by_site
        Whether every site stays a region of its own: truer and larger.
    """
    if _DAY % part_min or part_min % instance.step_min:
        raise ValueError(
            f"Expected part_min to divide 1440 in steps of {instance.step_min}, got {part_min}."
        )
    regions = _regions(instance, by_site=by_site)
    region_of = {site: r for r, sites in enumerate(regions) for site in sites}
    demands = _demands(instance, region_of, part_min)
    asked = frozenset(demand.skill.name for demand in demands)
    units: dict[Unit, int] = {}
    members: dict[tuple[object, ...], list[Group]] = defaultdict(list)
    beds = {base.code for base in instance.bases if base.beds is not None}
    for group in instance.groups:
        unit = _unit(instance, group, region_of, asked)
        index = units.setdefault(unit, len(units))
        base = group.base if group.base in beds else ""
        own = group.code if group.code in apart else ""
        members[index, group.windows, group.rules, base, own].append(group)
    kinds = tuple(
        Kind(
            units[_unit(instance, found[0], region_of, asked)],
            tuple(group.code for group in found),
            sum(group.strength for group in found),
            found[0].windows,
            found[0].rules,
            found[0].base if found[0].base in beds else "",
        )
        for found in members.values()
    )
    n_parts = instance.days * (_DAY // part_min)
    return Frame(instance, part_min, n_parts, regions, demands, tuple(units), kinds)


def _regions(instance: Instance, *, by_site: bool) -> tuple[tuple[str, ...], ...]:
    sites = sorted({s.site for s in instance.shifts} | {c.site for c in instance.cells})
    if by_site:
        return tuple((site,) for site in sites)
    limited = sorted({group.sites for group in instance.groups if group.sites is not None})
    found: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for site in sites:
        reach = tuple(base.travel_min.get(site) for base in instance.bases)
        found[reach, tuple(site in allowed for allowed in limited)].append(site)
    return tuple(tuple(members) for members in found.values())


def _demands(instance: Instance, region_of: Mapping[str, int], part_min: int) -> tuple[Demand, ...]:
    asked: dict[tuple[int, Skill, int], dict[float, float]] = defaultdict(
        lambda: defaultdict(float)
    )
    hours: dict[tuple[int, Skill, int], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for cell in instance.cells:
        skill = Skill(cell.skill, cell.capabilities)
        for part, span in _parts(cell, part_min):
            key = (region_of[cell.site], skill, part)
            asked[key][cell.minimum_weight] += cell.minimum * span
            asked[key][cell.target_weight] += (cell.target - cell.minimum) * span
            hours[key][0] += cell.minimum * span
            hours[key][1] += (cell.target - cell.minimum) * span
    return tuple(
        Demand(
            *key, hours[key][0], hours[key][1],
            tuple(sorted((w, h) for w, h in steps.items() if h > 0)),
        )
        for key, steps in sorted(asked.items())
        if any(h > 0 for h in steps.values())
    )  # fmt: skip


def _parts(cell: Cell, part_min: int) -> list[tuple[int, float]]:
    """Return the parts that a cell touches and its hours in each."""
    return [
        (p, (min(cell.end_min, (p + 1) * part_min) - max(cell.start_min, p * part_min)) / 60)
        for p in range(cell.start_min // part_min, -(-cell.end_min // part_min))
    ]


def _unit(
    instance: Instance, group: Group, region_of: Mapping[str, int], asked: frozenset[str]
) -> Unit:
    travel = instance.travel[group.base]
    reach = {
        region_of[site]: minutes
        for site, minutes in travel.items()
        if site in region_of and (group.sites is None or site in group.sites)
    }
    return Unit(
        tuple(sorted(group.capabilities)),
        tuple(sorted(asked & set(group.tags))),
        tuple(sorted(reach.items())),
        group.people,
        group.crews_per_escort,
    )
