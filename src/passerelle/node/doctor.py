"""What a node says about its own health: versions, settings, database, tables, audit chain."""

from __future__ import annotations

import platform
import shutil
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from django.db import DatabaseError, connection

from passerelle import __version__
from passerelle.node.audit.queries import verify_chain
from passerelle.node.configuration import configuration
from passerelle.node.database import Finding, durability
from passerelle.node.dossiers.health import examine_casework
from passerelle.node.exchange.health import examine_exchange
from passerelle.node.exercise.queries import exercise_instant, kind_of_node
from passerelle.node.installation import missing_migrations

__all__ = ["examine", "versions"]

_PACKAGES: Final = (
    "Django",
    "django-allauth",
    "django-ninja",
    "granian",
    "numpy",
    "numba",
    "highspy",
    "cryptography",
    "tuf",
)
_LEAST_FREE_MB: Final = 200


def versions() -> dict[str, str]:
    """Return the versions of the software and of what it stands on."""
    found = {"passerelle": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "absent"
    return found


def examine() -> tuple[Finding, ...]:
    """Check the database, its tables, the disk, the audit chain and the exchange."""
    findings: list[Finding] = []
    try:
        findings += durability(connection)
        missing = missing_migrations()
    except DatabaseError as error:
        return (Finding("database", False, str(error).strip(), "a database that answers"),)
    findings.append(
        Finding(
            "tables",
            not missing,
            f"{len(missing)} migration(s) missing" if missing else "up to date",
            "up to date; passerelle init FOLDER --upgrade",
        )
    )
    free_mb = shutil.disk_usage(configuration().data).free // 2**20
    findings.append(
        Finding(
            "disk", free_mb >= _LEAST_FREE_MB, f"{free_mb} MB free", f"{_LEAST_FREE_MB} MB or more"
        )
    )
    if not missing:
        chain = verify_chain()
        found = f"{chain.size} entries, head {chain.head[:16]}"
        if chain.broken_at is not None:
            found = f"broken at entry {chain.broken_at}"
        findings.append(Finding("audit", chain.is_whole, found, "every entry fits the one before"))
        findings += examine_exchange()
        findings += examine_casework()
        exercise = kind_of_node()
        shown = "real node"
        if exercise:
            shown = f"exercise {exercise}, clock at {exercise_instant():%Y-%m-%d %H:%M}Z"
        findings.append(Finding("kind", True, shown, "as made"))
    return tuple(findings)
