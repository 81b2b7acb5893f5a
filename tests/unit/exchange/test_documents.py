"""What is published about the exchange agrees with the code."""

from __future__ import annotations

import io
import tokenize
from typing import TYPE_CHECKING

from passerelle.exchange.header import Kind, Status

if TYPE_CHECKING:
    from pathlib import Path


def test_the_specification_names_every_kind_and_status(project_root: Path) -> None:
    path = project_root / "docs" / "reference" / "exchange" / "specification.md"
    text = path.read_text("utf-8")

    missing = [item.value for item in (*Kind, *Status) if f"`{item.value}`" not in text]

    assert missing == []


def code_lines(text: str) -> set[int]:
    """Return the lines that hold code: no blank ones, comments or docstrings."""
    kept: set[int] = set()
    between = {tokenize.INDENT, tokenize.DEDENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENCODING}
    last = tokenize.NEWLINE
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        is_docstring = token.type == tokenize.STRING and last in between
        if token.type not in {*between, tokenize.COMMENT, tokenize.ENDMARKER} and not is_docstring:
            kept |= set(range(token.start[0], token.end[0] + 1))
        last = token.type
    return kept


def test_the_verifier_stands_alone_and_stays_short(project_root: Path) -> None:
    folder = project_root / "src" / "passerelle" / "exchange" / "standalone"
    text = (folder / "passerelle_verify.py").read_text("utf-8")

    code, _, table = text.partition('TABLE = """')
    lines = text.splitlines()

    assert len(code_lines(code)) <= 600
    assert len(table.splitlines()) <= 300
    assert [
        line for line in lines if "import passerelle" in line or "from passerelle" in line
    ] == []
