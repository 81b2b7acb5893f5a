"""What the node itself proposes as the fields of an act, before a person checks and signs it.

Figures and digests are computed, never typed: the person sees exactly what would be signed and may
leave it. Everything else begins empty, or with what the address carries.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from passerelle.kernel.problems import RefusedError
from passerelle.node.dossiers.statistics import (
    compute_payload,
    confirm_payload,
    disclosure_payload,
)
from passerelle.procedures.casework.facts import GATES
from passerelle.procedures.counting.cohorts import Cohort
from passerelle.procedures.standing.groups import read_meeting
from passerelle.procedures.standing.releases import read_release

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.kernel.canonical import Json
    from passerelle.kernel.clock import Clock
    from passerelle.procedures.dossier import Dossier

__all__ = ["propose", "propose_opening", "read_cohort"]

_REVIEWS = {"review": GATES, "review-again": GATES, "recheck": ("S8",)}
"""Acts that answer gates, and which: the verdicts are the official's alone."""
_MINUTES = frozenset({"exchange", "adopt", "adopt-with-reservation"})


def propose(dossier: Dossier, act: str) -> dict[str, Json]:
    """Return the fields that the node proposes for an act; empty when it proposes nothing."""
    name = dossier.definition.id
    if name == "statistics-release":
        return _figures(dossier, act)
    if name == "meeting" and act in _MINUTES:
        minutes = read_meeting(dossier).minutes
        return {"minutes_hash": minutes} if minutes else {}
    if act in _REVIEWS:
        return {"gates": [{"gate": code} for code in _REVIEWS[act]]}
    return {}


def propose_opening(
    procedure: str, act: str, query: Mapping[str, str], clock: Clock
) -> dict[str, Json]:
    """Return the fields that the node proposes for the first act of a dossier."""
    if (procedure, act) == ("statistics-release", "compute") and "cut_off" in query:
        return compute_payload(read_cohort(query), None, clock)
    return {}


def read_cohort(query: Mapping[str, str]) -> Cohort:
    """Read a cohort from an address.

    Raises
    ------
    RefusedError
        When a day is none, or they are not in order.
    """
    try:
        return Cohort(
            query.get("corridor", ""),
            *(date.fromisoformat(query.get(name, "")) for name in ("from", "to", "cut_off")),
        )
    except ValueError as error:
        raise RefusedError(
            "Expected a corridor and three days in order: {reason}",
            code="statistics.cohort",
            reason=error,
        ) from None


def _figures(dossier: Dossier, act: str) -> dict[str, Json]:
    found = read_release(dossier)
    if act == "confirm-figures":
        return confirm_payload(found)
    if act == "check-disclosure":
        return disclosure_payload(found)
    if act == "reconcile":
        return {"results_hash": next(side.digest for side in found.sides if side.digest)}
    if act in {"approve", "publish"} and found.digest:
        return {"release_hash": found.digest}
    return {}
