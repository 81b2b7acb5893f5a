"""Say why a post is short and what would fill it."""

from passerelle.planning.explain.short import Candidate, ShortCell, explain_short

__all__ = ["Candidate", "ShortCell", "explain_short"]
