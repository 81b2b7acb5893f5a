"""An agreement rules when both sides signed the same bytes; then its limits and kinds hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.simulators.exchange_partner import Partner, act

from passerelle.exchange.agreement import Envelope, PeerLimits, Terms, parse_envelope
from passerelle.exchange.errors import RemoteProtocolError, SignatureError
from passerelle.exchange.header import Kind
from passerelle.exchange.trust import Freshness
from passerelle.kernel.clock import SystemClock
from passerelle.kernel.problems import RefusedError
from passerelle.node.exchange import agreements, receiving, store
from passerelle.node.exchange.acts import Release, ReleaseRefusal, release_act
from passerelle.node.exchange.models import AgreementRow, Peer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("addressed")]
CLOCK = SystemClock()


def by_partner(partner: Partner, envelope: Envelope) -> Envelope:
    """Sign as the partner."""
    return envelope.sign("ma", "cooperation", partner.keys.officers["cooperation"])


def agreed(partner: Partner, **terms: object) -> bytes:
    """Draft, sign on both sides."""
    envelope = agreements.draft("ma", CLOCK.now(), **terms)  # type: ignore[arg-type]
    return by_partner(partner, agreements.sign(envelope.encode())).encode()


def test_it_rules_only_when_both_have_signed(partner: Partner) -> None:
    draft = agreements.draft("ma", CLOCK.now())

    for data in (draft, agreements.sign(draft.encode()), by_partner(partner, draft)):
        with pytest.raises(RefusedError, match="signatures of both"):
            agreements.accept(data.encode(), CLOCK.now())
    found = agreements.accept(agreed(partner), CLOCK.now())

    assert found.is_complete
    row = agreements.in_force("ma")
    assert row is not None
    assert (row.version, row.digest) == (1, found.digest)


def test_its_limits_and_kinds_hold(partner: Partner) -> None:
    limits = PeerLimits(per_second=1, burst=2, catch_up=2, trust_days=3)
    agreements.accept(agreed(partner, kinds=("report",), limits=limits), CLOCK.now())
    for number in range(4):
        partner.say({"n": number})

    refused = release_act(act(kind=Kind.OFFER), clock=CLOCK)
    flood = receiving.take_push(partner.origin.log_id, partner.frame(), CLOCK)

    assert refused == ReleaseRefusal("exchange.not-agreed", "offer")
    assert isinstance(release_act(act(kind=Kind.REPORT), clock=CLOCK), Release)
    assert flood.status == 429
    record = store.find_peer("ma")
    assert record is not None
    later = CLOCK.now() + timedelta(days=4)
    assert record.freshness(later) is Freshness.EXPIRED
    assert record.trust.freshness(later) is not Freshness.EXPIRED


def test_a_later_version_replaces_and_an_earlier_one_does_not(partner: Partner) -> None:
    first = agreed(partner)
    agreements.accept(first, CLOCK.now())
    second = agreed(partner, limits=PeerLimits(burst=7))
    agreements.accept(second, CLOCK.now())

    with pytest.raises(RefusedError, match="rules already"):
        agreements.accept(first, CLOCK.now())
    agreements.accept(second, CLOCK.now())

    assert Peer.objects.get().agreement["limits"]["burst"] == 7
    assert AgreementRow.objects.count() == 2


def test_altered_foreign_or_half_signed_documents_are_refused(partner: Partner) -> None:
    envelope = parse_envelope(agreed(partner))
    altered = replace(envelope, payload=envelope.payload.replace(b'"burst":500', b'"burst":501'))
    one_family = replace(
        envelope,
        signatures=tuple(one for one in envelope.signatures if one != envelope.signatures[0]),
    )
    swapped = replace(
        envelope, signatures=tuple(("ma", *one[1:]) for one in envelope.signatures[:2])
    )

    for data in (altered, one_family, swapped):
        with pytest.raises(SignatureError):
            agreements.accept(data.encode(), CLOCK.now())
    with pytest.raises(RemoteProtocolError):
        agreements.accept(b"{}", CLOCK.now())
    assert not AgreementRow.objects.exists()


def test_signatures_of_two_copies_are_merged_when_the_bytes_are_the_same(partner: Partner) -> None:
    draft = agreements.draft("ma", CLOCK.now())
    ours, theirs = agreements.sign(draft.encode()), by_partner(partner, draft)

    assert agreements.accept(ours.merge(theirs).encode(), CLOCK.now()).is_complete
    other = agreements.draft("ma", CLOCK.now(), limits=PeerLimits(burst=9))
    with pytest.raises(RemoteProtocolError):
        ours.merge(other)
    assert len(agreements.sign(ours.encode()).signatures) == len(ours.signatures)


@pytest.mark.parametrize(
    "change",
    [
        {"kinds": ("unknown",)},
        {"kinds": ("report", "offer")},
        {"suite": "S9"},
        {"procedures": (("b", "0" * 64), ("a", "0" * 64))},
        {"procedures": (("a", "x"),)},
        {"retention_years": 0},
    ],
)
def test_terms_out_of_range_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(RemoteProtocolError):
        replace(Terms(), **change)  # type: ignore[arg-type]


@pytest.mark.parametrize("change", [{"burst": 0}, {"attachment": 1 << 40}, {"trust_days": 400}])
def test_limits_out_of_range_are_refused(change: dict[str, int]) -> None:
    with pytest.raises(RemoteProtocolError):
        PeerLimits(**change)
