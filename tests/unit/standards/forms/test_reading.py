import io
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from tests.factories.forms import ANIMAL, OFFER, PERSON, REQUEST, filled

from passerelle.standards.forms import Form, read_csv_form, read_workbook, write_template
from passerelle.standards.forms.fields import FORMS
from passerelle.standards.problems import FormatError


def issues(content: bytes) -> list[tuple[str, str]]:
    with pytest.raises(FormatError) as caught:
        read_workbook(content, REQUEST, name="answer.xlsx")
    return [(issue.column, issue.code) for issue in caught.value.issues]


def with_people(*people: dict[str, Any], **changed: Any) -> bytes:
    return filled({Form.PEOPLE: [{**person, **changed} for person in people]})


@pytest.mark.parametrize("language", ["fr", "en", "ar"])
def test_a_filled_template_is_read_into_records(language: str) -> None:
    rows = {Form.OFFERS: [OFFER], Form.PEOPLE: [PERSON], Form.ANIMALS: [ANIMAL]}

    answers = read_workbook(filled(rows, language=language), REQUEST, name="answer.xlsx")

    assert answers.offers == (
        {
            "line": "L1",
            "answer": "full",
            "offer": "O1",
            "capability": "eod",
            "unit": "pair",
            "posts": 2,
            "present": 4,
            "people": 10,
            "places": ["STE"],
            "from": "2024-07-20T06:00:00Z",
            "to": "2024-08-11T22:00:00Z",
            "command": "host",
            "valid_until": "2024-05-15T10:00:00Z",
            "approving_authority": "Directorate of operations",
        },
    )
    assert answers.people[0]["languages"] == [
        {"language": "fr", "level_of_language": "B2"},
        {"language": "ar", "level_of_language": "native"},
    ]
    assert answers.people[0]["certificates"] == [
        {"certificate": "eod-3", "valid_until": "2024-12-31"}
    ]
    assert answers.people[0]["from"] == "2024-07-20T06:00:00Z"
    assert answers.animals[0]["handler"] == "P1"
    assert answers.unanswered == ("L2",)


def test_a_declined_line_needs_only_a_reason() -> None:
    rows = {Form.OFFERS: [OFFER, {"answer": "declined", "reason_code": "own-need"}]}

    answers = read_workbook(filled(rows), REQUEST, name="answer.xlsx")

    assert answers.declined == {"L2": "own-need"}
    assert answers.unanswered == ()


def test_an_untouched_template_answers_nothing() -> None:
    answers = read_workbook(write_template(REQUEST), REQUEST, name="answer.xlsx")

    assert answers.offers == ()
    assert answers.unanswered == ("L1", "L2")


@pytest.mark.parametrize(
    ("name", "value", "cell", "code"),
    [
        ("birth_date", "03/02/1988", "people!H4", "form.date"),
        ("birth_date", "2023-02-03", "people!H4", "form.birth-date"),
        ("birth_date", "1988-02-30", "people!H4", "form.date"),
        ("birth_date", 32176, "people!H4", "form.date"),
        ("from", "2024-07-20", "people!R4", "form.instant"),
        ("to", "2025-08-11 20:00", "people!S4", "form.outside-period"),
        ("to", "2024-07-19 20:00", "people!S4", "form.reversed"),
        ("from", "2024-03-31 02:30", "people!R4", "form.instant"),
        ("nationality", "Maroc", "people!G4", "form.country"),
        ("languages", "fr B2", "people!L4", "form.language-level"),
        ("certificates", "eod-3 until 2024", "people!K4", "form.certificate"),
        ("item", "C9", "people!B4", "form.unknown-item"),
        ("family_name", "Benali99", "people!C4", "form.name"),
        ("passport", "XX 1", "people!I4", "form.code"),
        ("rank", "=1+1", "people!E4", "form.formula"),
        ("rank", None, "people!E4", "form.missing"),
        ("role", "x" * 201, "people!J4", "form.line"),
        ("uniform", "toga", "people!Q4", "form.choice"),
    ],
)
def test_a_wrong_cell_is_named(name: str, value: object, cell: str, code: str) -> None:
    assert issues(with_people(PERSON, **{name: value})) == [(cell, code)]


def test_the_message_says_cell_expected_and_found() -> None:
    with pytest.raises(FormatError) as caught:
        read_workbook(with_people(PERSON, birth_date="03/02/1988"), REQUEST, name="answer.xlsx")

    assert str(caught.value.issues[0]) == (
        "answer.xlsx:4 [people!H4]: expected a date cell, or YYYY-MM-DD, found '03/02/1988'"
    )


@pytest.mark.parametrize(
    ("changed", "cell"),
    [
        ({"service_number": "B-2", "passport": "XX2", "given_name": "Sara"}, "people!A5"),
        ({"person": "P2", "passport": "XX2", "given_name": "Sara"}, "people!F5"),
        ({"person": "P2", "service_number": "B-2", "given_name": "Sara"}, "people!I5"),
        (
            {"person": "P2", "service_number": "B-2", "passport": "XX2", "family_name": "BENALI"},
            "people!C5",
        ),
    ],
)
def test_somebody_twice_is_named_with_the_first_place(changed: dict[str, str], cell: str) -> None:
    content = filled({Form.PEOPLE: [PERSON, {**PERSON, **changed}]})

    assert issues(content) == [(cell, "form.duplicate")]


def test_all_issues_come_at_once() -> None:
    content = filled(
        {
            Form.OFFERS: [{**OFFER, "posts": -1, "valid_until": "soon", "answer": "maybe"}],
            Form.PEOPLE: [{**PERSON, "nationality": "Maroc", "birth_date": "1988"}],
        }
    )

    assert issues(content) == [
        ("offers!AA4", "form.instant"),
        ("offers!B4", "form.choice"),
        ("offers!H4", "form.count"),
        ("people!G4", "form.country"),
        ("people!H4", "form.date"),
    ]


@pytest.mark.parametrize(
    ("changed", "cell", "code"),
    [
        ({"line": "L9"}, "offers!A4", "form.unknown-line"),
        ({"capability": "mounted"}, "offers!E4", "form.other-capability"),
        ({"present": 11}, "offers!I4", "form.present"),
        ({"unit": None}, "offers!G4", "form.missing"),
        ({"answer": "conditional"}, "offers!Z4", "form.missing"),
        ({"conditions": "beds: two"}, "offers!Z4", "form.condition"),
        ({"posts": 1.5}, "offers!H4", "form.count"),
        ({"posts": True}, "offers!H4", "form.count"),
        ({"languages": "French"}, "offers!P4", "form.language"),
    ],
)
def test_an_offer_that_does_not_fit_the_request_is_named(
    changed: dict[str, object], cell: str, code: str
) -> None:
    assert issues(filled({Form.OFFERS: [{**OFFER, **changed}]})) == [(cell, code)]


def test_the_same_offer_reference_twice_is_named() -> None:
    assert issues(filled({Form.OFFERS: [OFFER, OFFER]})) == [("offers!D5", "form.duplicate")]


def test_digits_of_another_script_are_numbers() -> None:
    answers = read_workbook(filled({Form.OFFERS: [{**OFFER, "posts": "٢"}]}), REQUEST, name="a")

    assert answers.offers[0]["posts"] == 2


def test_a_certificate_that_ends_before_the_stay_is_a_warning() -> None:
    content = with_people(PERSON, certificates="eod-3=2024-08-01")

    (warning,) = read_workbook(content, REQUEST, name="answer.xlsx").warnings

    assert (warning.column, warning.code) == ("people!K4", "form.certificate-ends")


def test_a_handler_must_be_on_the_roll() -> None:
    content = filled({Form.PEOPLE: [PERSON], Form.ANIMALS: [{**ANIMAL, "handler": "P9"}]})

    assert issues(content) == [("animals!G4", "form.unknown-person")]


def shift(book: openpyxl.Workbook) -> None:
    book["people"].insert_cols(3)


def hide_sheet(book: openpyxl.Workbook) -> None:
    book["lists"].sheet_state = "hidden"


def hide_row(book: openpyxl.Workbook) -> None:
    book["people"].row_dimensions[5].hidden = True


def merge(book: openpyxl.Workbook) -> None:
    book["people"].merge_cells("A6:B6")


def add_sheet(book: openpyxl.Workbook) -> None:
    book.create_sheet("notes")


def remove_sheet(book: openpyxl.Workbook) -> None:
    del book["animals"]


def beside(book: openpyxl.Workbook) -> None:
    book["people"]["Z4"] = "see my note"


def far_away(book: openpyxl.Workbook) -> None:
    book["people"]["XFD1048576"] = 1


def other_request(book: openpyxl.Workbook) -> None:
    book["people"]["A1"] = "FR-2024-099 · TLP:CLEAR"


@pytest.mark.parametrize(
    ("change", "first"),
    [
        (shift, ("people!C2", "form.shifted-column")),
        (hide_sheet, ("lists", "form.hidden")),
        (hide_row, ("people!5", "form.hidden")),
        (merge, ("people!A6:B6", "form.merged")),
        (add_sheet, ("notes", "form.unknown-sheet")),
        (remove_sheet, ("animals", "form.missing-sheet")),
        (beside, ("people!Z4", "form.outside")),
        (far_away, ("people", "form.too-large")),
        (other_request, ("people!A1", "form.other-request")),
    ],
)
def test_a_changed_form_is_refused_by_place(
    change: Callable[[openpyxl.Workbook], None], first: tuple[str, str]
) -> None:
    assert issues(filled({Form.PEOPLE: [PERSON]}, change=change))[0] == first


def test_a_shifted_column_says_where_it_belongs() -> None:
    with pytest.raises(FormatError) as caught:
        read_workbook(filled({}, change=shift), REQUEST, name="a.xlsx")

    assert "belongs in column C" in caught.value.issues[1].found


def repacked(content: bytes, **parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for part in old.infolist():
            new.writestr(part.filename, parts.pop(part.filename, old.read(part.filename)))
        for name, extra in parts.items():
            new.writestr(name, extra)
    return buffer.getvalue()


BOMB = b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (repacked(write_template(REQUEST), **{"xl/vbaProject.bin": b"x"}), "form.active-content"),
        (
            repacked(write_template(REQUEST), **{"xl/macrosheets/s.xml": b"<a/>"}),
            "form.active-content",
        ),
        (
            repacked(write_template(REQUEST), **{"xl/externalLinks/e.xml": b"<a/>"}),
            "form.active-content",
        ),
        (repacked(write_template(REQUEST), **{"xl/embeddings/o.bin": b"x"}), "form.active-content"),
        (repacked(write_template(REQUEST), **{"xl/workbook.xml": BOMB}), "xml.doctype"),
        (repacked(write_template(REQUEST), **{"xl/workbook.xml": b"<a>"}), "xml.not-well-formed"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "form.not-xlsx"),
        (b"line;answer", "form.not-xlsx"),
        (b"", "form.not-xlsx"),
        (repacked(write_template(REQUEST))[:2000], "form.not-xlsx"),
    ],
)
def test_a_file_that_can_act_or_is_broken_is_refused(content: bytes, code: str) -> None:
    assert [code for _, code in issues(content)] == [code]


def csv_of(*rows: str) -> bytes:
    names = ",".join(field.name for field in FORMS[Form.ANIMALS])
    return ("\r\n".join([names, *rows]) + "\r\n").encode("utf-8-sig")


def test_a_form_can_come_as_csv_too() -> None:
    names = ";".join(field.name for field in FORMS[Form.PEOPLE])
    values = ";".join(f'"{PERSON.get(field.name, "")}"' for field in FORMS[Form.PEOPLE])

    answers = read_csv_form(f"{names}\n{values}\n".encode(), Form.PEOPLE, REQUEST, name="p.csv")

    assert [person["family_name"] for person in answers.people] == ["Benali"]


@pytest.mark.parametrize(
    ("content", "place", "code"),
    [
        (
            csv_of("K1,C1,Rex,1,,,P1,2024-07-20 08:00,2024-08-11 20:00"),
            "animals!G2",
            "form.unknown-person",
        ),
        (csv_of("K1,C1,=1+1,1,,,P1,x,2024-08-11 20:00"), "animals!C2", "form.formula"),
        (b"animal,name\nK1,Rex\n", "animals!B2", "form.shifted-column"),
        ("animal,é".encode("latin-1"), "", "form.encoding"),
    ],
)
def test_a_wrong_csv_is_named_by_cell(content: bytes, place: str, code: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_csv_form(content, Form.ANIMALS, REQUEST, name="a.csv")

    assert (caught.value.issues[0].column, caught.value.issues[0].code) == (place, code)
