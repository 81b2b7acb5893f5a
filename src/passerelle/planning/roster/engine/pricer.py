"""The seam between the master and whatever builds lines: events, named rosters, public instances."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    import numpy as np
    import numpy.typing as npt

__all__ = ["Priced", "PricedLine", "Pricer"]


@dataclass(frozen=True, slots=True)
class PricedLine:
    """Offer one column to the master.

    Parameters
    ----------
    group
        Index of the convexity row it belongs to.
    cost
        Own cost of the line.
    rows, values
        Coefficients on the rows of the master.
    key
        What the line is (hashable, for duplicates and for reading the solution back).
    """

    group: int
    cost: float
    rows: npt.NDArray[np.int32]
    values: npt.NDArray[np.float64]
    key: Hashable


@dataclass(frozen=True, slots=True)
class Priced:
    """Answer of a pricer for one group.

    Parameters
    ----------
    lines
        Lines with negative reduced cost, best first; empty when none was found.
    least
        Lower bound on ``cost - duals · coefficients`` over *all* lines of the group, before the
        convexity dual; exact minimum when ``is_exact``.
    is_exact
        Whether ``least`` is proved; only then the round yields a bound.
    """

    lines: Sequence[PricedLine] = field(default_factory=tuple)
    least: float = float("-inf")
    is_exact: bool = False


class Pricer(Protocol):
    """Find lines of one group that improve the master."""

    def price(
        self, group: int, duals: npt.NDArray[np.float64], convexity: float, *, exact: bool
    ) -> Priced:
        """Return lines with ``cost - duals · coefficients - convexity < 0``.

        Parameters
        ----------
        group
            Index of the group.
        duals
            Price of each row of the master.
        convexity
            Price of one crew of the group.
        exact
            Whether the answer must be exact (to close the bound) or may be quick.
        """
        ...
