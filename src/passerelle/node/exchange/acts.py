"""Release an act to a peer: the seam for procedures, desk and API.

    released = release_act(
        NewAct(
            peer="ma", kind=Kind.REQUEST, case=case, body={"procedure": …, "act": …, …},
            from_office="cooperation", to_office="cooperation", handling=Handling(tlp="amber"),
        ),
        clock=SystemClock(),
    )
    if isinstance(released, ReleaseRefusal):
        …  # suspended peer, stale trust, …: a value, with a code for the page

Call it inside the transaction of your own change: act and change are committed together or not at
all. Nothing is sent here. The worker sends, and :mod:`.delivery` gives every act, sent or received,
to those who fold dossiers.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import transaction

from passerelle.exchange.effects import Mark
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
from passerelle.exchange.jcs import write
from passerelle.exchange.merkle import leaf_hash
from passerelle.exchange.names import Origin
from passerelle.exchange.peer import may_release
from passerelle.exchange.seal import (
    EntryKey,
    SealedContent,
    padded_size,
    seal_content,
    seal_info,
    seal_key_id,
    wrap,
)
from passerelle.exchange.signoff import add_signoff
from passerelle.node.exchange import store
from passerelle.node.exchange.models import Body as BodyRow
from passerelle.node.exchange.models import Entry, Log
from passerelle.node.exchange.station import station

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.exchange.card import NodeCard
    from passerelle.exchange.suite import SealKey, Signer
    from passerelle.kernel.canonical import Json
    from passerelle.kernel.clock import Clock
    from passerelle.node.exchange.station import Station

__all__ = ["NewAct", "Release", "ReleaseRefusal", "release_act", "release_acts"]


@dataclass(frozen=True, slots=True)
class NewAct:
    """Describe an act that is to be released.

    Parameters
    ----------
    peer
        Node that it is for.
    kind
        Coarse kind; the procedure and the name of the act belong into the body.
    case
        Dossier id: 32 hexadecimal digits, the same on both nodes. ``kernel.ids.new_id`` makes one.
    body
        Any JSON of at most 256 KiB; sealed to the two offices.
    from_office, to_office
        Offices of this node and of the peer.
    handling
        Traffic light, onward sharing, purpose, retention.
    re, supersedes
        Entry ids that it answers, and that it replaces.
    due
        Deadline for the answer.
    status
        Actual, exercise or test.
    seen
        Size of the peer's log that the officers had before them; the present one when ``None``.
    officers
        Signers whose DSSE sign-off is added.
    """

    peer: str
    kind: Kind
    case: str
    body: Json
    from_office: str = "cooperation"
    to_office: str = "cooperation"
    handling: Handling = Handling()  # noqa: RUF009 - frozen
    re: tuple[str, ...] = ()
    supersedes: tuple[str, ...] = ()
    due: Due | None = None
    status: Status = Status.ACTUAL
    seen: int | None = None
    officers: tuple[Signer, ...] = ()


@dataclass(frozen=True, slots=True)
class Release:
    """Say where a released act stands.

    Parameters
    ----------
    entry_id
        Id of the entry: what answers name in ``re``.
    log_id, index
        Position; with it the act is found again and proved.
    """

    entry_id: str
    log_id: str
    index: int


@dataclass(frozen=True, slots=True)
class ReleaseRefusal:
    """Say why nothing was released.

    Parameters
    ----------
    code
        ``exchange.peer-unknown``, ``exchange.release-waits`` or ``exchange.dossier-moved``.
    detail
        The state of the peer, its trust, or the size of the log now.
    """

    code: str
    detail: str


def release_act(act: NewAct, *, clock: Clock) -> Release | ReleaseRefusal:
    """Release one act: durable with the surrounding transaction, sent by the worker.

    Parameters
    ----------
    act
        What is said to whom.
    clock
        Gives ``issued``.

    Returns
    -------
    Release or ReleaseRefusal
        A refusal when the peer is unknown, suspended or ended, when its trust is too old for this
        kind, or when the dossier moved since the officers signed.

    Raises
    ------
    FrameError, LocalProtocolError
        When a field is out of range, an office is unknown or the body is too long.
    """
    return release_acts([act], clock=clock)[0]


def release_acts(acts: Sequence[NewAct], *, clock: Clock) -> list[Release | ReleaseRefusal]:
    """Release several acts in one transaction; the result has one item an act, in order."""
    node = station()
    with transaction.atomic():
        return [_release(node, act, clock) for act in acts]


def _release(node: Station, act: NewAct, clock: Clock) -> Release | ReleaseRefusal:
    now = clock.now()
    peer = store.find_peer(act.peer)
    if peer is None or peer.trust.card is None:
        return ReleaseRefusal("exchange.peer-unknown", act.peer)
    freshness = peer.trust.freshness(now)
    if not may_release(peer.state, act.kind, freshness, officer_override=bool(act.officers)):
        return ReleaseRefusal("exchange.release-waits", f"{peer.state.value}, {freshness.value}")
    log = store.lock_log(Origin(node.identity.node, act.peer), "out")
    held = store.held_of(Origin(act.peer, node.identity.node))
    if act.seen is not None and _moved(act, held):
        return ReleaseRefusal("exchange.dossier-moved", str(held))
    key = EntryKey(secrets.token_bytes(32), node.identity.suite)
    content = write(act.body)
    padded_size(len(content))
    sealed = seal_content(key, content, secrets.token_bytes)
    draft = Header(
        origin=Origin.parse(log.origin),
        index=log.size,
        from_office=act.from_office,
        to_office=act.to_office,
        kind=act.kind,
        status=act.status,
        case=act.case,
        issued=now,
        seen=held if act.seen is None else act.seen,
        handling=act.handling,
        re=act.re,
        supersedes=act.supersedes,
        due=act.due,
        body=Body("application/json", len(sealed.ciphertext), sealed.ct, sealed.commit, _BLANK),
    )
    for signer in act.officers:
        draft = add_signoff(draft, act.from_office, signer)
    header = _with_seals(node, draft, key, peer.trust.card).encode()
    return _insert(node, log, header, act, sealed=sealed, clock=clock)


_BLANK = (Enc("blank", "0" * 16, "AA"),)
"""Stands for the seals while the header is drafted: neither officers nor seals cover ``body.enc``."""


def _moved(act: NewAct, held: int) -> bool:
    """Tell whether the dossier gained an entry after the officers signed."""
    return Entry.objects.filter(
        log__peer_id=act.peer, log__direction="in", case=act.case, idx__gte=act.seen, idx__lt=held
    ).exists()


def _with_seals(node: Station, draft: Header, key: EntryKey, card: NodeCard) -> Header:
    assert draft.body is not None
    digest = header_hash(draft)
    own = node.identity.offices.get(draft.from_office)
    if own is None:
        raise store.unknown_office(node.identity.node, draft.from_office)
    targets: list[tuple[str, SealKey]] = [
        (draft.to_office, card.office(draft.to_office).seal_key(draft.issued)),
        (draft.from_office, own.seal_key),
    ]
    seals = []
    for office, seal_key in targets:
        name = seal_key_id(seal_key)
        info = seal_info(
            node.identity.suite,
            origin=str(draft.origin),
            index=draft.index,
            office=office,
            key=name,
            header_hash=digest,
        )
        sealed = base64.urlsafe_b64encode(seal_key.seal(key.secret, info)).rstrip(b"=").decode()
        seals.append(Enc(office, name, sealed))
    return replace(draft, body=replace(draft.body, enc=tuple(seals)))


def _insert(
    node: Station, log: Log, header: bytes, act: NewAct, *, sealed: SealedContent, clock: Clock
) -> Release:
    name, leaf = entry_id(header), leaf_hash(header)
    entry = Entry.objects.create(
        log=log,
        idx=log.size,
        entry_id=name,
        case=act.case,
        kind=act.kind.value,
        mark=Mark.SOUND.value,
        header=header,
        leaf=leaf,
        at=clock.now(),
    )
    dossier_key = node.keys.key(act.case, clock.now().timestamp())
    wrapped = wrap(dossier_key, name, sealed.ciphertext, secrets.token_bytes(12))
    BodyRow.objects.create(entry=entry, wrapped=wrapped)
    index = log.size
    store.grow(log, [leaf])
    return Release(name, log.id, index)
