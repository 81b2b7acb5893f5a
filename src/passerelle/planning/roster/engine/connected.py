"""Find which of some things hang together, from links between pairs of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["connected"]


def connected(members: Sequence[int], links: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Return the members that links connect, part by part, in the order of the members.

    Parameters
    ----------
    members
        Numbers of the things.
    links
        Pairs of members that belong together.

    Notes
    -----
    Union-find with path halving.

    References
    ----------
    .. [1] Tarjan and van Leeuwen (1984), "Worst-case analysis of set union algorithms".

    Examples
    --------
    >>> connected([1, 2, 3, 4], [(4, 1), (2, 2)])
    [[1, 4], [2], [3]]
    """
    parent = {member: member for member in members}

    def find(member: int) -> int:
        while parent[member] != member:
            parent[member] = parent[parent[member]]
            member = parent[member]
        return member

    for one, other in links:
        parent[find(one)] = find(other)
    found: dict[int, list[int]] = {}
    for member in members:
        found.setdefault(find(member), []).append(member)
    return list(found.values())
