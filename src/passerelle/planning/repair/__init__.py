"""Repair a published plan: the fewest duties touched that make good what a change broke.

:func:`repair` answers changes of a :class:`Published` plan, which is made ready once for many
questions. Change files are read by :mod:`passerelle.planning.formats.change_file`.
"""

from passerelle.planning.repair.aftermath import Past, need_after, programme_after
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
from passerelle.planning.repair.published import Published, follow, instance_after
from passerelle.planning.repair.repair import repair
from passerelle.planning.repair.values import Notice, Repair, RepairParams, Touch, TouchKind

__all__ = [
    "Change",
    "ContingentGone",
    "ContingentLate",
    "ContingentSmaller",
    "CrewIll",
    "Notice",
    "Past",
    "PostAdded",
    "Published",
    "Repair",
    "RepairParams",
    "RiskRaised",
    "SessionAdded",
    "SessionCancelled",
    "SessionMoved",
    "SiteClosed",
    "Touch",
    "TouchKind",
    "follow",
    "instance_after",
    "need_after",
    "programme_after",
    "repair",
]
