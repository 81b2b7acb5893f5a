"""A tournament before it is played: matches, groups and the slots of the knock-out.

A slot names who will play: ``1A`` the winner of group A, ``2C`` the second of group C, ``3D/E/F``
one of the best thirds out of these groups, ``W-M39`` the winner and ``L-M39`` the loser of a match.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Match", "Tournament"]

_PLACE: Final = re.compile(r"([12])([A-Z])")
_THIRD: Final = re.compile(r"3([A-Z](?:/[A-Z])*)")
_RESULT: Final = re.compile(r"([WL])-(.+)")


@dataclass(frozen=True, slots=True)
class Match:
    """Describe one match.

    Parameters
    ----------
    id
        Code of the match.
    session_id
        Session in which it is played.
    stage
        ``group``, or any name of a knock-out round.
    group
        Letter of the group; empty in the knock-out.
    sides
        Two team codes, or two slots.
    """

    id: str
    session_id: str
    stage: str
    group: str
    sides: tuple[str, str]

    @property
    def is_group(self) -> bool:
        """Whether it counts for a group table."""
        return bool(self.group)


@dataclass(frozen=True, slots=True)
class Tournament:
    """Hold all matches in an order in which they can be played, and the strength of the teams.

    Parameters
    ----------
    matches
        Group matches, then knock-out matches, each after those that its slots name.
    ratings
        Elo rating by team.
    """

    matches: tuple[Match, ...]
    ratings: Mapping[str, float]

    def __post_init__(self) -> None:
        played: set[str] = set()
        for match in self.matches:
            if match.id in played:
                raise ValueError(f"Expected every match once, got {match.id!r} twice.")
            for side in match.sides:
                self._check_side(match, side, played)
            played.add(match.id)

    def _check_side(self, match: Match, side: str, played: set[str]) -> None:
        if match.is_group or side in self.ratings:
            if side not in self.ratings:
                raise ValueError(f"Expected a rating of {side!r}, which plays {match.id}.")
            return
        result = _RESULT.fullmatch(side)
        if result:
            if result[2] not in played:
                raise ValueError(f"Expected {result[2]!r} before {match.id}.")
            return
        found = _PLACE.fullmatch(side) or _THIRD.fullmatch(side)
        groups = (found[2] if _PLACE.fullmatch(side) else found[1]) if found else ""
        if not found or not set(groups.split("/")) <= set(self.groups):
            raise ValueError(f"Expected a team or a slot such as 1A, 3A/B, W-M39; got {side!r}.")

    @property
    def teams(self) -> tuple[str, ...]:
        """Teams in alphabetical order; their index is used in all arrays."""
        sides = {side for match in self.matches for side in match.sides}
        return tuple(sorted(sides & set(self.ratings)))

    @property
    def groups(self) -> Mapping[str, tuple[str, ...]]:
        """Teams of each group, in alphabetical order."""
        found: dict[str, set[str]] = {}
        for match in self.matches:
            if match.is_group:
                found.setdefault(match.group, set()).update(match.sides)
        return {letter: tuple(sorted(teams)) for letter, teams in sorted(found.items())}

    @property
    def third_slots(self) -> tuple[str, ...]:
        """Slots for best thirds, in match order."""
        sides = (side for match in self.matches for side in match.sides)
        return tuple(side for side in sides if _THIRD.fullmatch(side))


def parse_slot(side: str) -> tuple[str, str] | None:
    """Split a slot into kind (``1``, ``2``, ``3``, ``W``, ``L``) and argument; ``None`` for a team."""
    for pattern in (_PLACE, _RESULT):
        found = pattern.fullmatch(side)
        if found:
            return found[1], found[2]
    third = _THIRD.fullmatch(side)
    return ("3", third[1]) if third else None
