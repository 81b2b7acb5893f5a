"""CAP 1.2: a warning to all delegations, one text a language."""

from passerelle.standards.cap.alert import (
    Alert,
    Area,
    Certainty,
    MessageKind,
    Reference,
    Severity,
    Urgency,
    write_alert,
)

__all__ = [
    "Alert",
    "Area",
    "Certainty",
    "MessageKind",
    "Reference",
    "Severity",
    "Urgency",
    "write_alert",
]
