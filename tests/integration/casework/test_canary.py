"""A canary text in a file: nowhere in clear, gone with the key, and the sending still proved."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.factories.files import decision

from passerelle.exchange.standalone.passerelle_verify import main as verify
from passerelle.node.casework.models import Erasure
from passerelle.node.dossiers import domain
from passerelle.node.dossiers.folding import hear
from passerelle.node.dossiers.models import Dossier
from passerelle.node.dossiers.timers import run_timers
from passerelle.node.exchange.packing import make_pack
from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.simulators.case_node import CaseNode

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def files_of(node: CaseNode) -> bytes:
    """Return every file of the node's key folder, guard files and trust."""
    return b"".join(path.read_bytes() for path in node.ours.folder.rglob("*") if path.is_file())


def test_canary_is_nowhere_in_clear_and_gone_with_the_key_while_the_sending_is_proved(
    node: CaseNode,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(0)
    sent, kept = "Serinus Canaria", "The canary sings in the reasons of this file only."
    case = node.open(decision_authority="Canary prefecture")
    node.say(case, "submit", "case-officer")
    reviewed = node.gates(case, S8={"reasons": kept})
    node.say(case, "review", "safeguard-officer", gates=reviewed)
    node.say(case, "send", "approver", **node.sending(names=sent))
    node.deliver()
    assert sent in repr(node.bodies(case))
    assert kept in repr([act.payload for act in hear(case).acts])

    old_backup, old_files = node.dump(), files_of(node)
    for place, data in {
        "backup": old_backup,
        "keys and guards": old_files,
        "traffic": b"".join(node.frames),
        "logs": caplog.text.encode() + "".join(capsys.readouterr()).encode(),
    }.items():
        for word in (sent, kept, "Canary prefecture"):
            assert word.encode() not in data, (place, word)

    node.answer(case, "confirm-receipt", receipt_hash="b" * 64, receiving_official="Consul 3")
    node.answer(case, "start-verification")
    node.answer(case, "not-recognise", **decision(reasons_code="no-entry"))
    node.say(case, "refer-statelessness", "safeguard-officer")
    node.say(case, "request-deletion", "case-officer")
    node.answer(case, "certify-deletion", _re=True, official="Consul 3", certificate_hash="d" * 64)
    node.say(case, "close", "case-officer", balance="N")
    node.deliver()
    for _ in range(14):
        node.clock.advance(timedelta(days=28))
        node.refresh_trust()
    assert run_timers(node.clock) == 1
    node.deliver()
    domain.take_in(node.clock)

    assert Erasure.objects.get(case=case).done_at is not None
    assert node.ours.keys.find(case) is None
    assert hear(case).acts == ()
    row = Dossier.objects.get(pk=case)
    assert (row.state, row.reference, row.is_final) == ("erased", "", True)
    assert case.encode() not in files_of(node)
    refused = node.try_(case, "hold", "counsel", reason_code="other")
    assert isinstance(refused, Refusal)

    pack = tmp_path / "pack"
    pack.write_bytes(make_pack("ma", node.clock, case=case))
    assert verify([str(pack)]) in {0, 1}
    shown = capsys.readouterr().out
    assert "fr/to/ma/epoch-1" in shown
    assert case.encode() in old_backup
    assert sent.encode() not in pack.read_bytes()
    altered = bytearray(pack.read_bytes())
    place = altered.find(case.encode())
    altered[place] ^= 1
    (tmp_path / "altered").write_bytes(altered)
    assert verify([str(tmp_path / "altered")]) == 2
