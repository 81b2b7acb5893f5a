"""The pages of standing cooperation, information and justice, on a node with keys and one peer."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tests.factories.standing import CHARTER, proposal
from tests.integration.desk.test_dossier_pages import corridor

from passerelle.kernel.clock import SystemClock
from passerelle.node.accounts.actor import COMMAND_LINE
from passerelle.node.accounts.enums import Action, Role
from passerelle.node.accounts.rules import ALLOWED
from passerelle.node.dossiers import domain
from passerelle.node.dossiers.models import Dossier
from passerelle.node.dossiers.register import groups
from passerelle.node.exchange.models import Entry

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

__all__ = ["corridor"]

HANDLING = {"tlp": "AMBER", "police": "H2"}
REPORT = {
    "title": "Phishing against ticket holders", "cyber_type": "phishing", "severity": 3,
    "detected_at": "2024-07-20T08:00:00Z", "affected": ["ticket shop"], "urgency": "FLASH",
    "handling": HANDLING, "onward": "none", "techniques": ["T1566.002", "own-code"],
    "action": "Block the domain.",
}  # fmt: skip
QUESTION = {
    "purpose": "Security of the match.", "legal_ground": "Agreement of 2000", "subject": "Supporters",
    "questions": ["How many travel?"], "urgency": "FLASH", "handling": HANDLING,
    "channel": "passerelle",
}  # fmt: skip
CALL = {
    "charter": CHARTER, "starts_at": "2024-05-10T09:00:00Z", "place": "Rabat",
    "items_proposed": ["Consular passes"],
}  # fmt: skip
PAGES = {
    "/commitments": Action.VIEW_REGISTER,
    "/commitments.csv": Action.VIEW_REGISTER,
    "/meetings": Action.VIEW_REGISTER,
    "/indicators": Action.VIEW_REGISTER,
    "/information": Action.VIEW_INFORMATION,
    "/judicial": Action.VIEW_JUDICIAL,
}
PARTS = {
    "commitment": ("propose", "lead", proposal(), Action.VIEW_REGISTER),
    "meeting": ("call", "secretary", CALL, Action.VIEW_REGISTER),
    "information": ("ask", "asker", QUESTION, Action.VIEW_INFORMATION),
    "cyber-report": ("report", "analyst", REPORT, Action.VIEW_INFORMATION),
}

OPENERS = {
    "commitment/propose": {"cooperation", "secretary"},
    "meeting/call": {"secretary"},
    "statistics-release/compute": {"secretary"},
    "information/ask": {"liaison", "commander", "analyst"},
    "cyber-report/report": {"analyst"},
    "judicial/prepare": {"judge"},
}


def opened(procedure: str, **changes: Any) -> str:
    """Open a dossier of a procedure with the peer; return its number."""
    act, role, payload, _ = PARTS[procedure]
    found = domain.open_case(
        "ma", procedure, act, payload | changes, role, actor=COMMAND_LINE, clock=SystemClock()
    )
    assert isinstance(found, str), found
    return found


@pytest.mark.usefixtures("corridor")
def test_every_page_and_dossier_is_for_the_roles_of_its_part_alone(
    signed_in: Callable[..., Client],
) -> None:
    needs = dict(PAGES)
    for procedure, (_, _, _, action) in PARTS.items():
        needs[f"/dossiers/{opened(procedure)}"] = action

    seen = {}
    for role in Role:
        client = signed_in(role)
        seen |= {(path, role): client.get(path).status_code for path in needs}

    assert seen == {
        (path, role): 200 if role in ALLOWED[action] else 403
        for path, action in needs.items()
        for role in Role
    }


@pytest.mark.usefixtures("corridor")
def test_only_those_who_may_open_a_dossier_get_its_form(signed_in: Callable[..., Client]) -> None:
    allowed: dict[str, set[str]] = {name: set() for name in OPENERS}
    for role in Role:
        client = signed_in(role)
        for name in OPENERS:
            if client.get(f"/dossiers/new/ma/{name}").status_code == 200:
                allowed[name].add(role.value)

    assert allowed == OPENERS


@pytest.mark.usefixtures("corridor")
@pytest.mark.parametrize(
    ("path", "procedure", "role"),
    [
        ("/commitments", "commitment", "secretary"),
        ("/meetings", "meeting", "secretary"),
        ("/indicators", "meeting", "secretary"),
        ("/information", "information", "liaison"),
    ],
)
def test_a_list_costs_the_same_queries_for_one_and_for_many(
    signed_in: Callable[..., Client], path: str, procedure: str, role: str
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = signed_in(role)
    counts = []
    for n_more in (1, 6):
        for _ in range(n_more):
            opened(procedure)
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        counts.append(len(captured))

    assert Dossier.objects.count() == 7
    assert counts[0] == counts[1]


@pytest.mark.usefixtures("corridor")
@pytest.mark.parametrize("language", ["fr", "en", "ar"])
def test_the_board_shows_both_sides_in_every_language(
    signed_in: Callable[..., Client], language: str
) -> None:
    case = opened("commitment")
    client = signed_in("secretary")
    client.cookies["passerelle_language"] = language

    text = client.get("/commitments").content.decode()

    assert proposal()["action_text"][language] in text
    assert f"/dossiers/{case}" in text
    assert [">FR<" in text, ">MA<" in text] == [True, True]


@pytest.mark.usefixtures("corridor")
def test_the_register_is_exported_in_three_forms(signed_in: Callable[..., Client]) -> None:
    case = opened("commitment")
    client = signed_in("auditor")

    rows = list(
        csv.DictReader(io.StringIO(client.get("/commitments.csv").content.decode("utf-8-sig")))
    )
    plain = json.loads(client.get("/commitments.json").content)
    xml = client.get("/commitments.xml")

    assert [row["case"] for row in rows] == [case]
    assert plain["commitments"][0]["case"] == case
    assert b"iati-activities" in xml.content
    assert "attachment" in xml["Content-Disposition"]
    assert client.get("/commitments.pdf").status_code == 404


@pytest.mark.usefixtures("corridor")
def test_a_group_is_asked_for_as_of_a_day(signed_in: Callable[..., Client]) -> None:
    opened("meeting")
    today = SystemClock().now().date()
    client = signed_in("secretary")
    client.cookies["passerelle_language"] = "en"

    def shown(days: int) -> str:
        day = today + timedelta(days=days)
        return client.get(f"/meetings?on={day.isoformat()}").content.decode()

    period = CHARTER["period_days"]
    assert "No joint group yet" in shown(-1)
    assert "Every joint group is awake" in shown(period)
    assert "joint group is dormant" in shown(period + 1)


@pytest.mark.usefixtures("corridor")
def test_a_cyber_report_is_given_as_stix_with_its_marks(signed_in: Callable[..., Client]) -> None:
    case = opened("cyber-report")
    client = signed_in("analyst")

    assert f"/information/{case}/stix" in client.get(f"/dossiers/{case}").content.decode()
    bundle = json.loads(client.get(f"/information/{case}/stix").content)

    by_type: dict[str, list[dict[str, Any]]] = {}
    for one in bundle["objects"]:
        by_type.setdefault(one["type"], []).append(one)
    said = [one["definition"] for one in by_type["marking-definition"] if "definition" in one]
    assert {"statement": "no onward sharing"} in said
    assert [one["name"] for one in by_type["attack-pattern"]] == ["T1566.002"]
    assert "own-code" in by_type["note"][0]["content"]
    assert client.get(f"/information/{opened('information')}/stix").status_code == 404
    assert signed_in("planner").get(f"/information/{case}/stix").status_code == 200
    assert signed_in("secretary").get(f"/information/{case}/stix").status_code == 403


@pytest.mark.usefixtures("corridor")
def test_a_flash_request_leads_the_list_and_says_so(signed_in: Callable[..., Client]) -> None:
    slow = opened("information", urgency="ROUTINE", subject="Trains")
    fast = opened("information")
    client = signed_in("liaison")
    client.cookies["passerelle_language"] = "en"

    text = client.get("/information").content.decode()

    assert text.index(f"/dossiers/{fast}") < text.index(f"/dossiers/{slow}")
    assert "FLASH request is open" in text


@pytest.mark.usefixtures("corridor")
def test_figures_are_computed_shown_and_signed_as_shown(signed_in: Callable[..., Client]) -> None:
    opened("commitment")
    client = signed_in("secretary")
    today = SystemClock().now().date().isoformat()
    asked = f"corridor=fr-ma&from=2024-01-01&to={today}&cut_off={today}"

    page = client.get(f"/indicators?{asked}").content.decode()
    start = "/dossiers/new/ma/statistics-release/compute"
    shown = client.get(f"{start}?{asked}").content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', shown))
    signed = client.post(start, fields | {"step": "sign"})

    assert start in page
    assert "I15" in page
    assert Entry.objects.count() == 2
    assert signed.status_code == 302
    page = client.get(f"/indicators?{asked}").content.decode()
    assert signed["Location"] in page


@pytest.mark.usefixtures("corridor")
def test_public_pages_are_closed_until_they_are_opened(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened("meeting")
    assert client.get("/public").status_code == 404

    from passerelle.node import configuration

    with monkeypatch.context() as changed:
        changed.setenv("PASSERELLE_PUBLIC_PAGES", "true")
        configuration.configuration.cache_clear()
        group = groups(SystemClock().now())[0]
        answer = client.get(f"/public/{group.key}?language=ar")
        unknown = client.get("/public/0000")
    configuration.configuration.cache_clear()

    assert answer.status_code == 200
    text = answer.content.decode()
    assert 'dir="rtl"' in text
    assert CHARTER["group_name"] in text
    assert unknown.status_code == 404
