"""Choose what a programme of flows holds: duties that crews can reach, and the postings worth having.

Everything is weighed at given prices: a posting loses what a line with it is worth less than the best line
of its kind. Where there are more postings than the programme should hold, small classes keep those that
lose least; large ones keep all, because prices are only as good as what many crews may do at them.

References
----------
Irnich, Desaulniers, Desrosiers and Hadjar (2010), "Path-reduced costs for eliminating arcs in routing
and scheduling".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from passerelle.planning.roster.engine import _flow_kernels
from passerelle.planning.roster.engine.connected import connected
from passerelle.planning.roster.engine.tables import given_tracks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.planning.roster.engine.lines import KindRules, Lines
    from passerelle.planning.roster.engine.pools import Alike, Pool
    from passerelle.planning.roster.engine.tables import Tables

__all__ = ["Team", "Twins", "able", "choose", "pick", "teams_of", "twins_of"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int32]
LongArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_NEVER: Final = -1e299
_MANY: Final = 100
"""Crews of a pool none of whose postings is left out."""
_FEW: Final = 200
"""Least postings of any other pool."""
_LEASTS: Final = [0, 1, 2, 6]
"""Rests and shortest duty among the rules of a kind, ..."""
_MOSTS: Final = [4, 7, 8]
"""... longest run, duty and night duty, ..."""
_DAY: Final = 18
"""... and steps of a day."""
_MATES: Final = 0.9
"""Share of their postings that classes have in common whose crews are planned as one."""
_GUESTS: Final = 0.1
"""Most crews with rules of their own in such a team, as a share of those that lead it."""


class Twins(NamedTuple):
    """Name kinds that are alike, their class and how many crews they have."""

    kinds: tuple[int, ...]
    cls: int
    crews: int


def twins_of(tables: Tables, lines: Lines, alike: Alike, kinds: Sequence[int]) -> list[Twins]:
    """Put kinds together whose crews are alike but for their name.

    Parameters
    ----------
    tables, lines, alike
        The compiled instance, its pricing, and which options are equal.
    kinds
        The kinds; those with equal rules and equal options become one.
    """
    found: dict[tuple[object, ...], list[int]] = {}
    for kind in kinds:
        cls, rules = tables.kinds[kind].cls, lines.rules_of(kind)
        options = tuple(alike.first[lines.options_of(cls)].tolist())
        key: tuple[object, ...] = (
            options, rules.spec.tobytes(), rules.ends.tobytes(), rules.tile.tobytes(),
            rules.work_most.tobytes(), rules.use_cost,
        )  # fmt: skip
        found.setdefault(key, []).append(kind)
    classes: dict[object, int] = {}
    result = []
    for key, members in found.items():
        cls = classes.setdefault(key[0], tables.kinds[members[0]].cls)
        crews = sum(tables.kinds[k].strength for k in members)
        result.append(Twins(tuple(members), cls, crews))
    return result


class Team(NamedTuple):
    """Name kinds that are one flow: the first sets the rules, those of the others are no looser.

    Parameters
    ----------
    twins
        The kinds.
    classes
        Their classes.
    """

    twins: tuple[Twins, ...]
    classes: tuple[int, ...]

    def crews(self, classes: Sequence[int]) -> int:
        """Return how many crews of some classes it has."""
        return sum(twins.crews for twins in self.twins if twins.cls in classes)


def teams_of(
    tables: Tables, lines: Lines, twins: Sequence[Twins], pools: Sequence[Pool]
) -> list[Team]:
    """Put kinds together that may work nearly the same postings under the same rules.

    A few crews whose rules are stricter join those of a team that has many: arrived later, or of a
    state with shorter runs. A flow of the team then allows what some of it may not do; that makes a
    programme cheaper by little, and whole crews keep their own rules. Those who can be escorts stay by
    themselves: others would be left without when they are sent on duties that many can work.

    Parameters
    ----------
    tables, lines
        The compiled instance and its pricing.
    twins
        The kinds.
    pools
        All their postings.
    """
    classes = sorted({found.cls for found in twins})
    sizes = {c: sum(len(p.postings) for p in pools if c in p.classes) for c in classes}
    gives = {
        cls
        for cls in classes
        for option in lines.options_of(cls)
        if tables.is_escort[list(given_tracks([tables.options[int(option)]]))].any()
    }
    links = []
    for i, one in enumerate(classes):
        for other in classes[i + 1 :]:
            both = sum(len(p.postings) for p in pools if one in p.classes and other in p.classes)
            is_near = both >= _MATES * max(sizes[one], sizes[other], 1)
            if is_near and not {one, other} & gives:
                links.append((one, other))
    teams: list[list[Twins]] = []
    for mates in connected(classes, links):
        found: list[list[Twins]] = []
        for member in sorted((w for w in twins if w.cls in mates), key=lambda w: -w.crews):
            rules = lines.rules_of(member.kinds[0])
            for team in found:
                lead = lines.rules_of(team[0].kinds[0])
                is_few = member.crews <= _GUESTS * team[0].crews
                if _is_within(rules, lead) and (is_few or _is_within(lead, rules)):
                    team.append(member)
                    break
            else:
                found.append([member])
        teams += found
    return [Team(tuple(team), tuple(sorted({w.cls for w in team}))) for team in teams]


def _is_within(rules: KindRules, others: KindRules) -> bool:
    """Tell whether rules allow no more than others, as far as a network of states knows them."""
    a, b = rules.spec, others.spec
    return bool(
        (a[_LEASTS] >= b[_LEASTS]).all()
        and (a[_MOSTS] <= b[_MOSTS]).all()
        and a[_DAY] == b[_DAY]
        and (rules.ends <= others.ends).all()
        and rules.use_cost >= others.use_cost
    )


def able(teams: Sequence[Team], pools: Sequence[Pool]) -> list[list[int]]:
    """Return by pool the teams of which some crews may work there."""
    return [[i for i, team in enumerate(teams) if team.crews(pool.classes)] for pool in pools]


def choose(  # noqa: PLR0917 - what is weighed, and at which prices
    tables: Tables,
    lines: Lines,
    alike: Alike,
    teams: Sequence[Team],
    pools: Sequence[Pool],
    prefix: FloatArray,
    beds: FloatArray,
    most: int,
    kept: LongArray,
) -> tuple[list[Pool], list[IntArray]]:
    """Return the postings of each pool, and the duties of each team.

    Parameters
    ----------
    tables, lines, alike
        The compiled instance, its pricing, and which options are equal.
    teams, pools
        The crews and all their postings.
    prefix, beds
        Running sums of the prices of cover, and prices of beds.
    most
        About how many postings to choose where there are more.
    kept
        Postings that are chosen anyway where a crew can reach them, by first options.

    Returns
    -------
    list of Pool
        Postings that a crew can reach.
    list of ndarray
        By team: start, length, days of the run before, when ready and when rested; shape ``(n, 5)``.
    """
    shape = (tables.n_steps, tables.longest + 1)
    earned = [_earned(tables, lines, alike, pool, prefix, beds) for pool in pools]
    may = able(teams, pools)
    value = [np.full(shape, -1e300) for _ in teams]
    for pool, worth, mine in zip(pools, earned, may, strict=True):
        for i in mine:
            np.maximum.at(value[i], (pool.starts, pool.lengths), worth)
    arcs = [_arcs(tables, lines, team, values) for team, values in zip(teams, value, strict=True)]
    least = [np.full(shape, np.inf) for _ in teams]
    for found, (duties, loss) in zip(least, arcs, strict=True):
        np.minimum.at(found, (duties[:, 0], duties[:, 1]), loss)
    losses = []
    for pool, worth, mine in zip(pools, earned, may, strict=True):
        at = pool.starts, pool.lengths
        losses.append(np.min([value[i][at] + least[i][at] for i in mine], axis=0) - worth)
    crews = [sum(team.crews(pool.classes) for team in teams) for pool in pools]
    chosen = []
    served = [np.zeros(shape, dtype=np.bool_) for _ in teams]
    for pool, loss, mine, mask in zip(pools, losses, may, pick(losses, crews, most), strict=True):
        mask |= np.isin(pool.postings, kept) & np.isfinite(loss)  # noqa: PLW2901
        starts, lengths = pool.starts[mask], pool.lengths[mask]
        chosen.append(pool._replace(postings=pool.postings[mask], starts=starts, lengths=lengths))
        for i in mine:
            served[i][starts, lengths] = True
    return chosen, [
        duties[found[duties[:, 0], duties[:, 1]]]
        for found, (duties, _) in zip(served, arcs, strict=True)
    ]


def pick(losses: Sequence[FloatArray], crews: Sequence[int], most: int) -> list[BoolArray]:
    """Choose about ``most`` postings: all of large pools, and of each other those that lose least.

    Prices of a programme are only as good as what it lets many crews do, so nothing is left out there;
    a few crews that cannot do everything change little.

    Parameters
    ----------
    losses
        By pool, what each posting loses; infinite where no crew can reach it.
    crews
        Crews of each pool.
    most
        How many.
    """
    masks = [np.isfinite(loss) for loss in losses]
    sizes = np.array([int(mask.sum()) for mask in masks])
    if sizes.sum() <= most:
        return masks
    is_large = np.array([n >= _MANY for n in crews])
    few = max(_FEW, int((most - sizes[is_large].sum()) / max(1, int((~is_large).sum()))))
    for loss, mask, size, large in zip(losses, masks, sizes, is_large, strict=True):
        if not large and size > few:
            mask &= np.argsort(np.argsort(loss, kind="stable"), kind="stable") < few  # noqa: PLW2901
    return masks


def _earned(  # noqa: PLR0917 - what is weighed, and at which prices
    tables: Tables, lines: Lines, alike: Alike, pool: Pool, prefix: FloatArray, beds: FloatArray
) -> FloatArray:
    """Return what each posting of a pool earns."""
    c, p, t = alike.catalogue, lines, tables
    earned: FloatArray = -c.cost[pool.postings]
    base = int(t.class_base[pool.classes[0]])
    if base >= 0:
        people = int(t.class_people[pool.classes[0]])
        earned -= (beds[base] * people)[pool.starts // t.steps_per_day]
    option = c.option[pool.postings]
    for turn in range(int((p.track_ptr[option + 1] - p.track_ptr[option]).max(initial=0))):
        place = p.track_ptr[option] + turn
        has = place < p.track_ptr[option + 1]
        track, coef = p.tracks[np.where(has, place, 0)], p.coefs[np.where(has, place, 0)]
        sums = prefix[track, c.last[pool.postings]] - prefix[track, c.first[pool.postings]]
        earned += np.where(has, coef * sums, 0.0)
    return earned


def _arcs(
    tables: Tables, lines: Lines, team: Team, value: FloatArray
) -> tuple[IntArray, FloatArray]:
    """Return the duties that a team may reach, and what a line with each loses."""
    rules = lines.rules_of(team.twins[0].kinds[0])
    states = int(rules.spec[4]) + 1
    before = np.empty((tables.n_steps + 1, states))
    after = np.empty_like(before)
    best = _flow_kernels.longest(value, rules.night, rules.ends, rules.spec, before, after)
    room = int((value > _NEVER).sum()) * states
    arcs, losses = np.empty((room, 5), dtype=np.int32), np.empty(room)
    n = _flow_kernels.list_arcs(
        value, rules.night, rules.ends, rules.spec, before, after, best, arcs, losses
    )
    return arcs[:n], losses[:n]
