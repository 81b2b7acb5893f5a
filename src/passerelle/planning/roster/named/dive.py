"""Turn a fractional master into rosters: fix what it agrees on, price again, repeat.

In every step the shifts and days off that most of a person's weight agrees on are fixed, rosters that
disagree are closed, and the master is solved and priced again in the smaller space. Only fixings that
the person's heaviest roster contains are made, so every person always keeps an open roster and the
dive ends with one each. There is no tree: several cheap dives with different pace beat a careful one.

References
----------
.. [1] R. Sadykov, F. Vanderbeck, A. Pessoa, I. Tahiri, E. Uchoa (2019), "Primal heuristics for
   branch and price: the assets of diving methods", INFORMS J. Comput. 31.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from passerelle.planning.roster.named.generation import generate

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from passerelle.planning.roster.named.generation import GenerationParams
    from passerelle.planning.roster.named.master import Master
    from passerelle.planning.roster.named.pricers import RegionPricer

__all__ = ["DiveParams", "dive"]

_WHOLE: Final = 1 - 1e-6
_CLOSE: Final = 0.03
"""Costs are whole numbers: no need to price when the master is this near to its bound."""
_WHOLE_AT_ONCE: Final = 15
"""When nothing is agreed on, one person in so many is kept whole."""


@dataclass(frozen=True, slots=True)
class DiveParams:
    """Choose the pace of a dive.

    Parameters
    ----------
    agreement
        Fix shifts and days off with at least this weight, above 0.5.
    share
        Most fixings a step, as a share of persons x days of the region.
    rounds
        Most rounds of pricing a step.
    noise
        Random part of the order in which candidates are fixed.
    """

    agreement: float = 0.8
    share: float = 0.04
    rounds: int = 4
    noise: float = 0.0


def dive(
    pricer: RegionPricer,
    master: Master,
    generation: GenerationParams,
    params: DiveParams,
    expired: Callable[[], bool],
    *,
    cutoff: float = np.inf,
    rng: np.random.Generator | None = None,
) -> NDArray[np.int16] | None:
    """Dive once; the pricer and the master are put back as they were, new rosters stay.

    Parameters
    ----------
    pricer, master
        Of one region, solved before.
    generation
        Options of generation; the rounds are those of ``params``.
    params
        Pace.
    expired
        Tells when to stop; the dive then ends with the heaviest rosters.
    cutoff
        Give up when the master exceeds this value.
    rng
        For ``noise``.

    Returns
    -------
    NDArray[np.int16] | None
        One roster a person of the region, or None when given up.
    """
    allowed, forced, is_open = pricer.allowed.copy(), pricer.forced.copy(), master.open.copy()
    step = replace(generation, rounds=params.rounds, gap=_CLOSE)
    base = -np.inf
    try:
        while True:
            late = expired()
            options = replace(step, rounds=0) if late else step
            found = generate(pricer, master, options, expired, value_wanted=base + _CLOSE)
            if found.master_value > base + _CLOSE:
                base = found.bound
            if found.master_value > cutoff:
                return None
            leaders = _leaders(master)
            split = [i for i, (weight, _) in enumerate(leaders) if weight < _WHOLE]
            if not split or late:
                return master.rosters[[column for _, column in leaders]]
            fixings = _fixings(master, leaders, split, params, rng)
            _fix(pricer, master, leaders, fixings)
    finally:
        pricer.allowed, pricer.forced = allowed, forced
        back = np.ones(master.n_columns, dtype=np.bool_)
        back[: len(is_open)] = is_open
        master.set_open(back)


def _leaders(master: Master) -> list[tuple[float, int]]:
    """Find the weight and the number of the heaviest open roster of each person."""
    n = len(master.region.people)
    best: list[tuple[float, int]] = [(-1.0, -1)] * n
    for column in np.flatnonzero(master.open):
        i = int(master.owner[column])
        if master.weights[column] > best[i][0]:
            best[i] = (float(master.weights[column]), int(column))
    return best


def _fixings(
    master: Master,
    leaders: list[tuple[float, int]],
    split: list[int],
    params: DiveParams,
    rng: np.random.Generator | None,
) -> list[tuple[int, int]]:
    """Choose pairs of person and day on which the heaviest roster is to be kept."""
    region = master.region
    start, stop = region.start, region.stop
    agreed: list[tuple[float, int, int]] = []
    for i in split:
        columns = np.flatnonzero((master.owner == i) & (master.weights > 1e-9) & master.open)
        leader = master.rosters[leaders[i][1], start:stop]
        same = master.weights[columns] @ (master.rosters[columns, start:stop] == leader)
        days = np.flatnonzero(same < _WHOLE)
        agreed += [(float(same[d]), i, start + int(d)) for d in days]
    if rng is not None and params.noise > 0:
        agreed = [(a + params.noise * float(rng.random()), i, d) for a, i, d in agreed]
    agreed.sort(key=lambda item: (-item[0], item[1], item[2]))
    most = max(1, int(params.share * len(region.people) * (stop - start)))
    good = [(i, d) for a, i, d in agreed[:most] if a >= params.agreement]
    if good:
        return good
    # Nothing is agreed on: keep the heaviest rosters of a few persons whole.
    split.sort(key=lambda i: -leaders[i][0])
    return [
        (i, d) for i in split[: max(1, len(leaders) // _WHOLE_AT_ONCE)] for d in range(start, stop)
    ]


def _fix(
    pricer: RegionPricer,
    master: Master,
    leaders: list[tuple[float, int]],
    fixings: list[tuple[int, int]],
) -> None:
    """Fix days of the heaviest rosters; close the rosters that disagree."""
    chosen: dict[int, list[int]] = {}
    for i, d in fixings:
        chosen.setdefault(i, []).append(d)
    is_open = master.open.copy()
    for i, days in chosen.items():
        leader = master.rosters[leaders[i][1]]
        for d in days:
            keep = leader[d]
            pricer.allowed[i, d, :] = False
            if keep >= 0:
                pricer.allowed[i, d, keep] = True
                pricer.forced[i, d] = True
        mine = np.flatnonzero((master.owner == i) & is_open)
        agree = (master.rosters[mine][:, days] == leader[days]).all(axis=1)
        is_open[mine[~agree]] = False
    master.set_open(is_open)
