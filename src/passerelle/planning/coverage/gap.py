"""Say what forces cannot cover whatever plan is made: a proven gap, by skill, place and day.

Three figures, each valid for every roster because the coverage model is a relaxation of all of them:

* *total*: the least cost of what is missing and of work together;
* *certain*: for a skill and day taken by itself, the crew-hours that no plan can cover, even one that
  lets everything else go;
* *likely*: where hours are missing in the cheapest distribution of the model. This one is not a
  bound: another distribution may put the same gap elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.planning.coverage.frame import frame_of
from passerelle.planning.coverage.model import CoverageModel

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.planning.roster.instance import Instance

__all__ = ["CoverageGap", "GapCell", "coverage_gap"]

_TINY = 1e-3


@dataclass(frozen=True, slots=True, order=True)
class GapCell:
    """State what is missing of one skill on one day.

    Parameters
    ----------
    day
        Local day, from 0.
    skill
        Capability or overlay.
    asked
        Crew-hours wanted.
    likely
        Crew-hours missing in the cheapest distribution.
    certain
        Crew-hours that no plan can cover; ``None`` when there was no time to prove it.
    regions
        Crew-hours of ``likely`` by sites that no group tells apart.
    """

    day: int
    skill: str
    asked: float
    likely: float
    certain: float | None
    regions: tuple[tuple[tuple[str, ...], float], ...]


@dataclass(frozen=True, slots=True)
class CoverageGap:
    """Hold a proven gap.

    Parameters
    ----------
    cells
        Skills and days on which something is missing, by day and skill.
    bound
        No roster costs less than this, in points.
    asked, missing
        Crew-hours wanted, and missing in the cheapest distribution.
    """

    cells: tuple[GapCell, ...]
    bound: float
    asked: float
    missing: float


def coverage_gap(
    instance: Instance, *, seconds: Callable[[], float], part_min: int = 360
) -> CoverageGap | None:
    """Compute the gap.

    Parameters
    ----------
    instance
        Need and forces.
    seconds
        Time left; asked before every proof.
    part_min
        Length of the parts of a day.

    Returns
    -------
    CoverageGap | None
        ``None`` when time did not suffice for the first programme.
    """
    frame = frame_of(instance, part_min=part_min)
    model = CoverageModel(frame)
    answer = model.programme.solve(seconds=max(0.1, seconds()))
    if not answer.is_optimal:
        return None
    solution = model.read(answer)
    asked: dict[tuple[int, str], float] = defaultdict(float)
    likely: dict[tuple[int, str], dict[int, float]] = defaultdict(lambda: defaultdict(float))
    slacks: dict[tuple[int, str], list[int]] = defaultdict(list)
    for i, (demand, hours) in enumerate(zip(frame.demands, solution.missing, strict=True)):
        key = (demand.part // frame.parts_per_day, demand.skill.name)
        asked[key] += demand.minimum_h + demand.target_h
        slacks[key] += [column for column, _ in model.slacks[i]]
        if sum(hours) > _TINY:
            likely[key][demand.region] += sum(hours)
    certain = _certain(model, {key: slacks[key] for key in likely}, seconds)
    cells = tuple(
        GapCell(
            *key,
            round(asked[key], 3),
            round(sum(regions.values()), 3),
            certain.get(key),
            tuple(
                (frame.regions[r], round(h, 3)) for r, h in sorted(regions.items(), key=_by_hours)
            ),
        )
        for key, regions in sorted(likely.items())
    )
    missing = sum(cell.likely for cell in cells)
    return CoverageGap(cells, answer.bound, sum(asked.values()), missing)


def _by_hours(item: tuple[int, float]) -> tuple[float, int]:
    return -item[1], item[0]


def _certain(
    model: CoverageModel,
    slacks: dict[tuple[int, str], list[int]],
    seconds: Callable[[], float],
) -> dict[tuple[int, str], float]:
    """Return the least hours that must be missing of each skill and day, by itself."""
    model.price_missing(lambda _: 0.0)
    solver = model.programme.solver(seconds=max(0.1, seconds()))
    found = {}
    for key, columns in sorted(slacks.items(), key=lambda item: item[0][::-1]):
        if seconds() <= 0:
            break
        for column in columns:
            solver.price(column, 1.0)
        answer = solver.ask(seconds=max(0.1, seconds()))
        if answer.is_optimal:
            found[key] = round(max(0.0, answer.bound), 3)
        for column in columns:
            solver.price(column, 0.0)
    return found
