"""Make verification packs from the record of this node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.exchange.errors import RemoteProtocolError
from passerelle.exchange.header import parse_header
from passerelle.exchange.note import Note, parse_lines
from passerelle.exchange.pack import PackedContent, PackedLog, build_pack
from passerelle.exchange.trust import CARD_NAME, root_version
from passerelle.kernel.problems import RefusedError
from passerelle.node.exchange import attachments, content, sending, store
from passerelle.node.exchange.models import (
    CheckpointRow,
    Cosignature,
    Entry,
    EvidenceRow,
    Log,
    TrustVersion,
)
from passerelle.node.exchange.station import station

if TYPE_CHECKING:
    from passerelle.exchange.seal import EntryKey
    from passerelle.kernel.clock import Clock
    from passerelle.node.exchange.station import Station

__all__ = ["make_pack"]


def make_pack(
    peer: str, clock: Clock, *, case: str = "", whole: bool = False, disclose: bool = True
) -> bytes:
    """Write a pack over both logs with a peer.

    Parameters
    ----------
    peer
        The other node.
    clock
        For a last checkpoint over entries not yet signed.
    case
        Dossier whose entries are shown; every entry when empty. Others appear as leaf hashes.
    whole
        Show all headers, as a proof of absence needs; costs metadata of other dossiers.
    disclose
        Disclose contents of the dossier that this node can open.
    """
    node = station()
    record = store.find_peer(peer)
    if record is None or record.trust.card is None:
        raise RefusedError("{node} is no peer.", code="exchange.peer-unknown", node=peer)
    logs, contents = [], []
    for log in Log.objects.filter(peer_id=peer).order_by("origin"):
        if log.direction == "out":
            sending.sign_size(node, log, log.size, clock)
        logs.append(_packed(log, case, whole=whole))
        if disclose:
            contents += _contents(node, log, case)
    folder = node.folder / "trust"
    own = {
        path.name: path.read_bytes()
        for path in (*folder.glob("*.json"), *(folder / "history").glob("*.json"))
    }
    theirs = dict(record.trust.files) | {CARD_NAME: record.trust.card_bytes}
    for data in record.trust.roots:
        theirs[f"{root_version(data)}.root.json"] = data
    for kept in TrustVersion.objects.filter(node=peer):
        theirs[f"{kept.version}.targets.json"] = bytes(kept.targets)
        theirs[f"{kept.version}.node.json"] = bytes(kept.card)
    evidence: dict[str, tuple[bytes, ...]] = {}
    for row in EvidenceRow.objects.filter(peer=peer):
        parts = tuple(bytes.fromhex(part) for part in row.parts)
        evidence[row.kind] = evidence.get(row.kind, ()) + parts
    return build_pack(
        tuple(logs), {node.identity.node: own, peer: theirs}, tuple(contents), evidence
    )


def _packed(log: Log, case: str, *, whole: bool) -> PackedLog:
    rows = Entry.objects.filter(log=log).order_by("idx").values_list("case", "header", "leaf")
    entries = tuple(
        (True, bytes(header)) if whole or not case or found == case else (False, bytes(leaf))
        for found, header, leaf in rows.iterator(2000)
    )
    receipts = list(Cosignature.objects.filter(log=log).order_by("size", "time"))
    wanted = {row.size for row in receipts} | {log.size}
    notes: dict[int, bytes] = {}
    for row in CheckpointRow.objects.filter(log=log, size__in=wanted).order_by("id"):
        notes.setdefault(row.size, bytes(row.note))
    return PackedLog(
        origin=log.origin,
        entries=entries,
        checkpoints=tuple(note for _, note in sorted(notes.items())),
        receipts=tuple(
            Note(bytes(row.text), parse_lines(bytes(row.lines))).encode() for row in receipts
        ),
    )


def _contents(node: Station, log: Log, case: str) -> list[PackedContent]:
    found: list[PackedContent] = []
    entries = Entry.objects.filter(log=log).select_related("body")
    for entry in entries.filter(case=case) if case else entries:
        try:
            header = parse_header(bytes(entry.header))
        except RemoteProtocolError:
            continue
        if header.body is None:
            continue
        if not header.body.enc:
            clear = content.stored_body(node, entry)
            found += [PackedContent(entry.entry_id, b"", clear)] if clear is not None else []
            continue
        key = content.entry_key(node, entry, header)
        plain, state = content.open_body(node, entry, header)
        if key is not None and plain is not None and state == "open":
            found.append(PackedContent(entry.entry_id, key.derive("body-salt"), plain))
            found += _attachments(node, entry, len(header.att), key)
    return found


def _attachments(node: Station, entry: Entry, count: int, key: EntryKey) -> list[PackedContent]:
    """Disclose the attachments that are here and open."""
    found = []
    for number in range(count):
        try:
            plain = b"".join(attachments.open_attachment(node, entry, number))
        except (RefusedError, RemoteProtocolError):
            continue
        salt = key.derive(f"att-salt/{number}")
        found.append(PackedContent(entry.entry_id, salt, plain, f"att-{number}-"))
    return found
