"""The pages of proof: peers, logs, acts with their proof, our root in person, packs."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

import pytest
from tests.factories.dossiers import request as request_fields
from tests.integration.desk.test_dossier_pages import corridor
from tests.simulators.exchange_partner import Partner

from passerelle.exchange.header import Kind
from passerelle.exchange.names import log_id
from passerelle.exchange.standalone.passerelle_verify import main as verify
from passerelle.exchange.trust import fingerprint, fingerprint_words
from passerelle.kernel.clock import SystemClock
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.actor import COMMAND_LINE
from passerelle.node.dossiers import domain
from passerelle.node.exchange import peers, receiving, sending
from passerelle.node.exchange.models import Entry, EvidenceRow, Peer
from passerelle.node.exchange.screening import screen
from passerelle.node.exchange.station import station

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.test import Client

__all__ = ["corridor"]
pytestmark = pytest.mark.usefixtures("corridor")
LOG = log_id("fr/to/ma/epoch-1")


@pytest.fixture
def client_en(signed_in: Callable[..., Client]) -> Client:
    """Sign a person in who reads English."""
    client = signed_in("cooperation")
    client.cookies["passerelle_language"] = "en"
    return client


@pytest.fixture
def case() -> str:
    """Open a dossier; returns its number."""
    found = domain.open_case(
        "ma", "reinforcement", "request", request_fields(), "directorate",
        actor=COMMAND_LINE, clock=SystemClock(),
    )  # fmt: skip
    assert isinstance(found, str)
    return found


def text_of(client: Client, path: str) -> str:
    """Get a page."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_the_peer_says_in_words_what_passes(client_en: Client, case: str) -> None:
    assert "Acts go out and come in." in text_of(client_en, "/proof/peers/ma")

    Peer.objects.update(state="suspended", told="paused", expires=SystemClock().now())
    EvidenceRow.objects.create(peer="ma", kind="epoch", parts=[], at=SystemClock().now())

    text = text_of(client_en, "/proof/peers/ma")
    assert "Nothing leaves." in text
    assert "The peer told us that it paused." in text
    assert "commitments and acceptances wait" in text
    assert "It began a new log that does not continue what we hold." in text
    assert case[:8] in text
    assert client_en.get("/proof/peers/xx").status_code == 404


def test_a_log_lists_its_acts_and_an_act_its_proof(client_en: Client, case: str) -> None:
    entry = Entry.objects.get()

    listed = text_of(client_en, f"/proof/logs/{LOG}")
    act = text_of(client_en, f"/proof/acts/{entry.entry_id}")

    assert f"/proof/acts/{entry.entry_id}" in listed
    assert entry.entry_id in act
    assert bytes(entry.leaf).hex() in act
    assert "that the partner holds it is not proved" in act
    assert entry.entry_id in text_of(client_en, f"/proof/logs/{LOG}/0")
    assert client_en.get(f"/proof/logs/{LOG}/1").status_code == 404
    assert client_en.get("/proof/acts/" + "0" * 64).status_code == 404
    assert entry.entry_id in text_of(client_en, f"/dossiers/{case}")


def test_an_act_that_the_partner_refused_unread_is_shown_so(
    client_en: Client, case: str, tmp_path: Path
) -> None:
    entry = Entry.objects.get()
    sending.sign_size(station(), entry.log, 1, SystemClock())
    partner = Partner(tmp_path / "ma", station(), SystemClock())
    partner.say({"refused": "not-agreed"}, kind=Kind.REFUSE, re=(entry.entry_id,), case=case)
    taken = receiving.take_push(partner.origin.log_id, partner.frame(), SystemClock())
    screen(SystemClock())

    assert taken.status == 200
    reason = "refused it unread (of a kind that was not agreed)"
    assert reason in text_of(client_en, f"/proof/acts/{entry.entry_id}")
    assert "refused unread: of a kind" in text_of(client_en, f"/proof/logs/{LOG}")
    peer = text_of(client_en, "/proof/peers/ma")
    assert "Its node refused an act of ours unread: see what was agreed." in peer
    assert f"/proof/acts/{entry.entry_id}" in peer


def test_our_root_is_shown_as_words_code_and_file(client_en: Client) -> None:
    root = (station().folder / "trust" / "1.root.json").read_bytes()

    text = text_of(client_en, "/proof/root")
    drawn = client_en.get("/proof/root/code")
    file = client_en.get("/proof/root/file")

    assert all(f"<li>{word}</li>" in text for word in fingerprint_words(root).split("-"))
    assert f"passerelle:fr:{fingerprint(root)}" in text
    assert drawn["Content-Type"] == "image/svg+xml"
    assert b"<svg" in drawn.content
    assert file.content == root


def test_a_code_shown_in_person_pins_its_own_node_only(tmp_path: Path) -> None:
    root = (tmp_path / "ma" / "trust" / "1.root.json").read_bytes()
    Peer.objects.filter(pk="ma").update(state="ended")

    with pytest.raises(RefusedError, match="not of de"):
        peers.add_peer("de", root, f"passerelle:ma:{fingerprint(root)}")
    peers.add_peer("de", root, f"passerelle:de:{fingerprint(root)}")

    assert Peer.objects.get(pk="de").state == "pinned"


def test_a_pack_of_a_dossier_is_handed_out_without_contents(
    client_en: Client, case: str, tmp_path: Path
) -> None:
    answer = client_en.get(f"/proof/packs/{case}")

    path = tmp_path / "pack"
    path.write_bytes(answer.content)
    with tarfile.open(fileobj=io.BytesIO(answer.content)) as opened:
        names = opened.getnames()
    assert not [name for name in names if name.startswith("open/")]
    assert verify([str(path)]) == 1
    assert client_en.get("/proof/packs/" + "0" * 32).status_code == 404


def test_an_altered_record_is_called_so(client_en: Client, case: str) -> None:
    entry = Entry.objects.get()
    header = bytes(entry.header).replace(case.encode(), b"0" * 32)
    other = Entry.objects.create(
        log=entry.log,
        idx=1,
        entry_id="1" * 64,
        case=entry.case,
        kind=entry.kind,
        mark=entry.mark,
        header=header,
        leaf=entry.leaf,
        at=entry.at,
    )

    assert "The record of this node was altered" in text_of(
        client_en, f"/proof/acts/{other.entry_id}"
    )


@pytest.mark.parametrize("role", ["operator"])
@pytest.mark.parametrize("path", ["/proof/peers/ma", "/proof/root", f"/proof/logs/{LOG}"])
def test_pages_of_proof_are_for_those_who_see_dossiers(
    signed_in: Callable[..., Client], role: str, path: str
) -> None:
    assert signed_in(role).get(path).status_code == 403
