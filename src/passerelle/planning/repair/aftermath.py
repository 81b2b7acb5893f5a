"""What stands after changes that were made good: the programme and the need.

The need is that of the changed sessions and added posts, less what a closed site asked while it was
closed. Changes of crews alone leave both as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from passerelle.kernel.capabilities import catalogue
from passerelle.planning.need import assess
from passerelle.planning.programme import ManualPost
from passerelle.planning.repair.apply import apply_to_programme
from passerelle.planning.repair.changes import PostAdded, SiteClosed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from passerelle.planning.need import Need
    from passerelle.planning.programme import Event
    from passerelle.planning.repair.changes import Change

__all__ = ["Past", "need_after", "programme_after"]


@dataclass(frozen=True, slots=True)
class Past:
    """Hold a change and the moment at which it was answered."""

    change: Change
    now: datetime


def programme_after(event: Event, pasts: Iterable[Past]) -> Event:
    """Return the programme after changes, added posts among its posts.

    Raises
    ------
    InputError
        When a change does not fit the programme.
    """
    for past in pasts:
        event = apply_to_programme(event, past.change, past.now)
        if isinstance(past.change, PostAdded):
            event = replace(event, posts=(*event.posts, _post(event, past.change)))
    return event


def need_after(event: Event, pasts: Sequence[Past]) -> Need:
    """Return the need of the programme after changes.

    Raises
    ------
    InputError
        When a change does not fit the programme.
    """
    need = assess(programme_after(event, pasts))
    for past in pasts:
        if isinstance(past.change, SiteClosed):
            need = _less(need, past.change)
    return need


def _post(event: Event, more: PostAdded) -> ManualPost:
    zone = ZoneInfo(event.timezone)
    start, end = more.start.astimezone(zone), more.end.astimezone(zone)
    return ManualPost(
        id=more.post,
        site_id=more.site,
        capability=more.capability,
        first_day=start.date(),
        last_day=start.date(),
        from_min=start.hour * 60 + start.minute,
        to_min=end.hour * 60 + end.minute or 1440,
        officers=more.crews * catalogue()[more.capability].unit_people,
        minimum_share=1.0,
        source="added after the plan was published",
        is_assumed=False,
    )


def _less(need: Need, closed: SiteClosed) -> Need:
    """Return a need without what a site asks while it is closed."""
    if closed.site not in need.site_ids:
        return need
    here = need.site == need.site_ids.index(closed.site)
    first, last = int(closed.start.timestamp()), int(closed.end.timestamp())
    head = np.flatnonzero(~here | (need.start < first))
    tail = np.flatnonzero(here & (need.end > last))
    rows = np.concatenate([head, tail])
    start = need.start[rows].copy()
    end = need.end[rows].copy()
    start[len(head) :] = np.maximum(start[len(head) :], last)
    is_cut = here[head]
    end[: len(head)][is_cut] = np.minimum(end[: len(head)][is_cut], first)
    order = np.lexsort((start, need.capability[rows], need.site[rows]))
    rows = rows[order]
    names = ("site", "capability", "low", "central", "high", "minimum", "weight", "moment")
    overlays = tuple(
        overlay
        for overlay in need.overlays
        if overlay.site_id != closed.site
        or overlay.interval.end <= closed.start
        or overlay.interval.start >= closed.end
    )
    return replace(
        need,
        start=start[order],
        end=end[order],
        overlays=overlays,
        **{name: getattr(need, name)[rows] for name in names},
    )
