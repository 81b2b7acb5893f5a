"""A pause is told by one neutral word, signed, over the wire and by courier."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.simulators.exchange_partner import Partner, act

from passerelle.exchange.frame import peer_notice
from passerelle.exchange.note import LineKind, Note, Statement, sign_statement, verify_lines
from passerelle.exchange.peer import PeerEvent, PeerState
from passerelle.kernel.clock import SystemClock
from passerelle.node.exchange import pausing, peers
from passerelle.node.exchange.acts import release_act
from passerelle.node.exchange.models import Cursor, Peer
from passerelle.node.exchange.queries import peer_overview
from passerelle.node.exchange.transport import Answer, TransportError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("addressed")]
CLOCK = SystemClock()


class Line:
    """Keep what was posted; answer as told."""

    def __init__(self, status: int = 204) -> None:
        self.status, self.posted = status, []

    def post(self, endpoints: Sequence[str], path: str, data: bytes) -> Answer:
        """Take a notice."""
        del endpoints
        if not self.status:
            raise TransportError("Cut.", permanent=False)
        self.posted.append((path, data))
        return Answer(self.status, b"")


def tell(line: Line) -> int:
    """Tell everybody who is owed a notice."""
    return pausing.tell_peers(line, CLOCK)  # type: ignore[arg-type]


def test_a_pause_and_its_end_are_told_once_each(partner: Partner) -> None:
    line = Line()

    assert tell(line) == 0
    peers.move("ma", PeerEvent.SUSPEND)
    assert [tell(line), tell(line)] == [1, 0]
    peers.move("ma", PeerEvent.RESUME)
    assert [tell(line), tell(line)] == [1, 0]

    notes = [Note.parse(data) for _, data in line.posted]
    assert [Statement.parse(note.text).fields[1] for note in notes] == ["paused", "active"]
    ours = partner.ours.identity
    verify_lines(
        notes[0].lines,
        "fr/to/ma/epoch-1",
        LineKind.LOG,
        suite=ours.suite,
        keys=ours.log.public_keys,
        data=notes[0].text,
    )


@pytest.mark.parametrize("status", [0, 403, 503])
def test_a_notice_that_was_not_taken_is_told_again(partner: Partner, status: int) -> None:
    peers.move("ma", PeerEvent.SUSPEND)

    assert tell(Line(status)) == 0
    assert tell(Line()) == 1


def test_every_pause_has_the_same_words(partner: Partner) -> None:
    texts = set()
    for event in (PeerEvent.SUSPEND, PeerEvent.FORK):
        Peer.objects.update(state="active", notified="")
        peers.move("ma", event)
        row = Peer.objects.get()
        texts.add(Statement.parse(Note.parse(pausing.notice_for(row, CLOCK.now())).text).fields[1])

    assert texts == {"paused"}


def notice(partner: Partner, time: int, *, word: str = "paused", by: object = None) -> bytes:
    """Write a notice of the partner."""
    log = partner.origin.log_id
    statement = peer_notice(log, paused=word == "paused", time=time)
    keys = by or partner.keys.log
    return sign_statement(statement, str(partner.origin), keys, LineKind.LOG).encode()  # type: ignore[arg-type]


def test_a_peers_notice_is_shown_and_older_ones_change_nothing(
    partner: Partner, client: Client
) -> None:
    now = int(CLOCK.now().timestamp())
    path = f"/x/v1/logs/{partner.origin.log_id}/peer"

    def post(data: bytes) -> int:
        answer = client.post(path, data, content_type="application/octet-stream")
        return answer.status_code

    assert post(notice(partner, now)) == 204
    assert peer_overview(CLOCK.now())[0].told == "paused"
    assert post(notice(partner, now - 10, word="active")) == 204
    assert Peer.objects.get().told == "paused"
    assert post(notice(partner, now + 1, word="active")) == 204
    assert Peer.objects.get().told == "active"


def test_a_forged_future_or_foreign_notice_is_refused(partner: Partner, client: Client) -> None:
    now = int(CLOCK.now().timestamp())

    forged = pausing.take_notice(
        partner.origin.log_id, notice(partner, now, by=partner.keys.receipt), CLOCK
    )
    future = pausing.take_notice(partner.origin.log_id, notice(partner, now + 1000), CLOCK)
    unknown = pausing.take_notice("0" * 64, notice(partner, now), CLOCK)
    other = sign_statement(
        Statement("passerelle/peer/v1", ("0" * 64, "paused", f"time {now}")),
        str(partner.origin),
        partner.keys.log,
        LineKind.LOG,
    )
    foreign = pausing.take_notice(partner.origin.log_id, other.encode(), CLOCK)

    assert [forged.status, future.status, unknown.status, foreign.status] == [403, 403, 404, 400]
    assert pausing.take_notice(partner.origin.log_id, b"x", CLOCK).status == 400
    assert Peer.objects.get().told == ""


def test_resuming_sends_again_what_was_refused(partner: Partner) -> None:
    release_act(act(), clock=CLOCK)
    Cursor.objects.update(phase="held")
    peers.move("ma", PeerEvent.TROUBLE)

    assert peers.move("ma", PeerEvent.RESUME) is PeerState.ACTIVE

    assert Cursor.objects.get().phase == "idle"
    assert Peer.objects.get().alarm == ""
