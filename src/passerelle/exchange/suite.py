"""The closed list of algorithms, and the two kinds of key holders.

A suite is pinned by the agreement between two nodes; an entry cannot choose. Every signature of a
node is a pair, one of each family (Ed25519 and ML-DSA), and both must verify: a break of one
family alone forges nothing.

Private keys enter through two protocols, :class:`Signer` and :class:`Opener`, so that a hardware
module can stand behind them. The soft versions here hold seeds in memory. They are deterministic
but for what the library draws inside HPKE.

References
----------
.. [1] RFC 8032 (Ed25519), FIPS 204 (ML-DSA), FIPS 203 (ML-KEM), RFC 9180 (HPKE).
.. [2] draft-ietf-hpke-pq: MLKEM768-X25519 (0x647A), MLKEM1024-P384 (0x51).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Protocol

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, mlkem, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from passerelle.exchange.errors import FrameError, LocalProtocolError, SignatureError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "S1",
    "S2",
    "SUITES",
    "Algorithm",
    "Opener",
    "PublicKey",
    "SealKey",
    "Signer",
    "SoftOpener",
    "SoftSigner",
    "Suite",
    "private_key",
]


class Algorithm(Enum):
    """Name a signature algorithm; the value is its name in ``node.json``."""

    ED25519 = "ed25519"
    ML_DSA_44 = "ml-dsa-44"
    ML_DSA_65 = "ml-dsa-65"
    ML_DSA_87 = "ml-dsa-87"

    @property
    def signature_size(self) -> int:
        """Length of a signature in bytes."""
        return _SIGNATURE_SIZE[self]

    @property
    def key_size(self) -> int:
        """Length of a public key in bytes."""
        return _KEY_SIZE[self]

    @property
    def classical(self) -> bool:
        """Whether the algorithm belongs to the family that a quantum computer breaks."""
        return self is Algorithm.ED25519


_SIGNATURE_SIZE: Final = {
    Algorithm.ED25519: 64,
    Algorithm.ML_DSA_44: 2_420,
    Algorithm.ML_DSA_65: 3_309,
    Algorithm.ML_DSA_87: 4_627,
}
_KEY_SIZE: Final = {
    Algorithm.ED25519: 32,
    Algorithm.ML_DSA_44: 1_312,
    Algorithm.ML_DSA_65: 1_952,
    Algorithm.ML_DSA_87: 2_592,
}


@dataclass(frozen=True, slots=True)
class Suite:
    """Pin algorithms together.

    Parameters
    ----------
    name
        ``S1`` or ``S2``.
    signatures
        One algorithm of each family.
    kem_name
        Name of the hybrid KEM.
    sealed_size
        Bytes of a sealed 32-byte key: encapsulation, ciphertext and tag.
    hkdf
        Hash of the key schedule, ``sha256`` or ``sha512``.
    """

    name: str
    signatures: tuple[Algorithm, Algorithm]
    kem_name: str
    sealed_size: int
    hkdf: str

    def hpke(self) -> hpke.Suite:
        """Return the HPKE suite of the library."""
        if self.name == "S1":
            return hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
        return hpke.Suite(hpke.KEM.MLKEM1024_P384, hpke.KDF.HKDF_SHA512, hpke.AEAD.AES_256_GCM)


S1: Final = Suite(
    "S1", (Algorithm.ED25519, Algorithm.ML_DSA_65), "MLKEM768-X25519", 1_168, "sha256"
)
S2: Final = Suite("S2", (Algorithm.ED25519, Algorithm.ML_DSA_87), "MLKEM1024-P384", 1_713, "sha512")
SUITES: Final = {suite.name: suite for suite in (S1, S2)}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Verify with one public key.

    Parameters
    ----------
    algorithm
        What kind of key.
    raw
        The public key, raw bytes of the algorithm's length.
    """

    algorithm: Algorithm
    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != self.algorithm.key_size:
            raise FrameError(
                "Expected a key of {expected} bytes for {algorithm}, got {found}.",
                code="exchange.key-size",
                expected=self.algorithm.key_size,
                algorithm=self.algorithm.value,
                found=len(self.raw),
            )

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Tell whether the signature over ``data`` is of this key."""
        if len(signature) != self.algorithm.signature_size:
            return False
        try:
            _load_public(self.algorithm, self.raw).verify(signature, data)
        except InvalidSignature:
            return False
        return True


class Signer(Protocol):
    """Sign with a node's, an office's or a role's keys, one of each family."""

    @property
    def public_keys(self) -> tuple[PublicKey, ...]:
        """Public keys, in the order of the suite."""
        ...

    def sign(self, data: bytes) -> tuple[bytes, ...]:
        """Return one signature for each public key, in the same order."""
        ...


class SoftSigner:
    """Sign with seeds held in memory.

    Parameters
    ----------
    seeds
        Algorithm and 32-byte seed of each key.
    """

    def __init__(self, seeds: tuple[tuple[Algorithm, bytes], ...]) -> None:
        self.seeds = seeds
        self._private = tuple(private_key(algorithm, seed) for algorithm, seed in seeds)
        self._public = tuple(
            PublicKey(algorithm, key.public_key().public_bytes_raw())
            for (algorithm, _), key in zip(seeds, self._private, strict=True)
        )

    @classmethod
    def generate(cls, suite: Suite, random_bytes: Callable[[int], bytes]) -> SoftSigner:
        """Draw a pair of keys of the suite."""
        return cls(tuple((algorithm, random_bytes(32)) for algorithm in suite.signatures))

    @property
    def public_keys(self) -> tuple[PublicKey, ...]:
        """Public keys, in the order of the seeds."""
        return self._public

    def sign(self, data: bytes) -> tuple[bytes, ...]:
        """Sign ``data`` with every key."""
        return tuple(key.sign(data) for key in self._private)


@dataclass(frozen=True, slots=True)
class SealKey:
    """Seal to the hybrid public key of an office or a node.

    Parameters
    ----------
    suite
        Which KEM.
    parts
        Raw public keys: ML-KEM first, then the curve (X25519 raw, P-384 as an uncompressed point).
    """

    suite: Suite
    parts: tuple[bytes, bytes]

    def seal(self, plaintext: bytes, info: bytes) -> bytes:
        """Encrypt ``plaintext`` to the key; the library draws the randomness.

        Raises
        ------
        FrameError
            When the parts are no valid public keys.
        """
        return self.suite.hpke().encrypt(
            plaintext, _load_seal_key(self.suite.name, *self.parts), info
        )


class Opener(Protocol):
    """Open what was sealed to one key."""

    @property
    def seal_key(self) -> SealKey:
        """Public half."""
        ...

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """Decrypt, or raise :class:`~passerelle.exchange.errors.SignatureError`."""
        ...


class SoftOpener:
    """Open with component keys held in memory.

    Parameters
    ----------
    suite
        Which KEM.
    kem_seed
        64 bytes of ML-KEM.
    curve_secret
        32 bytes of X25519, or 48 of P-384.
    """

    def __init__(self, suite: Suite, kem_seed: bytes, curve_secret: bytes) -> None:
        self.suite, self.kem_seed, self.curve_secret = suite, kem_seed, curve_secret
        if suite.name == "S1":
            kem = mlkem.MLKEM768PrivateKey.from_seed_bytes(kem_seed)
            curve = x25519.X25519PrivateKey.from_private_bytes(curve_secret)
            self._private: hpke.MLKEM768X25519PrivateKey | hpke.MLKEM1024P384PrivateKey = (
                hpke.MLKEM768X25519PrivateKey(kem, curve)
            )
            parts = kem.public_key().public_bytes_raw(), curve.public_key().public_bytes_raw()
        else:
            big = mlkem.MLKEM1024PrivateKey.from_seed_bytes(kem_seed)
            point = ec.derive_private_key(int.from_bytes(curve_secret), ec.SECP384R1())
            self._private = hpke.MLKEM1024P384PrivateKey(big, point)
            parts = (
                big.public_key().public_bytes_raw(),
                point.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
            )
        self._seal_key = SealKey(suite, parts)

    @classmethod
    def generate(cls, suite: Suite, random_bytes: Callable[[int], bytes]) -> SoftOpener:
        """Draw a hybrid key of the suite."""
        return cls(suite, random_bytes(64), random_bytes(32 if suite.name == "S1" else 47))

    @property
    def seal_key(self) -> SealKey:
        """Public half."""
        return self._seal_key

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """Decrypt what was sealed with the same ``info``.

        Raises
        ------
        SignatureError
            When the seal was made for another key, another place or was altered.
        """
        try:
            return self.suite.hpke().decrypt(sealed, self._private, info)
        except (InvalidTag, ValueError) as error:
            raise SignatureError(
                "Expected a seal that opens with this key in this place.",
                code="exchange.seal-broken",
            ) from error


def private_key(algorithm: Algorithm, seed: bytes) -> Any:
    """Load a private key of the library from its 32-byte seed; four unrelated classes, hence Any."""
    if len(seed) != 32:
        raise LocalProtocolError(
            "Expected a seed of 32 bytes, got {found}.", code="exchange.seed", found=len(seed)
        )
    match algorithm:
        case Algorithm.ED25519:
            return ed25519.Ed25519PrivateKey.from_private_bytes(seed)
        case Algorithm.ML_DSA_44:
            return mldsa.MLDSA44PrivateKey.from_seed_bytes(seed)
        case Algorithm.ML_DSA_65:
            return mldsa.MLDSA65PrivateKey.from_seed_bytes(seed)
        case Algorithm.ML_DSA_87:
            return mldsa.MLDSA87PrivateKey.from_seed_bytes(seed)


@lru_cache(maxsize=512)
def _load_public(algorithm: Algorithm, raw: bytes) -> Any:
    match algorithm:
        case Algorithm.ED25519:
            return ed25519.Ed25519PublicKey.from_public_bytes(raw)
        case Algorithm.ML_DSA_44:
            return mldsa.MLDSA44PublicKey.from_public_bytes(raw)
        case Algorithm.ML_DSA_65:
            return mldsa.MLDSA65PublicKey.from_public_bytes(raw)
        case Algorithm.ML_DSA_87:
            return mldsa.MLDSA87PublicKey.from_public_bytes(raw)


@lru_cache(maxsize=256)
def _load_seal_key(
    suite: str, kem: bytes, curve: bytes
) -> hpke.MLKEM768X25519PublicKey | hpke.MLKEM1024P384PublicKey:
    try:
        if suite == "S1":
            return hpke.MLKEM768X25519PublicKey(
                mlkem.MLKEM768PublicKey.from_public_bytes(kem),
                x25519.X25519PublicKey.from_public_bytes(curve),
            )
        return hpke.MLKEM1024P384PublicKey(
            mlkem.MLKEM1024PublicKey.from_public_bytes(kem),
            ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP384R1(), curve),
        )
    except ValueError as error:
        raise FrameError("Expected a valid seal key.", code="exchange.seal-key") from error
