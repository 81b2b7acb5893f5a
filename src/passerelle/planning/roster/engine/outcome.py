"""Turn board and prices into what a solve returns: a plan by groups, a certificate of the bound."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from passerelle import __version__
from passerelle.planning.roster.plan import Duty, Line, Plan
from passerelle.planning.roster.result import Certificate, PriceSpan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.planning.roster.engine.board import Board, Worked
    from passerelle.planning.roster.engine.relax import Prices
    from passerelle.planning.roster.engine.tables import Tables

__all__ = ["board_lines", "certificate_of", "plan_of", "versions"]


def plan_of(tables: Tables, worked: list[dict[Worked, int]]) -> Plan:
    """Return the plan; lines of a kind fill its groups in order."""
    instance = tables.instance
    step = instance.step_min
    lines: list[Line] = []
    for kind, known in zip(tables.kinds, worked, strict=True):
        members = iter(kind.members)
        member = next(members)
        room = instance.groups[member].strength
        for line, crews in sorted(known.items()):
            duties = []
            for start, length, option in line:
                found = tables.options[option]
                first, last = start + found.ext, start + length - found.ext
                duties.append(Duty(first * step, last * step, found.site, found.capability))
            left = crews
            while left > 0:
                while room == 0:
                    member = next(members)
                    room = instance.groups[member].strength
                now = min(left, room)
                lines.append(Line(instance.groups[member].code, now, tuple(duties)))
                left -= now
                room -= now
    return Plan(instance.hash, tuple(lines))


def board_lines(board: Board, plan: Plan) -> list[dict[Worked, int]]:
    """Return the lines of a plan in terms of the board; duties that no longer exist are left out."""
    tables = board.tables
    step = tables.instance.step_min
    kind_of = {
        tables.instance.groups[member].code: index
        for index, kind in enumerate(tables.kinds)
        for member in kind.members
    }
    options = {(o.cls, o.site, o.capability): i for i, o in enumerate(tables.options)}
    worked: list[dict[Worked, int]] = [{} for _ in tables.kinds]
    for line in plan.lines:
        kind = kind_of.get(line.group)
        if kind is None:
            continue
        postings = []
        for duty in line.duties:
            option = options.get((tables.kinds[kind].cls, duty.site, duty.capability))
            if option is None:
                continue
            ext = tables.options[option].ext
            first, last = duty.start_min // step - ext, duty.end_min // step + ext
            postings.append((first, last - first, option))
        if postings:
            key = tuple(postings)
            worked[kind][key] = worked[kind].get(key, 0) + line.crews
    return worked


def versions() -> Mapping[str, str]:
    """Return the versions of what a result depends on."""
    from importlib.metadata import version  # noqa: PLC0415 - slow import

    names = ("numpy", "numba", "highspy")
    return {"passerelle": __version__} | {name: version(name) for name in names}


def certificate_of(tables: Tables, prices: Prices | None, bound: float) -> Certificate | None:
    """Write prices in the terms of the instance."""
    if prices is None:
        return None
    need, escorts = {}, {}
    limits: list[tuple[PriceSpan, ...]] = [()] * len(tables.instance.limits)
    whole = {
        track: coef
        for option in tables.options
        for track, coef in zip(option.tracks, option.coefs, strict=True)
        if coef > 0 and tables.track_names[track].startswith("escort:")
    }
    for index, name in enumerate(tables.track_names):
        row = prices.cover[index] / tables.hours
        if name.startswith("escort:"):
            escorts[name.removeprefix("escort:")] = _spans(tables, row * whole.get(index, 1))
        elif name.startswith("limit:"):
            limits[int(name.removeprefix("limit:"))] = _spans(tables, -row)
        elif name != "nothing":
            need[name] = _spans(tables, row)
    beds = {
        (base, night): float(prices.beds[i, night])
        for i, base in enumerate(tables.bound_bases)
        for night in range(tables.instance.days)
        if prices.beds[i, night] > 0
    }
    return Certificate(tables.instance.hash, need, escorts, tuple(limits), beds, bound)


def _spans(tables: Tables, row: np.ndarray) -> tuple[PriceSpan, ...]:
    edges = [0, *(int(i) + 1 for i in np.flatnonzero(np.diff(row))), len(row)]
    step = tables.instance.step_min
    return tuple(
        PriceSpan(a * step, b * step, float(row[a])) for a, b in pairwise(edges) if row[a] != 0
    )
