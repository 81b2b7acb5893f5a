"""The node card ``node.json``: the keys, offices and addresses of a node, as its trust set signs it.

Each key has a window and may carry the instant of its revocation: what was receipted before stays
valid, what comes later is refused. Unknown fields are kept, so that a newer card passes through an
older node unharmed.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from passerelle.exchange._fields import Fields, refuse
from passerelle.exchange.errors import FrameError
from passerelle.exchange.jcs import Limits, read_object, write
from passerelle.exchange.names import is_hash, is_node, is_office
from passerelle.exchange.signoff import OfficeKeys
from passerelle.exchange.suite import SUITES, Algorithm, PublicKey, SealKey
from passerelle.kernel.times import format_instant, parse_instant

if TYPE_CHECKING:
    from datetime import datetime

    from passerelle.kernel.canonical import Json

__all__ = ["CARD_LIMITS", "DatedKey", "DatedSealKey", "NodeCard", "Office", "Window", "parse_card"]

CARD_LIMITS: Final = Limits(length=4 * 1024 * 1024, depth=16, keys=20_000)
MOST_PINS: Final = 16
"""Bounds of a card; larger than a header's."""


@dataclass(frozen=True, slots=True)
class Window:
    """Say when a key may be used.

    Parameters
    ----------
    since
        First instant.
    until
        First instant after; ``None`` for an open end.
    revoked
        Instant from which nothing is believed any more; ``None`` while trusted.
    """

    since: datetime
    until: datetime | None = None
    revoked: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Tell whether the key may be used at ``at``."""
        ends = [end for end in (self.until, self.revoked) if end]
        return self.since <= at and all(at < end for end in ends)

    def to_object(self) -> dict[str, Json]:
        """Return the JSON fields."""
        found: dict[str, Json] = {"from": format_instant(self.since)}
        if self.until:
            found["until"] = format_instant(self.until)
        if self.revoked:
            found["revoked"] = format_instant(self.revoked)
        return found


@dataclass(frozen=True, slots=True)
class DatedKey:
    """Pair a signature key with its window."""

    key: PublicKey
    window: Window

    def to_object(self) -> dict[str, Json]:
        """Return the JSON fields."""
        return {
            "alg": self.key.algorithm.value,
            "key": _text(self.key.raw),
            **self.window.to_object(),
        }


@dataclass(frozen=True, slots=True)
class DatedSealKey:
    """Pair a seal key with its window."""

    key: SealKey
    window: Window

    def to_object(self) -> dict[str, Json]:
        """Return the JSON fields."""
        return {
            "kem": self.key.suite.kem_name,
            "parts": [_text(part) for part in self.key.parts],
            **self.window.to_object(),
        }


@dataclass(frozen=True, slots=True)
class Office:
    """Describe one office.

    Parameters
    ----------
    id
        Name of the office.
    hpke
        Seal keys.
    sign
        For each officer, the keys held (one of each family).
    threshold
        How many officers sign off together.
    """

    id: str
    hpke: tuple[DatedSealKey, ...]
    sign: tuple[tuple[DatedKey, ...], ...] = ()
    threshold: int = 1

    def __post_init__(self) -> None:
        if not is_office(self.id) or self.threshold < 1 or len(self.hpke) > 32:
            raise refuse("offices", "an office name, at most 32 seal keys and a threshold from 1")

    def seal_key(self, at: datetime) -> SealKey:
        """Return the newest seal key in its window.

        Raises
        ------
        FrameError
            When there is none.
        """
        found = [item for item in self.hpke if item.window.holds(at)]
        if not found:
            raise FrameError(
                "Expected a valid seal key of the office {office}.",
                code="exchange.office-key",
                office=self.id,
            )
        return max(found, key=lambda item: item.window.since).key

    def every_signer(self) -> OfficeKeys:
        """Return all signing keys that were not revoked: what an office signed stays signed."""
        officers = tuple(
            tuple(item.key for item in officer if item.window.revoked is None)
            for officer in self.sign
        )
        return OfficeKeys(self.id, tuple(keys for keys in officers if keys), self.threshold)

    def signers(self, at: datetime) -> OfficeKeys:
        """Return the signing keys in their windows."""
        officers = tuple(
            tuple(item.key for item in officer if item.window.holds(at)) for officer in self.sign
        )
        return OfficeKeys(self.id, tuple(keys for keys in officers if keys), self.threshold)


@dataclass(frozen=True, slots=True)
class NodeCard:
    """Describe a node to its peers.

    Parameters
    ----------
    node
        Name of the node.
    log_keys, receipt_keys
        Keys that sign checkpoints and receipts.
    offices
        Offices that write and read.
    endpoints
        Addresses ``https://…`` (or ``http://127.0.0.1…``); none for a node behind an air gap.
    suites
        Names of suites understood.
    bundle_key
        Seal keys for courier bundles.
    names
        Name of the node by language.
    tls_spki
        SHA-256 of the public keys of its certificates; none when no pins are kept.
    exercise
        Exercise that the node plays; empty for a real node, which alone talks to real nodes.
    extra
        Fields that this version does not know, kept as they are.
    """

    node: str
    log_keys: tuple[DatedKey, ...]
    receipt_keys: tuple[DatedKey, ...]
    offices: tuple[Office, ...] = ()
    endpoints: tuple[str, ...] = ()
    suites: tuple[str, ...] = ("S1",)
    bundle_key: tuple[DatedSealKey, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    tls_spki: tuple[str, ...] = ()
    exercise: str = ""
    extra: tuple[tuple[str, Json], ...] = field(default=(), hash=False)

    def __post_init__(self) -> None:
        if not is_node(self.node):
            raise refuse("node", "the name of a node")
        if not set(self.suites) <= set(SUITES) or not self.suites:
            raise refuse("suites", "known suites")
        if len(self.tls_spki) > MOST_PINS or not all(map(is_hash, self.tls_spki)):
            raise refuse("tls_spki", "at most 16 SHA-256 in hexadecimal")
        ids = [office.id for office in self.offices]
        if len(set(ids)) != len(ids):
            raise refuse("offices", "different names")

    def office(self, name: str) -> Office:
        """Return the office of that name.

        Raises
        ------
        FrameError
            When the node has none.
        """
        for office in self.offices:
            if office.id == name:
                return office
        raise FrameError(
            "Expected {node} to have an office {office}.",
            code="exchange.office-unknown",
            node=self.node,
            office=name[:40],
        )

    def log_keys_at(self, at: datetime) -> tuple[PublicKey, ...]:
        """Return the log keys in their windows."""
        return tuple(item.key for item in self.log_keys if item.window.holds(at))

    def receipt_keys_at(self, at: datetime) -> tuple[PublicKey, ...]:
        """Return the receipt keys in their windows."""
        return tuple(item.key for item in self.receipt_keys if item.window.holds(at))

    def encode(self) -> bytes:
        """Write the card in canonical form."""
        found: dict[str, Json] = {
            "v": 1,
            "node": self.node,
            "log_keys": [item.to_object() for item in self.log_keys],
            "receipt_keys": [item.to_object() for item in self.receipt_keys],
            "offices": [
                {
                    "id": office.id,
                    "hpke": [item.to_object() for item in office.hpke],
                    "sign": [[key.to_object() for key in officer] for officer in office.sign],
                    "threshold": office.threshold,
                }
                for office in self.offices
            ],
            "endpoints": list(self.endpoints),
            "suites": list(self.suites),
            "bundle_key": [item.to_object() for item in self.bundle_key],
            "names": dict(self.names),
        }
        if self.tls_spki:
            found["tls_spki"] = list(self.tls_spki)
        if self.exercise:
            found["exercise"] = self.exercise
        return write(found | dict(self.extra))


def parse_card(data: bytes) -> NodeCard:
    """Read a card.

    Raises
    ------
    LimitError, FrameError
        When it is too long, not canonical, or a field is out of range.
    """
    fields = Fields(read_object(data, CARD_LIMITS), "node.json")
    if fields.integer("v") != 1:
        raise refuse("node.json.v", "1")
    known = {
        "node": fields.text("node"),
        "log_keys": tuple(_parse_key(item) for item in fields.objects("log_keys")),
        "receipt_keys": tuple(_parse_key(item) for item in fields.objects("receipt_keys")),
    }
    return NodeCard(
        **known,  # type: ignore[arg-type]
        offices=tuple(_parse_office(item) for item in fields.objects("offices")),
        endpoints=fields.texts("endpoints"),
        suites=fields.texts("suites"),
        bundle_key=tuple(_parse_seal_key(item) for item in fields.objects("bundle_key")),
        names=tuple(sorted((key, str(text)) for key, text in fields.mapping("names").items())),
        tls_spki=fields.texts("tls_spki"),
        exercise=fields.text("exercise", ""),
        extra=tuple(sorted(fields.rest().items())),
    )


def _parse_office(fields: Fields) -> Office:
    officers = fields.take("sign")
    if not isinstance(officers, list) or not all(isinstance(item, list) for item in officers):
        raise refuse("offices.sign", "a list of officers, each a list of keys")
    sign = []
    for officer in officers:
        assert isinstance(officer, list)
        if not all(isinstance(key, dict) for key in officer):
            raise refuse("offices.sign", "a list of officers, each a list of keys")
        sign.append(tuple(_parse_key(Fields(dict(key), "offices.sign")) for key in officer))
    return Office(
        id=fields.text("id"),
        hpke=tuple(_parse_seal_key(item) for item in fields.objects("hpke")),
        sign=tuple(sign),
        threshold=fields.integer("threshold"),
    )


def _parse_key(fields: Fields) -> DatedKey:
    algorithm = fields.choice("alg", Algorithm)
    return DatedKey(PublicKey(algorithm, _raw(fields.text("key"))), _parse_window(fields))


def _parse_seal_key(fields: Fields) -> DatedSealKey:
    kem, parts = fields.text("kem"), fields.texts("parts")
    suites = [suite for suite in SUITES.values() if suite.kem_name == kem]
    if not suites or len(parts) != 2:
        raise refuse("hpke", "a known KEM with two parts")
    return DatedSealKey(SealKey(suites[0], (_raw(parts[0]), _raw(parts[1]))), _parse_window(fields))


def _parse_window(fields: Fields) -> Window:
    since, until, revoked = (fields.text(name, "-") for name in ("from", "until", "revoked"))
    try:
        return Window(
            parse_instant(since),
            None if until == "-" else parse_instant(until),
            None if revoked == "-" else parse_instant(revoked),
        )
    except ValueError as error:
        raise refuse("from, until, revoked", "instants in UTC") from error


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _raw(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise refuse("key", "base64url without padding") from error
