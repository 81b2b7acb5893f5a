import io
import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.factories.forms import OFFER, PERSON, REQUEST, filled

from passerelle.cli.commands.standard import command
from passerelle.standards.forms import Form
from passerelle.standards.forms.request_file import write_request
from passerelle.standards.problems import FormatError


@pytest.fixture
def request_file(tmp_path: Path) -> Path:
    path = tmp_path / "request.json"
    path.write_bytes(write_request(REQUEST))
    return path


def run(*words: object) -> str:
    result = CliRunner().invoke(command, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.shared
def test_check_says_what_a_file_is(shared: Path) -> None:
    sample = shared / "standards/edxl-de-2.0/samples/request-resource-in-de.xml"

    output = run("check", sample, "--schemas", shared / "standards")

    assert "EDXL-DE 2.0, sound." in output
    assert "RequestResource a-0001, 1 line(s)" in output


@pytest.mark.shared
def test_check_names_the_rule_that_a_file_breaks(shared: Path) -> None:
    folder = shared / "standards/edxl-rm-1.0/samples/xsd-valid-rule-invalid"

    result = CliRunner().invoke(command, ["check", str(folder / "provisional-without-reason.xml")])

    assert isinstance(result.exception, FormatError)
    assert "rm.rule-5.provisional-reason" in {issue.code for issue in result.exception.issues}


@pytest.mark.shared
def test_check_examines_a_stix_bundle(shared: Path) -> None:
    sample = shared / "standards/stix-2.1/examples/threat-reports/poisonivy.json"

    output = run("check", sample, "--schemas", shared / "standards", "--json")

    assert json.loads(output)["format"] == "STIX 2.1"


def test_a_pack_is_made_and_its_answer_read(request_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "pack.zip"
    answer = tmp_path / "answer.xlsx"
    answer.write_bytes(filled({Form.OFFERS: [OFFER], Form.PEOPLE: [PERSON]}))

    run("pack", request_file, out, "--entry", "e" * 64, "--node", "fr.example")
    (tmp_path / "inside.json").write_bytes(
        zipfile.ZipFile(io.BytesIO(out.read_bytes())).read("request.json")
    )
    output = run("answers", answer, tmp_path / "inside.json")

    assert "1 offer(s), 0 line(s) declined, 1 people, 0 animal(s)." in output
    assert "not answered: L2" in output


def test_a_wrong_answer_is_named_by_cell(request_file: Path, tmp_path: Path) -> None:
    answer = tmp_path / "answer.xlsx"
    answer.write_bytes(filled({Form.PEOPLE: [{**PERSON, "birth_date": "3.2.88"}]}))

    result = CliRunner().invoke(command, ["answers", str(answer), str(request_file)])

    assert isinstance(result.exception, FormatError)
    assert str(result.exception.issues[0]).startswith("answer.xlsx:4 [people!H4]: expected a date")
