"""Key files at rest: sealed under one key derived from a passphrase (Argon2id)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from passerelle.exchange.suite import Algorithm, SoftOpener, SoftSigner, Suite
from passerelle.kernel.problems import UnavailableError
from passerelle.node.exchange.files import write_durably

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from passerelle.exchange.publish import RoleKeys

__all__ = [
    "KEYS",
    "ROLES",
    "ROOT",
    "UNLOCK",
    "opener",
    "opener_object",
    "roles_object",
    "seal_file",
    "signer",
    "signer_object",
    "unseal_file",
]

KEYS: Final = "node-keys.sealed"
ROLES: Final = "roles.sealed"
ROOT: Final = "root-holders.sealed"
UNLOCK: Final = "unlock"


def seal_file(
    folder: Path,
    name: str,
    value: object,
    passphrase: str,
    random_bytes: Callable[[int], bytes],
) -> None:
    """Seal a value into a file of the folder."""
    salt, nonce = random_bytes(16), random_bytes(12)
    data = json.dumps(value).encode()
    sealed = AESGCM(_key(folder, passphrase, salt)).encrypt(nonce, data, name.encode())
    write_durably(folder / name, salt + nonce + sealed)


def unseal_file(folder: Path, name: str, passphrase: str) -> dict[str, Any]:
    """Open a key file.

    Raises
    ------
    UnavailableError
        When it is not there, or the passphrase is another.
    """
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
    secret = passphrase or (folder / UNLOCK).read_text("ascii").strip()
    return Argon2id(salt=salt, length=32, iterations=2, lanes=1, memory_cost=19_456).derive(
        secret.encode()
    )


def signer_object(held: SoftSigner) -> list[list[str]]:
    """Write a signer as algorithm and seed, in hexadecimal."""
    return [[algorithm.value, seed.hex()] for algorithm, seed in held.seeds]


def signer(found: list[list[str]]) -> SoftSigner:
    """Read a signer."""
    return SoftSigner(tuple((Algorithm(name), bytes.fromhex(seed)) for name, seed in found))


def opener_object(held: SoftOpener) -> list[str]:
    """Write an opener as its two component secrets, in hexadecimal."""
    return [held.kem_seed.hex(), held.curve_secret.hex()]


def opener(suite: Suite, found: list[str]) -> SoftOpener:
    """Read an opener."""
    return SoftOpener(suite, bytes.fromhex(found[0]), bytes.fromhex(found[1]))


def roles_object(roles: RoleKeys) -> dict[str, list[list[str]]]:
    """Write the signers of the online roles."""
    return {
        "targets": signer_object(roles.targets),
        "snapshot": signer_object(roles.snapshot),
        "timestamp": signer_object(roles.timestamp),
    }
