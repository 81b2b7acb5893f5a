"""Read the national log: open the acts of a dossier, and prove that nothing was taken away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.exchange.errors import RemoteProtocolError
from passerelle.exchange.header import entry_id
from passerelle.exchange.jcs import Limits, read_object
from passerelle.exchange.merkle import CompactRange, leaf_hash
from passerelle.exchange.note import Note, verify_checkpoint
from passerelle.exchange.seal import EntryKey, open_content, unwrap
from passerelle.kernel.times import parse_instant
from passerelle.node.database import Finding
from passerelle.node.exchange.guard import read_guard
from passerelle.node.national.models import NationalCheckpoint, NationalEntry, NationalLog

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from passerelle.kernel.canonical import Json
    from passerelle.node.exchange.station import Station

__all__ = ["Opened", "entries_of", "entries_of_many", "examine_national", "find_fault"]

_HEADER = Limits(length=16_384, depth=4, keys=64)


@dataclass(frozen=True, slots=True)
class Opened:
    """Hold one national entry.

    Parameters
    ----------
    entry_id, index
        Where it stands in the national log.
    peer
        Node of the other state in the dossier.
    after, seen
        Last position of the own shared log, and size of the partner's log held, when it was said.
    shared, place
        Entry of the own shared log as which the partner got it, and its position; empty and -1.
    re
        Acts that it answers.
    issued
        When it was said.
    content
        What was said; ``None`` when the key is destroyed or the content was altered.
    """

    entry_id: str
    index: int
    peer: str
    after: int
    seen: int
    shared: str
    place: int
    re: tuple[str, ...]
    issued: datetime
    content: bytes | None


def entries_of(node: Station, case: str) -> list[Opened]:
    """Open the national acts of a dossier, oldest first."""
    return entries_of_many(node, [case])[case]


def entries_of_many(node: Station, cases: Collection[str]) -> dict[str, list[Opened]]:
    """Open the national acts of several dossiers, oldest first, with one query."""
    found: dict[str, list[Opened]] = {case: [] for case in cases}
    rows = NationalEntry.objects.filter(case__in=cases).select_related("body").order_by("idx")
    for row in rows:
        found[row.case].append(_open(node, row))
    return found


def find_fault(node: Station) -> str:
    """Say what is wrong with the national log; empty when it is whole.

    Notes
    -----
    Looked at before everything that leaves, over all dossiers: an entry of one could have been moved to
    another. It costs two hashes an entry.

    Who can write to the database can drop triggers, take an entry away and compute tree and root anew. The
    guard file is not in the database, and a checkpoint cannot be signed without the keys of the node.
    """
    for log in NationalLog.objects.all():
        fault = _fault_of(node, log)
        if fault:
            return fault
    return ""


def _fault_of(node: Station, log: NationalLog) -> str:
    tree, place = CompactRange(), 0
    guarded = read_guard(node.folder, log.id)
    rows = NationalEntry.objects.filter(log=log).order_by("idx")
    for index, case, name, header, leaf in rows.values_list(
        "idx", "case", "entry_id", "header", "leaf"
    ).iterator(2000):
        data = bytes(header)
        is_as_hashed = leaf_hash(data) == bytes(leaf) and entry_id(data) == name
        is_in_place = f'"case":"{case}"'.encode() in data
        if index != place or not is_as_hashed or not is_in_place:
            what = "missing" if index != place else "altered, or of another dossier"
            return f"entry {place} of {log.origin} is {what}"
        tree, place = tree.extend([bytes(leaf)]), place + 1
        if guarded is not None and place == guarded.size and tree.root.hex() != guarded.root:
            return f"the first {place} entries of {log.origin} are not those guarded"
    if guarded is not None and place < guarded.size:
        return f"{log.origin} holds {place} entries, the guard file knows {guarded.size}"
    if (log.size, log.root) != (place, tree.root.hex()):
        return f"{place} entries of {log.origin} do not lead to the root kept"
    return _signature(node, log, tree)


def examine_national(node: Station) -> Finding:
    """Check the national log for ``passerelle doctor``."""
    fault = find_fault(node)
    size = sum(NationalLog.objects.values_list("size", flat=True))
    return Finding("national.log", not fault, fault or f"{size} entries", "as guarded and signed")


def _signature(node: Station, log: NationalLog, tree: CompactRange) -> str:
    if not tree.size:
        return ""
    row = NationalCheckpoint.objects.filter(log=log, size=tree.size).first()
    if row is None:
        return f"{log.origin} has no signed checkpoint of size {tree.size}"
    try:
        note = Note.parse(bytes(row.note))
        keys = node.identity.log_keys_ever
        found = verify_checkpoint(note, log.origin, node.identity.suite, keys)
    except RemoteProtocolError:
        return f"the checkpoint of {log.origin} is not signed by this node"
    return "" if found.root == tree.root else f"the checkpoint of {log.origin} has another root"


def _open(node: Station, row: NationalEntry) -> Opened:
    header = _header(bytes(row.header))
    answered = header["re"]
    return Opened(
        entry_id=row.entry_id,
        index=row.idx,
        peer=row.peer,
        after=int(str(header["after"])),
        seen=int(str(header["seen"])),
        shared=str(header["shared"]),
        place=int(str(header["place"])),
        re=tuple(str(one) for one in answered) if isinstance(answered, list) else (),
        issued=parse_instant(str(header["issued"])),
        content=_content(node, row, header),
    )


def _content(node: Station, row: NationalEntry, header: dict[str, Json]) -> bytes | None:
    dossier_key = node.keys.find(row.case, str(header["part"]))
    body = getattr(row, "body", None)
    if dossier_key is None or body is None:
        return None
    try:
        kept = unwrap(dossier_key, row.entry_id, bytes(body.wrapped))
        key = EntryKey(kept[:32], node.identity.suite)
        return open_content(key, kept[32:], str(header["commit"]))
    except RemoteProtocolError:
        return None


def _header(data: bytes) -> dict[str, Json]:
    return read_object(data, _HEADER)
