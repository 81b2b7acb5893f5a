"""Read the audit record, and prove that it is whole."""

from __future__ import annotations

from dataclasses import dataclass

from passerelle.node.audit.domain import START, entry_digest
from passerelle.node.audit.models import AuditEntry, AuditHead

__all__ = ["ChainCheck", "verify_chain"]


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """Tell whether the chain is whole.

    Parameters
    ----------
    size
        Entries that were read.
    head
        Digest of the last good entry: write it down elsewhere to prove later that none was dropped.
    broken_at
        Number of the first entry that does not fit; ``None`` when the chain is whole.
    """

    size: int
    head: str
    broken_at: int | None

    @property
    def is_whole(self) -> bool:
        """Whether every entry fits."""
        return self.broken_at is None


def verify_chain() -> ChainCheck:
    """Recompute every digest from the first entry to the head."""
    before, size = START, 0
    for entry in AuditEntry.objects.order_by("number").iterator(chunk_size=2000):
        expected = entry_digest(before, entry)
        if entry.number != size + 1 or entry.digest != expected:
            return ChainCheck(size, before, size + 1)
        before, size = expected, size + 1
    head = AuditHead.objects.get(pk=1)
    is_whole = (head.size, head.digest) == (size, before)
    return ChainCheck(size, before, None if is_whole else size + 1)
