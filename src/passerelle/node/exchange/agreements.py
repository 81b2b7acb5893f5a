"""The agreement with a peer: drafted by one side, signed by an office of each, then it rules.

Draft and signatures travel as a file, in person or by the courier; both sides compare its digest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import transaction

from passerelle.exchange.agreement import (
    Agreement,
    Envelope,
    PeerLimits,
    Terms,
    parse_envelope,
    verify_agreement,
)
from passerelle.exchange.card import parse_card
from passerelle.kernel.problems import RefusedError
from passerelle.node.exchange import store
from passerelle.node.exchange.models import AgreementRow, Peer
from passerelle.node.exchange.station import station

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from passerelle.exchange.card import NodeCard

__all__ = ["Standing", "accept", "draft", "in_force", "sign", "standing"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Say what an envelope holds and who has signed.

    Parameters
    ----------
    agreement
        The document.
    digest
        Its SHA-256, which both sides compare.
    signed
        Nodes whose office has signed.
    """

    agreement: Agreement
    digest: str
    signed: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        """Whether both sides have signed."""
        return len(self.signed) == 2


def draft(
    peer: str,
    now: datetime,
    *,
    office: str = "cooperation",
    kinds: tuple[str, ...] = (),
    procedures: Mapping[str, str] | None = None,
    limits: PeerLimits = PeerLimits(),  # noqa: B008 - frozen
) -> Envelope:
    """Draft the next version of the agreement with a peer; unsigned.

    Parameters
    ----------
    peer
        The other node.
    now
        The present instant.
    office
        Office that signs on both sides.
    kinds
        Kinds of entries that may be sent; all when empty.
    procedures
        Digest of the definition by procedure.
    limits
        Sizes, rates and ages.
    """
    node, record = station().identity, _peer(peer)
    last = AgreementRow.objects.filter(peer_id=peer).last()
    agreement = Agreement(
        nodes=_in_order((node.node, office), (peer, office)),
        version=last.version + 1 if last else 1,
        issued=now,
        terms=Terms(
            suite=record.suite.name,
            kinds=tuple(sorted(set(kinds))),
            procedures=tuple(sorted((procedures or {}).items())),
            limits=limits,
        ),
    )
    return Envelope(agreement.encode())


def sign(data: bytes) -> Envelope:
    """Sign an agreement with the key of the office that it names for us.

    Raises
    ------
    RefusedError
        When we have no such office.
    """
    node, envelope = station().identity, parse_envelope(data)
    office = Agreement.parse(envelope.payload).office_of(node.node)
    if office not in node.officers:
        raise RefusedError(
            "We have no office {office}.", code="exchange.office-unknown", office=office
        )
    return envelope.sign(node.node, office, node.officers[office])


def standing(data: bytes, now: datetime) -> Standing:
    """Check an envelope: what it says and who has signed."""
    envelope = parse_envelope(data)
    agreement = Agreement.parse(envelope.payload)
    names = [name for name, _ in agreement.nodes if name != station().identity.node]
    if len(names) != 1:
        raise RefusedError("This agreement is of other nodes.", code="exchange.agreement-other")
    found, signed = verify_agreement(envelope, _cards(names[0]), now)
    return Standing(found, envelope.digest, signed)


@transaction.atomic
def accept(data: bytes, now: datetime) -> Standing:
    """Let an agreement rule that both sides have signed.

    Raises
    ------
    RefusedError
        When a side has not signed, or a later version rules already.
    """
    found = standing(data, now)
    node = station().identity.node
    peer = next(name for name, _ in found.agreement.nodes if name != node)
    if not found.is_complete:
        raise RefusedError(
            "Expected the signatures of both, got those of {signed}.",
            code="exchange.agreement-unsigned",
            signed=", ".join(found.signed) or "nobody",
        )
    last = AgreementRow.objects.filter(peer_id=peer).last()
    if last is not None and last.version >= found.agreement.version:
        if last.digest == found.digest:
            return found
        raise RefusedError(
            "Version {version} rules already.",
            code="exchange.agreement-older",
            version=last.version,
        )
    AgreementRow.objects.create(
        peer_id=peer,
        version=found.agreement.version,
        digest=found.digest,
        envelope=parse_envelope(data).encode(),
        at=now,
    )
    terms = found.agreement.terms
    agreed = {"kinds": list(terms.kinds), "limits": terms.limits.to_object()}
    Peer.objects.filter(pk=peer).update(suite=terms.suite, agreement=agreed)
    return found


def in_force(peer: str) -> AgreementRow | None:
    """Return the agreement that rules with a peer, or nothing: then defaults do."""
    return AgreementRow.objects.filter(peer_id=peer).last()


def _cards(peer: str) -> dict[str, NodeCard]:
    node, record = station(), _peer(peer)
    ours = parse_card((node.folder / "trust" / "node.json").read_bytes())
    if record.trust.card is None:
        raise RefusedError("{node} is no peer yet.", code="exchange.peer-unknown", node=peer)
    return {ours.node: ours, peer: replace(record.trust.card)}


def _peer(name: str) -> store.PeerRecord:
    found = store.find_peer(name)
    if found is None:
        raise RefusedError("{node} is no peer.", code="exchange.peer-unknown", node=name)
    return found


def _in_order(
    first: tuple[str, str], second: tuple[str, str]
) -> tuple[tuple[str, str], tuple[str, str]]:
    return (first, second) if first[0] < second[0] else (second, first)
