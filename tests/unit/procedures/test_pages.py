"""The generated reference pages are in step with the definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from passerelle.procedures.documents import definition_page, index_page
from passerelle.procedures.loading import DEFINITIONS, definition

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", DEFINITIONS)
def test_page_of_a_procedure_is_in_step(name: str, project_root: Path) -> None:
    page = project_root / "docs" / "reference" / "procedures" / f"{name}.md"

    assert page.read_text("utf-8") == definition_page(definition(name))


def test_index_lists_every_procedure(project_root: Path) -> None:
    page = project_root / "docs" / "reference" / "procedures" / "index.md"

    assert page.read_text("utf-8") == index_page({name: definition(name) for name in DEFINITIONS})
