"""What was not agreed is held to on arrival too: stored, receipted, marked, refused, and told."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.integration.node.test_exchange_agreements import agreed
from tests.simulators.exchange_partner import Partner, Wire, act, worker

from passerelle.exchange.effects import Mark
from passerelle.exchange.header import Kind, entry_id, parse_header
from passerelle.exchange.peer import PeerEvent
from passerelle.exchange.signoff import add_signoff
from passerelle.kernel.clock import SystemClock
from passerelle.node.exchange import agreements, identity, peers, receiving
from passerelle.node.exchange.acts import Release, release_act
from passerelle.node.exchange.delivery import DeliveredAct, deliver
from passerelle.node.exchange.models import Entry, Peer
from passerelle.node.exchange.rotation import rotate
from passerelle.node.exchange.screening import refused_by_node, screen

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("addressed")]
CLOCK = SystemClock()


def push(partner: Partner, old: int = 0) -> int:
    """Let the partner push what it said."""
    return receiving.take_push(partner.origin.log_id, partner.frame(old), CLOCK).status


def ours() -> list[DeliveredAct]:
    """Return what this node said."""
    given: list[DeliveredAct] = []
    deliver("ours", given.append, directions=("out",))
    return given


@pytest.mark.parametrize(
    ("kind", "from_office", "mark"),
    [
        (Kind.OFFER, "cooperation", Mark.NOT_AGREED),
        (Kind.REPORT, "nobody", Mark.NO_OFFICE),
        (Kind.REPORT, "cooperation", Mark.SOUND),
        (Kind.REFUSE, "cooperation", Mark.SOUND),
        (Kind.NOTICE_ERASURE, "cooperation", Mark.SOUND),
    ],
)
def test_a_kind_or_office_beyond_the_agreement_is_receipted_and_marked(
    partner: Partner, kind: Kind, from_office: str, mark: Mark
) -> None:
    agreements.accept(agreed(partner, kinds=("report",)), CLOCK.now())
    partner.say({"n": 1}, kind=kind, from_office=from_office)

    assert push(partner) == 200
    assert Entry.objects.get().mark == mark.value


def test_what_is_marked_is_refused_once_and_says_why(partner: Partner) -> None:
    agreements.accept(agreed(partner, kinds=("report",)), CLOCK.now())
    offer = partner.say({"n": 1}, kind=Kind.OFFER)
    partner.say({"n": 2})
    partner.entries.append((b'{"broken"', b"x"))
    assert push(partner) == 200

    assert screen(CLOCK) == 2
    assert screen(CLOCK) == 0

    said = [(one.header.kind, one.header.re, one.body) for one in ours() if one.header]
    assert said == [
        (Kind.REFUSE, (entry_id(offer),), {"refused": "not-agreed"}),
        (Kind.REFUSE, (entry_id(b'{"broken"'),), {"refused": "unreadable"}),
    ]


def test_good_signatures_of_officers_are_taken_and_others_marked(partner: Partner) -> None:
    found = parse_header(partner.say({"n": 1}))
    partner.entries.clear()
    for signer in (partner.keys.officers["cooperation"], partner.keys.log):
        header = replace(found, index=len(partner.entries), body=None)
        partner.entries.append((add_signoff(header, "cooperation", signer).encode(), b""))

    assert push(partner) == 200
    marks = list(Entry.objects.order_by("idx").values_list("mark", flat=True))
    assert marks == [Mark.SOUND.value, Mark.BAD_SIGNOFF.value]


def test_a_refusal_waits_until_something_may_leave(partner: Partner) -> None:
    agreements.accept(agreed(partner, kinds=("report",)), CLOCK.now())
    partner.say({"n": 1}, kind=Kind.OFFER)
    assert push(partner) == 200
    peers.move("ma", PeerEvent.SUSPEND)

    assert screen(CLOCK) == 0
    peers.move("ma", PeerEvent.RESUME)

    assert (screen(CLOCK), len(ours())) == (1, 1)


def test_an_act_that_the_other_node_refused_raises_the_alarm(partner: Partner) -> None:
    released = release_act(act(), clock=CLOCK)
    assert isinstance(released, Release)
    worker(Wire(partner)).round()
    partner.say({"refused": "not-agreed"}, kind=Kind.REFUSE, re=(released.entry_id,))
    partner.say({"because": "no"}, kind=Kind.REFUSE, re=(released.entry_id,))
    assert push(partner) == 200

    assert screen(CLOCK) == 1

    peer = Peer.objects.get()
    assert (peer.state, peer.alarm) == ("degraded", "entry-refused")
    found = [refused_by_node(one) for one in Entry.objects.filter(log__direction="in")]
    assert found == [(released.entry_id, "not-agreed"), None]


def test_a_notice_of_erasure_by_the_other_side_erases_nothing_here(partner: Partner) -> None:
    released = release_act(act(), clock=CLOCK)
    assert isinstance(released, Release)
    own = partner.say({"n": 1}, case=act().case)
    partner.say({"why": "ours"}, kind=Kind.NOTICE_ERASURE, case=act().case, re=(released.entry_id,))
    assert push(partner) == 200

    screen(CLOCK)

    given: list[DeliveredAct] = []
    deliver("all", given.append)
    assert [one.body_state for one in given] == ["open", "open", "open"]
    assert {entry_id(own), released.entry_id} <= {one.entry_id for one in given}


def test_refusals_are_not_refused(partner: Partner) -> None:
    agreements.accept(agreed(partner, kinds=("report",)), CLOCK.now())
    data = partner.say({"refused": "not-agreed"}, kind=Kind.REFUSE, from_office="nobody")
    assert parse_header(data).from_office == "nobody"
    assert push(partner) == 200

    assert (screen(CLOCK), ours()) == (0, [])


def test_a_push_under_unknown_keys_makes_the_worker_fetch_the_card(
    partner: Partner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    partner.say({"n": 1})
    folder = tmp_path / "ma"
    shutil.copytree(partner.folder, folder)
    rotate(folder, ("log",), CLOCK.now(), stolen=True)
    partner.keys = identity.load(folder)
    assert push(partner) == 403
    assert Peer.objects.get().trust_wanted

    served = peers.fetch_from_folder(folder / "trust")
    monkeypatch.setattr(peers, "fetch_over_http", lambda _transport, _endpoints: served)
    worker(Wire(partner)).refresh_trust()

    assert not Peer.objects.get().trust_wanted
    assert push(partner) == 200
