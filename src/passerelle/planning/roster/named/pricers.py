"""Choose how the persons of a region are priced: by hard limits or by soft ones.

Both find the cheapest roster of each person at given prices, and a lower bound with it. Master, ascent, dives,
tree and improvement know no more of a person than that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from passerelle.planning.roster.named.pricing import Pricer
from passerelle.planning.roster.named.soft.pricing import SoftPricer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from passerelle.planning.roster.named.instance import BoolArray, IntArray
    from passerelle.planning.roster.named.pricing import Priced, PricingParams
    from passerelle.planning.roster.named.region import Region

__all__ = ["RegionPricer", "pricer_for"]


class RegionPricer(Protocol):
    """Price the people of one region; see :class:`.pricing.Pricer` for the meaning of every part.

    ``allowed`` and ``forced`` may be replaced between two calls, as a dive does.
    """

    region: Region
    params: PricingParams
    allowed: BoolArray
    forced: BoolArray

    def forget(self) -> None:
        """Forget what was learnt about limits."""

    def price(
        self,
        cost: NDArray[np.float64],
        threshold: NDArray[np.float64],
        active: IntArray | None = None,
    ) -> Priced:
        """Find the cheapest legal rosters below a threshold."""

    def relaxed(self, cost: NDArray[np.float64]) -> tuple[NDArray[np.float64], IntArray]:
        """Price everybody once, roughly: lower bounds and cover."""


def pricer_for(
    region: Region, params: PricingParams, hot: NDArray[np.bool_] | None = None
) -> RegionPricer:
    """Return the pricer that a region needs.

    Parameters
    ----------
    region
        What is free.
    params
        Options.
    hot
        Limits known to bind, where limits are hard.
    """
    soft = region.compiled.soft
    return Pricer(region, params, hot) if soft is None else SoftPricer(region, soft, params)
