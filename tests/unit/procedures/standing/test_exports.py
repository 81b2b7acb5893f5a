"""The register as CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

from tests.factories.dossiers import Talk, procedure
from tests.factories.standing import agreed, contested, proposal

from passerelle.procedures.standing.commitments import read_commitment
from passerelle.procedures.standing.exports import COLUMNS, register_csv, register_json

NOW = datetime(2024, 6, 1, tzinfo=UTC)


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_csv_has_one_line_a_commitment_with_both_statuses() -> None:
    found = rows(register_csv([read_commitment(contested().now_dossier)]))

    assert len(found) == 1
    line = found[0]
    assert tuple(line) == COLUMNS
    assert (line["first_status"], line["second_status"], line["contested"]) == (
        "not-done", "done", "yes",
    )  # fmt: skip
    assert (line["baseline"], line["target"], line["actual"]) == ("37", "60", "41")
    assert line["action_ar"].startswith("إصدار")


def test_a_cell_that_a_spreadsheet_would_run_is_disarmed() -> None:
    talk = Talk(procedure("commitment"))
    talk.say("propose", **proposal(objective="=HYPERLINK(1)"))

    found = rows(register_csv([read_commitment(talk.now_dossier)]))

    assert found[0]["objective"] == "'=HYPERLINK(1)"


def test_json_says_what_it_is_and_of_when() -> None:
    commitments = [read_commitment(talk.now_dossier) for talk in (agreed(), contested())]

    found = json.loads(register_json(commitments, node="fr", now=NOW))

    assert (found["format"], found["node"], found["as_of"]) == (
        "passerelle-register-1", "fr", "2024-06-01T00:00:00+00:00",
    )  # fmt: skip
    assert [one["contested"] for one in found["commitments"]] == [False, True]
