"""Arrangement, extradition, statistics release, cyber report, the whole way of a file."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from tests.factories.dossiers import Talk, procedure
from tests.factories.files import gates, recognised, requested_document

from passerelle.procedures.casework.extradition import release_due
from passerelle.procedures.deadlines import due
from passerelle.procedures.values import DeadlineStatus

SEND = {
    "reference": "J-1", "instrument": "convention-2008", "article": "3",
    "measure_code": "extradition", "urgent": True, "languages": ["fr"],
    "transmission_hash": "e" * 64, "annexes": 2, "self_checked": True, "draft_shared_before": True,
}  # fmt: skip


def arrested(regime: str = "france-morocco-40") -> Talk:
    talk = Talk(procedure("judicial"))
    kept = ("instrument", "article", "measure_code", "urgent", "languages")
    talk.say("prepare", **{key: SEND[key] for key in kept})
    talk.say("submit")
    talk.say("send", **SEND)
    talk.say("arrest", arrested_on="2024-04-22", regime=regime)
    return talk


@pytest.mark.parametrize(
    ("regime", "day"),
    [
        ("france-morocco-40", date(2024, 6, 1)),
        ("council-of-europe-18", date(2024, 5, 10)),
    ],
)
def test_release_date_is_computed_from_the_arrest_and_nobody_moves_it(
    regime: str, day: date
) -> None:
    talk = arrested(regime)
    clock = next(one for one in due(talk.now_dossier, talk.now) if one.name == "formal-request")

    assert release_due(talk.now_dossier) == day
    assert clock.due.date() == day
    talk.now += timedelta(days=60)
    assert talk.refusal("file-formal", transmission_hash="f" * 64) == "judicial.release-due"
    talk.say("release", on=day.isoformat())
    assert release_due(talk.now_dossier) is None


def test_surrender_after_its_time_is_refused_and_release_is_due() -> None:
    talk = arrested()
    talk.say("file-formal", transmission_hash="f" * 64)
    talk.say("examine")
    talk.say("grant", decided_on="2024-05-20", authority="court", surrender_days="15")

    assert release_due(talk.now_dossier) == date(2024, 6, 4)
    assert talk.refusal("surrender", on="2024-06-05") == "judicial.release-due"
    talk.say("surrender", on="2024-06-04")
    assert talk.state == "surrendered"


def test_refusal_says_truly_whether_a_consultation_was_held() -> None:
    talk = arrested()
    talk.say("file-formal", transmission_hash="f" * 64)
    talk.say("examine")
    fields = {"decided_on": "2024-05-20", "authority": "court", "ground_code": "death-penalty"}

    assert talk.refusal("refuse", **fields, consultation_held=True) == "judicial.consultation"
    talk.say("refuse", **fields, consultation_held=False)


def arrangement() -> dict[str, Any]:
    texts = (
        "item_02_purpose", "item_06_assistance", "item_07_participants", "item_09_powers",
        "item_10_weapons_equipment", "item_12_costs", "item_13_other", "jurisdiction", "liability",
        "medical", "data_protection", "disputes", "amendment",
    )  # fmt: skip
    return dict.fromkeys(texts, "As agreed.") | {
        "item_01_authorities": ["Ministry of the Interior"],
        "item_03_host_state": "FR",
        "item_04_area": ["Saint-Etienne"],
        "item_05_from": "2024-07-20",
        "item_05_to": "2024-08-12",
        "item_08_officer_in_charge": "Head of the bomb-disposal service",
        "item_11_logistics": {"lodging": "Barracks", "lodging_distance_min": 20},
        "command": "host",
        "duration": "One event",
        "working_time_rule": "Eleven hours of rest a day",
        "rest_rule": "more-protective",
        "escort_required": True,
        "text_hash": "a" * 64,
        "languages": ["fr", "ar"],
    }


def test_arrangement_needs_all_thirteen_items_and_both_signatures() -> None:
    talk = Talk(procedure("arrangement"))
    whole = arrangement()
    for missing in [name for name in whole if name.startswith("item_")]:
        part = {name: value for name, value in whole.items() if name != missing}
        assert talk.refusal("propose", **part) == "act.fields"
    talk.say("propose", **whole)
    talk.sign("agree", text_hash="a" * 64)
    talk.say("sign", side_="host", text_hash="a" * 64, in_force_from="2024-07-01")
    assert talk.state == "agreed"
    talk.say("sign", side_="partner", text_hash="a" * 64, in_force_from="2024-07-01")
    assert talk.state == "signed"


def test_statistics_are_published_only_as_both_sides_agreed_them() -> None:
    talk = Talk(procedure("statistics-release"))
    cohort = {
        "corridor": "fr-ma", "sent_from": "2024-01-01", "sent_to": "2024-06-30",
        "cut_off": "2024-12-31",
    }  # fmt: skip
    talk.say("compute", cohort=cohort, results_hash="a" * 64, contract_version=1)
    fields = {"results_hash": "a" * 64, "differences": "None."}
    assert talk.refusal("reconcile", **fields) == "statistics.unconfirmed"
    assert talk.refusal("confirm-figures", side_="first", results_hash="a" * 64) == (
        "act.answers-itself"
    )
    talk.say("confirm-figures", side_="second", results_hash="a" * 64)
    talk.sign("reconcile", **fields)
    talk.say("check-disclosure", release_hash="b" * 64, suppressed_cells=4)

    assert talk.refusal("approve", release_hash="c" * 64) == "statistics.other-figures"
    talk.sign("approve", release_hash="b" * 64)
    talk.say("publish", release_hash="b" * 64, on="2025-01-15")
    talk.say("revise", note="Late answers arrived.")
    assert talk.state == "revised"


def test_cyber_report_is_taken_in_charge_within_its_urgency() -> None:
    talk = Talk(procedure("cyber-report"))
    talk.say(
        "report", title="Denial of service on ticketing", cyber_type="denial-of-service",
        severity=3, detected_at="2024-04-22T08:00:00Z", affected=["ticketing"], urgency="FLASH",
        handling={"tlp": "AMBER", "police": "H2"}, onward="consent", action="Filter the sources",
    )  # fmt: skip
    clock = next(one for one in due(talk.now_dossier, talk.now) if one.name == "acknowledge")

    assert clock.due - clock.start == timedelta(minutes=15)
    assert clock.status is DeadlineStatus.PASSED
    talk.say("acknowledge")
    talk.say("contain", at="2024-04-22T12:00:00Z")
    talk.say("resolve", at="2024-04-22T18:00:00Z", lesson="Filter earlier.")
    assert talk.state == "resolved"


def test_file_goes_the_whole_way_with_each_decision_named() -> None:
    talk = recognised()
    document = requested_document()
    issued = document.now.date()

    document.say(
        "issue", issued_on=issued.isoformat(),
        valid_until=(issued + timedelta(days=60)).isoformat(), document_hash="c" * 64,
        in_useful_time=True, official="Consul 3",
    )  # fmt: skip
    talk.say("close", balance="Du")
    talk.now += timedelta(days=370)
    talk.say("erase", person_="", key_destroyed="d" * 64)

    outcomes = [
        step
        for one in (talk, document)
        for step in one.now_dossier.steps
        if one.procedure.definition.states[step.after].is_outcome and step.before != step.after
    ]
    assert [step.after for step in outcomes] == ["recognised", "doc-issued"]
    assert all(step.act.person for step in outcomes)
    assert talk.state == "erased"


def test_document_hold_looks_like_any_other_pause_and_resumes_after_a_review() -> None:
    document = requested_document()
    document.say("state-fear", way="button")
    assert document.state == "held"
    document.say("lift")
    assert document.refusal("resume") == "gates.incomplete"
    document.say("review-again", gates=gates(document.now.date()))
    document.say("resume")

    assert document.state == "doc-requested"


def test_document_of_too_short_validity_is_refused() -> None:
    document = requested_document()
    issued = document.now.date()

    code = document.refusal(
        "issue", issued_on=issued.isoformat(),
        valid_until=(issued + timedelta(days=10)).isoformat(), document_hash="c" * 64,
        in_useful_time=True, official="Consul 3",
    )  # fmt: skip

    assert code == "document.validity"
    assert document.refusal("expire", person_="", delay_by="none") == "act.out-of-turn"
