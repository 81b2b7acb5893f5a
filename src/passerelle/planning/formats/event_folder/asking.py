"""What an event folder leaves open: the defaults used, why, and the question that replaces each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.planning.programme import Assumption

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.planning.formats.event_folder.settings import Settings
    from passerelle.planning.programme import ManualPost, Session, Venue

__all__ = ["assumptions"]

_EVENT: Final = (
    ("id", "event.id", "the name of the folder", "no event.toml", "What is the event called?"),
    ("name", "event.name", "the id", "no name given", "What is the event called?"),
    ("host", "event.host", "the country of most venues", "no host given", "Which state hosts?"),
    (
        "timezone",
        "event.timezone",
        "the zone of most venues",
        "no zone given",
        "In which time zone are days counted?",
    ),
    (
        "period",
        "event.from, event.to",
        "from the day before the first session to the day of the last",
        "no period given",
        "From when to when is the event planned?",
    ),
    (
        "threat",
        "event.threat",
        "standard",
        "no level given",
        "Which threat level does the responsible service expect?",
    ),
)

_SESSIONS: Final = {
    "attendance": (
        "85 % of the places",
        "coefficient default.attendance-share",
        "How many tickets are sold or people expected?",
    ),
    "risk": (
        "football 2, knock-out 3; finals of other sports 2, other sessions 1; ceremonies 5",
        "coefficients default.risk-*",
        "How does the football contact point, or the venue commander, class each session (1 to 5)?",
    ),
    "vip": (
        "0; 3 at ceremonies",
        "no class given",
        "Which protected visitors come (class 0 to 3)?",
    ),
    "heads_of_state": ("none", "no number given", "How many heads of State come?"),
    "threat": ("the level of the event", "no own level", "Does a session have its own level?"),
    "search": (
        "by threat, risk and visitors",
        "rule of F4",
        "How thoroughly will each site be searched?",
    ),
    "supporters": (
        "15 % of the crowd for each visiting football team, risk supporters unknown",
        "coefficient default.supporters-share",
        "How many supporters, and how many of risk, does each visiting state expect?",
    ),
    "times": ("as in the programme", "marked estimated there", "Are start and end confirmed?"),
}

_VENUES: Final = {
    "capacity": ("as in the table", "marked estimated there", "How many places does it have?"),
    "kind": (
        "stadium from 20,000 places, arena below",
        "no kind given",
        "Is it an arena, a stadium, a temporary site, a course or a fan zone?",
    ),
    "bags": ("mixed", "no rule given", "What may visitors bring?"),
    "static_posts": (
        "one for each 1,000 places",
        "coefficient steward.seats-static",
        "How many fixed steward posts does the site have?",
    ),
}


def assumptions(
    settings: Settings,
    venues: tuple[Venue, ...],
    sessions: tuple[Session, ...],
    posts: tuple[ManualPost, ...],
    reported: int,
) -> tuple[Assumption, ...]:
    """List every default used, the event's first.

    Parameters
    ----------
    settings, venues, sessions, posts
        What was read.
    reported
        Groups of partners that stand on a reported table.
    """
    found = [*_list(settings, venues, sessions, posts)]
    if reported:
        found.append(
            Assumption(
                "contingents.base_id",
                "smallest crews, lodged in the town that is named, under the rules for partners",
                "a reported table says no more",
                reported,
                "In which crews does each contingent come, where does it sleep, under which rules?",
            )
        )
    return tuple(found)


def _list(
    settings: Settings,
    venues: tuple[Venue, ...],
    sessions: tuple[Session, ...],
    posts: tuple[ManualPost, ...],
) -> Iterator[Assumption]:
    for name, field, value, basis, ask in _EVENT:
        if getattr(settings, name) is None:
            yield Assumption(field, value, basis, 1, ask)
    for kind, rows, table in (("venues", venues, _VENUES), ("sessions", sessions, _SESSIONS)):
        for name, (value, basis, ask) in table.items():
            count = sum(name in row.assumed for row in rows)
            if count:
                yield Assumption(f"{kind}.{name}", value, basis, count, ask)
    count = sum(post.is_assumed for post in posts)
    if count:
        yield Assumption(
            "territory.officers",
            "as in the table",
            "marked estimated there",
            count,
            "How many officers does the responsible service want at each post?",
        )
