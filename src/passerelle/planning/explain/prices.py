"""Price one more crew of each kind, at each place and day: what to ask of whom.

The prices are the duals of the coverage model (regions and six hours by default): points saved by one
more crew-hour of a skill in a region and part of a day. A crew's price for a day is the best run of
parts that one duty can span, less its work. They are exact at the margin of the relaxation and fall
when more crews come; a second crew may be worth less.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from passerelle.kernel.capabilities import catalogue
from passerelle.planning.coverage import CoverageModel, frame_of

if TYPE_CHECKING:
    from passerelle.planning.roster.instance import Instance

__all__ = ["CrewPrice", "crew_prices"]

_DUTY_H: Final = 12.0


@dataclass(frozen=True, slots=True)
class CrewPrice:
    """State what one more crew would save.

    Parameters
    ----------
    skill
        Capability or overlay.
    sites
        Region: sites that no group tells apart.
    day
        Local day, from 0.
    points
        Points saved by one duty of one crew that day, its work deducted.
    missing_hours
        Crew-hours of the skill that stay missing there that day in the cheapest distribution.
    """

    skill: str
    sites: tuple[str, ...]
    day: int
    points: float
    missing_hours: float


def crew_prices(
    instance: Instance, *, part_min: int = 360, seconds: float = 60.0
) -> tuple[CrewPrice, ...]:
    """Return all prices above zero, the highest first.

    Parameters
    ----------
    instance
        The problem.
    part_min
        Length of the parts of a day.
    seconds
        Time limit; nothing is returned when it does not suffice.
    """
    frame = frame_of(instance, part_min=part_min)
    model = CoverageModel(frame)
    answer = model.programme.solve(seconds=seconds)
    if not answer.is_optimal:
        return ()
    solution = model.read(answer)
    kinds = catalogue()
    hours = part_min / 60
    span = max(1, int(_DUTY_H / hours))
    by_day: dict[tuple[str, int, int], dict[int, float]] = defaultdict(dict)
    missing: dict[tuple[str, int, int], float] = defaultdict(float)
    for demand, row, (below, short) in zip(
        frame.demands, model.demand_rows, solution.missing, strict=True
    ):
        key = (demand.skill.name, demand.region, demand.part // frame.parts_per_day)
        people = kinds[demand.skill.name].unit_people if demand.skill.name in kinds else 0
        worth = float(answer.duals[row]) - people * instance.weights.duty
        by_day[key][demand.part] = by_day[key].get(demand.part, 0.0) + max(0.0, worth) * hours
        missing[key] += below + short
    found = []
    for (skill, region, day), parts in by_day.items():
        first, last = min(parts), max(parts)
        best = max(
            sum(parts.get(p, 0.0) for p in range(at, at + span)) for at in range(first, last + 1)
        )
        if best > 1e-6:
            found.append(
                CrewPrice(
                    skill, frame.regions[region], day, round(best, 3),
                    round(missing[skill, region, day], 3),
                )
            )  # fmt: skip
    return tuple(sorted(found, key=lambda p: (-p.points, p.skill, p.sites, p.day)))
