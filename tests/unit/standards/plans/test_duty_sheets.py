from datetime import date

import pytest
from tests.factories.postings import make_plan, make_posting

from passerelle.standards.marks import Handling, Status, Tlp
from passerelle.standards.plans import Cell, SheetKind, group_sheets, site_sheets


def test_a_group_sheet_lists_its_duties_by_local_day() -> None:
    plan = make_plan(
        make_posting("a", hours=12), make_posting("b", day=8, site="PAR", site_name="Parc")
    )

    (sheet,) = group_sheets(plan, language="fr")

    assert (sheet.kind, sheet.code, sheet.direction) == (SheetKind.GROUP, "MA-EOD", "ltr")
    assert [day.day for day in sheet.days] == [date(2024, 7, 24), date(2024, 8, 1)]
    assert [day.heading.text for day in sheet.days] == [
        "mercredi 24 juillet 2024",
        "jeudi 1er août 2024",
    ]
    assert sheet.days[0].rows[0] == (
        Cell("14:00–02:00 +1", is_ltr=True),
        Cell("Geoffroy-Guichard (STE)"),
        Cell("North gate"),
        Cell("déminage"),
        Cell("MA-EOD-1", is_ltr=True),
        Cell("4", is_ltr=True),
        Cell("", is_ltr=True),
        Cell(""),
    )
    assert len(sheet.columns) == len(sheet.days[0].rows[0])


def test_an_arabic_sheet_is_right_to_left_with_isolated_codes_and_hours() -> None:
    (sheet,) = group_sheets(make_plan(), language="ar")

    assert sheet.direction == "rtl"
    assert sheet.days[0].heading.text == "الأربعاء 24 يوليوز 2024"
    assert [cell.is_ltr for cell in sheet.days[0].rows[0]] == [
        True,
        False,
        False,
        False,
        True,
        True,
        True,
        False,
    ]


def test_a_site_sheet_names_the_groups_that_come() -> None:
    plan = make_plan(make_posting("a"), make_posting("b", site="PAR", site_name="Parc"))

    sheets = list(site_sheets(plan, language="en", sites=["STE"]))

    assert [sheet.code for sheet in sheets] == ["STE"]
    assert sheets[0].days[0].rows[0][1] == Cell("Moroccan bomb disposal (MA-EOD)")


def test_the_banner_carries_exercise_and_handling() -> None:
    handling = Handling(tlp=Tlp.AMBER, marks=("H2",))
    plan = make_plan(status=Status.EXERCISE, handling=handling)

    (sheet,) = group_sheets(plan, language="fr")

    assert sheet.banner == "EXERCICE · TLP:AMBER · H2"


def test_a_key_given_twice_is_no_plan() -> None:
    with pytest.raises(ValueError, match="every posting key once"):
        make_plan(make_posting("a"), make_posting("a"))


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="IANA time zone, got 'Mars/Base'"):
        make_plan(zone="Mars/Base")
