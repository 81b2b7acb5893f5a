"""Split an instance into parts that share nothing: solved apart, their values and bounds add up."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from passerelle.planning.roster.engine.tables import Tables

__all__ = ["split"]


def split(tables: Tables) -> list[tuple[int, ...]]:
    """Return the kinds of each part, parts with most crews first.

    Two kinds are in one part when their classes share a track or bound beds.
    """
    parent: dict[object, object] = {}

    def find(item: object) -> object:
        parent.setdefault(item, item)
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    for option in tables.options:
        for track in option.tracks:
            parent[find(("track", track))] = find(("class", option.cls))
    for cls, base in enumerate(tables.class_base):
        if base >= 0:
            parent[find(("base", int(base)))] = find(("class", cls))
    found: dict[object, list[int]] = {}
    for index, kind in enumerate(tables.kinds):
        found.setdefault(find(("class", kind.cls)), []).append(index)
    parts = [tuple(kinds) for kinds in found.values()]
    return sorted(parts, key=lambda kinds: (-sum(tables.kinds[k].strength for k in kinds), kinds))
