"""The keys of this node, at rest under one key derived from a passphrase (Argon2id).

Log keys, receipt keys, the seal keys of the offices and the bundle key lie in one sealed file.
Role keys of the trust set lie in another one, because the five root holders belong offline: move
``root-holders.sealed`` to removable media after set-up. Without a passphrase in the settings, one
is drawn and kept beside, readable by the owner only; that protects backups, not the machine.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from passerelle.exchange.card import DatedKey, DatedSealKey, NodeCard, Office, Window
from passerelle.exchange.publish import RoleKeys, publish_card, publish_root
from passerelle.exchange.suite import (
    SUITES,
    Algorithm,
    PublicKey,
    SealKey,
    SoftOpener,
    SoftSigner,
    Suite,
)
from passerelle.kernel.problems import RefusedError
from passerelle.kernel.times import format_instant, parse_instant
from passerelle.node.exchange.files import write_durably
from passerelle.node.exchange.keyfile import (
    KEYS,
    ROLES,
    ROOT,
    UNLOCK,
    opener,
    opener_object,
    roles_object,
    seal_file,
    signer,
    signer_object,
    unseal_file,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

__all__ = ["DEFAULT_OFFICES", "HeldKey", "Identity", "create", "load", "publish"]

DEFAULT_OFFICES: Final = ("cooperation", "identification", "judicial", "cyber")
"""Offices of a new node, until an operator names others."""

OVERLAP: Final = timedelta(hours=24)
"""How long a key stays good after the next one has begun: what is under way still arrives."""


@dataclass(frozen=True, slots=True)
class HeldKey:
    """Hold a key that is not in use: no more, or not yet.

    Parameters
    ----------
    part
        ``log``, ``receipt``, ``bundle``, ``seal/<office>`` or ``sign/<office>``.
    window
        When it was, or will be, good.
    public
        Signature keys.
    seal
        Seal key.
    opener
        Its private half, while it is kept.
    """

    part: str
    window: Window
    public: tuple[PublicKey, ...] = ()
    seal: SealKey | None = None
    opener: SoftOpener | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Hold the private keys of one node.

    Parameters
    ----------
    node, suite
        Name and suite.
    since
        When the keys were made.
    log, receipt
        Signers.
    offices
        Opener of each office.
    officers
        Signer of each office, for sign-off.
    bundle
        Opener of courier bundles.
    storage
        32 bytes under which dossier keys are wrapped.
    exercise
        Exercise that the node plays; empty for a real node. It lies in the sealed key file.
    started
        Since when parts are in use that were rotated.
    held
        Former keys, and those that are to come.
    old_storage
        Storage key before, while dossier keys are being wrapped anew; else empty.
    """

    node: str
    suite: Suite
    since: datetime
    log: SoftSigner
    receipt: SoftSigner
    offices: Mapping[str, SoftOpener]
    officers: Mapping[str, SoftSigner]
    bundle: SoftOpener
    storage: bytes
    exercise: str = ""
    started: tuple[tuple[str, datetime], ...] = ()
    held: tuple[HeldKey, ...] = ()
    old_storage: bytes = b""

    def openers(self, part: str) -> tuple[SoftOpener, ...]:
        """Return the opener in use of an office (``seal/<office>``) or ``bundle``, then former ones."""
        name = part.partition("/")[2]
        found = self.bundle if part == "bundle" else self.offices.get(name)
        former = tuple(key.opener for key in self.held if key.part == part and key.opener)
        return ((found,) if found else ()) + former

    @property
    def log_keys_ever(self) -> tuple[PublicKey, ...]:
        """Every key that has signed our logs: what comes back after a restore is verified by them."""
        former = [key for one in self.held if one.part == "log" for key in one.public]
        return (*self.log.public_keys, *former)

    def _signers(self, part: str, public: tuple[PublicKey, ...]) -> list[tuple[DatedKey, ...]]:
        """List a part's keys with their windows, those in use first."""
        ours = tuple(DatedKey(key, self._window(part)) for key in public)
        others = [one for one in self.held if one.part == part]
        return [ours, *(tuple(DatedKey(key, one.window) for key in one.public) for one in others)]

    def _seals(self, part: str, key: SealKey) -> tuple[DatedSealKey, ...]:
        others = [(one.seal, one.window) for one in self.held if one.part == part]
        found = [(key, self._window(part)), *others]
        return tuple(DatedSealKey(one, window) for one, window in found if one is not None)

    def _window(self, part: str) -> Window:
        """Return the window of the key in use; it ends when the coming one has settled."""
        since = dict(self.started).get(part, self.since)
        coming = [
            one.window.since for one in self.held if one.part == part and not one.window.until
        ]
        return Window(since, min(coming) + OVERLAP if coming else None)

    def card(self, endpoints: tuple[str, ...], pins: tuple[str, ...] = ()) -> NodeCard:
        """Describe the node to its peers."""
        return NodeCard(
            node=self.node,
            log_keys=tuple(k for keys in self._signers("log", self.log.public_keys) for k in keys),
            receipt_keys=tuple(
                k for keys in self._signers("receipt", self.receipt.public_keys) for k in keys
            ),
            offices=tuple(
                Office(
                    id=name,
                    hpke=self._seals(f"seal/{name}", held.seal_key),
                    sign=tuple(self._signers(f"sign/{name}", self.officers[name].public_keys)),
                )
                for name, held in sorted(self.offices.items())
            ),
            endpoints=endpoints,
            suites=(self.suite.name,),
            bundle_key=self._seals("bundle", self.bundle.seal_key),
            tls_spki=pins,
            exercise=self.exercise,
        )


def create(
    folder: Path,
    node: str,
    *,
    now: datetime,
    random_bytes: Callable[[int], bytes],
    passphrase: str = "",
    offices: tuple[str, ...] = DEFAULT_OFFICES,
    endpoints: tuple[str, ...] = (),
    pins: tuple[str, ...] = (),
    exercise: str = "",
) -> None:
    """Draw all keys of a new node and publish its trust set, version 1.

    Parameters
    ----------
    folder
        ``exchange`` in the data folder; made when it is not there.
    node
        Name of the node.
    now, random_bytes
        Clock and randomness.
    passphrase
        Protects the key files; drawn and kept beside when empty.
    offices
        Offices of the node.
    endpoints
        Addresses under which peers reach the node.
    pins
        SHA-256 of the keys of its certificates.
    exercise
        Exercise that the node plays for all its life; empty for a real node.

    Raises
    ------
    RefusedError
        When the folder already holds keys.
    """
    if (folder / KEYS).exists():
        raise RefusedError(
            "{folder} already holds the keys of a node.", code="exchange.keys-exist", folder=folder
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not passphrase:
        write_durably(folder / UNLOCK, random_bytes(32).hex().encode())
    suite = SUITES["S1"]
    drawn = {
        "node": node,
        "suite": suite.name,
        "since": format_instant(now),
        "log": signer_object(SoftSigner.generate(suite, random_bytes)),
        "receipt": signer_object(SoftSigner.generate(suite, random_bytes)),
        "offices": {
            name: {
                "open": opener_object(SoftOpener.generate(suite, random_bytes)),
                "sign": signer_object(SoftSigner.generate(suite, random_bytes)),
            }
            for name in offices
        },
        "bundle": opener_object(SoftOpener.generate(suite, random_bytes)),
        "storage": random_bytes(32).hex(),
        "exercise": exercise,
    }
    roles = RoleKeys.generate(suite, random_bytes)
    seal_file(folder, ROLES, roles_object(roles), passphrase, random_bytes)
    seal_file(
        folder, ROOT, {"root": [signer_object(s) for s in roles.root]}, passphrase, random_bytes
    )
    write_durably(folder / "trust" / "1.root.json", publish_root(roles, now))
    seal_file(folder, KEYS, drawn, passphrase, random_bytes)
    publish(folder, now, endpoints=endpoints, pins=pins, passphrase=passphrase)


def load(folder: Path, passphrase: str = "") -> Identity:
    """Open the key file; read again only when it was rotated.

    Raises
    ------
    UnavailableError
        When there are no keys, or the passphrase is another.
    """
    path = folder / KEYS
    return _load(folder, passphrase, path.stat().st_mtime_ns if path.is_file() else 0)


@lru_cache(maxsize=32)
def _load(folder: Path, passphrase: str, changed: int) -> Identity:
    del changed  # only tells one file from the next
    found = unseal_file(folder, KEYS, passphrase)
    suite = SUITES[found["suite"]]
    return Identity(
        node=found["node"],
        suite=suite,
        since=parse_instant(found["since"]),
        log=signer(found["log"]),
        receipt=signer(found["receipt"]),
        offices={name: opener(suite, item["open"]) for name, item in found["offices"].items()},
        officers={name: signer(item["sign"]) for name, item in found["offices"].items()},
        bundle=opener(suite, found["bundle"]),
        storage=bytes.fromhex(found["storage"]),
        exercise=found.get("exercise", ""),
        started=tuple((k, parse_instant(v)) for k, v in sorted(found.get("started", {}).items())),
        held=tuple(_held(suite, item) for item in found.get("held", ())),
        old_storage=bytes.fromhex(found.get("old_storage", "")),
    )


def _held(suite: Suite, found: dict[str, Any]) -> HeldKey:
    """Read a key that is not in use; one to come holds secrets, a former one what is left of it."""
    since, until, revoked = (found.get(name) for name in ("from", "until", "revoked"))
    window = Window(
        parse_instant(str(since)),
        parse_instant(until) if until else None,
        parse_instant(revoked) if revoked else None,
    )
    if "sign" in found:
        return HeldKey(found["part"], window, signer(found["sign"]).public_keys)
    if "open" in found:
        kept = opener(suite, found["open"])
        return HeldKey(found["part"], window, seal=kept.seal_key, opener=kept)
    if "seal" in found:
        first, second = (bytes.fromhex(part) for part in found["seal"])
        return HeldKey(found["part"], window, seal=SealKey(suite, (first, second)))
    public = tuple(PublicKey(Algorithm(name), bytes.fromhex(raw)) for name, raw in found["public"])
    return HeldKey(found["part"], window, public)


def publish(
    folder: Path,
    now: datetime,
    *,
    endpoints: tuple[str, ...] | None = None,
    pins: tuple[str, ...] | None = None,
    passphrase: str = "",
    live: timedelta = timedelta(days=30),
) -> int:
    """Sign the card anew and publish it; returns the new version.

    Parameters
    ----------
    folder
        ``exchange`` in the data folder.
    now
        The present instant.
    endpoints
        New addresses; those of the last card when ``None``.
    pins
        SHA-256 of the keys of our certificates; those of the last card when ``None``.
    passphrase
        As for :func:`load`.
    live
        Life of the timestamp; 24 hours for a node online whose worker renews it.
    """
    from passerelle.exchange.card import parse_card  # noqa: PLC0415 - slow import

    trust = folder / "trust"
    held = unseal_file(folder, ROLES, passphrase)
    names = ("targets", "snapshot", "timestamp")
    roles = RoleKeys((), *(signer(held[name]) for name in names))
    if (trust / "node.json").exists():
        last = parse_card((trust / "node.json").read_bytes())
        endpoints = last.endpoints if endpoints is None else endpoints
        pins = last.tls_spki if pins is None else pins
    version = 1
    if (trust / "timestamp.json").exists():
        version += int(json.loads((trust / "timestamp.json").read_bytes())["signed"]["version"])
    card = load(folder, passphrase).card(endpoints or (), pins or ()).encode()
    files = publish_card(card, roles, now, version=version, live=live)
    if not (trust / "node.json").exists() or (trust / "node.json").read_bytes() != card:
        # Every card is kept with what signed it: an old dossier is verified by the card of its day.
        write_durably(trust / "history" / f"{version}.targets.json", files["targets.json"])
        write_durably(trust / "history" / f"{version}.node.json", card)
    for name, data in files.items():
        write_durably(trust / name, data)
    return version
