"""A plural is chosen by the number that is counted, not by the text that is written in its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_COUNTED = re.compile(r"{% blocktranslate ([^%]*?)count \w+=(\w+)([^%]*?)%}")


def test_no_template_counts_a_name_that_it_writes_anew(project_root: Path) -> None:
    templates = (project_root / "src/passerelle/desk/templates").rglob("*.html")

    wrong = [
        f"{path.name}: {found[0]}"
        for path in templates
        for found in _COUNTED.finditer(path.read_text("utf-8"))
        if re.search(rf"\b{found[2]}=", found[1] + found[3])
    ]

    assert wrong == []
