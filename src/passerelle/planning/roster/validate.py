"""Name everything in an instance that the engine could not answer honestly, all at once.

An instance that passes can always be planned: crews may rest and need may go short at its price, so
the engine never has to say "impossible". What can be impossible are orders, the locked duties; they
are checked against the rules of their group here.
"""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from passerelle.kernel.problems import InputError, Issue
from passerelle.planning.roster.check import check_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.planning.roster.instance import Cell, Instance

__all__ = ["validate"]

_LARGEST_WEIGHT = 1e5
_LARGEST_COUNT = 10_000_000
_LARGEST_CREW = 10_000
"""Beyond these, sums of whole numbers would no longer fit where the engine keeps them."""


def validate(instance: Instance) -> None:
    """Check an instance.

    Raises
    ------
    InputError
        With every issue found: the part as file, its place as column, what was expected.
    """
    issues = [
        *_figures(instance),
        *_bases(instance),
        *_groups(instance),
        *_cells(instance),
        *_grid(instance),
    ]
    if not issues:
        issues = list(_locks(instance))
    if issues:
        raise InputError(issues)


def _issue(part: str, place: str, code: str, expected: str, found: object = "") -> Issue:
    return Issue(part, 0, place, f"roster.{code}", expected, str(found))


def _figures(instance: Instance) -> Iterator[Issue]:
    """Yield figures that no plan could be weighed with."""
    for name, weight in (("duty", instance.weights.duty), ("travel", instance.weights.travel)):
        if not weight <= _LARGEST_WEIGHT:
            yield _issue("weights", name, "weight", f"up to {_LARGEST_WEIGHT:.0f} points", weight)
    for group in instance.groups:
        if not math.isfinite(group.use_cost):
            yield _issue("groups", group.code, "weight", "a finite use_cost", group.use_cost)
        if group.strength > _LARGEST_COUNT or group.people > _LARGEST_CREW:
            yield _issue(
                "groups", group.code, "count",
                f"up to {_LARGEST_COUNT} crews of up to {_LARGEST_CREW} people",
                f"{group.strength} of {group.people}",
            )  # fmt: skip
    for cell in instance.cells:
        if cell.target > _LARGEST_COUNT:
            place = f"{cell.track}@{cell.start_min}"
            yield _issue("cells", place, "count", f"up to {_LARGEST_COUNT} crews", cell.target)


def _bases(instance: Instance) -> Iterator[Issue]:
    seen = set()
    for base in instance.bases:
        if base.code in seen:
            yield _issue("bases", base.code, "double", "every base once")
        seen.add(base.code)
        for site, travel in base.travel_min.items():
            if travel < 0 or travel % instance.step_min:
                yield _issue(
                    "bases", f"{base.code}.{site}", "grid",
                    f"travel >= 0 in steps of {instance.step_min} min", travel,
                )  # fmt: skip
        if base.beds is not None and (len(base.beds) != instance.days or min(base.beds) < 0):
            yield _issue("bases", base.code, "beds", f"{instance.days} numbers >= 0", base.beds)


def _groups(instance: Instance) -> Iterator[Issue]:
    seen = set()
    bases = {base.code for base in instance.bases}
    for group in instance.groups:
        if group.code in seen:
            yield _issue("groups", group.code, "double", "every group once")
        seen.add(group.code)
        if group.base not in bases:
            yield _issue("groups", group.code, "unknown-base", "a known base", group.base)
        if not group.capabilities:
            yield _issue("groups", group.code, "no-capability", "a capability at least")
        for earlier, later in pairwise(group.windows):
            if earlier[1] > later[0]:
                yield _issue("groups", group.code, "windows", "windows in order, apart")
        if any(a >= b for a, b in group.windows):
            yield _issue("groups", group.code, "windows", "start < end in every window")


def _cells(instance: Instance) -> Iterator[Issue]:
    by_track: dict[str, list[Cell]] = defaultdict(list)
    for cell in instance.cells:
        by_track[cell.track].append(cell)
        weights = (cell.minimum_weight, cell.target_weight, cell.surplus_weight)
        if not all(math.isfinite(w) and w <= _LARGEST_WEIGHT for w in weights):
            yield _issue(
                "cells", f"{cell.track}@{cell.start_min}", "weight",
                f"weights up to {_LARGEST_WEIGHT:.0f}", weights,
            )  # fmt: skip
    for track, cells in by_track.items():
        cells.sort(key=lambda c: c.start_min)
        for earlier, later in pairwise(cells):
            if earlier.end_min > later.start_min:
                yield _issue("cells", f"{track}@{later.start_min}", "overlap", "cells apart")


def _grid(instance: Instance) -> Iterator[Issue]:
    step, end = instance.step_min, instance.days * 1440
    for cell in instance.cells:
        if cell.start_min % step or cell.end_min % step or cell.start_min < 0 or cell.end_min > end:
            yield _issue(
                "cells", f"{cell.track}@{cell.start_min}", "grid",
                f"steps of {step} min within 0 to {end}", f"{cell.start_min}-{cell.end_min}",
            )  # fmt: skip
    places = set()
    for shifts in instance.shifts:
        place = f"{shifts.site}/{shifts.capability}"
        if place in places:
            yield _issue("shifts", place, "double", "every site and capability once")
        places.add(place)
        if any(mark % step or not 0 <= mark <= end for mark in shifts.marks_min):
            yield _issue("shifts", place, "grid", f"marks in steps of {step} min in 0 to {end}")
    for index, limit in enumerate(instance.limits):
        inside = 0 <= limit.start_min < limit.end_min <= end
        if limit.start_min % step or limit.end_min % step or not inside:
            yield _issue("limits", str(index), "grid", f"steps of {step} min within 0 to {end}")


def _locks(instance: Instance) -> Iterator[Issue]:
    for group in instance.groups:
        if not group.locked:
            continue
        if not group.rules.rest_min:
            yield _issue(
                "groups", f"{group.code}.locked", "lock-rest", "a rest between duties", "0"
            )
        for violation in check_line(instance, group, tuple(sorted(group.locked))):
            if violation.rule == "run-least":
                continue  # the run may still grow around the locked duties
            yield _issue(
                "groups", f"{group.code}.locked", f"lock-{violation.rule}", violation.expected,
                violation.found,
            )  # fmt: skip
