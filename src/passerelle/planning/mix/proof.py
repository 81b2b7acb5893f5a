"""Enclose the true worth of an offer between proven figures, from a checked roster.

The coverage model bounds every roster from below; a roster bounds the best one from above. What an
offer truly saves is the difference of two best rosters, so

    bound without − roster with  ≤  worth  ≤  roster without − bound with.

The roster without the offer is the one with it, less the lines of its crews: fewer crews that need
escorts break no rule, so it is valid. Only offers that bring escorts of their own are left open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.planning.roster.check import check
from passerelle.planning.roster.plan import Plan

if TYPE_CHECKING:
    from passerelle.planning.mix.programme import Choice, MixProgramme
    from passerelle.planning.mix.values import Offer

__all__ = ["roster_range"]


def roster_range(
    programme: MixProgramme, offer: Offer, without: Choice, with_it: Choice, plan: Plan | None
) -> tuple[float, float]:
    """Return least and most that an offer saves, its own price deducted.

    Parameters
    ----------
    programme
        The choice.
    offer
        The offer.
    without, with_it
        Choices without and with it.
    plan
        A checked plan of the instance with all offers; ``None`` gives an infinite range.
    """
    unknown = (float("-inf"), float("inf"))
    if plan is None or any(
        programme.instance.escort in group.capabilities for group in offer.groups
    ):
        return unknown
    upper_with = _roster(programme, with_it, plan)
    upper_without = _roster(programme, without, plan)
    return without.score - upper_with, upper_without - with_it.score


def _roster(programme: MixProgramme, choice: Choice, plan: Plan) -> float:
    """Return what a roster with the crews of a choice costs: the plan, less the crews not taken."""
    instance = programme.instance
    room = dict(choice.crews)
    lines, euros = [], 0.0
    for line in plan.lines:
        crews = line.crews
        if line.group in room:
            crews = min(crews, room[line.group])
            room[line.group] -= crews
            offer = programme.offers[programme.owners[line.group]]
            euros += crews * len(line.duties) * offer.cost_eur.get(line.group, 0)
        if crews:
            lines.append(type(line)(line.group, crews, line.duties))
    report = check(instance, Plan(instance.hash, tuple(lines)))
    if report.violations:
        return float("inf")
    taken = [offer for offer in programme.offers.values() if choice.takes(offer.code)]
    fixed = sum(offer.fixed_eur for offer in taken)
    return (
        report.value
        + (euros + fixed) * programme.params.points_per_eur
        + len(taken) * programme.params.points_per_partner
    )
