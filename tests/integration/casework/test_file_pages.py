"""The pages of files about persons: who sees what, what is logged, what a page can never do."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from tests.factories.files import decision, envelope

from passerelle.node.accounts.enums import Action, Role
from passerelle.node.accounts.rules import ALLOWED
from passerelle.node.audit.models import AuditEntry
from passerelle.node.casework.models import Alert, Designation
from passerelle.node.dossiers.models import ProfileVersion, Suspension
from passerelle.node.dossiers.statistics import own_statement, safeguards
from passerelle.procedures.counting.cohorts import Cohort

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client
    from tests.simulators.case_node import CaseNode

END = datetime(2024, 12, 31, 23, 59, 59, tzinfo=UTC)
PAGES = {
    "/cases": ALLOWED[Action.VIEW_CASES],
    "/rights": ALLOWED[Action.VIEW_RIGHTS],
    "/audit": ALLOWED[Action.VIEW_AUDIT],
    "/corridors": ALLOWED[Action.VIEW_CASES]
    | ALLOWED[Action.SIGN_ACT]
    | ALLOWED[Action.VIEW_AUDIT],
}
POSTS = {
    "/corridors/fr-ma/pull": ALLOWED[Action.SIGN_ACT],
    "/cases/emergency": ALLOWED[Action.VIEW_CASES],
    "/audit/alerts/1": ALLOWED[Action.VIEW_AUDIT],
}


def test_every_page_and_step_is_for_its_roles_alone(
    node: CaseNode, signed_in: Callable[..., Client]
) -> None:
    seen, done = {}, {}
    for role in Role:
        client = signed_in(role)
        seen |= {(path, role): client.get(path).status_code for path in PAGES}
        done |= {(path, role): client.post(path).status_code == 403 for path in POSTS}

    assert seen == {
        (path, role): 200 if role in roles else 403
        for path, roles in PAGES.items()
        for role in Role
    }
    assert done == {
        (path, role): role not in roles for path, roles in POSTS.items() for role in Role
    }
    assert not Suspension.objects.exists()


def test_a_file_is_listed_and_opened_by_its_officials_alone_and_every_reading_is_logged(
    node: CaseNode, signed_in: Callable[..., Client]
) -> None:
    case = node.open()

    officer = signed_in("case-officer")
    listed = officer.get("/cases").content.decode()
    opened = officer.get(f"/dossiers/{case}")
    readings = AuditEntry.objects.filter(action="cases.read", subject=f"dossier:{case}")
    Designation.objects.filter(official="user:case-officer").delete()
    left_out = officer.get("/cases").content.decode()
    refused = officer.get(f"/dossiers/{case}")

    assert f"/dossiers/{case}" in listed
    assert opened.status_code == 200
    assert readings.count() == 1
    assert f"/dossiers/{case}" not in left_out
    assert refused.status_code == 409
    assert "not designated" in refused.content.decode() or "désigné" in refused.content.decode()


def test_the_page_says_who_may_do_what_now_and_why_not(
    node: CaseNode, signed_in: Callable[..., Client]
) -> None:
    case = node.ready()
    node.say(case, "raise-bar", "safeguard-officer", bar="protection", on="2024-04-22")
    client = signed_in("safeguard")
    Designation.objects.filter(official="user:safeguard-officer").update(official="user:safeguard")
    client.cookies["passerelle_language"] = "en"

    text = client.get(f"/dossiers/{case}").content.decode()

    assert "Bars that stand" in text
    assert "This file is held." in text
    assert text.count('state state-met">green') == 8
    assert "Who may do what now" in text
    assert len(re.findall(r'class="behind"><summary>What not, and why', text)) >= 3


def test_the_review_form_begins_with_all_gates_and_no_verdict(
    node: CaseNode, signed_in: Callable[..., Client]
) -> None:
    case = node.open()
    node.say(case, "submit", "case-officer")
    client = signed_in("safeguard")
    Designation.objects.filter(official="user:safeguard-officer").update(official="user:safeguard")

    text = client.get(f"/dossiers/{case}/safeguard-officer/review").content.decode()

    selected = re.findall(r'<option value="(S\d+)" selected', text)
    assert selected == ["S1", "S4", "S5", "S6", "S7", "S8", "S9", "S10"]
    assert '<option value="green" selected' not in text


def test_the_lawyer_gets_the_exact_copy_and_it_is_logged(
    node: CaseNode, signed_in: Callable[..., Client]
) -> None:
    case = node.sent()
    client = signed_in("counsel")
    client.cookies["passerelle_language"] = "en"

    text = client.get(f"/cases/{case}/copies").content.decode()

    assert "these bytes are what was signed" in text
    assert AuditEntry.objects.filter(action="cases.copy", subject=f"dossier:{case}").count() == 1
    assert signed_in("planner").get(f"/cases/{case}/copies").status_code == 403


def test_emergency_access_needs_a_reason_and_alerts_the_auditor(
    node: CaseNode, signed_in: Callable[..., Client]
) -> None:
    case = node.open()
    monitor = signed_in("monitor")
    Designation.objects.filter(official="user:monitor").delete()

    refused = monitor.post("/cases/emergency", {"case": case, "why": "now"})
    allowed = monitor.post("/cases/emergency", {"case": case, "why": "Removal is under way now."})
    opened = monitor.get(f"/dossiers/{case}")

    assert (refused.status_code, allowed.status_code, opened.status_code) == (409, 302, 200)
    alert = Alert.objects.get()
    auditor = signed_in("auditor")
    auditor.cookies["passerelle_language"] = "en"
    text = auditor.get("/audit").content.decode()
    assert "1</bdi> alert was not looked at" in text
    assert "Removal is under way now." in text
    auditor.post(f"/audit/alerts/{alert.pk}")
    assert "Records whole, no alert open" in auditor.get("/audit").content.decode()


def test_the_auditor_sees_every_hold_count_and_no_content(
    node: CaseNode, signed_in: Callable[..., Client]
) -> None:
    case = node.ready()
    node.say(
        case,
        "raise-bar",
        "safeguard-officer",
        bar="protection",
        on="2024-04-22",
        decision_reference="CANARY-1",
    )

    auditor = signed_in("auditor")
    auditor.cookies["passerelle_language"] = "en"
    text = auditor.get("/audit").content.decode()

    assert "CANARY" not in text
    assert "protection" not in text.casefold().replace("data protection", "")
    assert re.search(r"<h2>Holds</h2>.*fr-ma.*<bdi dir=\"ltr\">1</bdi>", text, re.DOTALL)
    assert auditor.get(f"/dossiers/{case}").status_code == 403


def test_one_person_writes_a_version_and_another_brings_it_into_force(
    node: CaseNode, signed_in: Callable[..., Client]
) -> None:
    first = ProfileVersion.objects.order_by("-number")[0]
    writer = signed_in("cooperation")
    later = {"transfer_basis": {**first.document["transfer_basis"], "until": "2099-12-31"}}
    later["review_by"] = "2099-12-31"
    fields = {"number": first.number, "changes": json.dumps(later)}
    writer.post("/corridors/fr-ma/complete", fields)
    newest = ProfileVersion.objects.order_by("-number")[0]

    writer.post("/corridors/fr-ma/activate", {"number": newest.number})
    newest.refresh_from_db()
    by_same = newest.active_from
    page = writer.get("/corridors").content.decode()
    approver = signed_in("approver")
    approver.post("/corridors/fr-ma/activate", {"number": newest.number})
    newest.refresh_from_db()

    assert newest.number == first.number + 1
    assert by_same is None
    assert "corridor.same-person" in page
    assert (newest.proposed_by, newest.activated_by) == ("user:cooperation", "user:approver")


def test_the_brake_is_pulled_with_a_reason_and_shown(
    node: CaseNode, signed_in: Callable[..., Client]
) -> None:
    client = signed_in("approver")
    client.cookies["passerelle_language"] = "en"

    bare = client.post("/corridors/fr-ma/pull", {"why": " "})
    client.post("/corridors/fr-ma/pull", {"why": "Reports of ill-treatment."})
    stopped = client.get("/corridors").content.decode()
    client.post("/corridors/fr-ma/release", {"why": "Assurance received."})

    assert bare.status_code == 409
    assert "corridor is stopped" in stopped
    assert Suspension.objects.filter(ended_at=None).count() == 0
    assert Suspension.objects.count() == 1


@pytest.mark.parametrize("language", ["fr", "en", "ar"])
def test_a_file_nobody_has_is_taken_in_charge_by_number(
    node: CaseNode, signed_in: Callable[..., Client], language: str
) -> None:
    case = node.open()
    Designation.objects.all().delete()
    client = signed_in("case-officer")
    client.cookies["passerelle_language"] = language

    waiting = client.get("/cases").content.decode()
    taken = client.post(f"/cases/{case}/take")

    assert f"/cases/{case}/take" in waiting
    assert f"/dossiers/{case}" not in waiting
    assert taken.status_code == 302
    assert client.get(f"/dossiers/{case}").status_code == 200


def test_the_list_costs_the_same_queries_for_one_file_and_for_many(
    node: CaseNode, signed_in: Callable[..., Client]
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = signed_in("case-officer")
    counts = []
    for n_more in (1, 5):
        for number in range(n_more):
            node.open(person=f"SYN-{n_more}{number}")
        client.get("/cases")
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/cases").status_code == 200
        counts.append(len(captured))

    assert counts[0] == counts[1]


def test_files_are_counted_without_being_opened(
    node: CaseNode, signed_in: Callable[..., Client]
) -> None:
    case = node.sent()
    node.deliver()
    node.answer(case, "confirm-receipt", receipt_hash="b" * 64, receiving_official="Consul 3")
    node.answer(case, "start-verification")
    node.answer(case, "recognise", basis=["A1"], **decision())
    cohort = Cohort("fr-ma", date(2024, 1, 1), date(2024, 12, 31), date(2024, 12, 31))
    readings = AuditEntry.objects.filter(action="cases.read").count()

    found = own_statement(cohort)
    rates = {rate.id: (rate.numerator, rate.denominator) for rate in safeguards(END)}
    client = signed_in("secretary")
    page = client.get("/indicators?corridor=fr-ma&from=2024-01-01&to=2024-12-31&cut_off=2024-12-31")

    assert (found["requests"], found["missing"]) == (1, 0)
    assert found["categories"]["P"] == 1
    assert rates["G1"] == (1, 1)
    assert rates["G2"][0] == 0
    assert rates["G4"] == (1, 1)
    assert AuditEntry.objects.filter(action="cases.read").count() == readings
    text = page.content.decode()
    assert page.status_code == 200
    assert "Exemple" not in text
    assert envelope()["names"] not in text
