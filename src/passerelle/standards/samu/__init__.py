"""The French health-emergency hub: resource request and answer in its JSON profile of EDXL-DE."""

from passerelle.standards.samu.hub import read_distribution, write_distribution
from passerelle.standards.samu.values import (
    Distribution,
    HubAnswer,
    HubKind,
    HubRefusal,
    HubRequest,
    HubStatus,
)

__all__ = [
    "Distribution",
    "HubAnswer",
    "HubKind",
    "HubRefusal",
    "HubRequest",
    "HubStatus",
    "read_distribution",
    "write_distribution",
]
