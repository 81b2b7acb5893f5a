"""Which guards a procedure of each family must name.

A definition file without one of these does not load. The table is code, not data: leaving out a guard
takes a change of the program, which changes its digest, its tests and its review.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FAMILIES"]

FAMILIES: Final[Mapping[str, frozenset[str]]] = {
    "reinforcement": frozenset({"named-decider", "offers", "commitments", "roll"}),
    "arrangement": frozenset({"named-decider"}),
    "information": frozenset({"named-decider", "originator-control"}),
}
"""Mandatory guards by family; each must stand under ``guards`` of the definition."""
