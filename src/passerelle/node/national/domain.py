"""Append to the national log: seal, hash, sign, in the transaction of what was decided.

The header shows what the fold needs to find the place of the act in the common order of both states' logs,
and nothing of what was said: the dossier, the size of the own shared log before it, the size of the partner's
log held, and the entry as which it was shown to the partner, if it was. Content is padded, so its length
tells nothing; its key lies with it under the key of the dossier, which lies under the key of the part.

The guard file lies outside the database and is written after each commit: a database that was restored, or
from which somebody took an entry, falls behind it, and the node stops releasing (see :mod:`.queries`).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import F

from passerelle.exchange.header import entry_id
from passerelle.exchange.jcs import write
from passerelle.exchange.merkle import EMPTY_ROOT, CompactRange, leaf_hash
from passerelle.exchange.names import Origin, log_id
from passerelle.exchange.note import Checkpoint, sign_checkpoint
from passerelle.exchange.seal import EntryKey, seal_content, wrap
from passerelle.kernel.times import format_instant
from passerelle.node.exchange import store
from passerelle.node.exchange.guard import write_guard
from passerelle.node.exchange.keystore import part_of
from passerelle.node.exchange.station import station
from passerelle.node.national.models import (
    NationalBody,
    NationalCheckpoint,
    NationalEntry,
    NationalLog,
)

if TYPE_CHECKING:
    from passerelle.kernel.canonical import Json
    from passerelle.kernel.clock import Clock
    from passerelle.node.exchange.station import Station

__all__ = ["NationalAct", "append", "log_of"]


@dataclass(frozen=True, slots=True)
class NationalAct:
    """Describe an act for the national log.

    Parameters
    ----------
    peer
        Node of the other state in the dossier; it gets nothing of this.
    case
        Dossier id.
    office
        Office of the part, whose keys it lies under.
    body
        What was said, in full.
    shared
        Entry id of the own shared log as which the partner got it; empty when it got nothing.
    place
        Position of that entry; -1 when there is none.
    re
        Acts that it answers.
    """

    peer: str
    case: str
    office: str
    body: Json
    shared: str = ""
    place: int = -1
    re: tuple[str, ...] = ()


def append(act: NationalAct, *, clock: Clock) -> NationalEntry:
    """Add an act to the national log; durable with the surrounding transaction.

    Raises
    ------
    RuntimeError
        When called outside a transaction: the act and what follows from it stand or fall together.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("Expected a national act to be written inside a transaction.")
    node, now = station(), clock.now()
    log = log_of(node)
    key = EntryKey(secrets.token_bytes(32), node.identity.suite)
    sealed = seal_content(key, write(act.body), secrets.token_bytes)
    header: dict[str, Json] = {
        "v": 1,
        "origin": log.origin,
        "index": log.size,
        "case": act.case,
        "peer": act.peer,
        "after": store.held_of(Origin(node.identity.node, act.peer)) - 1,
        "seen": store.held_of(Origin(act.peer, node.identity.node)),
        "shared": act.shared,
        "place": act.place,
        "re": list(act.re),
        "issued": format_instant(now),
        "commit": sealed.commit,
        "ct": sealed.ct,
        "part": part_of(act.office),
    }
    data = write(header)
    name = entry_id(data)
    row = NationalEntry.objects.create(
        log=log,
        idx=log.size,
        entry_id=name,
        case=act.case,
        peer=act.peer,
        header=data,
        leaf=leaf_hash(data),
        at=now,
    )
    dossier_key = node.keys.key(act.case, now.timestamp(), part_of(act.office))
    kept = key.secret + sealed.ciphertext
    wrapped = wrap(dossier_key, name, kept, secrets.token_bytes(12))
    NationalBody.objects.create(entry=row, wrapped=wrapped)
    _grow(node, log, bytes(row.leaf))
    return row


def log_of(node: Station) -> NationalLog:
    """Return the national log with its row locked until the transaction ends; made when new."""
    origin = f"{node.identity.node}/local/national/epoch-1"
    name = log_id(origin)
    if not NationalLog.objects.filter(pk=name).update(size=F("size")):
        try:
            with transaction.atomic():
                NationalLog.objects.create(id=name, origin=origin, root=EMPTY_ROOT.hex())
        except IntegrityError:
            NationalLog.objects.filter(pk=name).update(size=F("size"))
    return NationalLog.objects.get(pk=name)


def _grow(node: Station, log: NationalLog, leaf: bytes) -> None:
    tree = CompactRange.from_bytes(log.size, bytes(log.tree)).extend([leaf])
    log.size, log.tree, log.root = tree.size, tree.to_bytes(), tree.root.hex()
    log.save(update_fields=["size", "tree", "root"])
    note = sign_checkpoint(Checkpoint.of(log.origin, tree), node.identity.log)
    NationalCheckpoint.objects.create(log=log, size=tree.size, note=note.encode())
    transaction.on_commit(lambda: write_guard(node.folder, log.id, tree.size, tree.root))
