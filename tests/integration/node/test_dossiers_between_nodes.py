"""Two real nodes, each with its own folder, keys and database, talk through a directory."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from tests.factories.dossiers import item, offer, person, request
from tests.simulators.node_shell import NodeShell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NEXT_YEAR = f"{datetime.now(UTC).year + 1}-"


def next_year(fields: object) -> str:
    """Write fields of the factories as JSON, moved from 2024 to next year: the nodes run now."""
    return json.dumps(fields).replace("2024-", NEXT_YEAR)


class TwoNodes:
    """Drive the nodes FR and MA by the command line, with a directory between them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.usb = folder / "usb"
        self.usb.mkdir()
        self.shells = {name: NodeShell(dict(os.environ)) for name in ("fr", "ma")}
        for name in self.shells:
            self.run(name, "init", self.node(name), "--name", name, "--state", name.upper())
        for own, other in (("fr", "ma"), ("ma", "fr")):
            trust = self.node(other) / "exchange" / "trust"
            shown = self.run(other, "peer", "show", self.node(other))
            fingerprint = shown.split("fingerprint")[1].split()[0]
            words = ["--root", trust / "1.root.json", "--fingerprint", fingerprint]
            self.run(own, "peer", "add", self.node(own), other, *words, "--trust", trust)
            states = (own.upper(), other.upper())
            self.run(own, "dossier", "corridor", "fr-ma", other, *states, "--node", self.node(own))

    def close(self) -> None:
        for shell in self.shells.values():
            shell.close()

    def node(self, name: str) -> Path:
        return self.folder / name

    def run(self, node: str, *words: object, expect: int = 0, stdin: object = None) -> str:
        fields = "" if stdin is None else next_year(stdin)
        code, text = self.shells[node].run(*words, stdin=fields)
        assert code == expect, text
        return text.strip()

    def say(
        self, node: str, case: str, act: str, role: str, fields: object, expect: int = 0
    ) -> str:
        words = ["dossier", "say", case, act, "--role", role, "--fields", "-"]
        return self.run(node, *words, "--node", self.node(node), stdin=fields, expect=expect)

    def carry(self, source: str, target: str) -> None:
        self.run(source, "bundle", "out", self.node(source), self.usb)
        self.run(target, "bundle", "in", self.node(target), self.usb)

    def show(self, node: str, case: str) -> dict[str, object]:
        found = json.loads(self.run(node, "dossier", "show", case, "--node", self.node(node)))
        assert isinstance(found, dict)
        return found


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[TwoNodes]:
    """Return two nodes that know each other."""
    found = TwoNodes(tmp_path)
    yield found
    found.close()


@pytest.mark.slow
def test_a_reinforcement_is_asked_offered_and_committed_between_two_nodes(nodes: TwoNodes) -> None:
    opened = ["dossier", "open", "ma", "reinforcement", "request", "--role", "directorate"]

    case = nodes.run("fr", *opened, "--fields", "-", "--node", nodes.node("fr"), stdin=request())
    early = nodes.say("fr", case, "accept", "directorate", {"accepted_offers": ["O1"]}, expect=3)
    nodes.carry("fr", "ma")
    wrong = nodes.say("ma", case, "accept", "directorate", {"accepted_offers": ["O1"]}, expect=3)
    nodes.say("ma", case, "acknowledge", "focal-point", {})
    nodes.say("ma", case, "offer", "focal-point", {"offers": [offer()]})
    nodes.carry("ma", "fr")
    nodes.say("fr", case, "accept", "directorate", {"accepted_offers": ["O1"]})
    signed = {"commitment": "C1", "level": "technical", "items": [item()]}
    nodes.say("fr", case, "commit", "directorate", signed)
    nodes.carry("fr", "ma")
    nodes.say("ma", case, "commit", "focal-point", signed)
    nodes.carry("ma", "fr")
    nodes.carry("fr", "ma")

    fr, ma = nodes.show("fr", case), nodes.show("ma", case)
    assert "act.out-of-turn" in early
    assert "act." in wrong or "exchange." in wrong
    assert fr["state"] == ma["state"] == "committed"
    assert fr["is_settled"] is True
    assert fr["definition"] == ma["definition"]
    for part in ("steps", "refused", "deadlines", "signatures"):
        assert fr[part] == ma[part], part
    assert (fr["side"], ma["side"]) == ("host", "partner")


@pytest.mark.slow
def test_two_nodes_write_the_same_counts_of_a_roll_byte_for_byte(nodes: TwoNodes) -> None:
    opened = ["dossier", "open", "ma", "reinforcement", "request", "--role", "directorate"]
    case = nodes.run("fr", *opened, "--fields", "-", "--node", nodes.node("fr"), stdin=request())
    signed = {"commitment": "C1", "level": "technical", "items": [item()]}
    bound = {"arrangement": "case-2", "text_hash": "a" * 64, "signed_on": "2024-06-20"}
    badge = {"person": "P1", "number_of_badge": "B1", "valid_until": "2024-09-15"}
    rounds: list[list[tuple[str, str, str, object]]] = [
        [("ma", "offer", "focal-point", {"offers": [offer()]})],
        [
            ("fr", "accept", "directorate", {"accepted_offers": ["O1"]}),
            ("fr", "commit", "directorate", signed),
            ("fr", "bind", "directorate", bound),
        ],
        [
            ("ma", "commit", "focal-point", signed),
            ("ma", "bind", "focal-point", bound),
            ("ma", "name", "focal-point", {"persons_named": [person("P1"), person("P2")]}),
        ],
        [
            ("fr", "vet", "security", {"person": "P1", "result": "cleared"}),
            ("fr", "accredit", "security", badge),
            ("fr", "vet", "security", {"person": "P2", "result": "cleared"}),
        ],
    ]
    nodes.carry("fr", "ma")
    for acts in rounds:
        for node, act, role, fields in acts:
            nodes.say(node, case, act, role, fields)
        source = acts[0][0]
        nodes.carry(source, "ma" if source == "fr" else "fr")
    nodes.carry("ma", "fr")
    nodes.carry("fr", "ma")

    fr, ma = (
        nodes.run(one, "dossier", "counts", case, "--node", nodes.node(one)) for one in ("fr", "ma")
    )
    digests = [
        nodes.run(one, "dossier", "counts", case, "--digest", "--node", nodes.node(one))
        for one in ("fr", "ma")
    ]

    assert fr == ma
    assert '"named",' in fr
    assert digests == [sha256(fr.encode()).hexdigest()] * 2


@pytest.mark.django_db
def test_the_receiving_side_folds_the_shared_view() -> None:
    from passerelle.node.dossiers.folding import bind
    from passerelle.node.dossiers.models import Corridor

    row = Corridor.objects.create(code="fr-ma", peer="ma", own_state="MA", peer_state="FR")

    requested = bind(row, "identification", "requested").definition
    requesting = bind(row, "identification", "requesting").definition

    assert "draft" in requesting.states
    assert "draft" not in requested.states
    assert "hold" not in requested.acts
    assert requested.digest == requesting.digest
