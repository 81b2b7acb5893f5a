"""Make offers of an event: every contingent at a given stage is one offer.

The instance that the choice starts from holds the host's groups and those contingents that are
already accepted; groups that are only offered become :class:`Offer` values in the same terms.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from passerelle.kernel.counts import Stage
from passerelle.planning.mix.values import Offer
from passerelle.planning.need.values import Level
from passerelle.planning.roster.build import build_instance

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from passerelle.planning.force import CrewGroup, Force
    from passerelle.planning.need.values import Need
    from passerelle.planning.programme import Event
    from passerelle.planning.roster.instance import Group, Instance

__all__ = ["held_instance", "offers_of"]


def offers_of(
    event: Event,
    need: Need,
    force: Force,
    *,
    stages: Collection[Stage] = (Stage.OFFERED,),
    level: Level = Level.CENTRAL,
) -> tuple[Instance, tuple[Offer, ...]]:
    """Split a force into what is held and what is offered.

    Parameters
    ----------
    event, need, force
        What is planned.
    stages
        Contingents whose groups are at one of these stages are offers; with ``Stage.ACCEPTED`` among
        them a choice already made can be questioned again.
    level
        Which level of the need is the target.

    Returns
    -------
    tuple
        The instance without the offers, and the offers by code.
    """
    offered = [g for g in force.groups if g.contingent_id and g.stage in set(stages)]
    everything = replace(
        force,
        groups=tuple(
            replace(g, stage=Stage.ACCEPTED) if g.contingent_id and g.stage in set(stages) else g
            for g in force.groups
        ),
    )
    whole = build_instance(event, need, everything, level=level)
    codes = {group.id for group in offered}
    compiled = {group.code: group for group in whole.groups if group.code in codes}
    by_code: dict[str, list[CrewGroup]] = {}
    for group in offered:
        by_code.setdefault(group.contingent_id, []).append(group)
    offers = tuple(
        Offer(
            code,
            groups[0].owner,
            tuple(compiled[group.id] for group in groups),
            {group.id: group.cost_eur_day for group in groups},
        )
        for code, groups in sorted(by_code.items())
    )
    return held_instance(whole, offers), offers


def held_instance(instance: Instance, offers: Sequence[Offer]) -> Instance:
    """Return the instance without the groups of the offers."""
    offered = {group.code for offer in offers for group in offer.groups}
    return replace(
        instance, groups=tuple(group for group in instance.groups if group.code not in offered)
    )


def joined_instance(instance: Instance, offers: Sequence[Offer]) -> Instance:
    """Return the instance with the groups of the offers."""
    known: Mapping[str, Group] = {group.code: group for group in instance.groups}
    added = [g for offer in offers for g in offer.groups if g.code not in known]
    return replace(instance, groups=(*instance.groups, *added))
