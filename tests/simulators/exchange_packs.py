"""A small verification pack with every kind of record, for tests of the verifier."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from functools import cache

from tests.simulators.exchange_keys import (
    ORIGIN,
    START,
    disclosed,
    node,
    packed_log,
    sealed_entry,
    trust_files,
)

from passerelle.exchange.epoch import EpochNotice
from passerelle.exchange.header import Attachment, Body, Due, Kind, entry_id, parse_header
from passerelle.exchange.merkle import CompactRange, leaf_hash, tree_root
from passerelle.exchange.names import Origin
from passerelle.exchange.note import Checkpoint, sign_checkpoint
from passerelle.exchange.pack import PackedContent, PackedLog, build_pack
from passerelle.exchange.publish import RoleKeys, publish_card, publish_root
from passerelle.exchange.seal import EntryKey, commitment
from passerelle.exchange.suite import S1

__all__ = ["every_kind"]


@cache
def every_kind() -> bytes:
    """Build a pack over two epochs and the reverse log.

    It shows and withholds entries, discloses a sealed and a clear body and an attachment, has
    deadlines, an unreceipted tail, an unreadable entry, a rotated root, an earlier card, a notice
    of erasure and the evidence of a fork.
    """
    told, contents = _told()
    log = packed_log(ORIGIN, told, receipted=5)
    entries = tuple(
        (False, leaf_hash(data)) if number == 2 else (True, data)
        for number, (_, data) in enumerate(log.entries)
    )
    first = PackedLog(log.origin, entries, log.checkpoints, log.receipts)
    answer = sealed_entry(ORIGIN.reverse, 0, b"{}", re=(entry_id(told[0]),))[0]
    back = packed_log(ORIGIN.reverse, [answer], late=600)
    later, notice = _next_epoch(told)
    forked = Checkpoint.of(str(ORIGIN), CompactRange().extend([leaf_hash(b"another story")]))
    notes = (sign_checkpoint(forked, node("a.example").log).encode(), bytes(32))
    return build_pack((first, back, later), _trust(), (*contents, notice), {"fork": notes})


def _told() -> tuple[list[bytes], tuple[PackedContent, ...]]:
    asked, _, key = sealed_entry(ORIGIN, 0, b'{"n":0}', due=Due(2, "hours", "receipt"))
    clear, file = b'{"open":true}', b"a file"
    salt = EntryKey(bytes(32), S1).derive("att-salt/0")
    with_file = replace(
        parse_header(sealed_entry(ORIGIN, 1, b"{}")[0]),
        body=Body("application/json", len(clear), hashlib.sha256(clear).hexdigest()),
        att=(Attachment(80, "a" * 64, commitment(salt, file)),),
    ).encode()
    erased = replace(
        parse_header(sealed_entry(ORIGIN, 4, b"{}")[0]), kind=Kind.NOTICE_ERASURE
    ).encode()
    told = [asked, with_file, sealed_entry(ORIGIN, 2, b"{}")[0], b"not JSON", erased]
    told.append(sealed_entry(ORIGIN, 5, b"{}")[0])
    contents = (
        disclosed(asked, key, b'{"n":0}'),
        PackedContent(entry_id(with_file), b"", clear),
        PackedContent(entry_id(with_file), salt, file, "att-0-"),
    )
    return told, contents


def _next_epoch(told: list[bytes]) -> tuple[PackedLog, PackedContent]:
    origin = Origin(ORIGIN.writer, ORIGIN.reader, 2)
    root = tree_root([leaf_hash(data) for data in told]).hex()
    payload = EpochNotice(ORIGIN, origin, len(told), root, "lost", START).encode()
    body = Body("application/json", len(payload), hashlib.sha256(payload).hexdigest())
    header = replace(
        parse_header(sealed_entry(origin, 0, b"{}")[0]), kind=Kind.NOTICE_EPOCH, body=body
    ).encode()
    return packed_log(origin, [header]), PackedContent(entry_id(header), b"", payload)


def _trust() -> dict[str, dict[str, bytes]]:
    """Give one node a rotated root and an earlier card."""
    files = trust_files("a.example", "b.example")
    a, other = node("a.example"), node("a.example", 2)
    roles = RoleKeys(other.roles.root, a.roles.targets, a.roles.snapshot, a.roles.timestamp)
    later = START + timedelta(days=1)
    files["a.example"] |= publish_card(a.card.encode(), roles, later, version=2)
    files["a.example"] |= {
        "2.root.json": publish_root(roles, later, version=2, signed_by=a.roles.root[:3]),
        "1.targets.json": a.files["targets.json"],
        "1.node.json": a.files["node.json"],
    }
    return files
