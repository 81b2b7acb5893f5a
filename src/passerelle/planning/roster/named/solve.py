"""Solve a day grid: the one entry point.

All costs are whole numbers, so a bound of 1140.6 proves 1141. The best legal roster is kept from the
first second on; a solve may be cut anywhere. The order of work stands in :mod:`.search`.
"""

from __future__ import annotations

import resource
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np

from passerelle import __version__
from passerelle.planning.roster.named.arrays import compile_grid
from passerelle.planning.roster.named.bounds import Certificate
from passerelle.planning.roster.named.pricers import pricer_for
from passerelle.planning.roster.named.pricing import PricingParams
from passerelle.planning.roster.named.region import whole_grid
from passerelle.planning.roster.named.search import NamedParams, Run, Search
from passerelle.planning.roster.named.sweep import respond
from passerelle.planning.roster.observer import Silent
from passerelle.planning.roster.result import Status, relative_gap

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from passerelle.planning.roster.named.instance import DayGrid
    from passerelle.planning.roster.observer import Observer
    from passerelle.planning.roster.stop import Stop

__all__ = ["NamedParams", "NamedResult", "solve"]


@dataclass(frozen=True, slots=True, eq=False)
class NamedResult:
    """Report a solve of a day grid.

    Parameters
    ----------
    status
        OPTIMAL only with proof.
    roster
        Type worked or -1, shape ``(n_people, n_days)``; None when there is none.
    value, bound
        Cost of the roster and proven lower bound on that of every roster.
    certificate
        What proves the bound; see :func:`.bounds.check_certificate`.
    culprit
        Person for whom no legal roster was found, when ``status`` is UNKNOWN.
    seed, versions, instance_hash, seconds, peak_mb, iterations
        How it was made.
    """

    status: Status
    roster: NDArray[np.int16] | None
    value: float
    bound: float
    certificate: Certificate
    seed: int
    versions: Mapping[str, str]
    instance_hash: str
    seconds: float
    peak_mb: float
    iterations: Mapping[str, int] = field(default_factory=dict)
    culprit: int | None = None

    @property
    def gap(self) -> float:
        """``(value - bound) / value``."""
        return relative_gap(self.value, self.bound)


def solve(
    grid: DayGrid,
    stop: Stop,
    *,
    seed: int = 0,
    params: NamedParams | None = None,
    observer: Observer | None = None,
    start: NDArray[np.int16] | None = None,
) -> NamedResult:
    """Find a roster and prove how good it is.

    Parameters
    ----------
    grid
        The instance.
    stop
        When to stop.
    seed
        Seed of all random choices.
    params
        Options; defaults when None.
    observer
        Who wants to know the progress.
    start
        A legal roster to begin with.

    Returns
    -------
    NamedResult
        Roster, value, bound and certificate.
    """
    params = params or NamedParams()
    run = Run(grid, stop, observer or Silent())
    rng = np.random.default_rng(seed)
    compiled = compile_grid(grid)
    pricing = PricingParams(slots=1, threads=params.threads)
    region = whole_grid(compiled)
    if start is not None:
        run.offer(start, "start")
    # Responses break many limits that the root never meets; they have a pricer of their own.
    first, stuck = respond(
        pricer_for(region, pricing), start, rng, stop.is_over, sweeps=params.responses
    )
    if first is None:
        run.culprit = stuck
        return _result(run, seed, Status.UNKNOWN)
    run.offer(first, "respond")
    search = Search(run, params, pricer_for(region, pricing), rng)
    search.run_all()
    # Below the floor a roster is only the best that was found: its price says nothing about need.
    is_best = run.is_proved and run.roster is not None and not grid.short(run.roster)
    return _result(run, seed, Status.OPTIMAL if is_best else Status.FEASIBLE)


def _result(run: Run, seed: int, status: Status) -> NamedResult:
    """Wrap up."""
    return NamedResult(
        status=status,
        roster=run.roster,
        value=run.value,
        bound=run.whole_bound,
        certificate=Certificate(run.whole_bound, run.leaves, run.sums),
        culprit=run.culprit,
        seed=seed,
        versions={"passerelle": __version__}
        | {name: version(name) for name in ("highspy", "numba", "numpy")},
        instance_hash=run.grid.digest,
        seconds=run.stop.elapsed,
        peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        iterations=run.iterations,
    )
