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
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from passerelle.exchange.card import DatedKey, DatedSealKey, NodeCard, Office, Window
from passerelle.exchange.publish import RoleKeys, publish_card, publish_root
from passerelle.exchange.suite import SUITES, Algorithm, SoftOpener, SoftSigner, Suite
from passerelle.kernel.problems import RefusedError, UnavailableError
from passerelle.kernel.times import format_instant, parse_instant
from passerelle.node.exchange.files import write_durably

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

__all__ = ["DEFAULT_OFFICES", "Identity", "create", "load", "publish"]

DEFAULT_OFFICES: Final = ("cooperation", "identification", "judicial", "cyber")
"""Offices of a new node, until an operator names others."""

_KEYS: Final = "node-keys.sealed"
_ROLES: Final = "roles.sealed"
_ROOT: Final = "root-holders.sealed"
_UNLOCK: Final = "unlock"


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

    def card(self, endpoints: tuple[str, ...]) -> NodeCard:
        """Describe the node to its peers."""
        window = Window(self.since)
        return NodeCard(
            node=self.node,
            log_keys=tuple(DatedKey(key, window) for key in self.log.public_keys),
            receipt_keys=tuple(DatedKey(key, window) for key in self.receipt.public_keys),
            offices=tuple(
                Office(
                    id=name,
                    hpke=(DatedSealKey(opener.seal_key, window),),
                    sign=(tuple(DatedKey(k, window) for k in self.officers[name].public_keys),),
                )
                for name, opener in sorted(self.offices.items())
            ),
            endpoints=endpoints,
            suites=(self.suite.name,),
            bundle_key=(DatedSealKey(self.bundle.seal_key, window),),
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
    exercise
        Exercise that the node plays for all its life; empty for a real node.

    Raises
    ------
    RefusedError
        When the folder already holds keys.
    """
    if (folder / _KEYS).exists():
        raise RefusedError(
            "{folder} already holds the keys of a node.", code="exchange.keys-exist", folder=folder
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not passphrase:
        write_durably(folder / _UNLOCK, random_bytes(32).hex().encode())
    suite = SUITES["S1"]
    drawn = {
        "node": node,
        "suite": suite.name,
        "since": format_instant(now),
        "log": _signer_object(SoftSigner.generate(suite, random_bytes)),
        "receipt": _signer_object(SoftSigner.generate(suite, random_bytes)),
        "offices": {
            name: {
                "open": _opener_object(SoftOpener.generate(suite, random_bytes)),
                "sign": _signer_object(SoftSigner.generate(suite, random_bytes)),
            }
            for name in offices
        },
        "bundle": _opener_object(SoftOpener.generate(suite, random_bytes)),
        "storage": random_bytes(32).hex(),
        "exercise": exercise,
    }
    roles = RoleKeys.generate(suite, random_bytes)
    _seal(folder, _ROLES, _roles_object(roles), passphrase, random_bytes)
    _seal(
        folder, _ROOT, {"root": [_signer_object(s) for s in roles.root]}, passphrase, random_bytes
    )
    write_durably(folder / "trust" / "1.root.json", publish_root(roles, now))
    _seal(folder, _KEYS, drawn, passphrase, random_bytes)
    publish(folder, now, endpoints=endpoints, passphrase=passphrase)


@cache
def load(folder: Path, passphrase: str = "") -> Identity:
    """Open the key file; kept for the life of the process.

    Raises
    ------
    UnavailableError
        When there are no keys, or the passphrase is another.
    """
    found = _unseal(folder, _KEYS, passphrase)
    suite = SUITES[found["suite"]]
    return Identity(
        node=found["node"],
        suite=suite,
        since=parse_instant(found["since"]),
        log=_signer(found["log"]),
        receipt=_signer(found["receipt"]),
        offices={name: _opener(suite, item["open"]) for name, item in found["offices"].items()},
        officers={name: _signer(item["sign"]) for name, item in found["offices"].items()},
        bundle=_opener(suite, found["bundle"]),
        storage=bytes.fromhex(found["storage"]),
        exercise=found.get("exercise", ""),
    )


def publish(
    folder: Path,
    now: datetime,
    *,
    endpoints: tuple[str, ...] | None = None,
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
    passphrase
        As for :func:`load`.
    live
        Life of the timestamp; 24 hours for a node online whose worker renews it.
    """
    from passerelle.exchange.card import parse_card  # noqa: PLC0415 - slow import

    trust = folder / "trust"
    roles_object = _unseal(folder, _ROLES, passphrase)
    names = ("targets", "snapshot", "timestamp")
    roles = RoleKeys((), *(_signer(roles_object[name]) for name in names))
    if endpoints is None:
        endpoints = parse_card((trust / "node.json").read_bytes()).endpoints
    version = 1
    if (trust / "timestamp.json").exists():
        version += int(json.loads((trust / "timestamp.json").read_bytes())["signed"]["version"])
    card = load(folder, passphrase).card(endpoints).encode()
    for name, data in publish_card(card, roles, now, version=version, live=live).items():
        write_durably(trust / name, data)
    return version


def _seal(
    folder: Path,
    name: str,
    value: object,
    passphrase: str,
    random_bytes: Callable[[int], bytes],
) -> None:
    salt, nonce = random_bytes(16), random_bytes(12)
    data = json.dumps(value).encode()
    sealed = AESGCM(_key(folder, passphrase, salt)).encrypt(nonce, data, name.encode())
    write_durably(folder / name, salt + nonce + sealed)


def _unseal(folder: Path, name: str, passphrase: str) -> dict[str, Any]:
    path = folder / name
    if not path.is_file():
        raise UnavailableError(
            "Expected the key file {name} in {folder}; make one with: passerelle init {data}",
            code="exchange.no-keys",
            name=name,
            folder=folder,
            data=folder.parent,
        )
    data = path.read_bytes()
    try:
        plain = AESGCM(_key(folder, passphrase, data[:16])).decrypt(
            data[16:28], data[28:], name.encode()
        )
    except InvalidTag as error:
        raise UnavailableError(
            "Expected the passphrase of {name}; another was given, or the file was altered.",
            code="exchange.passphrase",
            name=name,
        ) from error
    found: dict[str, Any] = json.loads(plain)
    return found


def _key(folder: Path, passphrase: str, salt: bytes) -> bytes:
    secret = passphrase or (folder / _UNLOCK).read_text("ascii").strip()
    return Argon2id(salt=salt, length=32, iterations=2, lanes=1, memory_cost=19_456).derive(
        secret.encode()
    )


def _signer_object(signer: SoftSigner) -> list[list[str]]:
    return [[algorithm.value, seed.hex()] for algorithm, seed in signer.seeds]


def _signer(found: list[list[str]]) -> SoftSigner:
    return SoftSigner(tuple((Algorithm(name), bytes.fromhex(seed)) for name, seed in found))


def _opener_object(opener: SoftOpener) -> list[str]:
    return [opener.kem_seed.hex(), opener.curve_secret.hex()]


def _opener(suite: Suite, found: list[str]) -> SoftOpener:
    return SoftOpener(suite, bytes.fromhex(found[0]), bytes.fromhex(found[1]))


def _roles_object(roles: RoleKeys) -> dict[str, list[list[str]]]:
    return {
        "targets": _signer_object(roles.targets),
        "snapshot": _signer_object(roles.snapshot),
        "timestamp": _signer_object(roles.timestamp),
    }
