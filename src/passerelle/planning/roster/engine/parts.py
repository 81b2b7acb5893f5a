"""Say which crews are planned together as flows, and in which order.

Crews that serve the same tracks belong together, and so do crews and the escorts with whom they walk.
The small parts come before the large. A part too large for one programme is planned in two turns:
all who are escorts or need them first, with the tracks of the others at given prices; then the others
with the need that is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from passerelle.planning.roster.engine.connected import connected
from passerelle.planning.roster.engine.pieces import joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.planning.roster.engine.lines import Lines
    from passerelle.planning.roster.engine.pools import Alike
    from passerelle.planning.roster.engine.tables import Tables

__all__ = ["Part", "parts_of"]

BoolArray = npt.NDArray[np.bool_]

_WIDEST: Final = 30_000
"""Most postings of a part that is planned in one turn."""


@dataclass(frozen=True, slots=True)
class Part:
    """Name crews that are planned together.

    Parameters
    ----------
    kinds
        Kinds of crews.
    owned
        Tracks that the part plans for; others count at given prices. Shape ``(n_tracks,)``.
    size
        Postings of its classes, those that are alike counted once.
    turn
        0 when it is planned at once, else which of two turns.
    """

    kinds: tuple[int, ...]
    owned: BoolArray
    size: int
    turn: int


def parts_of(tables: Tables, lines: Lines, alike: Alike) -> list[Part]:
    """Return the parts in the order in which they are planned.

    Parameters
    ----------
    tables, lines, alike
        The compiled instance, its pricing, and which options are equal.
    """
    touched = _touched(tables, lines)
    escorts = tables.is_escort
    pieces = [piece for piece in joined(tables, lines) if piece.n_tracks]
    unowned = ~np.any([piece.owned for piece in pieces], axis=0)
    reach = [
        np.any([touched[tables.kinds[k].cls] for k in piece.kinds], axis=0) for piece in pieces
    ]

    def part(kinds: Sequence[int], owned: BoolArray, turn: int) -> Part:
        size = alike.size({tables.kinds[k].cls for k in kinds})
        return Part(tuple(kinds), owned | unowned, size, turn)

    found, late = [], []
    links = [
        (i, j)
        for i, mask in enumerate(reach)
        for j, piece in enumerate(pieces)
        if (mask & piece.owned).any()
    ]  # pieces whose crews count on each other's tracks
    for members in connected(range(len(pieces)), links):
        kinds = [k for i in members for k in pieces[i].kinds if _is_flow(tables, k)]
        owned = np.any([pieces[i].owned for i in members], axis=0)
        whole = part(kinds, owned, 0)
        others = {
            k
            for i in members
            for k in pieces[i].kinds
            if (pieces[i].owned & escorts).any() and not touched[tables.kinds[k].cls][escorts].any()
        }
        first, second = [k for k in kinds if k not in others], [k for k in kinds if k in others]
        if whole.size <= _WIDEST or not first or not second:
            found += [whole] if kinds else []
            continue
        served = np.any([touched[tables.kinds[k].cls] for k in second], axis=0)
        late += [part(first, owned & ~served, 1), part(second, owned, 2)]
    return sorted(found, key=lambda p: (p.size, p.kinds)) + late


def _is_flow(tables: Tables, kind: int) -> bool:
    """Tell whether the rules of a kind fit the network of states."""
    group = tables.kinds[kind].group
    return not group.locked and group.rules.run_least <= 1


def _touched(tables: Tables, lines: Lines) -> list[BoolArray]:
    """Return for each class the tracks on which its crews count."""
    found = []
    for cls in range(len(tables.class_people)):
        mask = np.zeros(len(tables.minimum), dtype=np.bool_)
        for index in lines.options_of(cls):
            mask[list(tables.options[int(index)].tracks)] = True
        found.append(mask)
    return found
