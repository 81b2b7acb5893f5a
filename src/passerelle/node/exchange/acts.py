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
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction

from passerelle.exchange.effects import Mark
from passerelle.exchange.header import (
    Attachment,
    Body,
    Due,
    Enc,
    Handling,
    Header,
    Kind,
    Status,
    encode_sealed,
    entry_id,
)
from passerelle.exchange.jcs import write
from passerelle.exchange.merkle import leaf_hash
from passerelle.exchange.names import Origin
from passerelle.exchange.peer import may_release
from passerelle.exchange.seal import (
    EntryKey,
    seal_content,
    seal_info,
    seal_key_id,
    wrap,
)
from passerelle.exchange.signoff import add_signoff
from passerelle.node.exchange import attachments, statements, store
from passerelle.node.exchange.keystore import part_of
from passerelle.node.exchange.models import AttachmentDraft, Entry
from passerelle.node.exchange.statements import NewEntry
from passerelle.node.exchange.station import station

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from passerelle.exchange.card import NodeCard
    from passerelle.exchange.suite import SealKey, Signer
    from passerelle.exchange.trust import Freshness
    from passerelle.kernel.canonical import Json
    from passerelle.kernel.clock import Clock
    from passerelle.node.exchange.models import Log
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
        Actual, exercise or test; an exercise node says nothing but exercise.
    seen
        Size of the peer's log that the officers had before them; the present one when ``None``.
    officers
        Signers whose DSSE sign-off is added.
    draft
        Attachments sealed before (:func:`passerelle.node.exchange.attachments.stage`).
    by_courier
        Release although the attachments were not uploaded: a courier carries them.
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
    draft: str = ""
    by_courier: bool = False


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
        ``exchange.peer-unknown``, ``exchange.release-waits``, ``exchange.not-agreed``,
        ``exchange.attachment-waits`` or ``exchange.dossier-moved``.
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
    found: list[Release | ReleaseRefusal] = [ReleaseRefusal("", "")] * len(acts)
    with transaction.atomic():
        for peer in sorted({act.peer for act in acts}):
            places = [place for place, act in enumerate(acts) if act.peer == peer]
            released = _release_to(node, peer, [acts[place] for place in places], clock)
            for place, one in zip(places, released, strict=True):
                found[place] = one
    return found


def _release_to(
    node: Station, name: str, acts: Sequence[NewAct], clock: Clock
) -> list[Release | ReleaseRefusal]:
    """Release acts to one peer: one lock, one range, rows in bulk."""
    peer = store.find_peer(name)
    if peer is None or peer.trust.card is None:
        return [ReleaseRefusal("exchange.peer-unknown", name)] * len(acts)
    now = clock.now()
    freshness = peer.freshness(now)
    place, held = store.stand_of(node.identity.node, name)
    log = store.lock_log(place, "out")
    if any(act.seen is not None for act in acts):
        held = store.held_in_all(name, node.identity.node)  # as late as can be
    refusals = [_refusal(act, peer, freshness, held) for act in acts]
    going = [act for act, refusal in zip(acts, refusals, strict=True) if refusal is None]
    keys = node.keys.keys({act.case: part_of(act.from_office) for act in going}, now.timestamp())
    origin, card = Origin.parse(log.origin), peer.trust.card
    drafts = [
        _draft(node, act, _Place(origin, index, held, now, keys[act.case]), card)
        for index, act in enumerate(going, start=log.size)
    ]
    _insert(log, drafts, clock)
    released = iter(drafts)
    return [
        refusal or Release((draft := next(released)).entry_id, log.id, draft.index)
        for refusal in refusals
    ]


def _refusal(
    act: NewAct, peer: store.PeerRecord, freshness: Freshness, held: int
) -> ReleaseRefusal | None:
    """Say why an act may not be released now, or nothing."""
    if not may_release(peer.state, act.kind, freshness, officer_override=bool(act.officers)):
        detail = f"{peer.state.value}, {freshness.value}"
        return ReleaseRefusal("exchange.release-waits", detail)
    if not peer.admits(act.kind):
        return ReleaseRefusal("exchange.not-agreed", act.kind.value)
    if peer.trust.card is not None and _waits_for_upload(act, peer.trust.card):
        return ReleaseRefusal("exchange.attachment-waits", act.draft)
    if act.seen is not None and _moved(act, held):
        return ReleaseRefusal("exchange.dossier-moved", str(held))
    return None


@dataclass(frozen=True, slots=True)
class _Place:
    """Say where an act will stand, when it is issued, and under which key its body lies."""

    origin: Origin
    index: int
    held: int
    now: datetime
    dossier_key: bytes


@dataclass(frozen=True, slots=True)
class _Draft:
    """Hold an act ready to be stored."""

    act: NewAct
    entry_id: str
    header: bytes
    index: int
    wrapped: bytes


def _draft(node: Station, act: NewAct, place: _Place, card: NodeCard) -> _Draft:
    key, att = _key_and_attachments(node, act)
    sealed = seal_content(key, write(act.body), secrets.token_bytes)
    header = Header(
        origin=place.origin,
        index=place.index,
        from_office=act.from_office,
        to_office=act.to_office,
        kind=act.kind,
        status=Status.EXERCISE if node.identity.exercise else act.status,
        case=act.case,
        issued=place.now,
        seen=place.held if act.seen is None else act.seen,
        handling=act.handling,
        re=act.re,
        supersedes=act.supersedes,
        due=act.due,
        body=Body("application/json", len(sealed.ciphertext), sealed.ct, sealed.commit, _BLANK),
        att=att,
    )
    for signer in act.officers:
        header = add_signoff(header, act.from_office, signer)
    data = encode_sealed(header, partial(_seals, node, header, key, card))
    name = entry_id(data)
    wrapped = wrap(place.dossier_key, name, sealed.ciphertext, secrets.token_bytes(12))
    return _Draft(act, name, data, place.index, wrapped)


_BLANK = (Enc("blank", "0" * 16, "AA"),)
"""Stands for the seals while the header is drafted: neither officers nor seals cover ``body.enc``."""


def _key_and_attachments(node: Station, act: NewAct) -> tuple[EntryKey, tuple[Attachment, ...]]:
    """Draw a key, or take that of the draft whose attachments are sealed under it."""
    if not act.draft:
        return EntryKey(secrets.token_bytes(32), node.identity.suite), ()
    row = AttachmentDraft.objects.get(pk=act.draft, peer=act.peer, case=act.case, released=False)
    AttachmentDraft.objects.filter(pk=row.id).update(released=True)
    return attachments.draft_key(node, row), tuple(Attachment(**item) for item in row.items)


def _waits_for_upload(act: NewAct, card: NodeCard) -> bool:
    """Tell whether an attachment must still reach a peer that takes pushes."""
    if not act.draft or act.by_courier or not card.endpoints:
        return False
    row = AttachmentDraft.objects.filter(pk=act.draft).first()
    return row is None or bool(attachments.waiting_for(row))


def _moved(act: NewAct, held: int) -> bool:
    """Tell whether the dossier gained an entry after the officers signed."""
    assert act.seen is not None
    return any(
        Entry.objects.filter(
            log__origin=origin, case=act.case, idx__gte=act.seen - before, idx__lt=held - before
        ).exists()
        for origin, before, _ in store.counted(act.peer, station().identity.node)
    )


def _seals(
    node: Station, draft: Header, key: EntryKey, card: NodeCard, digest: str
) -> tuple[Enc, ...]:
    """Seal the key to both offices, bound to the place of the entry and the hash of its header."""
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
    return tuple(seals)


def _insert(log: Log, drafts: Sequence[_Draft], clock: Clock) -> None:
    if not drafts:
        return
    leaves = [leaf_hash(draft.header) for draft in drafts]
    rows = [
        NewEntry(
            draft.index,
            draft.entry_id,
            draft.act.case,
            draft.act.kind.value,
            Mark.SOUND.value,
            draft.header,
            leaf,
            draft.wrapped,
        )
        for draft, leaf in zip(drafts, leaves, strict=True)
    ]
    with statements.together():
        statements.add_entries(log.id, rows, clock.now())
        store.grow(log, leaves)
