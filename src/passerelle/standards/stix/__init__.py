"""STIX 2.1: a cyber report for tools that speak it, with TLP 2.0 markings."""

from passerelle.standards.stix.checks import find_faults
from passerelle.standards.stix.from_dossier import report_of
from passerelle.standards.stix.report import (
    CyberReport,
    Observation,
    ObservationKind,
    write_bundle,
)
from passerelle.standards.stix.schemas import StixSchemas

__all__ = [
    "CyberReport",
    "Observation",
    "ObservationKind",
    "StixSchemas",
    "find_faults",
    "report_of",
    "write_bundle",
]
