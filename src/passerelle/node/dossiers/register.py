"""Reads of standing cooperation: the register of commitments, the joint groups, the statistics.

Everything is folded from the record at each call, with a number of queries that does not depend on how
many dossiers there are. Nobody is asked for rights here; the callers ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.node.dossiers.queries import folded
from passerelle.procedures.counting.cases import known_at
from passerelle.procedures.counting.statement import Holdings
from passerelle.procedures.standing.commitments import read_commitment
from passerelle.procedures.standing.groups import read_groups
from passerelle.procedures.standing.releases import read_release

if TYPE_CHECKING:
    from datetime import datetime

    from passerelle.procedures.dossier import Dossier as DossierValue
    from passerelle.procedures.standing.commitments import Commitment
    from passerelle.procedures.standing.groups import Group
    from passerelle.procedures.standing.releases import Release

__all__ = ["commitments", "groups", "holdings", "judicial_requests", "releases"]

_COUNTED = ("identification", "travel-document", "meeting", "commitment", "judicial")


def commitments() -> tuple[Commitment, ...]:
    """Return the register, contested commitments first, then by deadline."""
    found = [read_commitment(value) for _, value in folded("commitment")]
    return tuple(
        sorted(
            found,
            key=lambda one: (
                not one.contested,
                one.ended_at is not None,
                one.due_on is None,
                one.due_on or one.touched_at.date(),
                one.case,
            ),
        )
    )


def groups(at: datetime) -> tuple[Group, ...]:
    """Return the joint groups as they stood at an instant."""
    known = (known_at(value, at) for _, value in folded("meeting"))
    return read_groups([one for one in known if one is not None], at.date())


def releases() -> tuple[Release, ...]:
    """Return the statistics releases, the newest cohort first."""
    found = [read_release(value) for _, value in folded("statistics-release")]
    return tuple(sorted(found, key=lambda one: (one.cohort.cut_off, one.case), reverse=True))


def judicial_requests() -> tuple[DossierValue, ...]:
    """Return the judicial requests, the newest act first."""
    found = [value for _, value in folded("judicial")]
    return tuple(sorted(found, key=lambda one: one.steps[-1].act.at, reverse=True))


def holdings(corridor: str) -> Holdings:
    """Return the dossiers of a corridor that are counted, as this node holds them."""
    return Holdings.of((value for _, value in folded(*_COUNTED)), corridor)
