"""Say why a post is short, what would fill it, and what a change would do."""

from passerelle.planning.explain.conflict import Conflict, conflict_of
from passerelle.planning.explain.prices import CrewPrice, crew_prices
from passerelle.planning.explain.short import Candidate, ShortCell, explain_short
from passerelle.planning.explain.substitutes import Reason, Substitute, substitutes
from passerelle.planning.explain.unserved import Unserved, unserved
from passerelle.planning.explain.what_if import CoverChange, WhatIf, what_if

__all__ = [
    "Candidate",
    "Conflict",
    "CoverChange",
    "CrewPrice",
    "Reason",
    "ShortCell",
    "Substitute",
    "Unserved",
    "WhatIf",
    "conflict_of",
    "crew_prices",
    "explain_short",
    "substitutes",
    "unserved",
    "what_if",
]
