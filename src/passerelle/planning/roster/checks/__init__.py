"""The rules of a plan, one module each: what it asks, how the engine holds it, a slow reference.

Nothing of the solver is used here. :mod:`passerelle.planning.roster.check` asks all of them of a plan.
"""

from __future__ import annotations

from typing import Final

from passerelle.planning.roster.checks import (
    allowed_site,
    availability,
    beds,
    capability,
    catalogue,
    duty_length,
    escort,
    horizon,
    hours,
    limit,
    locked,
    night_length,
    nights,
    one_a_day,
    reach,
    rest,
    run_least,
    run_most,
    run_nights,
    sliding_hours,
    strength,
    weekends,
    weekly_rest,
)
from passerelle.planning.roster.checks.rule import Rule
from passerelle.planning.roster.checks.violation import Violation

__all__ = ["ASKS", "RULES", "Rule", "Violation"]

RULES: Final[tuple[Rule, ...]] = (
    strength.RULE,
    locked.RULE,
    reach.RULE,
    availability.RULE,
    duty_length.RULE,
    night_length.RULE,
    one_a_day.RULE,
    rest.RULE,
    run_least.RULE,
    run_most.RULE,
    weekly_rest.RULE,
    run_nights.RULE,
    nights.RULE,
    hours.RULE,
    sliding_hours.RULE,
    weekends.RULE,
    capability.RULE,
    allowed_site.RULE,
    catalogue.RULE,
    horizon.RULE,
    escort.RULE,
    limit.RULE,
    beds.RULE,
)
"""All rules, in the order in which they are asked: groups, lines, posts, places."""

ASKS: Final = {rule.code: rule.asks for rule in RULES}
"""What each rule asks, by its word."""
