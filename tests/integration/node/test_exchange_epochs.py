"""Restores and new epochs: what comes back, what begins anew, what peers take and what they refuse."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.simulators.exchange_partner import CASE, Partner, Wire, act, worker

from passerelle.exchange.effects import Mark
from passerelle.exchange.epoch import EpochNotice, judge_epoch, sign_epoch, verify_epoch
from passerelle.exchange.errors import RemoteProtocolError, SignatureError
from passerelle.exchange.header import Body, Handling, Header, Kind, Status, parse_header
from passerelle.exchange.merkle import CompactRange, leaf_hash
from passerelle.exchange.seal import ciphertext_hash
from passerelle.exchange.suite import S1, SoftSigner
from passerelle.kernel.clock import SystemClock
from passerelle.kernel.problems import RefusedError
from passerelle.node.exchange import epochs, receiving, restore, store
from passerelle.node.exchange.acts import Release, release_act, release_acts
from passerelle.node.exchange.delivery import DeliveredAct, deliver
from passerelle.node.exchange.keyfile import ROOT, signer, unseal_file
from passerelle.node.exchange.models import Cursor, Entry, EvidenceRow, Log
from passerelle.node.exchange.transport import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.exchange.names import Origin

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("addressed")]
CLOCK = SystemClock()


def holders(partner: Partner) -> list[SoftSigner]:
    """Return the root holders of the partner."""
    return [signer(one) for one in unseal_file(partner.folder, ROOT, "")["root"]]


def begin(partner: Partner, **changes: object) -> bytes:
    """Let the partner begin its next epoch; returns the notice in its envelope."""
    old, tree = partner.origin, CompactRange().extend(leaf_hash(h) for h, _ in partner.entries)
    new = replace(old, epoch=old.epoch + 1)
    fields = {"size": tree.size, "root": tree.root.hex(), "reason": "lost"} | changes
    notice = EpochNotice(old=old, new=new, issued=CLOCK.now(), **fields)  # type: ignore[arg-type]
    return sign_epoch(notice, holders(partner)[:3])


def first(partner: Partner, envelope: bytes, *, kind: Kind = Kind.NOTICE_EPOCH) -> bytes:
    """Push entry 0 of the partner's next epoch; returns the frame."""
    origin = replace(partner.origin, epoch=2)
    header = Header(
        origin=origin,
        index=0,
        from_office="cooperation",
        to_office="cooperation",
        kind=kind,
        status=Status.ACTUAL,
        case="cd" * 16,
        issued=CLOCK.now(),
        seen=0,
        handling=Handling(),
        body=Body("application/json", len(envelope), ciphertext_hash(envelope)),
    )
    kept, partner.entries, before = partner.entries, [(header.encode(), envelope)], partner.origin
    partner.origin = origin
    try:
        return partner.frame()
    finally:
        partner.entries, partner.origin = kept, before


def push(origin: Origin, frame: bytes) -> tuple[int, str]:
    """Push and return status and code."""
    reply = receiving.take_push(origin.log_id, frame, CLOCK)
    return reply.status, reply.code


@pytest.fixture
def told(partner: Partner) -> Partner:
    """Let the partner say three things that we hold."""
    for number in range(3):
        partner.say({"n": number})
    receiving.take_push(partner.origin.log_id, partner.frame(), CLOCK)
    return partner


def test_a_new_epoch_closes_the_log_before(told: Partner) -> None:
    second = replace(told.origin, epoch=2)

    taken = push(second, first(told, begin(told)))

    assert taken[0] == 200
    old = Log.objects.get(pk=told.origin.log_id)
    assert (old.closed, old.final, old.size) == (True, 3, 3)
    assert store.current("ma", "fr") == second
    assert store.held_in_all("ma", "fr") == 4
    told.say({"n": 3})
    assert push(told.origin, told.frame(3)) == (404, "exchange.log-closed")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"size": 2}, "exchange.epoch-size"),
        ({"size": 4}, "exchange.epoch-size"),
        ({"root": "0" * 64}, "exchange.epoch-root"),
    ],
)
def test_an_epoch_that_drops_or_changes_what_was_receipted_is_refused(
    told: Partner, changes: dict[str, object], code: str
) -> None:
    second = replace(told.origin, epoch=2)

    assert push(second, first(told, begin(told, **changes))) == (422, code)

    assert not Log.objects.get(pk=told.origin.log_id).closed
    assert [row.kind for row in EvidenceRow.objects.all()] == ["epoch"]
    assert store.current("ma", "fr") == told.origin
    told.say({"n": 3})
    assert push(told.origin, told.frame(3))[0] == 200


def test_an_epoch_needs_its_notice_and_three_holders(told: Partner) -> None:
    second = replace(told.origin, epoch=2)
    envelope = begin(told)
    by_two = sign_epoch(
        verify_epoch(envelope, (told.folder / "trust/1.root.json").read_bytes()), holders(told)[:2]
    )
    thief = sign_epoch(
        verify_epoch(envelope, (told.folder / "trust/1.root.json").read_bytes()),
        [SoftSigner.generate(S1, random.Random(n).randbytes) for n in range(3)],
    )

    assert push(second, first(told, envelope, kind=Kind.REPORT)) == (422, "exchange.epoch-notice")
    assert push(second, first(told, by_two)) == (422, "exchange.epoch-signature")
    assert push(second, first(told, thief)) == (422, "exchange.epoch-signature")
    assert push(second, first(told, b"{}")) == (422, "exchange.field")
    assert push(replace(second, epoch=3), first(told, envelope)) == (404, "exchange.log-unknown")
    assert store.current("ma", "fr") == told.origin


def test_a_notice_for_another_log_or_a_closed_one_is_refused(told: Partner) -> None:
    root = (told.folder / "trust/1.root.json").read_bytes()
    notice = verify_epoch(begin(told), root)
    held = (notice.size, notice.root)

    assert judge_epoch(notice, str(notice.new), held) == ""
    assert judge_epoch(notice, str(notice.old), held) == "exchange.epoch-origin"
    assert judge_epoch(notice, str(notice.new), None) == "exchange.epoch-unknown"
    with pytest.raises(RemoteProtocolError):
        replace(notice, new=replace(notice.new, epoch=3))


def test_an_altered_notice_is_refused(told: Partner) -> None:
    root, envelope = (told.folder / "trust/1.root.json").read_bytes(), begin(told)

    for at in range(0, len(envelope), 997):
        flipped = bytearray(envelope)
        flipped[at] ^= 1
        with pytest.raises((RemoteProtocolError, SignatureError)):
            verify_epoch(bytes(flipped), root)


class Reader:
    """A partner that holds some of our entries and gives them back."""

    def __init__(self, partner: Partner, held: int) -> None:
        self.partner, self.held = partner, held

    def post(self, endpoints: Sequence[str], path: str, data: bytes) -> Answer:
        """Answer a suffix request with nothing more than it holds."""
        del endpoints, data
        assert path.endswith("/suffix")
        return Answer(409, f"{self.held}\n".encode())


def delivered(partner: Partner, count: int) -> Log:
    """Say some things that the partner receipts."""
    release_acts([act(n) for n in range(count)], clock=CLOCK)
    busy = worker(Wire(partner))
    while busy.round():
        pass
    return Log.objects.get(direction="out")


def test_we_begin_an_epoch_at_what_the_reader_holds(partner: Partner) -> None:
    log = delivered(partner, 3)
    unsaid = [release_act(act(n), clock=CLOCK) for n in (3, 4)]

    begun = epochs.begin_epoch("ma", 3, "stolen", CLOCK)

    assert begun.size == 3
    assert list(begun.unsaid) == [one.entry_id for one in unsaid if isinstance(one, Release)]
    assert str(begun.origin) == "fr/to/ma/epoch-2"
    old = Log.objects.get(pk=log.id)
    assert (old.closed, old.final, old.size) == (True, 3, 5)
    entry = Entry.objects.get(log__origin=str(begun.origin))
    header = parse_header(bytes(entry.header))
    assert (header.kind, header.index, entry.mark) == (Kind.NOTICE_EPOCH, 0, Mark.SOUND.value)
    released = release_act(act(3), clock=CLOCK)
    assert isinstance(released, Release)
    assert (released.log_id, released.index) == (begun.origin.log_id, 1)
    partner.state = replace(partner.state, origin=str(begun.origin), tree=CompactRange(), note=None)
    partner.received.clear()
    root = (partner.ours.folder / "trust/1.root.json").read_bytes()
    partner.judge = lambda body: judge_epoch(
        verify_epoch(body, root),
        str(begun.origin),
        (
            3,
            CompactRange()
            .extend(
                bytes(leaf)
                for leaf in Entry.objects.filter(log=old, idx__lt=3).values_list("leaf", flat=True)
            )
            .root.hex(),
        ),
    )
    busy = worker(Wire(partner))
    while busy.round():
        pass
    assert len(partner.received) == 2
    cursors = {c.log.origin: c.cosigned for c in Cursor.objects.select_related("log")}
    assert cursors == {"fr/to/ma/epoch-1": 3, "fr/to/ma/epoch-2": 2}


def test_an_epoch_never_begins_behind_the_reader(partner: Partner) -> None:
    delivered(partner, 2)

    with pytest.raises(RefusedError, match="take them back first"):
        epochs.begin_epoch("ma", 5, "lost", CLOCK)

    assert not Log.objects.filter(closed=True).exists()


def test_acts_of_both_epochs_are_delivered_once_in_causal_order(told: Partner) -> None:
    push(replace(told.origin, epoch=2), first(told, begin(told)))
    release_act(act("after"), clock=CLOCK)  # type: ignore[arg-type]
    given: list[DeliveredAct] = []

    deliver("test", given.append)
    deliver("test", given.append)

    assert [one.body for one in given if one.direction == "in"][:3] == [{"n": n} for n in range(3)]
    ours = next(one for one in given if one.direction == "out")
    assert ours.header is not None
    assert ours.header.seen == 4
    assert given.index(ours) == 4


def test_the_reader_says_how_much_it_holds(partner: Partner) -> None:
    log = delivered(partner, 2)

    assert restore.ask_held(log, Reader(partner, 2), CLOCK) == 2  # type: ignore[arg-type]
    found = epochs.recover("ma", Reader(partner, 2), CLOCK)  # type: ignore[arg-type]
    assert (found.added, found.size, found.held, found.is_stopped) == (0, 2, 2, False)
    with pytest.raises(RefusedError):
        epochs.recover("de", Reader(partner, 2), CLOCK)  # type: ignore[arg-type]


def test_a_dossier_counts_what_both_sides_held(told: Partner) -> None:
    push(replace(told.origin, epoch=2), first(told, begin(told)))

    assert release_act(act(seen=2), clock=CLOCK) != release_act(act(seen=3), clock=CLOCK)
    assert isinstance(release_act(act(seen=3), clock=CLOCK), Release)
    assert store.entries_before(Log.objects.get(origin="ma/to/fr/epoch-2")) == 3
    assert CASE
