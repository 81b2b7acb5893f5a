"""Trust in a peer: a TUF set whose one target is the peer's ``node.json``.

Four roles; the root is handed over in person and its fingerprint read aloud. python-tuf decides
order, versions, expiry, hashes and thresholds. It counts keys, not families, so each role is then
checked for enough valid signatures in each family; then the card's schema; then that nothing older
than what was accepted comes back. python-tuf's sans-IO set is private there: this module is the only
one that touches it, under an exact pin and a contract test.

Stale trust degrades and does not stop: the last accepted keys keep verifying, receipts go on.

References
----------
.. [1] The Update Framework specification 1.0, section 5 (client workflow).
.. [2] Wilkerson (2009), "A Proposal for Proquints", for the fingerprint words.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Final

from tuf.api.exceptions import (
    EqualVersionNumberError,
    ExpiredMetadataError,
    RepositoryError,
)
from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp
from tuf.api.serialization import DeserializationError
from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet
from tuf.ngclient.config import EnvelopeType

from passerelle.exchange.card import NodeCard, parse_card
from passerelle.exchange.errors import InconsistentError, LimitError, SignatureError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CARD_NAME",
    "Freshness",
    "TrustState",
    "fingerprint",
    "fingerprint_words",
    "pin_root",
    "refresh",
    "root_version",
]

CARD_NAME: Final = "node.json"
_ROOT_PER_FAMILY: Final = 3
_FILE_LIMIT: Final = 4 * 1024 * 1024
_MAX_FILES: Final = 1024


class Freshness(Enum):
    """Say how far the last accepted timestamp can be relied upon."""

    FRESH = "fresh"
    STALE = "stale"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class TrustState:
    """Hold what was accepted from one peer.

    Parameters
    ----------
    roots
        Root files from the pinned one on, versions without a gap.
    files
        Last accepted ``timestamp.json``, ``snapshot.json`` and ``targets.json``.
    card
        Last accepted card; ``None`` after pinning only.
    card_bytes
        Its bytes.
    accepted_at
        When the last refresh succeeded.
    expires
        End of the accepted timestamp.
    """

    roots: tuple[bytes, ...]
    files: tuple[tuple[str, bytes], ...] = ()
    card: NodeCard | None = None
    card_bytes: bytes = b""
    accepted_at: datetime | None = None
    expires: datetime | None = None
    versions: tuple[tuple[str, int], ...] = field(default=())

    def freshness(self, now: datetime, max_age: timedelta = timedelta(days=30)) -> Freshness:
        """Tell whether the trust is fresh, stale, or past the agreed age.

        Parameters
        ----------
        now
            The present instant.
        max_age
            Agreed age after which nothing is released or taken.
        """
        if self.accepted_at is None or self.expires is None or now - self.accepted_at > max_age:
            return Freshness.EXPIRED
        return Freshness.FRESH if now < self.expires else Freshness.STALE


def root_version(root: bytes) -> int:
    """Return the version that a root file states."""
    return int(json.loads(root)["signed"]["version"])


def fingerprint(root: bytes) -> str:
    """Return the SHA-256 of a root file in hexadecimal."""
    return hashlib.sha256(root).hexdigest()


def fingerprint_words(root: bytes) -> str:
    """Return the fingerprint as sixteen words that can be read aloud in any language.

    Examples
    --------
    >>> fingerprint_words(b"").split("-")[0]
    'vamiv'
    """
    digest = hashlib.sha256(root).digest()
    consonants, vowels = "bdfghjklmnprstvz", "aiou"
    words = []
    for at in range(0, len(digest), 2):
        bits = int.from_bytes(digest[at : at + 2])
        words.append(
            consonants[bits >> 12]
            + vowels[bits >> 10 & 3]
            + consonants[bits >> 6 & 15]
            + vowels[bits >> 4 & 3]
            + consonants[bits & 15]
        )
    return "-".join(words)


def pin_root(root: bytes, expected_fingerprint: str) -> TrustState:
    """Accept a root handed over in person, when its fingerprint is the one read aloud.

    Parameters
    ----------
    root
        The root file, any version.
    expected_fingerprint
        Hexadecimal or words, as heard over the second channel; spaces and hyphens do not count.

    Raises
    ------
    SignatureError
        When the fingerprint differs, or the file is no root signed by its own holders in both
        families.
    """
    heard = re.sub(r"[\s-]+", "", expected_fingerprint.lower())
    if heard not in {fingerprint(root), fingerprint_words(root).replace("-", "")}:
        raise SignatureError(
            "Expected the fingerprint {found}; what was read aloud differs. Do not trust this file.",
            code="exchange.root-fingerprint",
            found=fingerprint_words(root),
        )
    state = TrustState((root,))
    _open(state, datetime.max.replace(tzinfo=UTC))
    return state


def refresh(
    state: TrustState, node: str, files: Mapping[str, bytes], now: datetime, *, exercise: str = ""
) -> TrustState:
    """Take newer trust files of a peer.

    Parameters
    ----------
    state
        What was accepted until now.
    node
        Name of the peer; the card must carry it.
    files
        By name: ``<n>.root.json``, ``timestamp.json``, ``snapshot.json``, ``targets.json`` and
        ``node.json``. Files not needed are ignored.
    now
        Our clock; expiry is measured against it.
    exercise
        Exercise that we play ourselves; empty for a real node.

    Raises
    ------
    SignatureError
        When a threshold or a family threshold is not met, or something expired, older than what
        was accepted, or missing.
    InconsistentError
        When the card is not the target, names another node, or plays another exercise than we do
        (a real node plays none).
    """
    if len(files) > _MAX_FILES or any(len(data) > _FILE_LIMIT for data in files.values()):
        raise LimitError(
            "Expected at most 1,024 trust files of at most 4 MiB.", code="exchange.trust-size"
        )
    roots = list(state.roots)
    trusted = _open(state, now)
    try:
        while (data := files.get(f"{trusted.root.version + 1}.root.json")) is not None:
            before = trusted.root
            trusted.update_root(data)
            _check_families(data, Root.type, before)
            _check_families(data, Root.type, trusted.root)
            roots.append(data)
        kept = dict(state.files)
        _restore(trusted, kept)
        chosen = {
            "timestamp.json": _newer(trusted, "timestamp.json", files, kept),
            "snapshot.json": _take(files, kept, "snapshot.json"),
            "targets.json": _take(files, kept, "targets.json"),
        }
        trusted.update_snapshot(chosen["snapshot.json"])
        trusted.update_targets(chosen["targets.json"])
        for name, role in _ROLES.items():
            _check_families(chosen[name], role, trusted.root)
        card_bytes = files.get(CARD_NAME, state.card_bytes)
        trusted.targets.targets[CARD_NAME].verify_length_and_hashes(card_bytes)
    except (RepositoryError, DeserializationError, KeyError, ValueError, RuntimeError) as error:
        raise SignatureError(
            "Expected newer trust files of {node}: {reason}.",
            code="exchange.trust",
            node=node,
            reason=str(error)[:200] or type(error).__name__,
        ) from error
    card = parse_card(card_bytes)
    if card.node != node:
        raise InconsistentError(
            "Expected a card of {node}, got one of {found}.",
            code="exchange.card-node",
            node=node,
            found=card.node,
        )
    if card.exercise != exercise:
        raise InconsistentError(
            "Expected {node} to play the exercise {expected}, its card says {found}.",
            code="exchange.exercise",
            node=node,
            expected=exercise or "none (a real node)",
            found=card.exercise[:64] or "none (a real node)",
        )
    versions = _versions(trusted)
    _refuse_older(state, versions)
    return replace(
        state,
        roots=tuple(roots),
        files=tuple(sorted(chosen.items())),
        card=card,
        card_bytes=card_bytes,
        accepted_at=now,
        expires=trusted.timestamp.expires,
        versions=versions,
    )


_ROLES: Final = {
    "timestamp.json": Timestamp.type,
    "snapshot.json": Snapshot.type,
    "targets.json": Targets.type,
}


def _open(state: TrustState, now: datetime) -> TrustedMetadataSet:
    """Load the accepted roots, the first as pinned."""
    try:
        trusted = TrustedMetadataSet(state.roots[0], EnvelopeType.METADATA)
        trusted.reference_time = now
        _check_families(state.roots[0], Root.type, trusted.root)
        for data in state.roots[1:]:
            trusted.update_root(data)
    except (RepositoryError, DeserializationError, ValueError) as error:
        raise SignatureError(
            "Expected a root file signed by its holders: {reason}.",
            code="exchange.root",
            reason=str(error)[:200],
        ) from error
    return trusted


def _restore(trusted: TrustedMetadataSet, kept: Mapping[str, bytes]) -> None:
    """Load the accepted files first, expired or not: python-tuf refuses what is older than them."""
    if "timestamp.json" not in kept:
        return
    try:
        trusted.update_timestamp(kept["timestamp.json"])
    except ExpiredMetadataError:
        return
    except RepositoryError:
        # Keys were rotated away: the versions accepted are compared again at the end.
        return


def _newer(
    trusted: TrustedMetadataSet, name: str, files: Mapping[str, bytes], kept: Mapping[str, bytes]
) -> bytes:
    data = _take(files, kept, name)
    try:
        trusted.update_timestamp(data)
    except EqualVersionNumberError:
        if data != kept.get(name):
            raise
        trusted._check_final_timestamp()  # noqa: SLF001 - the one module that wraps the set
    return data


def _take(files: Mapping[str, bytes], kept: Mapping[str, bytes], name: str) -> bytes:
    data = files.get(name, kept.get(name))
    if data is None:
        raise ValueError(f"{name} is missing")
    return data


def _check_families(data: bytes, role: str, by: Root) -> None:
    """Require enough valid signatures in each family, counting different keys only."""
    metadata: Metadata[Root] = Metadata.from_bytes(data)
    result = by.get_verification_result(role, metadata.signed_bytes, metadata.signatures)
    threshold = by.get_delegated_role(role).threshold
    needed = max(threshold // 2, _ROOT_PER_FAMILY if role == Root.type else 1)
    families: dict[bool, set[str]] = {True: set(), False: set()}
    for key in result.signed.values():
        families[key.keytype == "ed25519"].add(str(key.keyval["public"]))
        if key.keytype not in {"ed25519", "ml-dsa"}:
            raise ValueError(f"{role}: unknown kind of key {key.keytype}")
    short = [
        name
        for name, classical in (("Ed25519", True), ("ML-DSA", False))
        if len(families[classical]) < needed
    ]
    if short:
        raise ValueError(f"{role}: fewer than {needed} valid signatures with {short[0]}")


def _versions(trusted: TrustedMetadataSet) -> tuple[tuple[str, int], ...]:
    return tuple(
        (name, signed.version)
        for name, signed in (
            ("root", trusted.root),
            ("snapshot", trusted.snapshot),
            ("targets", trusted.targets),
            ("timestamp", trusted.timestamp),
        )
    )


def _refuse_older(state: TrustState, versions: tuple[tuple[str, int], ...]) -> None:
    before = dict(state.versions)
    for name, version in versions:
        if version < before.get(name, 0):
            raise SignatureError(
                "Expected {name} version {before} or newer, got {version}.",
                code="exchange.trust-rollback",
                name=name,
                before=before[name],
                version=version,
            )
