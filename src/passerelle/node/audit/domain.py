"""Write the audit record, in the transaction of the change that it records.

The digest of an entry covers the digest of the one before, so nobody can change, drop or insert an
entry without changing every digest after it. The head row is updated first: it makes writers wait
for one another, on both databases, until the transaction ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import F

from passerelle.kernel.canonical import Json, digest
from passerelle.kernel.times import format_instant
from passerelle.node.audit.models import AuditEntry, AuditHead

if TYPE_CHECKING:
    from passerelle.kernel.clock import Clock

__all__ = ["START", "entry_digest", "record"]

START: Final = "0" * 64
"""Digest before the first entry."""


def record(
    actor: str,
    action: str,
    subject: str,
    *,
    clock: Clock,
    old: Json = None,
    new: Json = None,
    why: str = "",
) -> AuditEntry:
    """Add an entry at the end of the chain.

    Parameters
    ----------
    actor
        Who: ``user:…``, ``worker:…`` or ``command``.
    action, subject
        What was done, and on what: ``plans.publish``, ``event:paris-2024/plan:3``.
    clock
        Gives the instant.
    old, new
        What it was and what it is, as far as it matters; never a person's data.
    why
        Reason given by the actor.

    Raises
    ------
    RuntimeError
        When called outside a transaction: the record and the change must stand or fall together.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("Expected an audit entry to be written inside a transaction.")
    AuditHead.objects.filter(pk=1).update(size=F("size") + 1)
    head = AuditHead.objects.get(pk=1)
    entry = AuditEntry(
        number=head.size,
        at=clock.now(),
        actor=actor,
        action=action,
        subject=subject,
        old=old,
        new=new,
        why=why,
    )
    entry.digest = entry_digest(head.digest, entry)
    entry.save(force_insert=True)
    AuditHead.objects.filter(pk=1).update(digest=entry.digest)
    return entry


def entry_digest(before: str, entry: AuditEntry) -> str:
    """Return the digest that binds an entry to the one before, whose digest is ``before``."""
    return digest(
        {
            "before": before,
            "number": entry.number,
            "at": format_instant(entry.at),
            "actor": entry.actor,
            "action": entry.action,
            "subject": entry.subject,
            "old": entry.old,
            "new": entry.new,
            "why": entry.why,
        }
    )
