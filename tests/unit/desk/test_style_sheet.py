"""The sheet mirrors by itself, stays small, and its colours can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[3] / "src/passerelle/desk/static/desk"
SHEET = (STATIC / "desk.css").read_text("utf-8")
RULES = re.sub(r"/\*.*?\*/", "", SHEET, flags=re.DOTALL)

PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right|top|bottom)"
    r"|(?:border-(?:top|bottom)-(?:left|right)-radius)"
    r"|left|right|top|bottom|width|height|(?:min|max)-(?:width|height))\s*:"
)
VALUES = re.compile(r"(?:text-align|float|clear)\s*:\s*(?:left|right)")


def test_no_declaration_names_a_side() -> None:
    declarations = re.sub(r"@media[^{]*\{", "{", RULES)

    assert PHYSICAL.findall(declarations) == []
    assert VALUES.findall(declarations) == []


def test_every_rule_stands_in_a_layer() -> None:
    assert RULES.split("@font-face")[0].strip() == (
        "@layer reset, tokens, base, layout, components, utilities;"
    )


def test_sheet_stays_under_40_kb() -> None:
    assert len(SHEET.encode()) <= 40 * 1024


def test_page_weighs_little_without_the_map() -> None:
    scripts = sum((STATIC / name).stat().st_size for name in ("desk.js", "grid.js", "live.js"))

    assert scripts < 20_000


def _tokens(side: int) -> dict[str, str]:
    found = dict(re.findall(r"--([\w-]+): light-dark\(([^)]*)\)", RULES))
    return {name: value.split(",")[side].strip() for name, value in found.items()}


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


PAIRS = [
    *((status, ground) for status in ("over", "met", "short", "critical", "accent", "muted", "ink")
      for ground in ("paper", "surface")),
    ("ink", "over-fill"), ("ink", "short-fill"), ("muted", "met-fill"), ("accent-ink", "accent"),
    ("accent", "accent-wash"),
]  # fmt: skip


@pytest.mark.parametrize("side", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_has_contrast(text: str, ground: str, side: int) -> None:
    tokens = _tokens(side)

    assert _contrast(tokens[text], tokens[ground]) >= 4.5


@pytest.mark.parametrize("side", [0, 1], ids=["light", "dark"])
def test_edges_of_fields_have_contrast(side: int) -> None:
    tokens = _tokens(side)

    assert _contrast(tokens["edge"], tokens["surface"]) >= 3
