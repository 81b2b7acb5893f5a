import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from passerelle.standards.marks import Handling, Status, Tlp
from passerelle.standards.stix import (
    CyberReport,
    Observation,
    ObservationKind,
    StixSchemas,
    find_faults,
    write_bundle,
)
from passerelle.standards.stix.markings import tlp_marking

REPORT = CyberReport(
    entry="b" * 64,
    first_entry="a" * 64,
    node="fr.example",
    node_name="State A, cooperation node",
    title="Phishing against ticket holders",
    kind="phishing",
    detected=datetime(2024, 7, 20, 8, tzinfo=UTC),
    first_issued=datetime(2024, 7, 20, 9, tzinfo=UTC),
    issued=datetime(2024, 7, 21, 9, tzinfo=UTC),
    handling=Handling(tlp=Tlp.AMBER, marks=("H2",)),
    status=Status.EXERCISE,
    affected=("ticket shop",),
    techniques=("T1566.002",),
    observations=(
        Observation(ObservationKind.DOMAIN, "tickets.example.org"),
        Observation(ObservationKind.IPV4, "192.0.2.7"),
        Observation(ObservationKind.IPV6, "2001:db8::7"),
        Observation(ObservationKind.URL, "https://tickets.example.org/a'b"),
        Observation(ObservationKind.EMAIL, "info@example.org"),
        Observation(ObservationKind.SHA256, "0" * 64),
    ),
    action="Block the domain; warn holders.",
    confidence=80,
    valid_until=datetime(2024, 9, 9, tzinfo=UTC),
)


def objects(report: CyberReport) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(write_bundle(report))["objects"]
    return found


@pytest.fixture(scope="module")
def schemas(shared: Path) -> StixSchemas:
    return StixSchemas(shared / "standards")


@pytest.mark.shared
def test_every_object_of_a_report_passes_the_schema_of_its_type(schemas: StixSchemas) -> None:
    found = objects(REPORT)

    assert {one["type"] for one in found} == {
        "marking-definition",
        "identity",
        "incident",
        "indicator",
        "attack-pattern",
        "note",
        "report",
    }
    assert [issue for one in found for issue in schemas.check(one, name="bundle")] == []
    assert find_faults(found, name="bundle") == ()


@pytest.mark.shared
def test_the_shared_examples_pass_by_type(schemas: StixSchemas, shared: Path) -> None:
    bundles = 0
    for path in (shared / "standards/stix-2.1/examples").rglob("*.json"):
        content = json.loads(path.read_text("utf-8"))
        bundles += "objects" in content
        for one in content.get("objects", [content]):
            assert schemas.check(one, name=path.name) == ()

    assert bundles == 7


def test_an_update_keeps_the_ids_and_a_withdrawal_revokes() -> None:
    later = replace(REPORT, entry="c" * 64, issued=datetime(2024, 7, 22, tzinfo=UTC))
    withdrawn = replace(later, is_withdrawn=True)

    first, second = objects(REPORT), objects(later)

    assert [one["id"] for one in first] == [one["id"] for one in second]
    assert all(
        one["modified"] > two["modified"] for one, two in zip(second[3:], first[3:], strict=True)
    )
    assert all(one["revoked"] for one in objects(withdrawn)[3:])


def test_every_object_carries_marks_status_and_a_way_to_the_proof() -> None:
    for one in objects(REPORT)[3:]:
        assert (
            one["object_marking_refs"][0]
            == "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
        )
        assert len(one["object_marking_refs"]) == 2
        assert one["labels"] == ["status:exercise"]
        assert one["external_references"][-1]["external_id"] == "b" * 64


def test_a_quote_in_a_value_stays_inside_the_pattern() -> None:
    patterns = [one["pattern"] for one in objects(REPORT) if one["type"] == "indicator"]

    assert r"[url:value = 'https://tickets.example.org/a\'b']" in patterns


def test_the_same_report_gives_the_same_bytes() -> None:
    assert write_bundle(REPORT) == write_bundle(REPORT)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ObservationKind.IPV4, "192.0.2.256"),
        (ObservationKind.IPV6, "2001:db8::g"),
        (ObservationKind.IPV6, "fe80::1%eth0"),
        (ObservationKind.DOMAIN, "no dots"),
        (ObservationKind.URL, "javascript alert"),
        (ObservationKind.EMAIL, "a@b@c"),
        (ObservationKind.SHA256, "0" * 63),
    ],
)
def test_a_value_that_is_not_of_its_kind_is_refused(kind: ObservationKind, value: str) -> None:
    with pytest.raises(ValueError, match=f"of kind {kind}"):
        Observation(kind, value)


def changed(index: int, **fields: Any) -> list[dict[str, Any]]:
    found = objects(REPORT)
    found[index] |= fields
    return found


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (changed(3, modified="2020-01-01T00:00:00.000Z"), "stix.modified"),
        (
            changed(3, created_by_ref="identity--00000000-0000-4000-8000-000000000000"),
            "stix.reference",
        ),
        (changed(3, object_marking_refs=[]), "stix.no-tlp"),
        (changed(4, valid_until="2020-01-01T00:00:00.000Z"), "stix.valid-until"),
        (changed(0, name="TLP:GREEN"), "stix.tlp-object"),
        (changed(3, id="indicator--00000000-0000-4000-8000-000000000000"), "stix.id"),
    ],
)
def test_what_no_schema_checks_is_checked(found: list[dict[str, Any]], code: str) -> None:
    assert code in {issue.code for issue in find_faults(found, name="bundle")}


def test_nothing_above_the_ceiling_leaves() -> None:
    faults = find_faults(objects(REPORT), name="bundle", ceiling=Tlp.GREEN)

    assert {issue.code for issue in faults} == {"stix.ceiling"}


@pytest.mark.shared
def test_an_unknown_type_never_reaches_a_pattern(schemas: StixSchemas) -> None:
    (issue,) = schemas.check({"type": "a" * 26 + "!", "id": "x"}, name="x")

    assert issue.code == "stix.type"


@pytest.mark.shared
@pytest.mark.parametrize("tlp", list(Tlp))
def test_the_published_tlp_objects_pass_the_schema(schemas: StixSchemas, tlp: Tlp) -> None:
    assert schemas.check(tlp_marking(tlp), name="tlp") == ()
