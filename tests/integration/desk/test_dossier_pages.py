"""The pages of dossiers on a node with keys and one peer."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

import pytest
from tests.factories.dossiers import request as request_fields
from tests.unit.desk.test_act_form import filled

from passerelle.desk.boards.act_form import controls
from passerelle.kernel.clock import SystemClock
from passerelle.node.accounts.actor import COMMAND_LINE
from passerelle.node.audit.models import AuditEntry
from passerelle.node.dossiers import domain
from passerelle.node.dossiers.models import Dossier
from passerelle.node.exchange import identity, peers, station
from passerelle.node.exchange.models import Entry
from passerelle.procedures.forms import form_of
from passerelle.procedures.loading import definition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from django.test import Client

START = "/dossiers/new/ma/reinforcement/request"


@pytest.fixture
def corridor(db: None, tmp_path: Path) -> Iterator[None]:
    """Give this process the keys of FR and a corridor with MA."""
    for name in ("fr", "ma"):
        identity.create(
            tmp_path / name, name, now=SystemClock().now(), random_bytes=secrets.token_bytes
        )
    from passerelle.exchange.trust import fingerprint

    root = (tmp_path / "ma" / "trust" / "1.root.json").read_bytes()
    with station.entered(station.open_station(tmp_path / "fr")):
        peers.add_peer("ma", root, fingerprint(root))
        peers.refresh_peer("ma", peers.fetch_from_folder(tmp_path / "ma" / "trust"), SystemClock())
        domain.agree_corridor("fr-ma", "ma", "FR", "MA", actor=COMMAND_LINE, clock=SystemClock())
        yield


def sent(step: str, **changes: str) -> dict[str, str]:
    form = form_of(definition("reinforcement").acts["request"])
    return {**filled(controls(form, request_fields(), "en")), "step": step, **changes}


@pytest.mark.usefixtures("corridor")
def test_an_act_is_shown_before_it_is_signed_and_signed_only_as_shown(
    signed_in: Callable[..., Client],
) -> None:
    client = signed_in("cooperation")

    checked = client.post(START, sent("check"))
    assert Entry.objects.count() == 0
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', checked.content.decode())
    assert checked.status_code == 200
    assert seen

    changed = client.post(START, sent("sign", seen=seen[1], reference="FR-CHANGED"))
    assert Entry.objects.count() == 0
    assert changed.status_code == 200

    signed = client.post(START, sent("sign", seen=seen[1]))
    row = Dossier.objects.get()
    assert signed.status_code == 302
    assert signed["Location"] == f"/dossiers/{row.case}"
    assert (row.state, row.side, row.n_acts) == ("requested", "host", 1)
    assert AuditEntry.objects.get(action="dossiers.open.request").subject == f"dossier:{row.case}"


@pytest.mark.usefixtures("corridor")
def test_what_the_schema_refuses_is_said_on_the_page_and_nothing_is_released(
    signed_in: Callable[..., Client],
) -> None:
    answer = signed_in("cooperation").post(START, sent("check", answer_by="tomorrow"))

    assert answer.status_code == 422
    assert "answer_by" in answer.content.decode()
    assert Entry.objects.count() == 0


@pytest.mark.usefixtures("corridor")
@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("cooperation", 200),
        ("approver", 403),
        ("planner", 403),
        ("operator", 403),
        ("auditor", 403),
    ],
)
def test_only_those_who_may_speak_get_the_form(
    signed_in: Callable[..., Client], role: str, status: int
) -> None:
    assert signed_in(role).get(START).status_code == status


@pytest.mark.usefixtures("corridor")
def test_the_brake_stops_what_would_leave(signed_in: Callable[..., Client]) -> None:
    domain.pull_brake("fr-ma", why="exercise", actor=COMMAND_LINE, clock=SystemClock())
    client = signed_in("cooperation")
    seen = re.search(
        r'name="seen" value="([0-9a-f]{64})"', client.post(START, sent("check")).content.decode()
    )
    assert seen

    answer = client.post(START, sent("sign", seen=seen[1]))

    assert answer.status_code == 409
    assert Entry.objects.count() == 0
    domain.release_brake("fr-ma", why="over", actor=COMMAND_LINE, clock=SystemClock())
    assert client.post(START, sent("sign", seen=seen[1])).status_code == 302


@pytest.mark.usefixtures("corridor")
def test_the_inbox_costs_the_same_queries_for_one_dossier_and_for_many(
    signed_in: Callable[..., Client], django_assert_max_num_queries: Callable[..., object]
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = signed_in("cooperation")
    counts = []
    for n_more in (1, 6):
        for _ in range(n_more):
            domain.open_case(
                "ma", "reinforcement", "request", request_fields(), "directorate",
                actor=COMMAND_LINE, clock=SystemClock(),
            )  # fmt: skip
        Dossier.objects.update(is_settled=True)
        domain.take_in(SystemClock())
        Dossier.objects.update(is_settled=True)
        client.get("/dossiers")
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/dossiers").status_code == 200
        counts.append(len(captured))

    assert counts[0] == counts[1]


@pytest.mark.usefixtures("corridor")
@pytest.mark.parametrize("language", ["fr", "en", "ar"])
def test_a_dossier_says_what_was_said_what_is_due_and_what_may_be_done(
    signed_in: Callable[..., Client], language: str
) -> None:
    case = domain.open_case(
        "ma", "reinforcement", "request", request_fields(), "directorate",
        actor=COMMAND_LINE, clock=SystemClock(),
    )  # fmt: skip
    client = signed_in("cooperation")
    client.cookies["passerelle_language"] = language

    text = client.get(f"/dossiers/{case}").content.decode()

    shape = definition("reinforcement")
    assert shape.states["requested"].labels.get(language) in text
    assert f"/dossiers/{case}/directorate/amend" in text
    assert "FR-2024-001" in text


@pytest.mark.usefixtures("corridor")
def test_the_page_of_proof_counts_what_waits_for_a_receipt(
    signed_in: Callable[..., Client],
) -> None:
    client = signed_in("cooperation")
    client.cookies["passerelle_language"] = "en"
    assert "Every act has its receipt" in client.get("/proof").content.decode()

    domain.open_case(
        "ma", "reinforcement", "request", request_fields(), "directorate",
        actor=COMMAND_LINE, clock=SystemClock(),
    )  # fmt: skip

    text = client.get("/proof").content.decode()
    assert "1</bdi> act waits for its receipt" in text
    assert "fr/to/ma/epoch-1" in text
    assert signed_in("operator").get("/proof").status_code == 403
