"""Attachments: sealed, uploaded before their act, resumed after a cut, claimed, erased, proved."""

from __future__ import annotations

import random
import secrets
import struct
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.simulators.exchange_partner import CASE, Partner, Wire, act, worker

from passerelle.exchange.blob import CHUNK, blob_leaves, blob_root
from passerelle.exchange.blob_request import BlobRequest
from passerelle.exchange.errors import LimitError
from passerelle.exchange.header import Attachment, parse_header
from passerelle.exchange.seal import EntryKey, content_keys, seal_content
from passerelle.exchange.standalone.passerelle_verify import main as verify
from passerelle.exchange.stream import decrypt_stream
from passerelle.kernel.clock import FixedClock, SystemClock
from passerelle.kernel.problems import RefusedError
from passerelle.node.exchange import arriving, attachments, blobs, content, offering, receiving
from passerelle.node.exchange.acts import Release, ReleaseRefusal, release_act
from passerelle.node.exchange.models import Blob, Entry, Peer
from passerelle.node.exchange.offering import upload_body
from passerelle.node.exchange.packing import make_pack
from passerelle.node.exchange.uploading import Uploads, resend

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("addressed")]
CLOCK = SystemClock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Write a file of three chunks and a bit."""
    path = tmp_path / "route.pdf"
    path.write_bytes(random.Random(1).randbytes(3 * CHUNK + 5_000))
    return path


def uploads(wire: Wire) -> Uploads:
    """Make the loop that uploads, with no pause after a failure."""
    ticks = iter(range(0, 10**9, 60))
    return Uploads(CLOCK, wire, lambda: float(next(ticks)))  # type: ignore[arg-type]


def test_an_act_waits_until_its_attachments_are_uploaded(partner: Partner, file: Path) -> None:
    wire = Wire(partner)
    draft = attachments.stage("ma", CASE, [file], clock=CLOCK)

    early = release_act(act(draft=draft.id), clock=CLOCK)
    uploads(wire).round()
    released = release_act(act(draft=draft.id), clock=CLOCK)

    assert early == ReleaseRefusal("exchange.attachment-waits", draft.id)
    assert isinstance(released, Release)
    busy = worker(wire)
    while busy.round():
        pass
    header = parse_header(partner.received[0][0])
    assert header.att == draft.items
    key = content.entry_key(partner.ours, Entry.objects.get(), header)
    assert key is not None
    secret, _ = content_keys(key, "att/0")
    arrived = b"".join(decrypt_stream(secret, wire.chunks[draft.items[0].root]))
    assert arrived == file.read_bytes()


def test_a_courier_carries_what_was_not_uploaded(partner: Partner, file: Path) -> None:
    draft = attachments.stage("ma", CASE, [file], clock=CLOCK)

    assert isinstance(release_act(act(draft=draft.id, by_courier=True), clock=CLOCK), Release)


def test_an_upload_goes_on_where_it_was_cut(partner: Partner, file: Path) -> None:
    wire = Wire(partner)
    draft = attachments.stage("ma", CASE, [file], clock=CLOCK)
    root = draft.items[0].root
    loop = uploads(wire)

    wire.cut_after = 2
    loop.round()
    held = len(wire.chunks[root])
    wire.cut_after = 1 << 30
    loop.round()

    assert held == 2
    assert len(wire.chunks[root]) == 4
    assert blob_root(b"".join(wire.chunks[root])) == root


def test_a_reader_that_lost_them_gets_them_again(partner: Partner, file: Path) -> None:
    wire = Wire(partner)
    draft = attachments.stage("ma", CASE, [file], clock=CLOCK)
    loop = uploads(wire)
    loop.round()
    wire.uploads.clear()

    resend(f"{draft.items[0].root}\n".encode())
    loop.round()

    assert wire.uploads[draft.items[0].root].complete


@dataclass
class Sent:
    """A file that the partner sends, sealed."""

    key: EntryKey
    ciphertext: bytes
    item: Attachment

    @classmethod
    def of(cls, partner: Partner, plain: bytes, policy: str = "with") -> Sent:
        """Seal."""
        key = EntryKey(secrets.token_bytes(32), partner.keys.suite)
        sealed = seal_content(key, plain, secrets.token_bytes, "att/0")
        root = blob_root(sealed.ciphertext)
        return cls(
            key,
            sealed.ciphertext,
            Attachment(len(sealed.ciphertext), root, sealed.commit, policy),
        )

    def begin(self, partner: Partner, *, size: int = -1, by: object = None) -> bytes:
        """Write the signed beginning."""
        now = int(CLOCK.now().timestamp())
        length = self.item.size if size < 0 else size
        request = BlobRequest(
            "put", partner.origin.log_id, self.item.root, length, secrets.token_hex(16), now
        )
        note = request.sign(str(partner.origin), by or partner.keys.log)  # type: ignore[arg-type]
        return upload_body(note, b"".join(blob_leaves(self.ciphertext)))

    def put(self, client: Client, number: int, data: bytes | None = None) -> tuple[int, str]:
        """Put one chunk; returns status and offset."""
        at = number * CHUNK
        chunk = self.ciphertext[at : at + CHUNK] if data is None else data
        answer = client.put(
            f"/x/v1/blobs/{self.item.root}",
            chunk,
            content_type="application/octet-stream",
            headers={"Content-Range": f"bytes {at}-{at + len(chunk) - 1}/{self.item.size}"},
        )
        return answer.status_code, answer.get("Upload-Offset", "")


def start(client: Client, sent: Sent, data: bytes) -> int:
    """Begin an upload over the wire."""
    path = f"/x/v1/blobs/{sent.item.root}/leaves"
    return client.put(path, data, content_type="application/octet-stream").status_code


def test_what_a_peer_uploads_is_checked_chunk_by_chunk(partner: Partner, client: Client) -> None:
    sent = Sent.of(partner, bytes(2 * CHUNK))
    path = f"/x/v1/blobs/{sent.item.root}"

    assert client.head(path).status_code == 404
    assert sent.put(client, 0) == (404, "")
    assert start(client, sent, sent.begin(partner, by=partner.keys.receipt)) == 403
    assert start(client, sent, sent.begin(partner, size=sent.item.size + CHUNK)) == 400
    assert start(client, sent, sent.begin(partner, size=1 << 40)) == 413
    assert start(client, sent, sent.begin(partner)) == 201
    assert start(client, sent, sent.begin(partner)) == 200
    assert sent.put(client, 1) == (409, "0")
    assert sent.put(client, 0, bytes(CHUNK))[0] == 422
    assert sent.put(client, 0) == (204, str(CHUNK))
    assert client.head(path)["Upload-Offset"] == str(CHUNK)
    assert sent.put(client, 1)[0] == 204
    assert sent.put(client, 2) == (204, str(sent.item.size))
    assert sent.put(client, 2) == (409, str(sent.item.size))


def test_what_was_written_and_not_counted_is_found_by_another_process(
    partner: Partner, client: Client
) -> None:
    sent = Sent.of(partner, random.Random(2).randbytes(9 * CHUNK + 77))
    start(client, sent, sent.begin(partner))
    for number in range(3):
        sent.put(client, number)
    counted = Blob.objects.get(pk=sent.item.root).done
    arriving._REACHED.clear()  # as a process that begins
    told = client.head(f"/x/v1/blobs/{sent.item.root}").headers["Upload-Offset"]

    answers = [sent.put(client, number) for number in range(3, 10)]

    assert (counted, told) == (0, str(3 * CHUNK))
    assert [status for status, _ in answers] == [204] * 7
    row = Blob.objects.get(pk=sent.item.root)
    assert row.done == 10
    assert b"".join(blobs.read_chunks(partner.ours, row)) == sent.ciphertext


def test_a_chunk_that_the_power_cut_took_is_asked_for_again(
    partner: Partner, client: Client
) -> None:
    sent = Sent.of(partner, random.Random(3).randbytes(2 * CHUNK))
    start(client, sent, sent.begin(partner))
    sent.put(client, 0)
    sent.put(client, 1)
    row = Blob.objects.get(pk=sent.item.root)
    path = blobs._path(partner.ours.folder, row.root)
    with path.open("r+b") as file:  # the second chunk reached the disk in part
        file.truncate(blobs._SLOT + CHUNK // 2)
    arriving._REACHED.clear()

    answers = [sent.put(client, 2), sent.put(client, 1), sent.put(client, 2)]

    assert [(status, offset) for status, offset in answers] == [
        (409, str(CHUNK)),
        (204, str(2 * CHUNK)),
        (204, str(sent.item.size)),
    ]


def test_a_replayed_beginning_is_refused(partner: Partner, client: Client) -> None:
    sent = Sent.of(partner, b"x")
    data = sent.begin(partner)

    assert [start(client, sent, data), start(client, sent, data)] == [201, 400]


def test_an_entry_is_taken_only_with_its_attachment(partner: Partner, client: Client) -> None:
    sent = Sent.of(partner, b"a sealed route" * 90_000)
    partner.say({"n": 0}, key=sent.key, att=(sent.item,))

    early = receiving.take_push(partner.origin.log_id, partner.frame(), CLOCK)
    start(client, sent, sent.begin(partner))
    sent.put(client, 0)
    half = receiving.take_push(partner.origin.log_id, partner.frame(), CLOCK)
    sent.put(client, 1)
    taken = receiving.take_push(partner.origin.log_id, partner.frame(), CLOCK)

    assert (early.status, early.body) == (424, f"{sent.item.root}\n".encode())
    assert (half.status, taken.status) == (424, 200)
    entry = Entry.objects.get()
    opened = b"".join(attachments.open_attachment(partner.ours, entry, 0))
    assert opened == b"a sealed route" * 90_000
    assert Blob.objects.get().case == CASE


def test_destroying_the_dossier_key_erases_attachments(
    partner: Partner, file: Path, tmp_path: Path
) -> None:
    draft = attachments.stage("ma", CASE, [file], clock=CLOCK)
    release_act(act(draft=draft.id, by_courier=True), clock=CLOCK)
    entry = Entry.objects.get()
    kept = attachments.save_attachment(partner.ours, entry, 0, tmp_path / "before")

    partner.ours.keys.destroy(CASE)

    assert kept == file.stat().st_size
    assert (tmp_path / "before").read_bytes() == file.read_bytes()
    with pytest.raises(RefusedError):
        attachments.save_attachment(partner.ours, entry, 0, tmp_path / "after")
    assert not (tmp_path / "after").exists()
    assert len(list(tmp_path.iterdir())) == 2


def test_no_chunk_lies_in_clear_or_as_it_travelled(partner: Partner, client: Client) -> None:
    sent = Sent.of(partner, b"canary" * 40_000)
    start(client, sent, sent.begin(partner))
    sent.put(client, 0)

    stored = b"".join(
        path.read_bytes() for path in (partner.ours.folder / "blobs").rglob("*") if path.is_file()
    )

    assert b"canary" not in stored
    assert sent.ciphertext[100:200] not in stored


def test_what_no_entry_claims_goes_after_a_week(partner: Partner, client: Client) -> None:
    sent = Sent.of(partner, b"x")
    start(client, sent, sent.begin(partner))
    sent.put(client, 0)
    later = CLOCK.now() + timedelta(days=8)

    assert blobs.sweep(partner.ours, CLOCK.now()) == 0
    assert blobs.sweep(partner.ours, later) == 1
    assert partner.ours.keys.find(f"blob/{sent.item.root}") is None
    assert not Blob.objects.exists()


def test_limits_of_an_attachment_are_those_agreed(partner: Partner, file: Path) -> None:
    Peer.objects.update(agreement={"limits": {"attachment": 1000}})

    with pytest.raises(LimitError):
        attachments.stage("ma", CASE, [file], clock=CLOCK)
    assert not Blob.objects.exists()


def test_a_peer_cannot_fill_the_disk_with_what_no_entry_names(
    partner: Partner, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "UNCLAIMED_LIMIT", 1000)

    statuses = [
        start(client, sent, sent.begin(partner))
        for sent in (Sent.of(partner, bytes(n)) for n in (500, 501))
    ]

    assert statuses == [201, 429]


def test_what_is_offered_is_given_to_its_reader_only(partner: Partner, file: Path) -> None:
    draft = attachments.stage("ma", CASE, [file], clock=CLOCK, policy="on-demand")
    assert isinstance(release_act(act(draft=draft.id), clock=CLOCK), Release)
    root = draft.items[0].root

    def ask(kind: str, number: int, by: object) -> object:
        now = int(CLOCK.now().timestamp())
        log = partner.origin.reverse.log_id
        request = BlobRequest(kind, log, root, number, secrets.token_hex(16), now)
        return offering.give(root, request.sign("ma", by).encode(), CLOCK)  # type: ignore[arg-type]

    listed = ask("list", 0, partner.keys.receipt)
    got = [ask("get", n, partner.keys.receipt) for n in range(5)]

    assert listed.status == 200  # type: ignore[attr-defined]
    assert struct.unpack(">Q", listed.body[:8]) == (draft.items[0].size,)  # type: ignore[attr-defined]
    assert [one.status for one in got] == [200, 200, 200, 200, 404]  # type: ignore[attr-defined]
    assert blob_root(b"".join(one.body for one in got[:4])) == root  # type: ignore[attr-defined]
    assert ask("list", 0, partner.keys.log).status == 403  # type: ignore[attr-defined]


def test_a_pack_discloses_and_proves_attachments(
    partner: Partner, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = attachments.stage("ma", CASE, [file], clock=CLOCK)
    release_act(act(draft=draft.id, by_courier=True), clock=CLOCK)
    pack = make_pack("ma", FixedClock(CLOCK.now()))
    (tmp_path / "pack").write_bytes(pack)

    assert file.read_bytes()[1000:2000] in pack
    assert verify([str(tmp_path / "pack")]) == 1
    assert "2 contents are disclosed" in capsys.readouterr().out
