"""What ``passerelle doctor`` says about dossiers on persons: the national log whole, profiles untouched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.kernel.canonical import digest
from passerelle.kernel.problems import Problem
from passerelle.node.audit.models import AuditEntry
from passerelle.node.database import Finding
from passerelle.node.dossiers.models import ProfileVersion
from passerelle.node.exchange.station import station
from passerelle.node.national.queries import examine_national

if TYPE_CHECKING:
    from passerelle.kernel.canonical import Json

__all__ = ["examine_casework", "find_altered_profile"]


def examine_casework() -> list[Finding]:
    """Check the national log against its guard file, and active profiles against the audit record."""
    try:
        node = station()
    except Problem:
        return []
    altered = find_altered_profile()
    n_active = ProfileVersion.objects.exclude(active_from=None).count()
    return [
        examine_national(node),
        Finding(
            "casework.profiles", not altered, altered or f"{n_active} in force", "as activated"
        ),
    ]


def find_altered_profile() -> str:
    """Name the first profile in force that is not the one that two persons brought into force."""
    for version in ProfileVersion.objects.exclude(active_from=None).select_related("corridor"):
        subject = f"corridor:{version.corridor.code}"
        rows = AuditEntry.objects.filter(action="dossiers.activate-profile", subject=subject)
        kept = {_number(row.new): row for row in rows}
        row = kept.get(version.number)
        whole = digest(version.document)
        if row is None or not isinstance(row.new, dict) or row.new.get("document") != whole:
            return f"version {version.number} of {version.corridor.code} was altered"
        if row.actor != version.activated_by or row.at != version.active_from:
            return f"version {version.number} of {version.corridor.code} was not activated so"
    return ""


def _number(new: Json) -> object:
    return new.get("version") if isinstance(new, dict) else None
