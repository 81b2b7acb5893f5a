"""Ask for more crews on top of a need that is there already."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from passerelle.kernel.capabilities import catalogue
from passerelle.planning.roster.instance import Cell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.planning.repair.apply import Addition
    from passerelle.planning.roster.build import BuildParams

__all__ = ["added_cells"]


def added_cells(cells: Sequence[Cell], more: Addition, params: BuildParams) -> list[Cell]:
    """Return cells with an addition: what is asked there already grows, the rest is asked anew.

    Parameters
    ----------
    cells
        Cells of the site and others.
    more
        What is asked besides; all of it is minimum.
    params
        Weights of what is asked anew.
    """
    found: list[Cell] = []
    open_from = more.start_min
    own = sorted(
        (
            c
            for c in cells
            if (c.site, c.skill) == (more.site, more.capability) and not c.capabilities
        ),
        key=lambda c: c.start_min,
    )
    found += [cell for cell in cells if cell not in own]
    for cell in own:
        first, last = max(cell.start_min, more.start_min), min(cell.end_min, more.end_min)
        if first >= last:
            found.append(cell)
            continue
        if open_from < first:
            found.append(_fresh(more, open_from, first, params))
        open_from = last
        if cell.start_min < first:
            found.append(replace(cell, end_min=first))
        found.append(
            replace(
                cell, start_min=first, end_min=last, minimum=cell.minimum + more.crews,
                target=cell.target + more.crews, ceiling=cell.ceiling + more.crews,
            )
        )  # fmt: skip
        if last < cell.end_min:
            found.append(replace(cell, start_min=last))
    if open_from < more.end_min:
        found.append(_fresh(more, open_from, more.end_min, params))
    return found


def _fresh(more: Addition, start: int, end: int, params: BuildParams) -> Cell:
    people = catalogue()[more.capability].unit_people
    return Cell(
        more.site, more.capability, start, end, more.crews, more.crews, more.crews,
        params.minimum_weight * people, params.target_weight * people,
        params.surplus_weight * people,
    )  # fmt: skip
