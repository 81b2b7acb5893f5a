"""Turn a solution of the relaxation into whole crews.

Lines keep the whole part of their weight; the postings of each window are shared out among the
crews that work it by largest remainder. What is left over, a fraction of a crew a line, is posted
afterwards one crew at a time on the true board (:mod:`~passerelle.planning.roster.engine.build_up`),
which prices every hour as it then stands.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from passerelle.planning.roster.engine.board import Board, Posting
    from passerelle.planning.roster.engine.relax import Solved

__all__ = ["rounded"]

_EPS: Final = 1e-6

Window = tuple[int, int]


def rounded(  # noqa: PLR0912 - one pass over the lines
    board: Board, solved: Solved
) -> dict[int, dict[tuple[Posting, ...], int]]:
    """Return whole crews by kind and line.

    Parameters
    ----------
    board
        For its tables; it is not changed.
    solved
        Weights of lines and postings.
    """
    tables = board.tables
    lines: list[tuple[int, tuple[Window, ...], int]] = []
    for kind, windows, weight in sorted(solved.lines, key=lambda item: (item[0], -item[2])):
        crews = int(weight + _EPS)
        if crews:
            lines.append((kind, windows, crews))
    supply: dict[tuple[int, Window], int] = defaultdict(int)
    for kind, windows, crews in lines:
        for window in windows:
            supply[tables.kinds[kind].cls, window] += crews
    wanted: dict[tuple[int, Window], list[tuple[float, int]]] = defaultdict(list)
    for (start, length, option), weight in solved.postings:
        wanted[tables.options[option].cls, (start, length)].append((weight, option))
    shares = {key: _share(wanted.get(key, []), crews) for key, crews in supply.items()}
    found: dict[int, dict[tuple[Posting, ...], int]] = defaultdict(dict)
    for kind, windows, crews in lines:
        cls = tables.kinds[kind].cls
        left = crews
        while left > 0:
            size, line = left, []
            for window in windows:
                share = shares[cls, window]
                if share and share[-1][0] > 0:
                    size = min(size, share[-1][0])
            for window in windows:
                share = shares[cls, window]
                if not share:
                    continue
                line.append((window[0], window[1], share[-1][1]))
                share[-1][0] -= size
                if share[-1][0] <= 0:
                    share.pop()
            key = tuple(line)
            is_whole = len(key) == len(windows) or tables.kinds[kind].group.rules.run_least == 1
            if key and is_whole:
                found[kind][key] = found[kind].get(key, 0) + size
            left -= size
    return dict(found)


def _share(wanted: list[tuple[float, int]], crews: int) -> list[list[int]]:
    """Share ``crews`` among options by largest remainder; never more than is wanted, rounded up."""
    total = sum(weight for weight, _ in wanted)
    if total <= _EPS:
        return []
    scale = min(1.0, crews / total)
    parts = [[int(weight * scale + _EPS), option] for weight, option in wanted]
    rest = sorted(
        range(len(parts)), key=lambda i: (parts[i][0] - wanted[i][0] * scale, parts[i][1])
    )
    room = min(crews, int(total + 1 - _EPS)) - sum(part[0] for part in parts)
    for i in rest[: max(0, room)]:
        parts[i][0] += 1
    return sorted(part for part in parts if part[0] > 0)
