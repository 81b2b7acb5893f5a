"""The agreement of a pair: what two nodes promise each other, signed by an office of each.

The document is canonical JSON in a DSSE envelope, as officers sign headers. It pins the suite, the
kinds of entries, the procedures with their definition, limits and ages. It counts only when both
sides have signed the same bytes; a later version replaces an earlier one.

References
----------
.. [1] DSSE 1.0, pre-authentication encoding.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Final

from passerelle.exchange._fields import Fields, refuse
from passerelle.exchange.handling import CODE
from passerelle.exchange.header import Kind
from passerelle.exchange.jcs import Limits, read_object, write
from passerelle.exchange.names import is_hash, is_node, is_office
from passerelle.exchange.signoff import pre_authentication, signoff_lines, verify_signoffs
from passerelle.exchange.suite import SUITES
from passerelle.kernel.times import format_instant, parse_instant

if TYPE_CHECKING:
    from datetime import datetime

    from passerelle.exchange.card import NodeCard
    from passerelle.exchange.suite import Signer
    from passerelle.kernel.canonical import Json

__all__ = ["Agreement", "Envelope", "PeerLimits", "Terms", "parse_envelope", "verify_agreement"]

_TYPE: Final = "application/vnd.passerelle.agreement+json"
_LIMITS: Final = Limits(length=262_144, depth=8, keys=4096)


@dataclass(frozen=True, slots=True)
class PeerLimits:
    """Bound what a peer may send and how long silence is borne.

    Parameters
    ----------
    attachment
        Bytes of one attachment.
    per_second, burst, catch_up
        Entries a second, at once, and at most after a silence.
    trust_days
        Age of the last accepted trust files from which nothing is released or taken.
    courier_hours
        Hours without receipt after which an act is called overdue and a courier is offered.
    """

    attachment: int = 256 * 1024 * 1024
    per_second: int = 50
    burst: int = 500
    catch_up: int = 100_000
    trust_days: int = 30
    courier_hours: int = 24

    def __post_init__(self) -> None:
        if not 0 <= self.attachment <= 10 * 1024**3:
            raise refuse("limits.attachment", "at most 10 GiB")
        if not all(1 <= getattr(self, one.name) <= 10**9 for one in fields(self)[1:]):
            raise refuse("limits", "numbers from 1")
        if self.trust_days > 365 or self.courier_hours > 24 * 365:
            raise refuse("limits.trust_days, limits.courier_hours", "at most a year")

    def to_object(self) -> dict[str, Json]:
        """Return the JSON object."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


@dataclass(frozen=True, slots=True)
class Terms:
    """Say what is agreed.

    Parameters
    ----------
    suite
        Pinned; an entry cannot choose.
    kinds
        Kinds of entries that may be sent; all when empty.
    procedures
        Pairs of procedure and SHA-256 of its definition.
    calendars
        Names of calendars of working days.
    limits
        Sizes, rates and ages.
    retention_years
        How long headers are kept after the agreement.
    """

    suite: str = "S1"
    kinds: tuple[str, ...] = ()
    procedures: tuple[tuple[str, str], ...] = ()
    calendars: tuple[str, ...] = ()
    limits: PeerLimits = PeerLimits()
    retention_years: int = 10

    def __post_init__(self) -> None:
        if self.suite not in SUITES:
            raise refuse("terms.suite", " or ".join(SUITES))
        known = {kind.value for kind in Kind}
        if not set(self.kinds) <= known or sorted(set(self.kinds)) != list(self.kinds):
            raise refuse("terms.kinds", "different known kinds in order")
        names = [name for name, _ in self.procedures]
        if sorted(set(names)) != names or not all(is_hash(found) for _, found in self.procedures):
            raise refuse("terms.procedures", "different names in order, each with a SHA-256")
        if not all(CODE.fullmatch(one) for one in (*names, *self.calendars)):
            raise refuse("terms.procedures, terms.calendars", "codes of at most 64 characters")
        if not 1 <= self.retention_years <= 100:
            raise refuse("terms.retention_years", "1 to 100")

    def to_object(self) -> dict[str, Json]:
        """Return the JSON object."""
        return {
            "suite": self.suite,
            "kinds": list(self.kinds),
            "procedures": dict(self.procedures),
            "calendars": list(self.calendars),
            "limits": self.limits.to_object(),
            "retention_years": self.retention_years,
        }


@dataclass(frozen=True, slots=True)
class Agreement:
    """Name two nodes, and what they agree.

    Parameters
    ----------
    nodes
        Pairs of node and the office that signs for it, nodes in order.
    version
        Counted from 1.
    issued
        When it was drafted.
    terms
        What is agreed.
    """

    nodes: tuple[tuple[str, str], tuple[str, str]]
    version: int
    issued: datetime
    terms: Terms

    def __post_init__(self) -> None:
        (first, _), (second, _) = self.nodes
        if not first < second or not all(is_node(n) and is_office(o) for n, o in self.nodes):
            raise refuse("nodes", "two different nodes in order, each with an office")
        if not 1 <= self.version < 10**9:
            raise refuse("version", "a number from 1")

    def encode(self) -> bytes:
        """Write the document that is signed."""
        return write(
            {
                "v": 1,
                "nodes": dict(self.nodes),
                "version": self.version,
                "issued": format_instant(self.issued),
                "terms": self.terms.to_object(),
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> Agreement:
        """Read a document.

        Raises
        ------
        LimitError, FrameError
            When it is too long, not canonical, or a field is out of range.
        """
        top = Fields(read_object(data, _LIMITS), "agreement")
        if top.integer("v") != 1:
            raise refuse("agreement.v", "1")
        nodes = sorted((str(name), str(office)) for name, office in top.mapping("nodes").items())
        if len(nodes) != 2:
            raise refuse("agreement.nodes", "two nodes")
        try:
            issued = parse_instant(top.text("issued"))
        except ValueError as error:
            raise refuse("agreement.issued", "an instant in UTC") from error
        found = cls(
            nodes=(nodes[0], nodes[1]),
            version=top.integer("version"),
            issued=issued,
            terms=_parse_terms(top.object("terms")),
        )
        top.finish()
        if found.encode() != data:
            raise refuse("agreement", "its fields written in one way")
        return found

    def office_of(self, node: str) -> str:
        """Return the office that signs for a node.

        Raises
        ------
        FrameError
            When the agreement is of others.
        """
        for name, office in self.nodes:
            if name == node:
                return office
        raise refuse("agreement.nodes", f"an agreement of {node}")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Hold the signed bytes and their signatures.

    Parameters
    ----------
    payload
        The document.
    signatures
        Node, office, key id and signature in base64url.
    """

    payload: bytes
    signatures: tuple[tuple[str, str, str, str], ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of the document, read aloud or compared by both sides."""
        return hashlib.sha256(self.payload).hexdigest()

    def sign(self, node: str, office: str, signer: Signer) -> Envelope:
        """Return the envelope with one officer's signatures added; made anew, not doubled."""
        data = pre_authentication(_TYPE, self.payload)
        lines = tuple((node, *line) for line in signoff_lines(office, signer, data))
        keys = {line[2] for line in lines}
        kept = tuple(one for one in self.signatures if one[0] != node or one[2] not in keys)
        return replace(self, signatures=kept + lines)

    def merge(self, other: Envelope) -> Envelope:
        """Return the signatures of both, when both are over the same bytes.

        Raises
        ------
        FrameError
            When they are not.
        """
        if other.payload != self.payload:
            raise refuse("agreement", "the same document on both sides")
        extra = tuple(one for one in other.signatures if one not in self.signatures)
        return replace(self, signatures=self.signatures + extra)

    def encode(self) -> bytes:
        """Write the envelope."""
        return write(
            {
                "payloadType": _TYPE,
                "payload": base64.urlsafe_b64encode(self.payload).rstrip(b"=").decode(),
                "signatures": [
                    {"node": node, "office": office, "key": key, "sig": signature}
                    for node, office, key, signature in self.signatures
                ],
            }
        )


def parse_envelope(data: bytes) -> Envelope:
    """Read an envelope.

    Raises
    ------
    LimitError, FrameError
        When it is none.
    """
    top = Fields(read_object(data, _LIMITS), "envelope")
    if top.text("payloadType") != _TYPE:
        raise refuse("envelope.payloadType", _TYPE)
    text = top.text("payload")
    try:
        payload = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise refuse("envelope.payload", "base64url without padding") from error
    signatures = []
    for one in top.objects("signatures"):
        names = (one.text("node"), one.text("office"), one.text("key"), one.text("sig"))
        one.finish()
        signatures.append(names)
    top.finish()
    if len(signatures) > 64:
        raise refuse("envelope.signatures", "at most 64")
    return Envelope(payload, tuple(signatures))


def verify_agreement(
    envelope: Envelope, cards: dict[str, NodeCard], now: datetime
) -> tuple[Agreement, tuple[str, ...]]:
    """Check who has signed; both must have for the agreement to count.

    Parameters
    ----------
    envelope
        Document and signatures.
    cards
        Newest accepted card of each of the two nodes, by name.
    now
        Keys must be in their windows then.

    Returns
    -------
    tuple
        The agreement, and the nodes whose office has signed with enough officers.

    Raises
    ------
    FrameError
        When the document cannot be read, or names other nodes than the cards.
    SignatureError
        When a signature stands under the name of a node, but too few are valid.
    """
    found = Agreement.parse(envelope.payload)
    data = pre_authentication(_TYPE, envelope.payload)
    signed = []
    for node, office in found.nodes:
        if node not in cards:
            raise refuse("agreement.nodes", " and ".join(sorted(cards)))
        mine = [one[1:] for one in envelope.signatures if one[0] == node]
        if mine:
            verify_signoffs(data, mine, cards[node].office(office).signers(now))
            signed.append(node)
    return found, tuple(signed)


def _parse_terms(top: Fields) -> Terms:
    limits = top.object("limits")
    numbers = {one.name: limits.integer(one.name) for one in fields(PeerLimits)}
    limits.finish()
    procedures = tuple(sorted((k, str(v)) for k, v in top.mapping("procedures").items()))
    found = Terms(
        suite=top.text("suite"),
        kinds=top.texts("kinds"),
        procedures=procedures,
        calendars=top.texts("calendars"),
        limits=PeerLimits(**numbers),
        retention_years=top.integer("retention_years"),
    )
    top.finish()
    return found
