"""Who can be posted: crews, contingents, and the rules that bind them."""

from passerelle.planning.force.crews import Base, Certificate, Contingent, CrewGroup, Force
from passerelle.planning.force.rules import ArrangementRules, HourWindow, more_protective

__all__ = [
    "ArrangementRules",
    "Base",
    "Certificate",
    "Contingent",
    "CrewGroup",
    "Force",
    "HourWindow",
    "more_protective",
]
