"""Commitments as an activity file."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from tests.factories.dossiers import Talk, procedure
from tests.factories.standing import agreed, contested, proposal

from passerelle.procedures.standing.commitments import read_commitment
from passerelle.standards.activities import Reporter, write_activities

NOW = datetime(2024, 6, 1, tzinfo=UTC)
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
ORDER = [
    "iati-identifier", "reporting-org", "title", "description", "participating-org",
    "activity-status", "activity-date", "activity-scope", "result",
]  # fmt: skip
"""Order of the elements in an activity, which version 2 of the standard prescribes."""


def written(*talks: Talk) -> ET.Element:
    commitments = [read_commitment(talk.now_dossier) for talk in talks]
    data = write_activities(commitments, reporter=Reporter("FR-fr", "Node fr"), now=NOW)
    return ET.fromstring(data)


def test_a_public_commitment_is_an_activity_in_the_prescribed_order() -> None:
    root = written(contested())

    (activity,) = root.findall("iati-activity")
    names = list(dict.fromkeys(child.tag for child in activity))
    assert root.get("version") == "2.03"
    assert names == ORDER
    assert [one.get(LANG) for one in activity.findall("description[@type='1']/narrative")] == [
        "en", "fr", "ar",
    ]  # fmt: skip
    assert activity.find("activity-status").get("code") == "2"
    period = activity.find("result/indicator/period")
    assert period is not None
    assert [(child.tag, child.get("value")) for child in period[2:]] == [
        ("target", "60"),
        ("actual", "41"),
    ]


def test_two_statuses_stay_two_narratives() -> None:
    (activity,) = written(contested()).findall("iati-activity")

    said = [one.findtext("narrative") for one in activity.findall("description[@type='4']")]

    assert "Status according to FR: not-done" in said
    assert "Status according to MA: done" in said


def test_what_is_not_public_or_not_agreed_is_left_out() -> None:
    proposed = Talk(procedure("commitment"))
    proposed.say("propose", **proposal())

    root = written(agreed(publicity_class="restricted"), proposed)

    assert root.findall("iati-activity") == []


def test_a_dropped_commitment_is_cancelled() -> None:
    talk = agreed()
    talk.sign("drop", reason="Replaced by the roadmap.")

    (activity,) = written(talk).findall("iati-activity")

    assert activity.find("activity-status").get("code") == "5"
    assert activity.find("activity-date[@type='4']") is not None
