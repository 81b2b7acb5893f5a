"""The catalogue of safeguards is whole, its page is in step, each enforced one has a test of its number."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from passerelle.procedures.families import FAMILIES
from passerelle.procedures.guards.catalogue import GUARDS
from passerelle.procedures.loading import DEFINITIONS, definition
from passerelle.procedures.safeguards import SafeguardStatus, safeguard_page, safeguards

if TYPE_CHECKING:
    from pathlib import Path


def test_all_54_are_listed_once() -> None:
    assert list(safeguards()) == [f"S{number}" for number in range(1, 55)]


def test_every_enforced_safeguard_has_a_test_of_its_number(project_root: Path) -> None:
    folders = [
        project_root / "tests" / place for place in ("unit/procedures", "integration/casework")
    ]
    files = [path for folder in folders for path in sorted(folder.rglob("test_*.py"))]
    text = "".join(path.read_text("utf-8") for path in files)
    names = re.findall(r"def (test_\w+)", text)

    for one in safeguards().values():
        if one.status is not SafeguardStatus.ELSEWHERE:
            assert any(f"_{one.test_mark}" in name for name in names), one.code


def test_every_safeguard_is_enforced() -> None:
    whole = {SafeguardStatus.FOLD, SafeguardStatus.NODE}

    assert [one.code for one in safeguards().values() if one.status not in whole] == []


def test_every_safeguard_was_seen_to_fail_when_removed(project_root: Path) -> None:
    results = project_root / "benchmarks" / "results" / "safeguards-red.json"

    assert json.loads(results.read_text("utf-8")) == dict.fromkeys(safeguards(), True)


def test_guards_that_are_named_exist_and_are_used() -> None:
    used = {use.name for name in DEFINITIONS for use in definition(name).guards}
    used |= {
        use.name
        for name in DEFINITIONS
        for act in definition(name).acts.values()
        for use in act.guards
    }

    for one in safeguards().values():
        assert set(one.guards) <= set(GUARDS), one.code
        assert set(one.guards) <= used, one.code
    assert set(DEFINITIONS) == set(FAMILIES)
    assert all(mandatory <= set(GUARDS) for mandatory in FAMILIES.values())


def test_page_is_in_step_with_the_catalogue_and_the_last_removal_run(project_root: Path) -> None:
    results = project_root / "benchmarks" / "results" / "safeguards-red.json"
    page = project_root / "docs" / "reference" / "safeguards.md"

    assert page.read_text("utf-8") == safeguard_page(json.loads(results.read_text("utf-8")))
