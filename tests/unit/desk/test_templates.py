"""Rules that every template keeps."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[3] / "src/passerelle/desk/templates"
PATHS = sorted(TEMPLATES.rglob("*.html"))
DESK = TEMPLATES.parent
CODE = "".join(path.read_text("utf-8") for path in [*DESK.rglob("*.py"), *PATHS])


@pytest.mark.parametrize("path", PATHS, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_template_has_no_inline_style_or_script(path: Path) -> None:
    text = path.read_text("utf-8")

    assert re.findall(r"\sstyle=", text) == []
    assert re.findall(r"\son\w+=\"", text) == []
    assert re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", text) == []
    assert re.findall(r"(?:src|href)=\"(?:https?:)?//", text) == []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_template_stays_short(path: Path) -> None:
    assert path.read_text("utf-8").count("\n") < 150


def test_every_template_is_used() -> None:
    own = [path for path in PATHS if path.is_relative_to(TEMPLATES / "desk")]
    names = [str(path.relative_to(TEMPLATES / "desk")) for path in own]
    parts = {"part_main.html", "part_panel.html", "part_live.html"}

    assert [name for name in names if name not in parts and f'{name}"' not in CODE] == []
