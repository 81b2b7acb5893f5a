"""The soft rules of a day grid, one module each: slow reference, explanation, how pricing holds it."""

from __future__ import annotations

from typing import Final

from passerelle.planning.roster.named.soft.rules import (
    rest_runs,
    same_runs,
    shifts,
    weekends,
    whole_weekends,
    work_runs,
)
from passerelle.planning.roster.named.soft.rules.payment import Payment, SoftRule

__all__ = ["SOFT_RULES", "Payment", "SoftRule"]

SOFT_RULES: Final[tuple[SoftRule, ...]] = (
    shifts.RULE,
    work_runs.RULE,
    same_runs.RULE,
    rest_runs.RULE,
    weekends.RULE,
    whole_weekends.RULE,
)
"""All soft rules, in the order of reports."""
