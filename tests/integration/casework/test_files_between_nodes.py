"""A file of identification on a real node: what stays, what leaves, what the partner can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.factories.files import decision
from tests.simulators.case_node import official

from passerelle.node.dossiers.queries import open_view
from passerelle.node.exchange.models import Entry
from passerelle.node.national.models import NationalEntry

if TYPE_CHECKING:
    from tests.simulators.case_node import CaseNode

pytestmark = pytest.mark.django_db


def test_nothing_is_released_before_the_approver_sends(node: CaseNode) -> None:
    case = node.ready()

    assert node.state(case) == "ready"
    assert Entry.objects.count() == 0
    assert NationalEntry.objects.filter(case=case).count() == 3


def test_a_file_is_sent_held_reviewed_resumed_and_recognised(node: CaseNode) -> None:
    case = node.sent()
    node.deliver()
    node.answer(case, "confirm-receipt", receipt_hash="b" * 64, receiving_official="Consul 3")
    node.answer(case, "start-verification")
    node.say(case, "hold", "safeguard-officer", reason_code="illness")
    node.deliver()
    assert node.state(case) == "held"
    node.answer(case, "recognise", basis=["A1"], **decision())
    assert node.state(case) == "held"
    node.say(case, "lift", "safeguard-officer", reason="reviewed")
    node.say(case, "review-again", "safeguard-officer", gates=node.gates(case))
    node.say(case, "resume", "approver")
    node.deliver()

    assert node.state(case) == "recognised"
    seen = [(one["act"], one["person"], one["payload"]) for one in node.bodies(case)]
    assert [act for act, _, _ in seen] == ["send", "pause", "resume"]
    assert seen[1] == ("pause", "", {})
    assert set(seen[0][2]) == {"envelope", "transfer_basis"}
    view = open_view(
        case, node.clock.now(), actor=official("case-officer"), clock=node.clock, why="work"
    )
    assert view["state"] == "recognised"
    assert len(view["national"]) == 5
