"""Standing cooperation between two real nodes: both read the same and compute the same bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.integration.node.test_dossiers_between_nodes import nodes
from tests.simulators.cooperation import Cooperation

if TYPE_CHECKING:
    from tests.integration.node.test_dossiers_between_nodes import TwoNodes

__all__ = ["nodes"]


@pytest.mark.slow
def test_two_nodes_meet_promise_contest_and_count_the_same_bytes(nodes: TwoNodes) -> None:
    talk = Cooperation(nodes)

    talk.meet()
    talk.promise()
    refused = talk.inform()
    fr, ma = talk.count()
    confirmed = nodes.run("ma", "statistics", "confirm", talk.cases["figures"],
                          "--node", nodes.node("ma"))  # fmt: skip
    talk.exchange()
    digest = nodes.show("fr", talk.cases["figures"])["steps"][0]["payload"]["results_hash"]
    agreed = {"results_hash": digest, "differences": "None."}
    talk.sign("figures", "reconcile", "statistician", agreed)
    checked = nodes.run("fr", "statistics", "check", talk.cases["figures"],
                        "--node", nodes.node("fr"))  # fmt: skip
    talk.exchange()
    approved = {"release_hash": checked.split()[-1]}
    talk.sign("figures", "approve", "approver", approved)

    assert fr == ma
    statement = json.loads(fr)
    assert statement["contested"]["numerator"] == 1
    assert statement["contested"]["denominator"] == 2
    assert statement["missing"] == 0
    assert statement["groups"][0]["dormancy"]["numerator"] == 0
    assert confirmed.startswith("the same bytes")
    assert "handling.no-consent" in refused
    assert [nodes.show(one, talk.cases["figures"])["state"] for one in ("fr", "ma")] == [
        "approved", "approved",
    ]  # fmt: skip
    registers = []
    for name in ("fr", "ma"):
        out = nodes.folder / f"{name}.csv"
        nodes.run(name, "register", "export", "--format", "csv", "--out", out,
                  "--node", nodes.node(name))  # fmt: skip
        registers.append(out.read_bytes())
    assert registers[0] == registers[1]
    awake = nodes.run("ma", "register", "groups", "--node", nodes.node("ma"))
    assert awake.startswith("awake")
