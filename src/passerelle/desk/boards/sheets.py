"""The postings behind a duty sheet: only those of the group or site it is printed for."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np

from passerelle.desk.boards.roster import crew_ranges
from passerelle.kernel.times import Interval
from passerelle.standards.plans.postings import PlanDocument, Posting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.desk.facts import Facts
    from passerelle.node.plans.table import PlanTable
    from passerelle.planning.force import CrewGroup

__all__ = ["plan_document"]


def plan_document(
    facts: Facts,
    site_names: Mapping[str, str],
    *,
    first: date,
    days: int,
    group: str = "",
    site: str = "",
) -> PlanDocument | None:
    """Collect the postings of one group or one site that begin on the days named.

    Returns
    -------
    PlanDocument or None
        ``None`` when there is no plan or nobody is posted.
    """
    event, version, table = facts.event, facts.version, facts.table
    if version is None or table is None:
        return None
    low = datetime.combine(first, time(0), tzinfo=facts.zone)
    high = low + timedelta(days=days)
    chosen = (table.duty_start >= low.timestamp()) & (table.duty_start < high.timestamp())
    for wanted, codes, column in (
        (group, table.groups, table.duty_group),
        (site, table.sites, table.duty_site),
    ):
        if wanted:
            chosen &= column == (codes.index(wanted) if wanted in codes else -1)
    groups = {entry.id: entry for entry in facts.force.groups}
    postings = tuple(
        _posting(row, table, groups, site_names)
        for row in np.flatnonzero(chosen).tolist()
        if table.groups[table.duty_group[row]] in groups
    )
    if not postings:
        return None
    return PlanDocument(
        event=event.code,
        event_name=event.name,
        zone=event.time_zone,
        version=version.number,
        published=version.published_at or version.created_at,
        postings=postings,
    )


def _posting(
    row: int,
    table: PlanTable,
    groups: Mapping[str, CrewGroup],
    site_names: Mapping[str, str],
) -> Posting:
    line = int(table.duty_line[row])
    group = groups[table.groups[table.line_group[line]]]
    crews = int(table.line_crews[line])
    site = table.sites[table.duty_site[row]]
    return Posting(
        key=f"D{row}",
        site=site,
        site_name=site_names.get(site, site),
        post="",
        capability=table.capabilities[table.duty_capability[row]],
        group=group.id,
        group_name=group.name,
        state=group.owner,
        crew=crew_ranges(table.crew_numbers(line)),
        crews=crews,
        people=crews * group.crew_people,
        during=Interval(
            datetime.fromtimestamp(int(table.duty_start[row]), UTC),
            datetime.fromtimestamp(int(table.duty_end[row]), UTC),
        ),
    )
