"""Attachments of an act: sealed before the act is released, opened again with its key.

    draft = stage("ma", case, [Path("route.pdf")], clock=clock)     # sealed, under the dossier key
    …                                                              # the worker uploads it
    release_act(NewAct(peer="ma", …, draft=draft.id), clock=clock)  # refused until it is uploaded

So a slow file never blocks the log. Keys and salts of attachments come from the key of the act; the
seals of the act carry them. The names of files belong into its body.
"""

from __future__ import annotations

import secrets
import tempfile
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from passerelle.exchange.blob import CHUNK, Upload
from passerelle.exchange.errors import InconsistentError, LimitError
from passerelle.exchange.header import Attachment, parse_header
from passerelle.exchange.merkle import leaf_hash, tree_root
from passerelle.exchange.seal import SALT, EntryKey, content_keys, unwrap, wrap
from passerelle.exchange.stream import (
    Commitment,
    chunks,
    ciphertext_size,
    decrypt_stream,
    encrypt_stream,
)
from passerelle.kernel.problems import RefusedError
from passerelle.node.exchange import blobs, content, store
from passerelle.node.exchange.models import AttachmentDraft, Blob
from passerelle.node.exchange.station import station

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from passerelle.kernel.clock import Clock
    from passerelle.node.exchange.models import Entry
    from passerelle.node.exchange.station import Station

__all__ = ["Draft", "draft_key", "open_attachment", "save_attachment", "stage", "waiting_for"]

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Draft:
    """Name sealed attachments that wait for their act.

    Parameters
    ----------
    id
        What :class:`~passerelle.node.exchange.acts.NewAct` names in ``draft``.
    items
        As the header will describe them.
    """

    id: str
    items: tuple[Attachment, ...]


def stage(
    peer: str, case: str, paths: Sequence[Path], *, clock: Clock, policy: str = "with"
) -> Draft:
    """Seal files for an act that is to come.

    Parameters
    ----------
    peer
        Node that the act will be for.
    case
        Its dossier.
    paths
        The files; 32 at most.
    clock
        For the record.
    policy
        ``with`` (held before the act is taken) or ``on-demand``.

    Raises
    ------
    RefusedError
        When the peer is unknown.
    LimitError
        When there are too many files, or one is too long.
    """
    node, now = station(), clock.now()
    record = store.find_peer(peer)
    if record is None:
        raise RefusedError("{node} is no peer.", code="exchange.peer-unknown", node=peer)
    limit = record.limits.attachment
    if not 0 < len(paths) <= 32:
        raise LimitError("Expected 1 to 32 attachments.", code="exchange.attachments", limit=32)
    key = EntryKey(secrets.token_bytes(32), node.identity.suite)
    items = []
    for number, path in enumerate(paths):
        if ciphertext_size(path.stat().st_size) > limit:
            raise LimitError(
                "Expected an attachment of at most {limit} bytes.",
                code="exchange.blob-size",
                limit=limit,
            )
        items.append(_seal(node, key, number, path, _Place(peer, case, policy, clock)))
    draft = Draft(secrets.token_hex(16), tuple(items))
    holder = node.keys.key(case, now.timestamp())
    AttachmentDraft.objects.create(
        id=draft.id,
        peer=peer,
        case=case,
        key=wrap(holder, draft.id, key.secret, secrets.token_bytes(12)),
        items=[asdict(item) for item in items],
        at=now,
    )
    return draft


@dataclass(frozen=True, slots=True)
class _Place:
    """Say for whom an attachment is, and how it travels."""

    peer: str
    case: str
    policy: str
    clock: Clock


def _seal(node: Station, key: EntryKey, number: int, path: Path, place: _Place) -> Attachment:
    """Encrypt one file, chunk by chunk; the second pass knows the root and writes the store."""
    secret, salt = content_keys(key, f"att/{number}")
    commit, nonce = Commitment(salt), secrets.token_bytes(SALT)
    with tempfile.TemporaryFile(dir=node.folder) as sealed:
        leaves = []
        for chunk in chunks(encrypt_stream(secret, nonce, commit.watch(_pieces(path)))):
            leaves.append(leaf_hash(chunk))
            sealed.write(chunk)
        size, root = sealed.tell(), tree_root(leaves).hex()
        upload = Upload(root, size, tuple(leaves))
        row = blobs.begin(node, place.peer, upload, place.clock.now(), case=place.case, ours=True)
        if row.done < len(leaves):
            sealed.seek(row.done * CHUNK)
            rest = iter(partial(sealed.read, CHUNK), b"")
            blobs.count(node, row, blobs.write_slots(node, row, row.done, rest))
    if place.policy != "with":  # nothing to upload: the reader asks for it
        Blob.objects.filter(pk=root).update(sent=len(leaves))
    return Attachment(size, root, commit.value, place.policy)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def draft_key(node: Station, row: AttachmentDraft) -> EntryKey:
    """Open the key of a draft.

    Raises
    ------
    FrameError
        When the dossier was erased since.
    """
    holder = node.keys.key(row.case, 0.0)
    return EntryKey(unwrap(holder, row.id, bytes(row.key)), node.identity.suite)


def waiting_for(row: AttachmentDraft) -> list[str]:
    """Return the attachments that travel with the act and that the peer does not hold whole yet."""
    roots = [item["root"] for item in row.items if item["policy"] == "with"]
    return [
        blob.root
        for blob in Blob.objects.filter(root__in=roots)
        if blob.sent < len(blobs.follow(blob).leaves)
    ]


def open_attachment(node: Station, entry: Entry, number: int) -> Iterator[bytes]:
    """Return the content of an attachment piece by piece; believe it only when the end was reached.

    Raises
    ------
    RefusedError
        When it is not here, or its key is not.
    RemoteProtocolError
        When it is not what the header commits to.
    """
    header = parse_header(bytes(entry.header))
    item = header.att[number] if number < len(header.att) else None
    row = Blob.objects.filter(pk=item.root).first() if item else None
    key = content.entry_key(node, entry, header) if item else None
    if item is None or row is None or key is None or not blobs.follow(row).complete:
        raise RefusedError(
            "Attachment {number} of this entry cannot be opened here: it was not fetched, was erased, "
            "or is sealed to another office.",
            code="exchange.attachment-closed",
            number=number,
        )
    secret, salt = content_keys(key, f"att/{number}")
    commit = Commitment(salt)
    yield from commit.watch(decrypt_stream(secret, blobs.read_chunks(node, row)))
    if commit.value != item.commit:
        raise InconsistentError(
            "Expected the content that the header commits to.", code="exchange.commitment"
        )


def save_attachment(node: Station, entry: Entry, number: int, target: Path) -> int:
    """Write an attachment to a file that appears only when everything was right; return its length."""
    written = 0
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
        temporary = Path(file.name)
        try:
            for piece in open_attachment(node, entry, number):
                written += file.write(piece)
        except BaseException:
            temporary.unlink()
            raise
    temporary.replace(target)
    return written
