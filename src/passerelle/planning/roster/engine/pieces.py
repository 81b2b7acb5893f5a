"""Divide the tracks of an event among pieces whose prices are set together.

Capabilities that share many crews or need each other (escorts and those who patrol with them) are one
*cluster*; within a cluster, kinds that no track connects are apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from passerelle.planning.roster.engine.connected import connected

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from passerelle.planning.roster.engine.lines import Lines
    from passerelle.planning.roster.engine.tables import Tables

__all__ = ["Piece", "joined", "pieces_of"]

_WIDEST: Final = 120
"""Most tracks of a piece that a master solves as a whole."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Name the kinds and tracks that are solved together.

    Parameters
    ----------
    kinds
        Kinds in charge.
    owned
        Mask of the tracks whose prices the piece sets.
    n_tracks
        How many they are.
    """

    kinds: tuple[int, ...]
    owned: npt.NDArray[np.bool_]
    n_tracks: int


def joined(tables: Tables, lines: Lines) -> list[Piece]:
    """Return the pieces of all capabilities that one crew may have, however large."""
    every = np.ones(len(tables.track_names), dtype=np.bool_)
    return _divided(tables, lines, _wide(tables), range(len(tables.kinds)), every)


def pieces_of(tables: Tables, lines: Lines) -> list[Piece]:
    """Return pieces as wide as can be solved: crews of several capabilities are not cut in two."""
    every = np.ones(len(tables.track_names), dtype=np.bool_)
    pieces: list[Piece] = []
    for piece in _divided(tables, lines, _wide(tables), range(len(tables.kinds)), every):
        if piece.n_tracks > _WIDEST:
            pieces += _divided(tables, lines, _narrow(tables), piece.kinds, piece.owned)
        else:
            pieces.append(piece)
    return sorted(pieces, key=lambda p: (p.n_tracks * len(p.kinds), p.kinds))


def _divided(
    tables: Tables,
    lines: Lines,
    cluster: dict[str, str],
    kinds: Iterable[int],
    within: npt.NDArray[np.bool_],
) -> list[Piece]:
    """Return the connected pieces of each cluster of capabilities."""
    first = {k: cluster[tables.kinds[k].group.capabilities[0]] for k in kinds}
    owner = [_owner(name, cluster, tables.instance.escort) for name in tables.track_names]
    pieces = []
    for code in sorted(set(first.values())):
        members = [k for k, c in first.items() if c == code]
        mine = np.array([o in {code, ""} for o in owner], dtype=np.bool_)
        for found in _connected(tables, lines, members, mine):
            touched = np.zeros(len(owner), dtype=np.bool_)
            for kind in found:
                for option in lines.options_of(tables.kinds[kind].cls):
                    touched[list(tables.options[int(option)].tracks)] = True
            owned = touched & within & np.array([o == code for o in owner], dtype=np.bool_)
            pieces.append(Piece(found, owned, int(owned.sum())))
    return pieces


def _narrow(tables: Tables) -> dict[str, str]:
    """Return the cluster of each capability; escorts and those they walk with are one."""
    escort = tables.instance.escort
    return {name: (escort if name == "joint_patrol" else name) for name in _names(tables)}


def _wide(tables: Tables) -> dict[str, str]:
    """Return the cluster of each capability; those that one crew may have are one."""
    cluster = _narrow(tables)
    for kind in tables.kinds:
        codes = {cluster[c] for c in kind.group.capabilities}
        if len(codes) > 1:
            one = min(codes)
            cluster = {name: one if c in codes else c for name, c in cluster.items()}
    return cluster


def _names(tables: Tables) -> set[str]:
    names = {c for kind in tables.kinds for c in kind.group.capabilities}
    return names | {cell.skill for cell in tables.instance.cells} | {tables.instance.escort}


def _owner(name: str, cluster: dict[str, str], escort: str) -> str:
    """Return the cluster that sets the prices of a track; empty for limits."""
    if name.startswith("escort:"):
        return cluster[escort]
    if name.startswith("limit:") or "/" not in name:
        return ""
    parts = name.split("/")
    if len(parts) == 2:
        return cluster.get(parts[1], "")
    filters = parts[2:]
    return cluster.get("joint_patrol" if "joint_patrol" in filters else filters[0], "")


def _connected(
    tables: Tables, pricing: Lines, members: Sequence[int], mine: npt.NDArray[np.bool_]
) -> list[tuple[int, ...]]:
    """Return the kinds of a cluster that share tracks of the cluster, piece by piece."""
    seen: dict[tuple[str, int], int] = {}
    links: list[tuple[int, int]] = []
    for kind in members:
        cls = tables.kinds[kind].cls
        keys = {
            ("track", int(track))
            for option in pricing.options_of(cls)
            for track in tables.options[int(option)].tracks
            if mine[track]
        }
        keys.add(("class", cls))
        if tables.class_base[cls] >= 0:
            keys.add(("base", int(tables.class_base[cls])))
        links += [(seen.setdefault(key, kind), kind) for key in keys]
    return [tuple(kinds) for kinds in connected(members, links)]
