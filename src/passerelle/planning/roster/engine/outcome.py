"""Turn a board into a plan: crews of a kind become crews of its groups again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.planning.roster.plan import Duty, Line, Plan

if TYPE_CHECKING:
    from passerelle.planning.roster.engine.board import Board, Worked
    from passerelle.planning.roster.engine.tables import Tables

__all__ = ["board_lines", "plan_of"]


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
