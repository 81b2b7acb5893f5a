"""What a solve returns: the plan, its value, the proof of how good it is, and how it was made."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.planning.roster.plan import Plan

__all__ = ["OPTIMAL_GAP", "Certificate", "PriceSpan", "Result", "Status", "relative_gap"]

OPTIMAL_GAP: Final = 1e-6
"""Relative gap up to which a plan counts as proved optimal."""

_ROUNDING: Final = 1e-9


class Status(StrEnum):
    """How far the solve came."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PriceSpan:
    """Pay ``price`` points a crew-hour in ``[start_min, end_min)``."""

    start_min: int
    end_min: int
    price: float


@dataclass(frozen=True, slots=True)
class Certificate:
    """Hold the prices from which anybody can recompute the bound.

    Parameters
    ----------
    instance_hash
        What it refers to.
    need
        Price of cover by track of need; may be negative where surplus costs.
    escorts
        Price ``>= 0`` of the escort rule by site.
    limits
        Price ``>= 0`` of each limit, in the order of the instance.
    beds
        Price ``>= 0`` a person by ``(base, night)``.
    bound
        The bound that the solver claims.

    Notes
    -----
    For prices of this sign, the least cost of every crew by itself plus the least cost of every need
    by itself is never above the cost of the best plan (Lagrangian duality [1]_).

    References
    ----------
    .. [1] Geoffrion (1974), "Lagrangean relaxation for integer programming", section 3.
    """

    instance_hash: str
    need: Mapping[str, tuple[PriceSpan, ...]]
    escorts: Mapping[str, tuple[PriceSpan, ...]]
    limits: tuple[tuple[PriceSpan, ...], ...]
    beds: Mapping[tuple[str, int], float]
    bound: float


@dataclass(frozen=True, slots=True)
class Result:
    """Report a solve.

    Parameters
    ----------
    status
        OPTIMAL only with proof; UNKNOWN when stopped before a plan was found.
    plan
        Best plan, ``None`` when there is none.
    value
        Its cost in points; ``inf`` without plan.
    terms
        Cost by term; sums to the value.
    bound
        Proven lower bound on the cost of every plan.
    seed
        Seed of all random choices.
    versions
        Versions of engine and libraries.
    instance_hash
        What was solved.
    certificate
        Prices that prove the bound, when there are any.
    seconds, peak_mb
        Wall-clock time and peak memory of the process.
    iterations
        Rounds of pricing and improvement, for reproduction.
    """

    status: Status
    plan: Plan | None
    value: float
    terms: Mapping[str, float]
    bound: float
    seed: int
    versions: Mapping[str, str]
    instance_hash: str
    certificate: Certificate | None
    seconds: float
    peak_mb: float
    iterations: Mapping[str, int] = field(default_factory=dict)

    @property
    def gap(self) -> float:
        """``(value - bound) / value``, at least 0; ``inf`` without plan."""
        return relative_gap(self.value, self.bound)


def relative_gap(value: float, bound: float) -> float:
    """Return ``(value - bound) / |value|``; 0 when the two agree."""
    if value == float("inf"):
        return float("inf")
    distance = max(0.0, value - bound)
    return 0.0 if distance <= _ROUNDING else distance / max(abs(value), _ROUNDING)
