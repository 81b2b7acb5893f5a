"""Who will play where: matches, groups and bracket simulated for many runs at once.

Goals of a match are two independent Poisson numbers [1]_ whose means are chosen so that wins plus
half the draws give the expectation of the Elo ratings [2]_. What differs from a real table: equal
points are parted by goal difference, goals, then lots; thirds are given to slots in the first way
that fits, where a federation uses a printed table; a drawn knock-out match goes to either side with
the Elo expectation.

References
----------
.. [1] Maher (1982), "Modelling association football scores", Statistica Neerlandica 36.
.. [2] Elo (1978), "The rating of chessplayers", section 1.4; World Football Elo Ratings.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import permutations
from math import exp, factorial
from typing import TYPE_CHECKING, Final

import numpy as np

from passerelle.planning.forecast.tournament import parse_slot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.planning.forecast.tournament import Match, Tournament
    from passerelle.planning.need.values import FloatArray, IntArray

__all__ = ["Outcomes", "expectation", "play"]

GOALS: Final = 2.6
"""Mean goals of a match between equals, both sides together."""

_MOST_GOALS: Final = 12


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """Hold who played whom, and who won, in every run.

    Parameters
    ----------
    tournament
        What was played.
    sides
        Index of the team on each side of each match, shape ``(n_runs, n_matches, 2)``.
    winner
        Index of the winner, ``-1`` for a draw in a group, shape ``(n_runs, n_matches)``.
    """

    tournament: Tournament
    sides: IntArray
    winner: IntArray


def expectation(difference: FloatArray) -> FloatArray:
    """Return the expected score (win 1, draw 1/2) for a rating difference."""
    return np.asarray(1.0 / (1.0 + 10.0 ** (-difference / 400.0)))


@cache
def _curve() -> tuple[FloatArray, FloatArray]:
    """Tabulate the expected score against the tilt x, for means GOALS/2 e^x and GOALS/2 e^-x."""
    tilts = np.linspace(-1.6, 1.6, 161)
    scores = []
    goals = range(_MOST_GOALS + 1)
    for tilt in tilts:
        means = (GOALS / 2 * exp(tilt), GOALS / 2 * exp(-tilt))
        one, two = (
            np.array([exp(-mean) * mean**k / factorial(k) for k in goals]) for mean in means
        )
        joint = np.outer(one, two)
        scores.append((np.tril(joint, -1).sum() + np.trace(joint) / 2) / joint.sum())
    return np.array(scores), tilts


def play(tournament: Tournament, runs: int, random: np.random.Generator) -> Outcomes:
    """Play a tournament many times.

    Parameters
    ----------
    tournament
        Matches and ratings.
    runs
        How many times, ``>= 1``.
    random
        Source of chance; the same state gives the same outcomes.
    """
    if runs < 1:
        raise ValueError(f"Expected runs >= 1, got {runs}.")
    number = {team: i for i, team in enumerate(tournament.teams)}
    rating = np.array([tournament.ratings[team] for team in tournament.teams], dtype=np.float64)
    total = len(tournament.matches)
    sides = np.zeros((runs, total, 2), dtype=np.int64)
    goals = np.zeros((runs, total, 2), dtype=np.int64)
    winner = np.full((runs, total), -1, dtype=np.int64)
    place = {match.id: i for i, match in enumerate(tournament.matches)}
    slots: dict[str, IntArray] = {}
    for index, match in enumerate(tournament.matches):
        if not match.is_group and not slots and tournament.groups:
            slots = _slots(tournament, sides, goals, number, random)
        for side in (0, 1):
            sides[:, index, side] = _who(match.sides[side], slots, number, sides, winner, place)
        goals[:, index], winner[:, index] = _result(match, sides[:, index], rating, random)
    return Outcomes(tournament, sides, winner)


def _result(
    match: Match, sides: IntArray, rating: FloatArray, random: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Draw goals and winner of one match in every run."""
    expected = expectation(rating[sides[:, 0]] - rating[sides[:, 1]])
    scores, tilts = _curve()
    tilt = np.interp(expected, scores, tilts)
    first = random.poisson(GOALS / 2 * np.exp(tilt))
    second = random.poisson(GOALS / 2 * np.exp(-tilt))
    shoot_out = random.random(len(expected)) < expected
    winner = np.where(first > second, sides[:, 0], sides[:, 1])
    level = first == second
    drawn = -1 if match.is_group else np.where(shoot_out, sides[:, 0], sides[:, 1])
    return np.stack([first, second], axis=1), np.where(level, drawn, winner)


def _who(  # noqa: PLR0917 - the state of one simulation
    side: str,
    slots: Mapping[str, IntArray],
    number: Mapping[str, int],
    sides: IntArray,
    winner: IntArray,
    place: Mapping[str, int],
) -> IntArray | int:
    """Return the team of one side in every run."""
    slot = parse_slot(side)
    if side in number or slot is None:
        return number[side]
    kind, argument = slot
    if kind in {"W", "L"}:
        match = place[argument]
        both = sides[:, match].sum(axis=1)
        return winner[:, match] if kind == "W" else both - winner[:, match]
    return slots[side]


def _slots(
    tournament: Tournament,
    sides: IntArray,
    goals: IntArray,
    number: Mapping[str, int],
    random: np.random.Generator,
) -> dict[str, IntArray]:
    """Rank all groups and fill the slots that name a place in one."""
    found: dict[str, IntArray] = {}
    thirds, keys = [], []
    for letter, teams in tournament.groups.items():
        order, key = _table(tournament, letter, [number[t] for t in teams], sides, goals, random)
        found[f"1{letter}"], found[f"2{letter}"] = order[:, 0], order[:, 1]
        if order.shape[1] > 2:
            thirds.append(order[:, 2])
            keys.append(key[:, 2])
    if tournament.third_slots and thirds:
        found |= _best_thirds(tournament, np.stack(thirds, axis=1), np.stack(keys, axis=1))
    return found


def _table(  # noqa: PLR0917 - the state of one simulation
    tournament: Tournament,
    letter: str,
    teams: list[int],
    sides: IntArray,
    goals: IntArray,
    random: np.random.Generator,
) -> tuple[IntArray, FloatArray]:
    """Rank one group in every run; return teams and sort keys, best first."""
    runs = len(sides)
    points, scored, against = (np.zeros((runs, len(teams))) for _ in range(3))
    for index, match in enumerate(tournament.matches):
        if match.group == letter:
            one, two = (teams.index(int(sides[0, index, side])) for side in (0, 1))
            first, second = goals[:, index, 0], goals[:, index, 1]
            points[:, one] += np.where(first > second, 3, first == second)
            points[:, two] += np.where(second > first, 3, first == second)
            scored[:, one] += first
            scored[:, two] += second
            against[:, one] += second
            against[:, two] += first
    lots = random.random((runs, len(teams)))
    key = points * 1e6 + (scored - against) * 1e3 + scored + lots
    order = np.argsort(-key, axis=1)
    return np.array(teams)[order], np.take_along_axis(key, order, axis=1)


def _best_thirds(tournament: Tournament, thirds: IntArray, keys: FloatArray) -> dict[str, IntArray]:
    """Give the best thirds to the slots that admit their group."""
    slots = tournament.third_slots
    letters = tuple(tournament.groups)
    ranked = np.argsort(-keys, axis=1)[:, : len(slots)]
    found = {slot: np.zeros(len(thirds), dtype=np.int64) for slot in slots}
    for run, best in enumerate(np.sort(ranked, axis=1).tolist()):
        given = _fit(slots, tuple(letters[i] for i in best))
        for slot, letter in zip(slots, given, strict=True):
            found[slot][run] = thirds[run, letters.index(letter)]
    return found


@cache
def _fit(slots: tuple[str, ...], letters: tuple[str, ...]) -> tuple[str, ...]:
    """Order the groups of the best thirds so that each fits its slot; first way in letter order."""
    allowed = [set((parse_slot(slot) or ("", ""))[1].split("/")) for slot in slots]
    for order in permutations(letters):
        if all(letter in admitted for letter, admitted in zip(order, allowed, strict=True)):
            return order
    return letters
