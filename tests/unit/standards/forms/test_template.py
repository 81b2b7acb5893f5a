import io

import openpyxl
import pytest
from tests.factories.forms import REQUEST

from passerelle.standards.forms import Form, write_template
from passerelle.standards.forms.fields import FORMS


@pytest.mark.parametrize("language", ["fr", "en", "ar"])
def test_the_template_has_all_sheets_names_and_headings(language: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_template(REQUEST, language=language)))

    assert book.sheetnames == ["read-me", "offers", "people", "animals", "lists"]
    for form in Form:
        sheet = book[form.value]
        assert [cell.value for cell in sheet[2]] == [field.name for field in FORMS[form]]
        assert [cell.value for cell in sheet[3]] == [
            field.labels.get(language) for field in FORMS[form]
        ]
        assert bool(sheet.sheet_view.rightToLeft) is (language == "ar")


def test_choices_are_offered_in_a_list_of_the_workbook() -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_template(REQUEST, language="fr")))

    checks = {
        str(check.sqref): check.formula1 for check in book["offers"].data_validations.dataValidation
    }
    lists = {book["lists"].cell(1, column).value: column for column in range(1, 8)}
    assert checks["B4:B203"] == "'lists'!$A$2:$A$7"
    assert [book["lists"].cell(row, lists["answer"]).value for row in (2, 3)] == [
        "full | complète",
        "partial | partielle",
    ]


def test_the_lines_asked_stand_ready() -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_template(REQUEST, language="fr")))

    row = [cell.value for cell in book["offers"][5]]
    assert row[0] == "L2"
    assert row[4] == "joint_patrol | patrouille mixte"
    assert row[7:10] == [6, 12, 30]
    assert row[11] == "PAR; STE"


def test_the_same_request_gives_the_same_bytes() -> None:
    assert write_template(REQUEST) == write_template(REQUEST)
