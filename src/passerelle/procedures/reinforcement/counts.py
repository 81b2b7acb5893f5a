"""Counts: four units at seven stages, by capability, place and time (domain, section 1, rule 1).

A count is taken over an interval in the dossier as it stands:

- *asked*: lines of the request in force; *offered*: offers that stand, were accepted or committed;
  *accepted*: items of co-signed commitments less releases and recalls (an acceptance that is not yet
  co-signed allocates nothing and counts as offered);
- *named*: people on the roll; *cleared*: of these, who are deployable that day;
  *arrived*: who arrived and have not left; *on duty*: who did a duty.

Units: *posts* and *present* are the peak over the days of the interval, *people* are distinct, and
*person-days* sum over days the people present. From *named* on people are known one by one: *present*
on a day is those whose stay covers it, and *posts* are what these fill of the item's posts, in
proportion, rounded down. Animals are not people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.kernel.counts import Count, Stage, Unit
from passerelle.procedures.reinforcement.strands import days_of, figures_of, strands_of

if TYPE_CHECKING:
    from datetime import datetime

    from passerelle.kernel.times import Interval
    from passerelle.procedures.dossier import Dossier

__all__ = ["count_dossier"]


def count_dossier(
    dossier: Dossier,
    during: Interval,
    *,
    at: datetime,
    capability: str = "",
    place: str = "",
) -> tuple[Count, ...]:
    """Count one dossier: 4 units × 7 stages over an interval.

    Parameters
    ----------
    dossier
        A dossier of reinforcement.
    during
        The time to which the figures refer, whole days in UTC as a rule.
    at
        The instant at which validity of offers is judged.
    capability
        Only this capability; empty for all.
    place
        Only this site; empty for the whole event.

    Returns
    -------
    tuple of Count
        28 figures, stages in order, units in order.
    """
    strands, days = strands_of(dossier, at), list(days_of(during))
    found: list[Count] = []
    for stage in Stage:
        mine = [one for one in strands[stage] if one.matches(capability, place)]
        figures = figures_of(mine, days)
        values = (figures.posts, figures.present, figures.people, figures.person_days)
        found.extend(
            Count(value, unit, stage, place or "*", during)
            for unit, value in zip(Unit, values, strict=True)
        )
    return tuple(found)
