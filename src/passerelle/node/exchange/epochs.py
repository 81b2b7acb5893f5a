"""New epochs: close a log that cannot go on and begin the next one; judge those of peers.

After a restore from a backup the order is: take our own words back from the reader, who holds them;
only when it does not hold them either, the root holders begin a new epoch. The same after the theft
of a log key. What the reader did not hold when the log was closed was never said: it is named, and
people say it again.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import transaction

from passerelle.exchange.effects import Mark
from passerelle.exchange.epoch import EpochNotice, judge_epoch, sign_epoch, verify_epoch
from passerelle.exchange.errors import RemoteProtocolError
from passerelle.exchange.header import Body, Handling, Header, Kind, Status, entry_id
from passerelle.exchange.merkle import leaf_hash
from passerelle.exchange.names import Origin
from passerelle.exchange.seal import ciphertext_hash, wrap
from passerelle.kernel.problems import RefusedError
from passerelle.node.exchange import restore, store
from passerelle.node.exchange.keyfile import ROOT, signer, unseal_file
from passerelle.node.exchange.models import Body as BodyRow
from passerelle.node.exchange.models import Cursor, Entry, Log
from passerelle.node.exchange.station import station

if TYPE_CHECKING:
    from passerelle.kernel.clock import Clock
    from passerelle.node.exchange.station import Station
    from passerelle.node.exchange.store import PeerRecord
    from passerelle.node.exchange.transport import HttpTransport

__all__ = ["Begun", "Recovered", "begin_epoch", "judge", "recover"]


@dataclass(frozen=True, slots=True)
class Recovered:
    """Say how a restore went.

    Parameters
    ----------
    added
        Entries taken back from the reader.
    size
        Entries that we hold now.
    held
        Entries that the reader holds; ``None`` when it did not answer.
    is_stopped
        Whether writing still waits: we signed more than both sides hold.
    """

    added: int
    size: int
    held: int | None
    is_stopped: bool


@dataclass(frozen=True, slots=True)
class Begun:
    """Name a new epoch.

    Parameters
    ----------
    origin
        The new log.
    size
        The size at which the old one was closed.
    unsaid
        Entry ids of the old log that the reader never held.
    """

    origin: Origin
    size: int
    unsaid: tuple[str, ...]


def recover(peer: str, transport: HttpTransport, clock: Clock) -> Recovered:
    """Take our own words back from the reader, as far as it holds them.

    Raises
    ------
    RefusedError
        When nothing was ever written to the peer.
    """
    log = _log(peer)
    added, held = 0, None
    while True:
        step = restore.fetch_suffix(log, transport, clock)
        added += step
        log.refresh_from_db()
        if not step:
            break
    held = restore.ask_held(log, transport, clock)
    cursor = Cursor.objects.get(pk=log.id)
    return Recovered(added, log.size, held, cursor.phase == "stopped")


def begin_epoch(peer: str, held: int, reason: str, clock: Clock, *, passphrase: str = "") -> Begun:
    """Close the log to a peer and begin the next one; the root holders' file must be in the folder.

    Parameters
    ----------
    peer
        The reader.
    held
        Entries that it holds, as it says itself.
    reason
        ``lost`` or ``stolen``.
    clock
        For the record.
    passphrase
        Of the key files.

    Raises
    ------
    RefusedError
        When the reader holds more than we do: that is taken back first.
    """
    node, now = station(), clock.now()
    holders = [signer(one) for one in unseal_file(node.folder, ROOT, passphrase)["root"]]
    with transaction.atomic():
        old = store.lock_log(store.current(node.identity.node, peer), "out")
        if held > old.size:
            raise RefusedError(
                "{peer} holds {held} entries, we hold {size}; take them back first: "
                "passerelle peer restore.",
                code="exchange.epoch-behind",
                peer=peer,
                held=held,
                size=old.size,
            )
        tree = store.tree_at(old, held)
        origin = store.current(node.identity.node, peer)
        new = replace(origin, epoch=origin.epoch + 1)
        notice = EpochNotice(origin, new, held, tree.root.hex(), reason, now)
        store.close(str(origin), held)
        log = store.lock_log(new, "out")
        _write_first(node, log, sign_epoch(notice, holders[:3]), clock)
        rest = Entry.objects.filter(log=old, idx__gte=held).order_by("idx")
        unsaid = tuple(rest.values_list("entry_id", flat=True))
    return Begun(new, held, unsaid)


def judge(record: PeerRecord, origin: Origin, body: bytes) -> str:
    """Say why entry 0 of a peer's log does not begin a new epoch; nothing when it does."""
    try:
        notice = verify_epoch(body, record.trust.roots[-1])
    except RemoteProtocolError as error:
        return error.code
    row = Log.objects.filter(pk=notice.old.log_id, direction="in", closed=False).first()
    held = None
    if row is not None:
        row = store.lock_log(notice.old, "in")
        held = (row.size, row.root)
    return judge_epoch(notice, str(origin), held)


def _log(peer: str) -> Log:
    origin = store.current(station().identity.node, peer)
    log = Log.objects.filter(pk=origin.log_id, direction="out").first()
    if log is None:
        raise RefusedError(
            "Nothing was written to {peer} yet.", code="exchange.log-unknown", peer=peer
        )
    return log


def _write_first(node: Station, log: Log, envelope: bytes, clock: Clock) -> None:
    """Write entry 0: the notice, in clear."""
    now = clock.now()
    office = min(node.identity.offices)
    peer = store.find_peer(log.peer_id)
    theirs = peer.trust.card.offices if peer and peer.trust.card else ()
    to_office = theirs[0].id if theirs else office
    header = Header(
        origin=Origin.parse(log.origin),
        index=0,
        from_office=office,
        to_office=to_office,
        kind=Kind.NOTICE_EPOCH,
        status=Status.EXERCISE if node.identity.exercise else Status.ACTUAL,
        case=secrets.token_hex(16),
        issued=now,
        seen=store.held_in_all(log.peer_id, node.identity.node),
        handling=Handling(),
        body=Body("application/json", len(envelope), ciphertext_hash(envelope)),
    )
    data = header.encode()
    name, leaf = entry_id(data), leaf_hash(data)
    entry = Entry.objects.create(
        log=log,
        idx=0,
        entry_id=name,
        case=header.case,
        kind=header.kind.value,
        mark=Mark.SOUND.value,
        header=data,
        leaf=leaf,
        at=now,
    )
    key = node.keys.key(header.case, now.timestamp())
    BodyRow.objects.create(entry=entry, wrapped=wrap(key, name, envelope, secrets.token_bytes(12)))
    store.grow(log, [leaf])
