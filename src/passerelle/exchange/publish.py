"""Publish the own trust set: four roles, each with one key of each family, the root with five holders.

The root needs six of ten keys, three of each family. Root keys stay offline; the other roles sign
with one pair each. What is published are plain TUF files and ``node.json``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from securesystemslib.signer import CryptoSigner, SSlibKey
from tuf.api.metadata import (
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    T,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.api.serialization.json import JSONSerializer

from passerelle.exchange.suite import SoftSigner, private_key
from passerelle.exchange.trust import CARD_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from passerelle.exchange.suite import Suite

__all__ = ["HOLDERS", "ROOT_THRESHOLD", "RoleKeys", "publish_card", "publish_root"]

HOLDERS: Final = 5
ROOT_THRESHOLD: Final = 6


@dataclass(frozen=True, slots=True)
class RoleKeys:
    """Hold the signers of the four roles.

    Parameters
    ----------
    root
        Holders, each with one key of each family.
    targets, snapshot, timestamp
        One pair each.
    """

    root: tuple[SoftSigner, ...]
    targets: SoftSigner
    snapshot: SoftSigner
    timestamp: SoftSigner

    @classmethod
    def generate(cls, suite: Suite, random_bytes: Callable[[int], bytes]) -> RoleKeys:
        """Draw keys for five holders and three roles."""
        draw = [SoftSigner.generate(suite, random_bytes) for _ in range(HOLDERS + 3)]
        return cls(tuple(draw[:HOLDERS]), *draw[HOLDERS:])


def publish_root(
    keys: RoleKeys,
    now: datetime,
    *,
    version: int = 1,
    signed_by: Sequence[SoftSigner] = (),
    lifetime: timedelta = timedelta(days=1825),
) -> bytes:
    """Write a root file.

    Parameters
    ----------
    keys
        Keys that the root names.
    now
        The present instant.
    version
        Counted from 1.
    signed_by
        Holders that sign beside the first three of ``keys``: those of the version before.
    lifetime
        Until it must be renewed.
    """
    root = Root(version=version, expires=now + lifetime, consistent_snapshot=False)
    for name, signers, threshold in (
        (Root.type, keys.root, ROOT_THRESHOLD),
        (Targets.type, (keys.targets,), 2),
        (Snapshot.type, (keys.snapshot,), 2),
        (Timestamp.type, (keys.timestamp,), 2),
    ):
        for signer in signers:
            for crypto in _crypto_signers(signer):
                root.add_key(crypto.public_key, name)
        root.roles[name].threshold = threshold
    return _sign(root, [*signed_by, *keys.root[:3]])


def publish_card(
    card: bytes,
    keys: RoleKeys,
    now: datetime,
    *,
    version: int,
    live: timedelta = timedelta(hours=24),
) -> dict[str, bytes]:
    """Write targets, snapshot, timestamp and the card.

    Parameters
    ----------
    card
        The encoded card.
    keys
        Signers of the roles.
    now
        The present instant.
    version
        Version of all three files; higher than the last one.
    live
        Life of the timestamp: 24 hours online, 30 days behind an air gap.
    """
    targets = Targets(version=version, expires=now + timedelta(days=365))
    targets.targets[CARD_NAME] = TargetFile.from_data(CARD_NAME, card)
    targets_bytes = _sign(targets, [keys.targets])
    snapshot = Snapshot(version=version, expires=now + timedelta(days=365))
    snapshot.meta["targets.json"] = MetaFile.from_data(version, targets_bytes, ["sha256"])
    snapshot_bytes = _sign(snapshot, [keys.snapshot])
    timestamp = Timestamp(version=version, expires=now + live)
    timestamp.snapshot_meta = MetaFile.from_data(version, snapshot_bytes, ["sha256"])
    return {
        "targets.json": targets_bytes,
        "snapshot.json": snapshot_bytes,
        "timestamp.json": _sign(timestamp, [keys.timestamp]),
        CARD_NAME: card,
    }


def _sign(signed: T, signers: Sequence[SoftSigner]) -> bytes:
    metadata = Metadata(signed)
    for signer in signers:
        for crypto in _crypto_signers(signer):
            metadata.sign(crypto, append=True)
    return metadata.to_bytes(JSONSerializer(compact=True))


def _crypto_signers(signer: SoftSigner) -> list[CryptoSigner]:
    found = []
    for algorithm, seed in signer.seeds:
        private = private_key(algorithm, seed)
        found.append(CryptoSigner(private, SSlibKey.from_crypto(private.public_key())))
    return found
