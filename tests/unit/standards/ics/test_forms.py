from datetime import timedelta

import pytest
from tests.factories.postings import BASE, make_plan, make_posting

from passerelle.kernel.times import Interval
from passerelle.standards.ics import (
    Arrival,
    Briefing,
    Equipment,
    assignment_list,
    check_in_list,
    support_vehicles,
)
from passerelle.standards.marks import Status
from passerelle.standards.plans import Cell

SHIFT = Interval(BASE, BASE + timedelta(hours=8))


def test_an_assignment_list_holds_the_postings_of_a_site_and_shift() -> None:
    plan = make_plan(
        make_posting("a"), make_posting("b", day=1), make_posting("c", site="PAR", site_name="Parc")
    )
    briefing = Briefing(
        leaders={"MA-EOD": "Team leader"},
        contacts={"MA-EOD": "+33 1 00 00 00 00"},
        reporting_place="Gate 4",
        instructions="Suits ready.",
        staff=(("Operations", "venue commander"),),
    )

    form = assignment_list(plan, "STE", SHIFT, briefing, language="en")

    assert (form.number, form.title, form.direction) == ("ICS 204", "Assignment list", "ltr")
    assert form.rows == (
        (
            Cell("Moroccan bomb disposal (MA-EOD)"),
            Cell("bomb disposal"),
            Cell("Team leader"),
            Cell("4", is_ltr=True),
            Cell("+33 1 00 00 00 00", is_ltr=True),
            Cell("2024-07-24 14:00–22:00", is_ltr=True),
            Cell(""),
        ),
    )
    assert form.facts[-1] == ("Operations", Cell("venue commander"))
    assert form.remarks == (("Special instructions", Cell("Suits ready.")),)


def test_a_check_in_list_has_arrivals_and_blank_rows() -> None:
    arrivals = [Arrival("MA", "national police", "eod", "MA-EOD", 10, level=1, at=BASE)]

    form = check_in_list(make_plan(), "Airport", BASE, arrivals, language="fr", blank_rows=3)

    assert len(form.rows) == 4
    assert {len(row) for row in form.rows} == {len(form.columns)} == {15}
    assert form.rows[0][6] == Cell("2024-07-24 14:00", is_ltr=True)
    assert form.rows[0][2] == Cell("déminage")
    assert all(cell == Cell("") for cell in form.rows[-1])


def test_support_vehicles_are_listed_in_arabic_from_right_to_left() -> None:
    equipment = [Equipment("van", "national police", "A-1234", start=BASE)]

    form = support_vehicles(make_plan(status=Status.EXERCISE), equipment, language="ar")

    assert (form.direction, form.banner) == ("rtl", "تمرين")
    assert form.rows[0][3] == Cell("A-1234", is_ltr=True)
    assert len(form.columns) == 7


def test_too_many_blank_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="0 to 200 blank rows"):
        support_vehicles(make_plan(), [], language="en", blank_rows=201)
