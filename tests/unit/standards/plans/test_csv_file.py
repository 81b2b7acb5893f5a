import csv
import io

from tests.factories.postings import make_plan, make_posting

from passerelle.standards.marks import Handling, Status, Tlp
from passerelle.standards.plans import plan_csv
from passerelle.standards.plans.csv_file import plain_cell, safe_cell


def rows(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content[3:].decode("utf-8"), newline="")))


def test_each_duty_is_one_line_with_the_marks_of_the_plan() -> None:
    plan = make_plan(
        make_posting(), status=Status.EXERCISE, handling=Handling(tlp=Tlp.AMBER_STRICT)
    )

    found = rows(plan_csv(plan))

    assert found == [
        {
            "from": "2024-07-24T12:00:00Z",
            "to": "2024-07-24T20:00:00Z",
            "site": "STE",
            "site_name": "Geoffroy-Guichard",
            "post": "North gate",
            "capability": "bomb disposal",
            "group": "MA-EOD",
            "group_name": "Moroccan bomb disposal",
            "state": "MA",
            "crew": "MA-EOD-1",
            "crews": "2",
            "people": "4",
            "escort": "",
            "task": "",
            "duty": "d1",
            "event": "paris-2024",
            "version": "1",
            "status": "exercise",
            "tlp": "AMBER+STRICT",
        }
    ]


def test_a_text_that_looks_like_a_formula_is_never_run_and_can_be_read_back() -> None:
    nasty = ['=cmd|" /C calc"!A0', "+1", "-1", "@SUM(A1)", "\tx", "'quoted", "＝1"]

    found = [rows(plan_csv(make_plan(make_posting(post=text))))[0]["post"] for text in nasty]

    assert all(cell.startswith("'") for cell in found)
    assert [plain_cell(cell) for cell in found] == nasty


def test_a_direction_override_is_made_visible() -> None:
    assert safe_cell("gate \u202ekcatta") == "gate \ufffdkcatta"


def test_the_same_plan_gives_the_same_bytes_in_any_order_of_duties() -> None:
    one, two = make_posting("a"), make_posting("b", day=1)

    assert plan_csv(make_plan(one, two)) == plan_csv(make_plan(two, one))
