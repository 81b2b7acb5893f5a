"""What ``passerelle doctor`` says about the exchange: keys, guard files, and every log re-hashed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.exchange.merkle import CompactRange, leaf_hash
from passerelle.exchange.note import Checkpoint
from passerelle.kernel.problems import Problem
from passerelle.node.database import Finding
from passerelle.node.exchange.guard import read_guard
from passerelle.node.exchange.models import Cosignature, Entry, EvidenceRow, Log
from passerelle.node.exchange.station import station

if TYPE_CHECKING:
    from passerelle.node.exchange.station import Station

__all__ = ["examine_exchange", "rehash"]


def examine_exchange() -> list[Finding]:
    """Check keys, guard files and logs."""
    try:
        node = station()
    except Problem as problem:
        return [Finding("exchange.keys", False, problem.code, "keys made by passerelle init")]
    findings = [Finding("exchange.keys", True, node.identity.node, "keys of the node")]
    for log in Log.objects.all():
        fault = _guard_fault(node, log) or rehash(log)
        shown = fault or f"{log.size} entries"
        findings.append(Finding(f"exchange.log {log.origin}", not fault, shown, "as signed"))
    kept = EvidenceRow.objects.count()
    findings.append(Finding("exchange.evidence", True, f"{kept} kept", "none, or a decision"))
    return findings


def rehash(log: Log) -> str:
    """Re-hash a log against its stored root and every receipt; says what is wrong, if anything."""
    receipts = {
        row.size: Checkpoint.parse(bytes(row.text)).root
        for row in Cosignature.objects.filter(log=log)
    }
    tree = CompactRange()
    for header in (
        Entry.objects.filter(log=log)
        .order_by("idx")
        .values_list("header", flat=True)
        .iterator(2000)
    ):
        tree = tree.extend([leaf_hash(bytes(header))])
        if receipts.get(tree.size, tree.root) != tree.root:
            return f"the first {tree.size} entries are not those receipted"
    if tree.size != log.size or tree.root.hex() != log.root:
        return f"{tree.size} entries do not lead to the root kept"
    return ""


def _guard_fault(node: Station, log: Log) -> str:
    guarded = read_guard(node.folder, log.id) if log.direction == "out" else None
    if guarded is None or guarded.size <= log.size:
        return ""
    return f"the guard file is at {guarded.size}: restored from a backup; writing is stopped"
