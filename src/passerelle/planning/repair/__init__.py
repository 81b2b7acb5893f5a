"""Repair a published plan: the fewest duties touched that make good what a change broke.

``read_changes(path)`` reads a change file; ``repair(published, changes, now) -> Repair`` answers it,
where ``published`` is a :class:`Published` plan made ready once for many questions.
"""

from passerelle.planning.repair.changes import (
    Change,
    ContingentGone,
    ContingentLate,
    ContingentSmaller,
    CrewIll,
    PostAdded,
    RiskRaised,
    SessionAdded,
    SessionCancelled,
    SessionMoved,
    SiteClosed,
)
from passerelle.planning.repair.values import Notice, Repair, RepairParams, Touch

__all__ = [
    "Change",
    "ContingentGone",
    "ContingentLate",
    "ContingentSmaller",
    "CrewIll",
    "Notice",
    "PostAdded",
    "Repair",
    "RepairParams",
    "RiskRaised",
    "SessionAdded",
    "SessionCancelled",
    "SessionMoved",
    "SiteClosed",
    "Touch",
]
