"""Keys by command: announced, put in use, revoked, retired; the root handed over; no way back."""

from __future__ import annotations

import random
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.simulators.exchange_partner import CASE, Partner, Wire, act, worker

from passerelle.exchange.card import parse_card
from passerelle.exchange.errors import SignatureError
from passerelle.exchange.note import LineKind, Note, is_signed_by
from passerelle.exchange.standalone.passerelle_verify import main as verify
from passerelle.exchange.trust import fingerprint, pin_root, refresh
from passerelle.kernel.clock import FixedClock, SystemClock
from passerelle.kernel.problems import RefusedError, UnavailableError
from passerelle.node.exchange import identity, peers, receiving, rotation, sending
from passerelle.node.exchange.acts import release_act
from passerelle.node.exchange.delivery import DeliveredAct, deliver
from passerelle.node.exchange.keystore import KeyStore
from passerelle.node.exchange.models import BodyKey, CheckpointRow, Log, Peer, TrustVersion
from passerelle.node.exchange.packing import make_pack
from passerelle.node.exchange.station import entered, open_station

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.exchange.trust import TrustState

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("addressed")]
CLOCK = SystemClock()
LATER = timedelta(hours=49)


@pytest.fixture
def folder(folders: dict[str, Path], tmp_path: Path) -> Path:
    """Copy the keys of a node, so that they may be rotated."""
    return shutil.copytree(folders["fr"], tmp_path / "fr")


def trusted(folder: Path, now: object = None) -> TrustState:
    """Pin the root of a node and take its files."""
    root = (folder / "trust" / "1.root.json").read_bytes()
    return taken(pin_root(root, fingerprint(root)), folder, now or CLOCK.now())


def taken(state: TrustState, folder: Path, now: object) -> TrustState:
    """Take what a node publishes now."""
    files = {path.name: path.read_bytes() for path in (folder / "trust").glob("*.json")}
    return refresh(state, "fr", files, now)  # type: ignore[arg-type]


def test_coming_keys_are_announced_and_both_hold_for_a_day(folder: Path) -> None:
    now = CLOCK.now()
    before = identity.load(folder).log.public_keys

    begins = rotation.rotate(folder, ("log",), now)

    state = trusted(folder)
    assert state.card is not None
    assert state.card.log_keys_at(now) == before
    assert len(state.card.log_keys_at(begins + timedelta(hours=1))) == 4
    assert identity.load(folder).log.public_keys == before
    assert rotation.promote(folder, now) == []
    assert rotation.promote(folder, now + LATER) == ["log"]
    after = identity.load(folder).log.public_keys
    assert after != before
    card = parse_card((folder / "trust" / "node.json").read_bytes())
    assert card.log_keys_at(begins + timedelta(hours=25)) == after
    assert set(identity.load(folder).log_keys_ever) == {*before, *after}


def test_stolen_keys_end_at_once(folder: Path) -> None:
    now = CLOCK.now()
    before = identity.load(folder).receipt.public_keys

    rotation.rotate(folder, ("receipt",), now, stolen=True)

    card = trusted(folder).card
    assert card is not None
    after = identity.load(folder).receipt.public_keys
    assert card.receipt_keys_at(now + timedelta(seconds=1)) == after
    assert {item.key for item in card.receipt_keys if item.window.revoked} == set(before)


def test_a_part_is_not_rotated_twice_at_a_time(folder: Path) -> None:
    rotation.rotate(folder, ("log",), CLOCK.now())

    with pytest.raises(RefusedError, match="already"):
        rotation.rotate(folder, ("log",), CLOCK.now())
    with pytest.raises(RefusedError, match="nonsense"):
        rotation.rotate(folder, ("nonsense",), CLOCK.now())


def test_the_root_is_handed_over_and_the_old_holders_end(folder: Path) -> None:
    state = trusted(folder)
    before = (folder / "root-holders.sealed").read_bytes()

    version, _ = rotation.rotate_root(folder, CLOCK.now(), roles=True)

    after = taken(state, folder, CLOCK.now())
    assert (version, dict(after.versions)["root"], len(after.roots)) == (2, 2, 2)
    rotation.rotate_root(folder, CLOCK.now())
    assert dict(taken(after, folder, CLOCK.now()).versions)["root"] == 3
    (folder / "root-holders.sealed").write_bytes(before)
    rotation.rotate_root(folder, CLOCK.now())
    with pytest.raises(SignatureError):
        taken(state, folder, CLOCK.now())


def test_without_its_holders_the_root_stays(folder: Path) -> None:
    (folder / "root-holders.sealed").unlink()

    with pytest.raises(UnavailableError, match=r"root-holders\.sealed"):
        rotation.rotate_root(folder, CLOCK.now())


def test_a_new_storage_key_opens_what_the_old_one_wrapped(folder: Path) -> None:
    keys = open_station(folder).keys
    made = {f"{n:032x}": keys.key(f"{n:032x}", 0.0) for n in range(5)}
    old = identity.load(folder).storage

    count = rotation.rotate_storage(folder, CLOCK.now())

    assert count >= 5
    fresh = open_station(folder)
    assert fresh.identity.storage != old
    assert {case: fresh.keys.find(case) for case in made} == made
    assert old.hex().encode() not in (folder / "node-keys.sealed").read_bytes()


def test_old_content_opens_after_rotation_and_after_retirement(
    partner: Partner, folder: Path
) -> None:
    now = CLOCK.now()
    with entered(open_station(folder)):
        release_act(act(1), clock=CLOCK)
        partner.say({"n": 2})
        receiving.take_push(partner.origin.log_id, partner.frame(), CLOCK)
        rotation.rotate(folder, ("offices",), now, stolen=True)
    with entered(open_station(folder)):
        release_act(act(3), clock=CLOCK)
        first = bodies("one")
        assert rotation.retire_openers(folder, now + LATER) == 4
    with entered(open_station(folder)) as node:
        second = bodies("two")
        node.keys.destroy(CASE)
        third = bodies("three")

    assert sorted(first, key=str) == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert second == first
    assert third == [None, None, None]
    assert BodyKey.objects.count() == 2


def bodies(name: str) -> list[object]:
    """Deliver everything to a consumer of its own."""
    given: list[DeliveredAct] = []
    deliver(name, given.append)
    return [one.body for one in given]


def test_an_old_dossier_verifies_after_rotation(
    partner: Partner, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with entered(open_station(folder)):
        release_act(act(1), clock=CLOCK)
        busy = worker(Wire(partner))
        while busy.round():
            pass
        rotation.rotate(folder, ("log", "receipt"), CLOCK.now(), stolen=True)
        rotation.rotate_root(folder, CLOCK.now(), roles=True)
    with entered(open_station(folder)):
        pack = make_pack("ma", FixedClock(CLOCK.now() + timedelta(hours=1)))
    (tmp_path / "pack").write_bytes(pack)

    assert verify([str(tmp_path / "pack")]) == 1
    assert "1 of 1 are proved received" in capsys.readouterr().out
    assert pack.count(b".node.json") >= 2


def test_what_was_signed_by_a_rotated_key_is_signed_again(partner: Partner, folder: Path) -> None:
    with entered(open_station(folder)) as node:
        release_act(act(1), clock=CLOCK)
        log = Log.objects.get()
        before = sending.sign_size(node, log, 1, CLOCK)
        rotation.rotate(folder, ("log",), CLOCK.now(), stolen=True)
    with entered(open_station(folder)) as node:
        after = sending.sign_size(node, log, 1, CLOCK)
        again = sending.sign_size(node, log, 1, CLOCK)

        keys = node.identity.log.public_keys
        assert before.text == after.text
        assert is_signed_by(after.lines, log.origin, LineKind.LOG, keys)
        assert not is_signed_by(before.lines, log.origin, LineKind.LOG, keys)
        assert after == again == Note.parse(bytes(CheckpointRow.objects.last().note))  # type: ignore[union-attr]
    assert CheckpointRow.objects.count() == 2


def test_cards_of_a_peer_are_kept_and_older_ones_never_come_back(
    partner: Partner, folders: dict[str, Path], tmp_path: Path
) -> None:
    theirs = shutil.copytree(folders["ma"], tmp_path / "ma")
    old = {path.name: path.read_bytes() for path in (theirs / "trust").glob("*.json")}
    rotation.rotate(theirs, ("log",), CLOCK.now(), stolen=True)
    peers.refresh_peer("ma", peers.fetch_from_folder(theirs / "trust"), CLOCK)
    accepted = bytes(Peer.objects.get().card)

    with pytest.raises(SignatureError):
        peers.refresh_peer("ma", old.get, CLOCK)

    assert bytes(Peer.objects.get().card) == accepted
    assert Peer.objects.get().alarm == "trust"
    assert TrustVersion.objects.count() == 2


def test_frozen_trust_files_are_refused_once_they_expired(partner: Partner) -> None:
    late = FixedClock(CLOCK.now() + timedelta(days=31))
    partner.folder.joinpath("trust")

    with pytest.raises(SignatureError):
        peers.refresh_peer("ma", peers.fetch_from_folder(partner.folder / "trust"), late)


def test_a_revoked_key_writes_nothing_more(
    partner: Partner, folders: dict[str, Path], tmp_path: Path
) -> None:
    theirs = shutil.copytree(folders["ma"], tmp_path / "ma")
    partner.say({"n": 0})
    first = receiving.take_push(partner.origin.log_id, partner.frame(), CLOCK)
    rotation.rotate(theirs, ("log",), CLOCK.now(), stolen=True)
    peers.refresh_peer("ma", peers.fetch_from_folder(theirs / "trust"), CLOCK)
    partner.say({"n": 1})

    by_thief = receiving.take_push(partner.origin.log_id, partner.frame(1), CLOCK)
    partner.keys = identity.load(theirs)
    by_owner = receiving.take_push(partner.origin.log_id, partner.frame(1), CLOCK)

    assert (first.status, by_thief.status, by_owner.status) == (200, 403, 200)
    assert by_thief.code == "exchange.signature-invalid"


def test_a_destroyed_key_is_gone_from_every_process(folder: Path) -> None:
    storage = identity.load(folder).storage
    path = folder / "keys" / "dossiers.sqlite3"
    first, second = (KeyStore(path, storage, random.Random(n).randbytes) for n in range(2))
    first.key(CASE, 0.0)
    assert second.find(CASE) is not None

    assert first.destroy(CASE)

    assert second.find(CASE) is None
    assert not second.destroy(CASE)
