"""Which guards a procedure of each family must name.

A definition file without one of these does not load. The table is code, not data: leaving out a guard
takes a change of the program, which changes its digest, its tests and its review.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FAMILIES"]

_PERSON: Final = frozenset(
    {
        "named-decider", "corridor-open", "transfer-basis", "rule-pack", "protection-bar",
        "court-order", "minor-bar", "status-bar", "enforceable-decision", "gates",
        "non-refoulement", "own-reasons", "lift",
    }
)  # fmt: skip

FAMILIES: Final[Mapping[str, frozenset[str]]] = {
    "reinforcement": frozenset({"named-decider", "offers", "commitments", "roll"}),
    "arrangement": frozenset({"named-decider"}),
    "information": frozenset({"named-decider", "originator-control"}),
    "identification": _PERSON
    | {
        "care-consent", "envelope", "informed-first", "proof-not-prima-facie",
        "silence-is-neutral", "reply-extension", "deletion-certificates", "onward-consent",
        "one-origin", "voluntary-consent", "retention",
    },
    "travel-document": _PERSON - {"minor-bar", "enforceable-decision", "non-refoulement"}
    | {"recheck", "recognised-first", "remedy-first", "document-dates"},
    "joint-interview": _PERSON
    - {"minor-bar", "status-bar", "enforceable-decision", "non-refoulement", "lift"}
    | {"interview-conditions"},
    "rights-request": frozenset({"named-decider", "rights-extension"}),
    "judicial": frozenset(
        {
            "named-decider", "judicial-authority", "speciality", "release-date",
            "consultation-first",
        }
    ),
    "commitment": frozenset({"named-decider", "verified-by-the-other"}),
    "meeting": frozenset({"named-decider", "quorum", "followed-up"}),
    "statistics-release": frozenset({"named-decider", "reconciled-figures"}),
    "cyber-report": frozenset({"named-decider"}),
}  # fmt: skip
"""Mandatory guards by family; each must stand under ``guards`` of the definition."""
