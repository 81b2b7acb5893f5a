import io
import zipfile
from datetime import datetime

import openpyxl
import pytest
from tests.factories.postings import make_plan, make_posting

from passerelle.standards.marks import Status
from passerelle.standards.plans import plan_workbook
from passerelle.standards.plans.workbook import sheet_names


def load(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def test_there_is_one_sheet_per_site_and_per_group() -> None:
    plan = make_plan(make_posting("a"), make_posting("b", site="PAR", group="FR-EOD"))

    book = load(plan_workbook(plan))

    assert book.sheetnames == ["Plan", "PAR", "STE", "FR-EOD", "MA-EOD"]
    assert [cell.value for cell in book["STE"][3]][:5] == [
        datetime(2024, 7, 24, 14),  # noqa: DTZ001 - a sheet holds local times
        datetime(2024, 7, 24, 22),  # noqa: DTZ001 - same
        "STE",
        "Geoffroy-Guichard",
        "North gate",
    ]
    assert book["STE"]["K3"].value == 2
    assert book["STE"]["L3"].value == 4


def test_a_formula_or_link_in_a_text_stays_a_text() -> None:
    plan = make_plan(make_posting(post="=1+1", site_name="https://example.org", group_name="{=A1}"))

    sheet = load(plan_workbook(plan))["STE"]

    assert (sheet["E3"].value, sheet["E3"].data_type) == ("=1+1", "s")
    assert sheet["D3"].hyperlink is None
    assert sheet["H3"].data_type == "s"


def test_a_list_longer_than_a_sheet_goes_on_in_the_next() -> None:
    plan = make_plan(*(make_posting(f"d{number}") for number in range(7)))

    book = load(plan_workbook(plan, max_rows=5))

    assert book.sheetnames == [
        "Plan",
        "STE",
        "STE (2)",
        "STE (3)",
        "MA-EOD",
        "MA-EOD (2)",
        "MA-EOD (3)",
    ]
    assert [book[name].max_row for name in book.sheetnames[1:4]] == [5, 5, 3]


def test_an_arabic_workbook_runs_from_right_to_left_and_shows_the_exercise_mark() -> None:
    book = load(plan_workbook(make_plan(status=Status.EXERCISE), language="ar"))

    assert all(sheet.sheet_view.rightToLeft for sheet in book)
    assert str(book["STE"]["A1"].value).startswith("تمرين · ")
    assert book["STE"]["F3"].value == "تفكيك المتفجرات"


def test_controls_that_xml_cannot_hold_do_not_break_the_file() -> None:
    sheet = load(plan_workbook(make_plan(make_posting(post="a\x00b\ud800c"))))["STE"]

    assert sheet["E3"].value == "a\ufffdb\ufffdc"


def test_the_same_plan_gives_the_same_bytes() -> None:
    assert plan_workbook(make_plan()) == plan_workbook(make_plan())


def test_a_cell_is_cut_at_the_longest_text_of_the_format() -> None:
    sheet = load(plan_workbook(make_plan(make_posting(post="x" * 40_000))))["STE"]

    assert sheet["E3"].value == "x" * 32_767


def test_the_file_has_no_macro_and_no_outside_link() -> None:
    names = zipfile.ZipFile(io.BytesIO(plan_workbook(make_plan()))).namelist()

    assert not [name for name in names if "vba" in name.lower() or "externalLink" in name]


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        (["a" * 40, "A" * 40], ["a" * 31, "A" * 27 + " (2)"]),
        (["[x]:*?/\\"], ["_x______"]),
        (["'quoted'"], ["quoted"]),
        (["", " "], ["_", "_ (2)"]),
        (["history"], ["history_"]),
    ],
)
def test_sheet_names_follow_the_rules_of_excel(wanted: list[str], given: list[str]) -> None:
    assert list(sheet_names(wanted)) == given
