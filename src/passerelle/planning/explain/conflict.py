"""Find a smallest set of needs and rules that cannot hold together.

The needs of one day that hang together with a short post are asked to be met in full, in the coverage
model site by site. When even the model cannot meet them, no roster can. A deletion filter then leaves
out one need or rule after the other, for good when the rest still cannot hold together; what remains
is irreducible: without any one of its parts the rest can hold. The answer is asked again of a fresh
programme with another method of solution.

References
----------
Chinneck and Dravnieks (1991), "Locating minimal infeasible constraint sets in linear programs", ORSA
Journal on Computing 3: the deletion filter.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from passerelle.planning.coverage import CoverageModel, frame_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from passerelle.planning.coverage.linear import Solver
    from passerelle.planning.roster.instance import Cell, Instance

__all__ = ["Conflict", "conflict_of"]

_TINY: Final = 1e-6
_DAY: Final = 1440
_ORDER: Final = ("run", "rest", "duty-length", "beds", "escort", "availability", "strength")
"""Rules in the order in which the filter leaves them out: what says most stays."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Hold an irreducible set.

    Parameters
    ----------
    needs
        Tracks of the needs in it; empty when there is no conflict.
    rules
        Rules in it: strength, availability, duty-length, rest, run, escort, beds.
    missing_hours
        Crew-hours of these needs that no roster can meet.
    is_confirmed
        Whether the fresh programme said the same, of the set and of each of its parts.
    """

    needs: tuple[str, ...]
    rules: tuple[str, ...]
    missing_hours: float
    is_confirmed: bool

    @property
    def exists(self) -> bool:
        """Whether something cannot hold together."""
        return bool(self.needs)


def conflict_of(
    instance: Instance, day: int, *, site: str = "", skill: str = "", seconds: float = 20.0
) -> Conflict:
    """Find why the needs of a day cannot all be met.

    Parameters
    ----------
    instance
        The problem.
    day
        Local day, from 0.
    site, skill
        Look only at needs that share crews with this post; empty for all of the day.
    seconds
        Time limit of one programme.

    Returns
    -------
    Conflict
        Empty when the model can meet all needs; then no conflict is proved.
    """
    part = _of_day(instance, day, site, skill)
    if not part.cells:
        return Conflict((), (), 0.0, is_confirmed=True)
    trial = _Trial(part, seconds, method="simplex")
    everything = trial.elements
    if trial.missing(everything) <= _TINY:
        return Conflict((), (), 0.0, is_confirmed=True)
    kept = list(everything)
    for element in everything:
        rest = [other for other in kept if other != element]
        if trial.missing(rest) > _TINY:
            kept = rest
    fresh = _Trial(part, seconds, method="ipm")
    missing = fresh.missing(kept)
    confirmed = missing > _TINY and all(
        fresh.missing([other for other in kept if other != element]) <= 1e-4 for element in kept
    )
    return Conflict(
        tuple(name for kind, name in kept if kind == "need"),
        tuple(name for kind, name in kept if kind == "rule"),
        round(missing, 3),
        confirmed,
    )


class _Trial:
    """Ask the model with some needs and rules only."""

    def __init__(self, instance: Instance, seconds: float, *, method: str) -> None:
        frame = frame_of(instance, part_min=max(120, instance.step_min), by_site=True)
        self.model = CoverageModel(frame, is_tight=True)
        self._needs: dict[str, list[int]] = {}
        for index, demand in enumerate(frame.demands):
            site = frame.regions[demand.region][0]
            name = "/".join((site, demand.skill.name, *demand.skill.capabilities))
            self._needs.setdefault(name, []).append(index)
        self.model.price_missing(lambda _: 0.0)
        self._solver: Solver = self.model.programme.solver(seconds=seconds, method=method)
        self.elements: list[tuple[str, str]] = [
            *(("rule", name) for name in _ORDER if name in self.model.rule_rows),
            *(("need", name) for name in sorted(self._needs)),
        ]
        self._active: set[tuple[str, str]] = {e for e in self.elements if e[0] == "rule"}

    def missing(self, elements: Iterable[tuple[str, str]]) -> float:
        """Return the hours that must stay missing when only these needs and rules hold."""
        wanted = set(elements)
        for kind, name in self.elements:
            is_on, was_on = (kind, name) in wanted, (kind, name) in self._active
            if is_on == was_on:
                continue
            if kind == "rule":
                for row in self.model.rule_rows[name]:
                    self._solver.free_row(row, is_free=not is_on)
            else:
                for demand in self._needs[name]:
                    for column, _ in self.model.slacks[demand]:
                        self._solver.price(column, 1.0 if is_on else 0.0)
        self._active = wanted
        answer = self._solver.ask()
        return answer.value if answer.is_optimal else 0.0


def _of_day(instance: Instance, day: int, site: str, skill: str) -> Instance:
    """Return the instance with the needs of one day that hang together with a post."""
    first, last = day * _DAY, (day + 1) * _DAY
    cells = [
        replace(cell, start_min=max(first, cell.start_min), end_min=min(last, cell.end_min))
        for cell in instance.cells
        if cell.start_min < last and cell.end_min > first and cell.target
    ]
    if site or skill:
        cells = _near(instance, cells, site, skill)
    return replace(instance, cells=tuple(cells))


def _near(instance: Instance, cells: Sequence[Cell], site: str, skill: str) -> list[Cell]:
    """Return the cells at the site, and those elsewhere that the crews of the post could serve."""
    able = [
        g
        for g in instance.groups
        if (not skill or skill in g.capabilities or skill in g.tags)
        and (not site or site in instance.travel[g.base])
    ]
    skills = {c for g in able for c in g.capabilities} | ({skill} if skill else set())
    sites = {s for g in able for s in instance.travel[g.base]}
    return [
        cell
        for cell in cells
        if (cell.site == site and cell.skill == skill)
        or (cell.site in sites and cell.skill in skills and cell.skill == (skill or cell.skill))
        or (cell.site == site and cell.skill == instance.escort)
    ]
