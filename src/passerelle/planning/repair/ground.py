"""Count who stands where on a few sites, in the arrays of the engine's tables.

Only the sites that a change concerns are compiled, so that this takes milliseconds at any size of
event.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from passerelle.planning.roster.engine.tables import compile_tables

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from passerelle.planning.repair.lines import CrewLine
    from passerelle.planning.roster.engine.tables import Option, Tables
    from passerelle.planning.roster.instance import Cell, Instance
    from passerelle.planning.roster.plan import Duty

__all__ = ["Donors", "Ground"]

IntArray = npt.NDArray[np.int32]


class Ground:
    """Hold tracks of some sites and the crews that stand on them.

    Parameters
    ----------
    instance
        The whole instance; groups are named by their index in it.
    sites
        The sites.
    """

    def __init__(self, instance: Instance, sites: Collection[str]) -> None:
        self.instance, self.sites = instance, frozenset(sites)
        part = replace(
            instance,
            cells=tuple(cell for cell in instance.cells if cell.site in sites),
            shifts=tuple(shifts for shifts in instance.shifts if shifts.site in sites),
            limits=tuple(limit for limit in instance.limits if limit.site in sites),
        )
        self.tables: Tables = compile_tables(part)
        self.cover = np.zeros(self.tables.minimum.shape, dtype=np.int32)
        self.class_of = {member: kind.cls for kind in self.tables.kinds for member in kind.members}
        self._options = {(o.cls, o.site, o.capability): o for o in self.tables.options}
        self.track = {name: i for i, name in enumerate(self.tables.track_names)}
        self.is_need = np.array(
            [not name.startswith(("escort:", "limit:", "nothing")) for name in self.track],
            dtype=np.bool_,
        )

    def option(self, group: int, duty: Duty) -> Option | None:
        """Return the option of a group that a duty is of; ``None`` elsewhere."""
        cls = self.class_of.get(group)
        return None if cls is None else self.option_of(cls, duty)

    def option_of(self, cls: int, duty: Duty) -> Option | None:
        """Return the option of a class that a duty is of; ``None`` elsewhere."""
        return self._options.get((cls, duty.site, duty.capability))

    def steps(self, duty: Duty) -> slice:
        """Return the steps of a duty on site."""
        step = self.instance.step_min
        return slice(duty.start_min // step, -(-duty.end_min // step))

    def add(self, group: int, duty: Duty, crews: int, cover: IntArray | None = None) -> None:
        """Post crews; negative takes them away.

        Parameters
        ----------
        group, duty, crews
            Who stands where.
        cover
            Count on this array instead of the own one.
        """
        option = self.option(group, duty)
        there = self.cover if cover is None else cover
        if option is not None:
            span = self.steps(duty)
            for track, coef in zip(option.tracks, option.coefs, strict=True):
                there[track, span] += coef * crews

    def count(self, lines: Iterable[CrewLine], *, published: bool) -> None:
        """Post all crews of lines, as published or as they stand now."""
        self.cover[:] = 0
        sites = self.sites
        counted: dict[tuple[int, int], int] = defaultdict(int)
        duties: dict[int, Duty] = {}
        for line in lines:
            for duty in (line.published if published else line.duties).values():
                if duty.site in sites:
                    duties[id(duty)] = duty  # duties of one plan are few objects
                    counted[line.group, id(duty)] += line.crews
        for (group, number), crews in counted.items():
            self.add(group, duties[number], crews)

    def targets(self, cells: Iterable[Cell]) -> IntArray:
        """Return the targets of other cells on the same tracks, shape of ``cover``."""
        found = np.zeros_like(self.cover)
        step = self.instance.step_min
        for cell in cells:
            track = self.track.get(cell.track)
            if track is not None:
                found[track, cell.start_min // step : cell.end_min // step] = cell.target
        return found

    def spare(self, group: int, duty: Duty, cover: IntArray | None = None) -> int:
        """Return how many crews of a duty could leave without anything falling below its target.

        Parameters
        ----------
        group, duty
            Who stands where.
        cover
            Look at this array instead of the own one.
        """
        option = self.option(group, duty)
        there = self.cover if cover is None else cover
        if option is None:
            return 0
        span = self.steps(duty)
        t = self.tables
        found = 1 << 20
        for track, coef in zip(option.tracks, option.coefs, strict=True):
            if coef > 0:
                aim = t.target[track, span] if self.is_need[track] else 0
                found = min(found, int(((there[track, span] - aim) // coef).min()))
        return max(0, found)


class Donors:
    """Say where crews can be spared, at the sites concerned and at all others.

    Parameters
    ----------
    near
        The sites concerned, after the change.
    far
        All sites as published; its cover is copied.
    home
        Index of each group after the change in the instance before it.
    """

    def __init__(self, near: Ground, far: Ground, home: Sequence[int]) -> None:
        self.near, self.far, self.home = near, far, home
        self._cover = far.cover.copy()

    def spare(self, group: int, duty: Duty) -> int:
        """Return how many crews of a duty could leave without anything falling below its target."""
        if duty.site in self.near.sites:
            return self.near.spare(group, duty)
        return self.far.spare(self.home[group], duty, self._cover)

    def add(self, group: int, duty: Duty, crews: int) -> None:
        """Post crews; negative takes them away."""
        if duty.site in self.near.sites:
            self.near.add(group, duty, crews)
        else:
            self.far.add(self.home[group], duty, crews, self._cover)
