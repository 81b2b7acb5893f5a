"""Price persons whose limits are soft; the same face as :class:`.pricing.Pricer`.

Nothing is relaxed and no state is left out: every round is exact. Days that stand outside a region are
open for one thing only, so that a region needs no window.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import numpy as np

from passerelle.planning.roster.named.pricing import INFINITE, Priced
from passerelle.planning.roster.named.soft import _kernels as kernels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from passerelle.planning.roster.named.instance import IntArray
    from passerelle.planning.roster.named.pricing import PricingParams
    from passerelle.planning.roster.named.region import Region
    from passerelle.planning.roster.named.soft.automaton import Automata

__all__ = ["SoftPricer"]

_CHUNKS_A_THREAD: Final = 4
_FIRST_KEPT: Final = np.array([0.0, 0.0, kernels.FIRST_STEP, kernels.FIRST_STEP])


class SoftPricer:
    """Price the people of one region.

    Parameters
    ----------
    region
        What is free.
    soft
        The limits of everybody, compiled.
    params
        Options; ``max_states`` is not needed.
    """

    def __init__(self, region: Region, soft: Automata, params: PricingParams) -> None:
        self.region = region
        self.params = params
        self._soft = soft
        self._par = soft.par[region.people]
        self._n_shifts = int(soft.shift_of.max()) + 1
        self.allowed = region.allowed.copy()
        self.forced = region.forced.copy()
        places, days = np.nonzero(region.base >= 0)
        self.allowed[places, days, region.base[places, days]] = True
        self.forced[places, days] = True
        self.forget()

    def forget(self) -> None:
        """Forget the prices on shifts and weekends that earlier calls left."""
        self._kept = np.tile(_FIRST_KEPT, (len(self.region.people), 1))

    def price(
        self,
        cost: NDArray[np.float64],
        threshold: NDArray[np.float64],
        active: IntArray | None = None,
    ) -> Priced:
        """Find the cheapest legal rosters below a threshold.

        Parameters
        ----------
        cost
            Price of each shift, shape ``(n, n_days, n_types)``; soft limits are paid beside it.
        threshold
            Only rosters cheaper than this are wanted, one a person.
        active
            Places in the region's people to price; None for all.

        Returns
        -------
        Priced
            Bounds and rosters.
        """
        n = len(self.region.people)
        todo = np.arange(n) if active is None else active
        rosters, values = self._run(todo, cost, threshold)
        lower = threshold.copy()
        lower[todo] = np.minimum(threshold[todo], values[todo, 0])
        places, slots = np.nonzero((values < threshold[:, None]) & (values < INFINITE))
        return Priced(lower, places, rosters[places, slots].astype(np.int16), exact=True)

    def relaxed(self, cost: NDArray[np.float64]) -> tuple[NDArray[np.float64], IntArray]:
        """Price everybody once.

        Parameters
        ----------
        cost
            Price of each shift, shape ``(n, n_days, n_types)``.

        Returns
        -------
        tuple[NDArray[np.float64], IntArray]
            Least cost of each person, and how many would work each cell.
        """
        n = len(self.region.people)
        rosters, values = self._run(np.arange(n), cost, np.full(n, INFINITE / 10))
        cover = self.region.compiled.grid.cover(rosters[:, 0].astype(np.int16))
        return values[:, 0], cover

    def _run(
        self, todo: IntArray, cost: NDArray[np.float64], threshold: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Call the kernels, in threads when there is enough to do; the others get no roster."""
        n, days, _ = cost.shape
        rosters = np.full((n, self.params.slots, days), -1, dtype=np.int64)
        values = np.full((n, self.params.slots), INFINITE)
        soft = self._soft

        def call(people: IntArray) -> None:
            kernels.price_people(
                people, cost, self.allowed, self.forced, soft.shift_of, self._n_shifts,
                soft.first_arc, soft.arcs, soft.first_state, soft.works, self._par, soft.prices,
                threshold, self._kept, rosters, values,
            )  # fmt: skip

        threads = self.params.threads
        if threads == 1 or len(todo) < 2 * threads:
            call(todo)
        else:
            parts = np.array_split(todo, min(len(todo), threads * _CHUNKS_A_THREAD))
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(call, parts))
        return rosters, values
