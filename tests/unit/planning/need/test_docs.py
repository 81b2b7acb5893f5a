"""The pages on the need model and the event folder say what the code does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from passerelle.kernel.problems import InputError
from passerelle.planning.formats.event_folder.bracket import BRACKET_COLUMNS, RATING_COLUMNS
from passerelle.planning.formats.event_folder.forces import CONTINGENT_COLUMNS
from passerelle.planning.formats.event_folder.sessions import SESSION_COLUMNS
from passerelle.planning.formats.event_folder.territory import TERRITORY_COLUMNS
from passerelle.planning.formats.event_folder.venues import VENUE_COLUMNS
from passerelle.planning.need import read_coefficients, standard_coefficients

if TYPE_CHECKING:
    from pathlib import Path


def test_every_coefficient_stands_in_the_page_with_value_mark_and_source(
    project_root: Path,
) -> None:
    page = (project_root / "docs/user/need-model.md").read_text(encoding="utf-8")
    c = standard_coefficients()

    assert f"Version `{c.version}`." in page
    for item in c.by_id.values():
        spread = f" ({item.low:g} to {item.high:g})" if item.low != item.high else ""
        row = (
            f"| `{item.id}` | {item.value:g}{spread} | {item.unit} | {item.mark} | {item.source} |"
        )
        assert row in page


@pytest.mark.parametrize(
    ("section", "columns"),
    [
        ("venues.csv", VENUE_COLUMNS),
        ("sessions.csv", SESSION_COLUMNS),
        ("territory.csv", TERRITORY_COLUMNS),
        ("forces.csv and contingents.csv", CONTINGENT_COLUMNS),
    ],
)
def test_every_column_stands_in_the_reference(
    project_root: Path, section: str, columns: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    page = (project_root / "docs/reference/event-folder.md").read_text(encoding="utf-8")
    part = page.split(f"## {section}\n")[1].split("\n## ")[0]
    named = [
        name.strip()
        for line in part.splitlines()
        if line.startswith("|") and not line.startswith(("| column", "|---"))
        for name in line.split("|")[1].split(",")
    ]

    required = {name.strip("*") for name in named if name.startswith("**")}
    optional = {name for name in named if not name.startswith("**")}
    assert (required, optional) == (set(columns[0]), set(columns[1]))


def test_the_tournament_files_are_described(project_root: Path) -> None:
    page = (project_root / "docs/reference/event-folder.md").read_text(encoding="utf-8")
    part = page.split("## bracket.csv and ratings.csv\n")[1]

    for columns in (BRACKET_COLUMNS, RATING_COLUMNS):
        for name in columns[0]:
            assert f"**{name}**" in part
        for name in columns[1]:
            assert re.search(rf"\b{name}\b", part)


def test_every_code_of_an_issue_is_described(project_root: Path) -> None:
    page = (project_root / "docs/reference/event-folder.md").read_text(encoding="utf-8")
    folder = project_root / "src/passerelle/planning/formats/event_folder"
    used = {
        code
        for path in folder.glob("*.py")
        for code in re.findall(r"\"((?:folder|input)\.[a-z0-9-]+)\"", path.read_text("utf-8"))
    }
    used |= {"folder.unknown-capability", "folder.unknown-site"}

    assert used == set(re.findall(r"`((?:folder|input)\.[a-z0-9-]+)`", page))


def test_a_coefficient_without_source_is_refused_by_name() -> None:
    text = '[coefficients."q.1"]\nformula = "F1"\nunit = "x"\nvalue = 2\nmark = "A"\nsource = " "\n'

    with pytest.raises(InputError) as caught:
        read_coefficients(text)

    assert [(i.column, i.expected) for i in caught.value.issues] == [
        ("q.1", "a source and a unit for 'q.1'.")
    ]


def test_a_changed_value_changes_the_version() -> None:
    row = '[coefficients."q.1"]\nformula = "F1"\nunit = "x"\nvalue = {}\nmark = "A"\nsource = "y"\n'

    one, two, same = (read_coefficients(row.format(value)).version for value in (2, 3, 2))

    assert one != two
    assert one == same
