"""Commitments as activities of the International Aid Transparency Initiative, version 2.03."""

from passerelle.standards.activities.writing import Reporter, write_activities

__all__ = ["Reporter", "write_activities"]
