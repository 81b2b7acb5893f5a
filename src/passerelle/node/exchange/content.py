"""Open the body of an entry, as far as the keys held here allow; and erase a dossier."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from passerelle.exchange.errors import RemoteProtocolError
from passerelle.exchange.header import header_hash, parse_header
from passerelle.exchange.seal import EntryKey, open_content, seal_info, seal_key_id, unwrap

if TYPE_CHECKING:
    from passerelle.exchange.header import Header
    from passerelle.node.exchange.models import Entry
    from passerelle.node.exchange.station import Station

__all__ = ["entry_key", "open_body", "readable", "stored_body", "travelling_body"]


def readable(entry: Entry) -> Header | None:
    """Return the header of an entry; ``None`` when it cannot be read."""
    try:
        return parse_header(bytes(entry.header))
    except RemoteProtocolError:
        return None


def stored_body(node: Station, entry: Entry) -> bytes | None:
    """Return the bytes of the body as they travel; ``None`` when erased or absent."""
    row = getattr(entry, "body", None)
    wrapped = bytes(row.wrapped) if row is not None else None
    return travelling_body(node, entry.entry_id, entry.case or entry.log_id[:32], wrapped)


def travelling_body(node: Station, entry_id: str, case: str, wrapped: bytes | None) -> bytes | None:
    """Unwrap a body at rest, as it travels; ``None`` when it is erased or absent."""
    key = node.keys.find(case)
    if wrapped is None or key is None:
        return None
    try:
        return unwrap(key, entry_id, wrapped)
    except RemoteProtocolError:
        return None


def entry_key(node: Station, entry: Entry, header: Header) -> EntryKey | None:
    """Open the key of an entry: by the seal of an office held here, or as kept under the dossier key.

    ``None`` when there is neither.
    """
    assert header.body is not None
    for enc in header.body.enc:
        held = node.identity.openers(f"seal/{enc.office}")
        opener = next((one for one in held if seal_key_id(one.seal_key) == enc.key), None)
        if opener is None:
            continue
        info = seal_info(
            node.identity.suite,
            origin=str(header.origin),
            index=header.index,
            office=enc.office,
            key=enc.key,
            header_hash=header_hash(header),
        )
        sealed = base64.urlsafe_b64decode(enc.seal + "=" * (-len(enc.seal) % 4))
        try:
            return EntryKey(opener.open(sealed, info), node.identity.suite)
        except RemoteProtocolError:
            continue
    kept = getattr(entry, "body_key", None)
    dossier = node.keys.find(entry.case) if kept is not None else None
    if kept is None or dossier is None:
        return None
    return EntryKey(unwrap(dossier, entry.entry_id, bytes(kept.wrapped)), node.identity.suite)


def open_body(node: Station, entry: Entry, header: Header) -> tuple[bytes | None, str]:
    """Return the content and ``open``, or ``None`` and why not: sealed, erased, unreadable."""
    assert header.body is not None
    ciphertext = stored_body(node, entry)
    if ciphertext is None:
        return None, "erased"
    if not header.body.enc:
        return ciphertext, "open"
    key = entry_key(node, entry, header)
    if key is None:
        return None, "sealed"
    try:
        return open_content(key, ciphertext, header.body.commit), "open"
    except RemoteProtocolError:
        return None, "unreadable"
