"""Fill the coverage cube from the need of an event and the columns of a plan."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from passerelle.desk.boards.cube import CoverageCube
from passerelle.kernel.capabilities import catalogue

if TYPE_CHECKING:
    from passerelle.node.plans.table import PlanTable
    from passerelle.planning.need.values import IntArray, Need

__all__ = ["STEP_MIN", "fill_cube"]

STEP_MIN: Final = 30
"""Step of the desk's grid; a need or duty that touches a step counts for the whole of it."""

_STEP_S: Final = STEP_MIN * 60


def fill_cube(need: Need, table: PlanTable | None) -> CoverageCube:
    """Put need and people on duty on one grid.

    Parameters
    ----------
    need
        The need; its central level counts.
    table
        The plan; ``None`` when there is none yet, and nobody is on duty.

    Returns
    -------
    CoverageCube
        In people: units of the need and crews of the plan, each times the people of the
        capability's smallest unit.
    """
    places = (*need.site_ids, *(table.sites if table else ()))
    kinds = (*need.capabilities, *(table.capabilities if table else ()))
    site_ids, capabilities = tuple(dict.fromkeys(places)), tuple(dict.fromkeys(kinds))
    people = np.array([_unit_people(code) for code in capabilities], dtype=np.int64)
    spans = [(need.start, need.end)] + ([(table.duty_start, table.duty_end)] if table else [])
    first = min((int(start.min()) for start, _ in spans if len(start)), default=0)
    last = max((int(end.max()) for _, end in spans if len(end)), default=first)
    origin = first // _STEP_S * _STEP_S
    shape = (len(site_ids), len(capabilities), -(-(last - origin) // _STEP_S))
    at = (need.site, need.capability)
    units = people[need.capability]
    span = _steps(need.start, need.end, origin)
    have = np.zeros(shape, dtype=np.int64)
    if table is not None:
        site = _renumbered(table.sites, site_ids)[table.duty_site]
        kind = _renumbered(table.capabilities, capabilities)[table.duty_capability]
        during = _steps(table.duty_start, table.duty_end, origin)
        have = _spread(shape, (site, kind), during, table.duty_crews * people[kind])
    return CoverageCube(
        site_ids=site_ids,
        capabilities=capabilities,
        start=datetime.fromtimestamp(origin, UTC),
        step_min=STEP_MIN,
        need=_spread(shape, at, span, need.central * units),
        minimum=_spread(shape, at, span, need.minimum * units),
        have=have,
    )


def _steps(start: IntArray, end: IntArray, origin: int) -> tuple[IntArray, IntArray]:
    """Return first and last step (not included) of each span; a touched step counts whole."""
    return (start - origin) // _STEP_S, -((origin - end) // _STEP_S)


def _renumbered(old: tuple[str, ...], new: tuple[str, ...]) -> IntArray:
    place = {code: index for index, code in enumerate(new)}
    return np.array([place[code] for code in old], dtype=np.int64)


def _unit_people(code: str) -> int:
    known = catalogue().get(code)
    return known.unit_people if known else 1


def _spread(
    shape: tuple[int, int, int],
    at: tuple[IntArray, IntArray],
    span: tuple[IntArray, IntArray],
    amounts: IntArray,
) -> IntArray:
    """Add ``amounts`` over their spans: mark where each begins and ends, then sum along time."""
    change = np.zeros((shape[0], shape[1], shape[2] + 1), dtype=np.int64)
    np.add.at(change, (*at, span[0]), amounts)
    np.add.at(change, (*at, span[1]), -amounts)
    return np.ascontiguousarray(change.cumsum(axis=2)[:, :, :-1])
