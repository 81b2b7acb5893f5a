"""Split what is asked for over partners: by what each can give, how surely it comes, and its languages.

Each ask is apportioned in whole crews by largest remainders (Hamilton's method; Balinski & Young 1982,
*Fair Representation*, chapter 3) with the partners' capacities as caps: quotas beyond a cap are set
to it and the rest is apportioned again. The share of a partner is proportional to what it is known to have and has not
been asked for yet, times the part of what it was asked in the past that really came, times factors for
a language or supporters wanted there.

What is asked in all is the ask over the expected fill (F13). Crumbs are avoided: at most so many
partners share a line, those with the largest shares. What is tied to a nation (its supporters, a
capability doubled on its days) is served before what anybody could do, since few can stand in for
its own people. What nobody is known to have is left over and
said, never spread on paper.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.planning.need.formulas import ceil_one

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from passerelle.planning.asking.lines import Ask

__all__ = ["Left", "Partner", "Share", "SplitParams", "split"]


@dataclass(frozen=True, slots=True)
class Partner:
    """Say what is known of a partner.

    Parameters
    ----------
    state
        ISO 3166-1 alpha-2 code.
    holdings
        People it is known to have, by capability; a capability that is not named is not known.
    languages
        Languages its people speak.
    fill
        Part of what it is asked that is expected to come, above 0 and up to 1.
    is_known
        Whether its holdings are known at all; a partner of which nothing is known may be asked for
        anything.
    """

    state: str
    holdings: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    languages: tuple[str, ...] = ()
    fill: float = 0.82
    is_known: bool = True

    def __post_init__(self) -> None:
        if not 0 < self.fill <= 1:
            raise ValueError(f"Expected 0 < fill <= 1, got {self.fill}.")


@dataclass(frozen=True, slots=True)
class SplitParams:
    """Set how asks are split.

    Parameters
    ----------
    most_partners
        Partners that may share one ask.
    language_factor, supporters_factor
        How much more a partner is asked when it speaks a language wanted there, or when its own
        supporters are expected there.
    unknown_weight
        Weight, in crews, of a partner of which nothing is known.
    """

    most_partners: int = 6
    language_factor: float = 2.0
    supporters_factor: float = 4.0
    unknown_weight: float = 2.0

    def __post_init__(self) -> None:
        if self.most_partners < 1 or min(self.language_factor, self.supporters_factor) < 1:
            raise ValueError("Expected most_partners >= 1 and factors >= 1.")


@dataclass(frozen=True, slots=True)
class Share:
    """Ask one partner for a part.

    Parameters
    ----------
    ask
        Code of the ask.
    state
        The partner.
    crews, units
        Crews to come, and posts they hold at the same time.
    reasons
        Codes of what raised its share: ``holdings``, ``unknown``, ``language``, ``supporters``.
    """

    ask: str
    state: str
    crews: int
    units: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """State what no partner is known to have."""

    ask: str
    crews: int


def split(
    asks: Sequence[Ask],
    partners: Sequence[Partner],
    nations: Mapping[str, str] = MappingProxyType({}),
    params: SplitParams | None = None,
) -> tuple[tuple[Share, ...], tuple[Left, ...]]:
    """Split asks over partners; the same input gives the same split.

    Parameters
    ----------
    asks
        What is missing; what is tied to a nation is served first, then the largest.
    partners
        Who may be asked.
    nations
        State by code of the nation in the programme.
    params
        Defaults when ``None``.

    Returns
    -------
    tuple
        Shares by ask and state, and what is left over.
    """
    params = params or SplitParams()
    used: dict[tuple[str, str], list[tuple[Ask, int]]] = {}
    shares: list[Share] = []
    left: list[Left] = []
    for ask in sorted(asks, key=lambda one: (not one.nations, -one.unit_hours, one.code)):
        found, rest = _split_one(ask, partners, nations, used, params)
        shares += found
        if rest:
            left.append(Left(ask.code, rest))
        for share in found:
            used.setdefault((share.state, ask.capability), []).append((ask, share.crews))
    return (
        tuple(sorted(shares, key=lambda one: (one.ask, one.state))),
        tuple(sorted(left, key=lambda one: one.ask)),
    )


def _split_one(
    ask: Ask,
    partners: Sequence[Partner],
    nations: Mapping[str, str],
    used: Mapping[tuple[str, str], Iterable[tuple[Ask, int]]],
    params: SplitParams,
) -> tuple[list[Share], int]:
    weights: dict[str, float] = {}
    caps: dict[str, int | None] = {}
    reasons: dict[str, list[str]] = {}
    supporters = {nations.get(code, code) for code in ask.nations}
    for partner in partners:
        cap = _capacity(ask, partner, used.get((partner.state, ask.capability), ()))
        if cap == 0:
            continue
        why = ["unknown" if cap is None else "holdings"]
        weight = (params.unknown_weight if cap is None else float(cap)) * partner.fill
        if set(partner.languages) & set(ask.languages):
            weight, why = weight * params.language_factor, [*why, "language"]
        if partner.state in supporters:
            weight, why = weight * params.supporters_factor, [*why, "supporters"]
        weights[partner.state], caps[partner.state], reasons[partner.state] = weight, cap, why
    chosen = sorted(weights, key=lambda state: (-weights[state], state))[: params.most_partners]
    if not chosen:
        return [], ask.crews
    fills = {partner.state: partner.fill for partner in partners}
    total = sum(weights[state] for state in chosen)
    expected = sum(fills[state] * weights[state] for state in chosen) / total
    wanted = ceil_one(ask.crews / expected)
    given = _apportion(wanted, [(state, weights[state], caps[state]) for state in chosen])
    shares = [
        Share(ask.code, state, crews, min(crews, max(1, round(crews * ask.units / ask.crews))),
              tuple(reasons[state]))
        for state, crews in given.items()
        if crews
    ]  # fmt: skip
    coming = sum(share.crews * fills[share.state] for share in shares)
    return shares, max(0, int(ask.crews - coming + 1e-9)) if sum(given.values()) < wanted else 0


def _capacity(ask: Ask, partner: Partner, used: Iterable[tuple[Ask, int]]) -> int | None:
    """Return the crews a partner still has for an ask; ``None`` when that is not known."""
    if not partner.is_known:
        return None
    crews = partner.holdings.get(ask.capability, 0) // ask.unit_people
    return max(0, crews - sum(n for other, n in used if other.during.overlaps(ask.during)))


def _apportion(wanted: int, claims: Sequence[tuple[str, float, int | None]]) -> dict[str, int]:
    """Apportion whole crews by largest remainders, caps respected."""
    given = dict.fromkeys((state for state, _, _ in claims), 0)
    open_claims = list(claims)
    rest = wanted
    while rest > 0 and open_claims:
        total = sum(weight for _, weight, _ in open_claims)
        quotas = [(state, rest * weight / total, cap) for state, weight, cap in open_claims]
        over = {state: cap for state, quota, cap in quotas if cap is not None and quota >= cap}
        if not over:
            for state, crews in _largest_remainders(rest, quotas):
                given[state] = crews
            break
        given |= over
        rest -= sum(over.values())
        open_claims = [claim for claim in open_claims if claim[0] not in over]
    return given


def _largest_remainders(
    seats: int, quotas: Sequence[tuple[str, float, int | None]]
) -> list[tuple[str, int]]:
    whole = {state: int(quota + 1e-9) for state, quota, _ in quotas}
    order = sorted(quotas, key=lambda q: (-(q[1] - whole[q[0]]), q[0]))
    for state, _, _ in order[: seats - sum(whole.values())]:
        whole[state] += 1
    return list(whole.items())
