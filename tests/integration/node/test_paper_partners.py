"""A partner without a node: both voices in our own log, acts on its behalf marked, nothing leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.factories.dossiers import item, offer, person, request
from tests.factories.played import YEAR, Play

from passerelle.kernel.clock import SystemClock
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.actor import COMMAND_LINE
from passerelle.node.audit.models import AuditEntry
from passerelle.node.dossiers import domain, erasure
from passerelle.node.dossiers.models import Dossier, Sheet
from passerelle.node.dossiers.on_behalf import say_for_partner
from passerelle.node.dossiers.paper import proxy_of
from passerelle.node.dossiers.queries import open_dossier_value
from passerelle.node.exchange import station
from passerelle.node.exchange.models import Entry
from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOURCE = "ab" * 32
CLOCK = SystemClock()


def dated(fields: object) -> dict[str, object]:
    """Move the dates of a factory to next year."""
    import json

    found: dict[str, object] = json.loads(json.dumps(fields).replace("2024-", f"{YEAR}-"))
    return found


@pytest.fixture
def play(db: None, tmp_path: Path) -> Iterator[Play]:
    found = Play(tmp_path, CLOCK)
    with station.entered(found.station):
        found.begin()
        domain.agree_corridor("fr-es", "es.paper", "FR", "ES", actor=COMMAND_LINE, clock=CLOCK)
        yield found


@pytest.fixture
def case(play: Play) -> str:
    """Return a request to the partner without a node."""
    del play
    found = domain.open_case(
        "es.paper", "reinforcement", "request", dated(request()), "directorate",
        actor=COMMAND_LINE, clock=CLOCK, event="paris-2024",
    )  # fmt: skip
    assert isinstance(found, str)
    return found


def answer(case: str, *acts: tuple[str, object]) -> object:
    said = [(name, dated(fields)) for name, fields in acts]
    return say_for_partner(case, said, source=SOURCE, actor=COMMAND_LINE, clock=CLOCK)


def test_a_whole_reinforcement_runs_with_a_partner_on_paper(case: str) -> None:
    signed = {"commitment": "C1", "level": "technical", "items": [item()]}

    answer(case, ("offer", {"offers": [offer()]}))
    domain.say(
        case, "accept", {"accepted_offers": ["O1"]}, "directorate", actor=COMMAND_LINE, clock=CLOCK
    )
    domain.say(case, "commit", dated(signed), "directorate", actor=COMMAND_LINE, clock=CLOCK)
    answer(case, ("commit", signed), ("name", {"persons_named": [person("P1")]}))

    row, heard, found = open_dossier_value(case)
    assert (row.state, row.is_settled, heard.side) == ("committed", True, "host")
    assert [(step.act.name, step.act.side) for step in found.steps] == [
        ("request", "host"),
        ("offer", "partner"),
        ("accept", "host"),
        ("commit", "host"),
        ("commit", "partner"),
        ("name", "partner"),
    ]
    assert found.refused == ()
    assert Sheet.objects.get(dossier=case).n_blocked == 1
    assert Entry.objects.count() == 0


def test_what_is_said_on_behalf_names_who_entered_it_and_the_file(case: str) -> None:
    answer(case, ("offer", {"offers": [offer()]}))

    _row, _heard, found = open_dossier_value(case)
    offered = found.steps[-1].act
    entry = AuditEntry.objects.get(action="dossiers.say-for-partner")
    assert proxy_of(offered.person) == f"command:{SOURCE[:16]}"
    assert entry.new["source"] == SOURCE
    assert proxy_of(found.steps[0].act.person) == ""


def test_an_answer_is_taken_in_whole_or_not_at_all(case: str) -> None:
    wrong = answer(
        case,
        ("offer", {"offers": [offer()]}),
        ("name", {"persons_named": [person("P1")]}),
    )

    assert isinstance(wrong, Refusal)
    assert Dossier.objects.get(case=case).n_acts == 1


def test_nobody_speaks_for_a_partner_that_has_a_node(play: Play) -> None:
    from tests.factories.dossiers import committed

    case = play.say(committed().acts)

    with pytest.raises(RefusedError, match="speaks for itself"):
        answer(case, ("offer", {"offers": [offer("O2")]}))


def test_erasure_works_on_paper_too_without_a_notice_that_nobody_would_read(case: str) -> None:
    signed = {"commitment": "C1", "level": "technical", "items": [item()]}
    answer(case, ("offer", {"offers": [offer()]}))
    domain.say(
        case, "accept", {"accepted_offers": ["O1"]}, "directorate", actor=COMMAND_LINE, clock=CLOCK
    )
    domain.say(case, "commit", dated(signed), "directorate", actor=COMMAND_LINE, clock=CLOCK)
    answer(case, ("commit", signed), ("name", {"persons_named": [person("P1")]}))
    domain.say(case, "end", {}, "directorate", actor=COMMAND_LINE, clock=CLOCK)

    erasure.erase(case, "purpose-ended", actor=COMMAND_LINE, clock=CLOCK)

    assert Dossier.objects.get(case=case).state == "erased"
    with pytest.raises(RefusedError, match="cannot be opened"):
        open_dossier_value(case)
