"""ICS forms 204, 211 and 218 as plain values for print templates."""

from passerelle.standards.ics.forms import (
    Arrival,
    Briefing,
    Equipment,
    assignment_list,
    check_in_list,
    support_vehicles,
)
from passerelle.standards.ics.layout import PrintForm

__all__ = [
    "Arrival",
    "Briefing",
    "Equipment",
    "PrintForm",
    "assignment_list",
    "check_in_list",
    "support_vehicles",
]
