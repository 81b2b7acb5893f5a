"""A new epoch: a log that was lost or whose key was stolen is closed, another one begins.

The notice is entry 0 of the new log, in clear, signed by the root holders with three of each family: a
thief of online keys cannot write it. It names the last size that both sides hold. A reader takes it
only when that is exactly what it holds, with the same root: nothing that was receipted can be dropped.

References
----------
.. [1] DSSE 1.0, pre-authentication encoding.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.serialization import load_pem_public_key
from tuf.api.metadata import Metadata, Root

from passerelle.exchange._fields import Fields, refuse
from passerelle.exchange.errors import FrameError, SignatureError
from passerelle.exchange.jcs import Limits, read_object, write
from passerelle.exchange.names import Origin, is_hash
from passerelle.exchange.signoff import office_key_id, pre_authentication
from passerelle.exchange.suite import Algorithm, PublicKey
from passerelle.kernel.times import format_instant, parse_instant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from passerelle.exchange.suite import Signer

__all__ = ["REASONS", "EpochNotice", "judge_epoch", "sign_epoch", "verify_epoch"]

REASONS: Final = ("lost", "stolen")
"""Why an epoch ends: entries were lost on both sides, or a log key was stolen."""

_TYPE: Final = "application/vnd.passerelle.epoch+json"
_PER_FAMILY: Final = 3
_LIMITS: Final = Limits(length=131_072, depth=8, keys=256)
_ML_DSA: Final = {"ml-dsa-65/1": Algorithm.ML_DSA_65, "ml-dsa-87/1": Algorithm.ML_DSA_87}


@dataclass(frozen=True, slots=True)
class EpochNotice:
    """Close one log and begin the next.

    Parameters
    ----------
    old, new
        The two logs: one pair, epochs one apart.
    size, root
        The last size that both sides hold, and its root in hexadecimal.
    reason
        ``lost`` or ``stolen``.
    issued
        The writer's clock; shown, never used to order.
    """

    old: Origin
    new: Origin
    size: int
    root: str
    reason: str
    issued: datetime

    def __post_init__(self) -> None:
        pair = (self.old.writer, self.old.reader)
        if pair != (self.new.writer, self.new.reader) or self.old.epoch + 1 != self.new.epoch:
            raise refuse("epoch.new", "the next epoch of the same log")
        if self.size < 0 or not is_hash(self.root) or self.reason not in REASONS:
            raise refuse("epoch", "a size from 0, a root, and the reason lost or stolen")

    def encode(self) -> bytes:
        """Write what the holders sign."""
        return write(
            {
                "v": 1,
                "old": str(self.old),
                "new": str(self.new),
                "size": self.size,
                "root": self.root,
                "reason": self.reason,
                "issued": format_instant(self.issued),
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> EpochNotice:
        """Read a notice.

        Raises
        ------
        FrameError, LimitError
            When it is none.
        """
        top = Fields(read_object(data, _LIMITS), "epoch")
        if top.integer("v") != 1:
            raise refuse("epoch.v", "1")
        try:
            issued = parse_instant(top.text("issued"))
        except ValueError as error:
            raise refuse("epoch.issued", "an instant in UTC") from error
        found = cls(
            old=Origin.parse(top.text("old")),
            new=Origin.parse(top.text("new")),
            size=top.integer("size"),
            root=top.text("root"),
            reason=top.text("reason"),
            issued=issued,
        )
        top.finish()
        return found


def sign_epoch(notice: EpochNotice, holders: Sequence[Signer]) -> bytes:
    """Write the notice in an envelope with the signatures of root holders."""
    payload = notice.encode()
    data = pre_authentication(_TYPE, payload)
    return write(
        {
            "payloadType": _TYPE,
            "payload": _text(payload),
            "signatures": [
                {"key": office_key_id(key), "sig": _text(signature)}
                for holder in holders
                for key, signature in zip(holder.public_keys, holder.sign(data), strict=True)
            ],
        }
    )


def verify_epoch(envelope: bytes, root: bytes) -> EpochNotice:
    """Check a notice under the newest accepted root of its writer.

    Raises
    ------
    SignatureError
        When fewer than three holders signed in one of the families.
    FrameError, LimitError
        When it cannot be read.
    """
    top = Fields(read_object(envelope, _LIMITS), "epoch")
    if top.text("payloadType") != _TYPE:
        raise refuse("epoch.payloadType", _TYPE)
    payload = _raw(top.text("payload"))
    data = pre_authentication(_TYPE, payload)
    keys = {office_key_id(key): key for key in _root_keys(root)}
    good: set[str] = set()
    signatures = top.objects("signatures")
    if len(signatures) > 64:
        raise refuse("epoch.signatures", "at most 64")
    for one in signatures:
        name, signature = one.text("key"), _raw(one.text("sig"))
        one.finish()
        if name in keys and keys[name].verifies(signature, data):
            good.add(name)
    top.finish()
    for family, classical in (("Ed25519", True), ("ML-DSA", False)):
        count = sum(keys[name].algorithm.classical is classical for name in good)
        if count < _PER_FAMILY:
            raise SignatureError(
                "Expected {needed} root holders to sign a new epoch with {family}, got {count}.",
                code="exchange.epoch-signature",
                needed=_PER_FAMILY,
                family=family,
                count=count,
            )
    return EpochNotice.parse(payload)


def judge_epoch(notice: EpochNotice, origin: str, held: tuple[int, str] | None) -> str:
    """Say why a reader does not take a notice; nothing when it does.

    Parameters
    ----------
    notice
        Verified before.
    origin
        Log in which the notice stands.
    held
        Size and root, in hexadecimal, of the log that it closes, as held here; ``None`` when that
        log is unknown or closed.
    """
    if str(notice.new) != origin:
        return "exchange.epoch-origin"
    if held is None:
        return "exchange.epoch-unknown"
    if notice.size != held[0]:
        return "exchange.epoch-size"
    return "" if notice.root == held[1] else "exchange.epoch-root"


def _root_keys(root: bytes) -> list[PublicKey]:
    """Read the keys of the root role as plain public keys."""
    signed = Metadata[Root].from_bytes(root).signed
    found = []
    for name in signed.roles[Root.type].keyids:
        key = signed.keys[name]
        public = str(key.keyval["public"])
        if key.keytype == "ed25519":
            found.append(PublicKey(Algorithm.ED25519, bytes.fromhex(public)))
        elif key.scheme in _ML_DSA:
            loaded = load_pem_public_key(public.encode())
            raw: bytes = loaded.public_bytes_raw()  # type: ignore[union-attr]  # an ML-DSA key
            found.append(PublicKey(_ML_DSA[key.scheme], raw))
    return found


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _raw(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise FrameError("Expected base64url without padding.", code="exchange.base64") from error
