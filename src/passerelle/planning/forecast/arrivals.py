"""What will really arrive, from what became of earlier promises: a forecast, never a count.

For each stage the share of people that come in the end is Beta distributed. The prior stands for what
is seen in the field; every past line of the partner adds one observation, its own share, so that a
contingent of two hundred does not count two hundred times (people of one line come or stay
together). The posterior mean is the expected share; the people who will arrive of ``n`` are its
quantiles times ``n``.

Priors: asked .82 (1,800 came of 2,185 asked in 2024) [D]; offered .9, committed .95 [A]; weight of a
prior: 12 lines [A].

References: Gelman et al. (2013), *Bayesian Data Analysis*, section 2.4 (Beta prior, its weight as
earlier observations).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from passerelle.kernel.counts import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PRIORS", "Arrivals", "Past", "Record", "arrivals", "expected_share"]

PRIORS: Final[Mapping[Stage, float]] = {
    Stage.ASKED: 0.82,
    Stage.OFFERED: 0.9,
    Stage.ACCEPTED: 0.95,
}
"""Share of people at a stage that arrive in the end, before a partner's own record is known."""

_WEIGHT: Final = 12.0
_DRAWS: Final = 4096


@dataclass(frozen=True, slots=True)
class Past:
    """Say what became of one capability in one dossier that is over.

    Parameters
    ----------
    capability
        Code of the catalogue.
    asked, offered, committed, arrived
        Distinct people at each stage.
    """

    capability: str
    asked: int
    offered: int
    committed: int
    arrived: int

    def share(self, stage: Stage) -> float | None:
        """Return the part of the people at a stage who arrived; ``None`` when there were none."""
        base = {
            Stage.ASKED: self.asked,
            Stage.OFFERED: self.offered,
            Stage.ACCEPTED: self.committed,
        }[stage]
        return min(1.0, self.arrived / base) if base else None


@dataclass(frozen=True, slots=True)
class Record:
    """Hold the past of one partner."""

    pasts: tuple[Past, ...]

    def shares(self, stage: Stage) -> tuple[float, ...]:
        """Return the shares that arrived, one a past line."""
        found = (past.share(stage) for past in self.pasts)
        return tuple(share for share in found if share is not None)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Forecast how many of a number of people arrive.

    Parameters
    ----------
    people
        Of how many.
    low, central, high
        People of whom at least so many arrive in 90 %, 50 % and 10 % of the draws.
    n_past
        Past lines on which it rests; 0 when it is the prior alone.
    """

    people: int
    low: int
    central: int
    high: int
    n_past: int


def expected_share(record: Record | None, stage: Stage) -> float:
    """Return the share of people at a stage expected to arrive, above 0 and up to 1."""
    alpha, beta = _posterior(record, stage)
    return alpha / (alpha + beta)


def arrivals(
    record: Record | None, people_by_stage: Mapping[Stage, int], random: np.random.Generator
) -> Arrivals:
    """Forecast arrivals of one partner.

    Parameters
    ----------
    record
        What is known of it; ``None`` when nothing.
    people_by_stage
        People that stand at each stage and at none further: asked, offered, co-signed.
    random
        Where chance comes from.
    """
    coming = np.zeros(_DRAWS)
    for stage, people in people_by_stage.items():
        if people:
            coming += people * random.beta(*_posterior(record, stage), size=_DRAWS)
    low, central, high = (int(np.floor(np.quantile(coming, q) + 0.5)) for q in (0.1, 0.5, 0.9))
    n_past = 0 if record is None else len(record.pasts)
    return Arrivals(sum(people_by_stage.values()), low, central, high, n_past)


def _posterior(record: Record | None, stage: Stage) -> tuple[float, float]:
    shares = () if record is None else record.shares(stage)
    alpha = _WEIGHT * PRIORS[stage] + sum(shares)
    return alpha, _WEIGHT * (1 - PRIORS[stage]) + len(shares) - sum(shares)
