"""Two nodes with real keys, for tests of formats, trust and packs; drawn from fixed seeds."""

from __future__ import annotations

import base64
import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache

from passerelle.exchange.card import DatedKey, DatedSealKey, NodeCard, Office, Window
from passerelle.exchange.header import (
    Body,
    Due,
    Enc,
    Handling,
    Header,
    Kind,
    Status,
    entry_id,
    header_hash,
)
from passerelle.exchange.merkle import CompactRange, leaf_hash
from passerelle.exchange.names import Origin
from passerelle.exchange.note import Checkpoint, Note, sign_checkpoint, sign_receipt
from passerelle.exchange.pack import PackedContent, PackedLog
from passerelle.exchange.publish import RoleKeys, publish_card, publish_root
from passerelle.exchange.seal import EntryKey, seal_content, seal_info, seal_key_id
from passerelle.exchange.suite import S1, SoftOpener, SoftSigner

START = datetime(2024, 4, 22, 9, 0, tzinfo=UTC)
TIME = int(START.timestamp())


@dataclass(frozen=True)
class KeyedNode:
    """A node with its keys and its published trust set."""

    name: str
    log: SoftSigner
    receipt: SoftSigner
    office: SoftOpener
    officer: SoftSigner
    roles: RoleKeys
    card: NodeCard
    root: bytes
    files: dict[str, bytes]


@cache
def node(name: str, seed: int = 1) -> KeyedNode:
    """Draw a node."""
    draw = random.Random(f"{name}/{seed}").randbytes
    log, receipt, officer = (SoftSigner.generate(S1, draw) for _ in range(3))
    office, roles = SoftOpener.generate(S1, draw), RoleKeys.generate(S1, draw)
    window = Window(START)
    card = NodeCard(
        node=name,
        log_keys=tuple(DatedKey(key, window) for key in log.public_keys),
        receipt_keys=tuple(DatedKey(key, window) for key in receipt.public_keys),
        offices=(
            Office(
                "cooperation",
                (DatedSealKey(office.seal_key, window),),
                (tuple(DatedKey(key, window) for key in officer.public_keys),),
            ),
        ),
        endpoints=(f"https://{name}",),
    )
    root = publish_root(roles, START)
    files = publish_card(card.encode(), roles, START, version=1)
    return KeyedNode(name, log, receipt, office, officer, roles, card, root, files)


ORIGIN = Origin("a.example", "b.example")


def sealed_entry(
    origin: Origin, index: int, content: bytes, *, due: Due | None = None, re: tuple[str, ...] = ()
) -> tuple[bytes, bytes, EntryKey]:
    """Make a header with a sealed body, the body, and its entry key."""
    draw = random.Random(f"{origin}/{index}").randbytes
    key = EntryKey(draw(32), S1)
    sealed = seal_content(key, content, draw)
    blank = (Enc("blank", "0" * 16, "AA"),)
    header = Header(
        origin=origin,
        index=index,
        from_office="cooperation",
        to_office="cooperation",
        kind=Kind.REQUEST,
        status=Status.ACTUAL,
        case=f"{index % 3:032x}",
        issued=START,
        seen=0,
        handling=Handling(),
        re=re,
        due=due,
        body=Body("application/json", len(sealed.ciphertext), sealed.ct, sealed.commit, blank),
    )
    assert header.body is not None
    target = node(origin.reader).office.seal_key
    info = seal_info(
        S1,
        origin=str(origin),
        index=index,
        office="cooperation",
        key=seal_key_id(target),
        header_hash=header_hash(header),
    )
    seal = base64.urlsafe_b64encode(target.seal(key.secret, info)).rstrip(b"=").decode()
    enc = (Enc("cooperation", seal_key_id(target), seal),)
    return replace(header, body=replace(header.body, enc=enc)).encode(), sealed.ciphertext, key


def packed_log(
    origin: Origin, headers: list[bytes], *, receipted: int | None = None, late: int = 60
) -> PackedLog:
    """Sign and receipt a log; ``receipted`` entries of it."""
    writer, reader = node(origin.writer), node(origin.reader)
    sizes = sorted({len(headers) if receipted is None else receipted, len(headers)})
    checkpoints, receipts = [], []
    for size in sizes:
        tree = CompactRange().extend(leaf_hash(header) for header in headers[:size])
        checkpoint = Checkpoint.of(str(origin), tree)
        checkpoints.append(sign_checkpoint(checkpoint, writer.log).encode())
        if receipted is None or size == receipted:
            lines = sign_receipt(checkpoint, origin.reader, reader.receipt, TIME + late)
            receipts.append(Note(checkpoint.text, lines).encode())
    shown = tuple((True, header) for header in headers)
    return PackedLog(str(origin), shown, tuple(checkpoints), tuple(receipts))


def trust_files(*names: str) -> dict[str, dict[str, bytes]]:
    """Return the trust files of nodes as a pack holds them."""
    return {name: {"1.root.json": node(name).root} | node(name).files for name in names}


def disclosed(header: bytes, key: EntryKey, content: bytes) -> PackedContent:
    """Disclose the content of one entry."""
    return PackedContent(entry_id(header), key.derive("body-salt"), content)
