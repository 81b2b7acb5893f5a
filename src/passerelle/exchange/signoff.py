"""Sign-off of named offices: DSSE over the header, k of n, before the entry has its place.

Officers sign what they see: the canonical header without ``index``, ``officer`` and ``body.enc``,
because position and seals do not exist yet. The same envelope signs documents that stand alone
(agreements, arrangements).

References
----------
.. [1] DSSE 1.0, pre-authentication encoding.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from passerelle.exchange.errors import SignatureError
from passerelle.exchange.header import signed_payload

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passerelle.exchange.header import Header
    from passerelle.exchange.suite import PublicKey, Signer

__all__ = [
    "PAYLOAD_TYPE",
    "OfficeKeys",
    "add_signoff",
    "office_key_id",
    "pre_authentication",
    "signoff_lines",
    "verify_signoff",
    "verify_signoffs",
]

PAYLOAD_TYPE: Final = "application/vnd.passerelle.entry+json"
"""Payload type of an entry header."""


def pre_authentication(payload_type: str, payload: bytes) -> bytes:
    """Return the bytes that a DSSE signature covers."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def office_key_id(key: PublicKey) -> str:
    """Return the id of an office's signing key: 16 hexadecimal digits."""
    return hashlib.sha256(key.algorithm.value.encode() + b"\n" + key.raw).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class OfficeKeys:
    """List who signs for an office and how many must.

    Parameters
    ----------
    office
        The office.
    officers
        For each officer, the keys held: one of each family.
    threshold
        How many officers must sign.
    classical_only
        Whether the agreement admits cards with Ed25519 only.
    """

    office: str
    officers: tuple[tuple[PublicKey, ...], ...]
    threshold: int = 1
    classical_only: bool = False


def add_signoff(header: Header, office: str, signer: Signer) -> Header:
    """Return the header with one officer's signatures added."""
    data = pre_authentication(PAYLOAD_TYPE, signed_payload(header))
    return replace(header, officer=header.officer + signoff_lines(office, signer, data))


def signoff_lines(office: str, signer: Signer, data: bytes) -> tuple[tuple[str, str, str], ...]:
    """Sign a pre-authentication encoding: triples of office, key id and signature in base64url."""
    return tuple(
        (office, office_key_id(key), base64.urlsafe_b64encode(signature).rstrip(b"=").decode())
        for key, signature in zip(signer.public_keys, signer.sign(data), strict=True)
    )


def verify_signoff(header: Header, keys: OfficeKeys) -> int:
    """Count the officers whose sign-off is complete, and require the threshold.

    An officer counts once, and only when every key held has signed.

    Raises
    ------
    SignatureError
        When fewer than the threshold signed.
    """
    return verify_signoffs(
        pre_authentication(PAYLOAD_TYPE, signed_payload(header)), header.officer, keys
    )


def verify_signoffs(
    data: bytes, signatures: Iterable[tuple[str, str, str]], keys: OfficeKeys
) -> int:
    """Count complete sign-offs over any pre-authentication encoding.

    Parameters
    ----------
    data
        Result of :func:`pre_authentication`.
    signatures
        Triples of office, key id and signature in base64url.
    keys
        Who may sign and how many must.

    Raises
    ------
    SignatureError
        When fewer than the threshold signed.
    """
    by_key: dict[str, list[bytes]] = {}
    for office, key, signature in signatures:
        if office == keys.office:
            by_key.setdefault(key, []).append(_unbase64url(signature))
    complete = 0
    for officer in keys.officers:
        families = {key.algorithm.classical for key in officer}
        enough = families == {True, False} or (keys.classical_only and families == {True})
        if enough and all(
            any(key.verifies(found, data) for found in by_key.get(office_key_id(key), ()))
            for key in officer
        ):
            complete += 1
    if complete < max(1, keys.threshold):
        raise SignatureError(
            "Expected {threshold} officers of {office} to have signed, got {complete}.",
            code="exchange.signoff",
            threshold=keys.threshold,
            office=keys.office,
            complete=complete,
        )
    return complete


def _unbase64url(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
