"""The shell of the exchange over a real database: release, receive, deliver, erase, refuse."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError, connection, transaction
from tests.simulators.exchange_partner import Partner, Wire, act, worker

from passerelle.exchange.effects import Mark
from passerelle.exchange.frame import ReaderRequest
from passerelle.exchange.header import Kind, entry_id, parse_header
from passerelle.exchange.names import Origin
from passerelle.exchange.note import Note
from passerelle.exchange.peer import PeerEvent
from passerelle.exchange.standalone.passerelle_verify import main as verify
from passerelle.kernel.clock import FixedClock, SystemClock
from passerelle.node.database import SQLITE_VERSION, WAL_SAFE, sqlite_journal
from passerelle.node.exchange import identity, peers, receiving, sending, serving, store
from passerelle.node.exchange.acts import Release, ReleaseRefusal, release_act, release_acts
from passerelle.node.exchange.delivery import DeliveredAct, deliver, forget
from passerelle.node.exchange.guard import read_guard, write_guard
from passerelle.node.exchange.health import examine_exchange, rehash
from passerelle.node.exchange.models import (
    CheckpointRow,
    Cosignature,
    Cursor,
    Entry,
    EvidenceRow,
    Log,
    Peer,
)
from passerelle.node.exchange.packing import make_pack
from passerelle.node.exchange.queries import ProofState, peer_overview, proof_of
from passerelle.node.exchange.transport import TransportError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from django.test import Client

    from passerelle.node.exchange.transport import Answer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("addressed")]
CASE = "ab" * 16
CLOCK = SystemClock()


def test_a_release_stands_or_falls_with_its_transaction(partner: Partner) -> None:
    def release_and_fail() -> None:
        with transaction.atomic():
            release_act(act(), clock=CLOCK)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        release_and_fail()

    assert Entry.objects.count() == 0
    released = release_act(act(), clock=CLOCK)
    assert isinstance(released, Release)
    assert released.index == 0
    assert proof_of(released.log_id, 0).state is ProofState.RELEASED


def test_released_acts_are_receipted_in_batches(partner: Partner) -> None:
    released = release_acts([act(n) for n in range(130)], clock=CLOCK)

    busy = worker(Wire(partner))
    while busy.round():
        pass

    cursor = Cursor.objects.get()
    assert (cursor.held, cursor.cosigned) == (130, 130)
    assert [entry_id(header) for header, _ in partner.received] == [
        one.entry_id for one in released if isinstance(one, Release)
    ]
    assert proof_of(Log.objects.get(direction="out").id, 129).state is ProofState.RECEIPTED
    overview = peer_overview(CLOCK.now())[0]
    assert (overview.released, overview.receipted, overview.alarm) == (130, 130, "")


def test_a_lost_answer_costs_an_empty_push(partner: Partner) -> None:
    release_act(act(), clock=CLOCK)
    wire = Wire(partner, lose=1)
    busy = worker(wire)

    while Cursor.objects.get().cosigned < 1:
        Cursor.objects.update(next_due=0.0)
        busy.round()

    assert (wire.sent, len(partner.received)) == (3, 1)


def test_what_a_peer_says_is_delivered_once_and_in_order(partner: Partner) -> None:
    for number in range(3):
        partner.say({"n": number})
    given: list[DeliveredAct] = []

    first = receiving.take_push(partner.origin.log_id, partner.frame(), CLOCK)
    again = receiving.take_push(partner.origin.log_id, partner.frame(), CLOCK)
    deliver("test", given.append, directions=("in",))
    deliver("test", given.append, directions=("in",))

    assert (first.status, again.status, again.body) == (200, 409, b"3\n")
    assert [(one.index, one.body, one.body_state) for one in given] == [
        (0, {"n": 0}, "open"),
        (1, {"n": 1}, "open"),
        (2, {"n": 2}, "open"),
    ]


def test_a_consumer_that_fails_is_given_the_act_again(partner: Partner) -> None:
    release_act(act(7), clock=CLOCK)
    given: list[object] = []

    def fail(_: DeliveredAct) -> None:
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - our own
        deliver("test", fail)
    deliver("test", lambda one: given.append(one.body))
    forget("test")
    deliver("test", lambda one: given.append(one.body))

    assert given == [{"n": 7}, {"n": 7}]


def test_frames_out_of_order_are_ordinary_conflicts(partner: Partner) -> None:
    for number in range(4):
        partner.say({"n": number})

    statuses = [
        receiving.take_push(partner.origin.log_id, frame, CLOCK).status
        for frame in (
            partner.frame(2, 4),
            partner.frame(0, 2),
            partner.frame(0, 2),
            partner.frame(2, 4),
            partner.frame(4, 4),
        )
    ]

    assert statuses == [409, 200, 409, 200, 200]


def test_a_fork_is_kept_as_evidence_and_suspends(partner: Partner) -> None:
    partner.say({"n": 0})
    receiving.take_push(partner.origin.log_id, partner.frame(), CLOCK)
    partner.entries.clear()
    partner.say({"another": "story"})

    reply = receiving.take_push(partner.origin.log_id, partner.frame(1, 1), CLOCK)

    assert reply.status == 422
    assert [row.kind for row in EvidenceRow.objects.all()] == ["fork"]
    assert Peer.objects.get().state == "suspended"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET {column} = {column}",
        "DELETE FROM {table}",
        "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
    ],
)
@pytest.mark.parametrize(
    ("model", "column"),
    [(Entry, "idx"), (CheckpointRow, "size"), (Cosignature, "size"), (EvidenceRow, "kind")],
)
def test_the_database_itself_refuses_changes(
    partner: Partner, statement: str, model: type[Entry], column: str
) -> None:
    if "REPLACE" in statement and connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no INSERT OR REPLACE")
    partner.say({"n": 0})
    receiving.take_push(partner.origin.log_id, partner.frame(), CLOCK)
    EvidenceRow.objects.create(peer="ma", kind="clock", parts=[], at=CLOCK.now())
    table = model._meta.db_table

    with pytest.raises(DatabaseError, match="insert-only"), transaction.atomic():
        connection.cursor().execute(statement.format(table=table, column=column))

    assert model.objects.count() == 1


def test_a_suspended_peer_is_heard_but_not_followed(partner: Partner) -> None:
    peers.move("ma", PeerEvent.SUSPEND)
    partner.say({"n": 0})
    given: list[DeliveredAct] = []

    refused = release_act(act(), clock=CLOCK)
    reply = receiving.take_push(partner.origin.log_id, partner.frame(), CLOCK)
    deliver("test", given.append)

    assert refused == ReleaseRefusal("exchange.release-waits", "suspended, fresh")
    assert (reply.status, given) == (200, [])
    peers.move("ma", PeerEvent.RESUME)
    deliver("test", given.append)
    assert len(given) == 1


def test_stale_trust_holds_commitments_back_only(partner: Partner) -> None:
    late = FixedClock(CLOCK.now())
    Peer.objects.update(expires=CLOCK.now())

    assert isinstance(release_act(act(kind=Kind.REPORT), clock=late), Release)
    held = release_act(act(kind=Kind.COMMITMENT), clock=late)
    assert held == ReleaseRefusal("exchange.release-waits", "active, stale")


def test_an_answer_to_a_moved_dossier_goes_back_to_its_officers(partner: Partner) -> None:
    partner.say({"n": 0})
    receiving.take_push(partner.origin.log_id, partner.frame(), CLOCK)

    assert release_act(act(seen=0), clock=CLOCK) == ReleaseRefusal("exchange.dossier-moved", "1")
    assert isinstance(release_act(act(seen=1), clock=CLOCK), Release)
    assert isinstance(release_act(act(seen=0, case="cd" * 16), clock=CLOCK), Release)


def test_erasure_leaves_every_proof(partner: Partner, tmp_path: Path) -> None:
    release_acts([act(n) for n in range(3)], clock=CLOCK)
    busy = worker(Wire(partner))
    while busy.round():
        pass
    before = make_pack("ma", CLOCK)

    partner.ours.keys.destroy(CASE)

    given: list[DeliveredAct] = []
    deliver("test", given.append)
    assert [one.body_state for one in given] == ["erased"] * 3
    after = tmp_path / "after"
    after.write_bytes(make_pack("ma", CLOCK))
    (tmp_path / "before").write_bytes(before)
    assert verify([str(after), str(tmp_path / "before")]) == 1
    assert b'{"n":0}' in before
    assert b'{"n":0}' not in after.read_bytes()
    key_file = (partner.ours.folder / "keys" / "dossiers.sqlite3").read_bytes()
    assert CASE.encode() not in key_file


def test_no_content_lies_in_clear_in_the_database(partner: Partner) -> None:
    canary = secrets.token_hex(16)
    release_act(act(body={"canary": canary}), clock=CLOCK)
    partner.say({"canary": canary})
    receiving.take_push(partner.origin.log_id, partner.frame(), CLOCK)

    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {table}")
            for row in cursor.fetchall():
                assert canary.encode() not in b"|".join(
                    bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    for value in row
                )


def test_a_database_behind_its_guard_file_stops(partner: Partner) -> None:
    release_act(act(), clock=CLOCK)
    log = Log.objects.get()
    write_guard(partner.ours.folder, log.id, 5, bytes(32))

    wire = Wire(partner)
    busy = worker(wire)
    busy.check_guards()

    assert sending.check_guard(partner.ours, log) == "behind"
    assert Cursor.objects.get().phase == "stopped"
    assert [f.is_good for f in examine_exchange()] == [True, False, True]
    guarded = read_guard(partner.ours.folder, log.id)
    assert guarded is not None
    assert guarded.size == 5


def test_every_log_is_rehashed_as_receipted(partner: Partner) -> None:
    release_acts([act(n) for n in range(5)], clock=CLOCK)
    busy = worker(Wire(partner))
    while busy.round():
        pass
    log = Log.objects.get(direction="out")

    assert rehash(log) == ""
    log.root = "0" * 64
    assert rehash(log) == "5 entries do not lead to the root kept"


def test_a_reader_behind_a_wall_pulls_and_hands_its_receipt_over(partner: Partner) -> None:
    release_acts([act(n) for n in range(3)], clock=CLOCK)
    log = Log.objects.get(direction="out")

    def pull(old: int, receipt: bytes) -> object:
        request = ReaderRequest(
            "pull", log.id, old, secrets.token_hex(16), int(CLOCK.now().timestamp())
        )
        note = request.sign("ma", partner.keys.receipt)
        data = serving.pull_body(note, receipt)
        return serving.answer_pull(log.id, data, CLOCK), serving.answer_pull(log.id, data, CLOCK)

    (answer, replayed) = pull(0, b"")  # type: ignore[misc]
    receipt = partner.take(answer.body)
    pull(3, receipt.body)

    assert (answer.status, replayed.status, replayed.code) == (200, 403, "exchange.nonce")
    assert Cursor.objects.get().cosigned == 3


def test_a_restored_writer_gets_its_own_words_back(partner: Partner) -> None:
    for number in range(5):
        partner.say({"n": number})
    receiving.take_push(partner.origin.log_id, partner.frame(0, 3), CLOCK)
    receiving.take_push(partner.origin.log_id, partner.frame(3, 5), CLOCK)
    request = ReaderRequest(
        "suffix", partner.origin.log_id, 1, "0" * 32, int(CLOCK.now().timestamp())
    )
    note = request.sign(str(partner.origin), partner.keys.log)

    answer = serving.answer_suffix(partner.origin.log_id, note.encode(), CLOCK)

    assert answer.status == 200
    assert partner.entries[1][0] in answer.body
    forged = Note(note.text, request.sign(str(partner.origin), partner.keys.receipt).lines)
    assert serving.answer_suffix(partner.origin.log_id, forged.encode(), CLOCK).status == 403


def test_a_flood_is_told_to_wait(partner: Partner) -> None:
    Peer.objects.update(agreement={"limits": {"per_second": 1, "burst": 2, "catch_up": 2}})
    for number in range(4):
        partner.say({"n": number})

    reply = receiving.take_push(partner.origin.log_id, partner.frame(), CLOCK)

    assert (reply.status, Entry.objects.count()) == (429, 0)


def test_poison_is_stored_marked_and_does_not_block(partner: Partner) -> None:
    partner.entries.append((b'{"broken"', b"x"))
    partner.say({"n": 1})

    reply = receiving.take_push(partner.origin.log_id, partner.frame(), CLOCK)
    given: list[DeliveredAct] = []
    deliver("test", given.append)

    assert reply.status == 200
    assert [(one.mark, one.header is None) for one in given] == [
        (Mark.UNREADABLE, True),
        (Mark.SOUND, False),
    ]


@pytest.mark.parametrize(
    ("path", "body", "headers", "status"),
    [
        ("logs/{log}/push", b"x", {}, 400),
        ("logs/{log}/push", b"x" * 5_000_000, {}, 413),
        ("logs/{log}/push", b"x", {"HTTP_CONTENT_ENCODING": "gzip"}, 415),
        ("logs/" + "0" * 64 + "/push", b"x", {}, 404),
        ("logs/../push", b"x", {}, 404),
        ("logs/{log}/pull", b"\x00\x00\x00\xff", {}, 404),
        ("logs/{log}/suffix", b"x", {}, 400),
    ],
)
def test_the_wire_refuses_with_a_stable_code(
    partner: Partner,
    client: Client,
    *,
    path: str,
    body: bytes,
    headers: dict[str, str],
    status: int,
) -> None:
    path = "/x/v1/" + path.format(log=partner.origin.log_id)

    answer = client.post(path, body, content_type="application/octet-stream", **headers)

    assert answer.status_code == status
    assert answer["Content-Type"] in {"application/problem+json", "text/html; charset=utf-8"}
    assert "Set-Cookie" not in answer


def test_trust_files_are_served_and_nothing_else(partner: Partner, client: Client) -> None:
    statuses = {
        name: client.get(f"/x/v1/trust/{name}").status_code
        for name in ("1.root.json", "node.json", "timestamp.json", "2.root.json", "unlock", "..")
    }

    assert statuses == {
        "1.root.json": 200,
        "node.json": 200,
        "timestamp.json": 200,
        "2.root.json": 404,
        "unlock": 404,
        "..": 404,
    }


def test_a_push_over_the_wire_is_receipted(partner: Partner, client: Client) -> None:
    header = partner.say({"n": 0})

    answer = client.post(
        f"/x/v1/logs/{partner.origin.log_id}/push",
        partner.frame(),
        content_type="application/octet-stream",
    )

    assert answer.status_code == 200
    entry = Entry.objects.get()
    assert (bytes(entry.header), entry.kind) == (header, parse_header(header).kind.value)


def test_a_push_judged_before_another_came_is_judged_again(
    partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner.say({"n": 0})
    frame, judge = partner.frame(), receiving._judge_ahead
    replies = []

    def overtaken(*arguments: Any) -> Any:  # Any: passed on as it came
        found = judge(*arguments)
        monkeypatch.setattr(receiving, "_judge_ahead", judge)
        replies.append(receiving.take_push(partner.origin.log_id, frame, CLOCK))
        return found

    receiving.take_push(partner.origin.log_id, frame, CLOCK)
    partner.say({"n": 1})
    frame = partner.frame(old=1)
    monkeypatch.setattr(receiving, "_judge_ahead", overtaken)
    late = receiving.take_push(partner.origin.log_id, frame, CLOCK)

    assert [reply.status for reply in replies] == [200]
    assert (late.status, late.body) == (409, b"2\n")
    assert Entry.objects.filter(log__direction="in").count() == 2


def test_newer_trust_is_seen_at_once(partner: Partner) -> None:
    before = store.find_peer("ma")
    assert before is not None
    identity.publish(partner.folder, CLOCK.now())

    peers.refresh_peer("ma", peers.fetch_from_folder(partner.folder / "trust"), CLOCK)

    after = store.find_peer("ma")
    assert after is not None
    assert dict(after.trust.versions)["timestamp"] > dict(before.trust.versions)["timestamp"]
    assert store.find_peer("ma").trust is after.trust  # type: ignore[union-attr]


def test_a_receipt_by_pull_takes_the_lease_from_a_turn_in_flight(partner: Partner) -> None:
    release_act(act(), clock=CLOCK)
    log = Log.objects.get(direction="out")

    class Overtaken(Wire):
        """Take the receipt by another way before the answer is back, and lose the answer."""

        def post(self, endpoints: Sequence[str], path: str, data: bytes) -> Answer:
            reply = super().post(endpoints, path, data)
            serving.take_receipt(Origin.parse(log.origin), reply.body, CLOCK)
            raise TransportError("Lost.", permanent=False)

    worker(Overtaken(partner)).round()

    cursor = Cursor.objects.get()
    assert (cursor.cosigned, cursor.tries) == (1, 0)
    assert Cosignature.objects.filter(log=log).count() == 1


def test_the_database_library_is_one_whose_log_is_safe() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("SQLite only")
    pytest.importorskip("pysqlite3")

    assert tuple(map(int, SQLITE_VERSION.split("."))) >= WAL_SAFE
    assert sqlite_journal() == "WAL"
