"""Law as dated data: rule packs (S52).

A rule pack names the texts in force, from when to when, and the figures that guards need. A guard
takes the pack of the act's date. When none is valid, nothing is sent: law that has lapsed in the
installation is a reason to stop, not a detail.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

__all__ = ["RulePack", "rule_packs"]


@dataclass(frozen=True, slots=True)
class RulePack:
    """Give the figures in force between two dates.

    Parameters
    ----------
    id
        Name, for example ``fr-return``.
    country
        State whose law it is.
    valid_from, valid_to
        First and last day in force.
    sources
        Texts on which it stands.
    figures
        Whole numbers by name, for example ``majority_years``.
    mark
        L, C or D.
    """

    id: str
    country: str
    valid_from: date
    valid_to: date
    sources: tuple[str, ...]
    figures: Mapping[str, int]
    mark: str

    def __post_init__(self) -> None:
        if self.valid_to < self.valid_from:
            raise ValueError(f"Expected valid_from <= valid_to, got {self.id}.")

    def is_valid(self, day: date) -> bool:
        """Tell whether the pack is in force on ``day``."""
        return self.valid_from <= day <= self.valid_to


@cache
def rule_packs(country: str) -> tuple[RulePack, ...]:
    """Return the rule packs of one state, oldest first; empty when none is known."""
    text = files("passerelle.procedures").joinpath("rulepacks.toml").read_text("utf-8")
    packs = [
        RulePack(
            id=row["id"],
            country=row["country"],
            valid_from=row["valid_from"],
            valid_to=row["valid_to"],
            sources=tuple(row["sources"]),
            figures=dict(row["figures"]),
            mark=row["mark"],
        )
        for row in tomllib.loads(text)["pack"]
    ]
    return tuple(
        sorted((pack for pack in packs if pack.country == country), key=lambda p: p.valid_from)
    )
