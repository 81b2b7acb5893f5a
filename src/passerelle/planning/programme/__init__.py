"""The event that is planned: venues, sessions, blocks with their phases, manual posts."""

from passerelle.planning.programme.event import (
    AlertArea,
    Assumption,
    Doubling,
    Event,
    ManualPost,
    Nation,
    Qualification,
)
from passerelle.planning.programme.session import (
    Block,
    Phase,
    PhaseWindow,
    SearchLevel,
    Session,
    Supporters,
    Threat,
)
from passerelle.planning.programme.venue import BagPolicy, Site, SiteKind, Venue

__all__ = [
    "AlertArea",
    "Assumption",
    "BagPolicy",
    "Block",
    "Doubling",
    "Event",
    "ManualPost",
    "Nation",
    "Phase",
    "PhaseWindow",
    "Qualification",
    "SearchLevel",
    "Session",
    "Site",
    "SiteKind",
    "Supporters",
    "Threat",
    "Venue",
]
