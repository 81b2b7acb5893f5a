"""The rules of a day grid, one module each: slow reference, explanation, how pricing holds it."""

from __future__ import annotations

from typing import Final

from passerelle.planning.roster.named.rules import (
    closed_days,
    least_minutes,
    longest_run,
    most_minutes,
    shortest_rest,
    shortest_run,
    succession,
    type_caps,
    weekends,
)
from passerelle.planning.roster.named.rules.breach import Breach, Rule

__all__ = ["RULES", "Breach", "Rule"]

RULES: Final[tuple[Rule, ...]] = (
    closed_days.RULE,
    succession.RULE,
    type_caps.RULE,
    least_minutes.RULE,
    most_minutes.RULE,
    shortest_run.RULE,
    longest_run.RULE,
    shortest_rest.RULE,
    weekends.RULE,
)
"""All rules, in the order in which a conflict is searched."""
