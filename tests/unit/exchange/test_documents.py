"""What is published about the exchange agrees with the code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.exchange.header import Kind, Status

if TYPE_CHECKING:
    from pathlib import Path


def test_the_specification_names_every_kind_and_status(project_root: Path) -> None:
    path = project_root / "docs" / "reference" / "exchange" / "specification.md"
    text = path.read_text("utf-8")

    missing = [item.value for item in (*Kind, *Status) if f"`{item.value}`" not in text]

    assert missing == []


def test_the_verifier_stands_alone_and_stays_short(project_root: Path) -> None:
    folder = project_root / "src" / "passerelle" / "exchange" / "standalone"
    text = (folder / "passerelle_verify.py").read_text("utf-8")

    code, _, table = text.partition('TABLE = """')
    lines = text.splitlines()

    assert len(code.splitlines()) <= 690
    assert len(table.splitlines()) <= 280
    assert [
        line for line in lines if "import passerelle" in line or "from passerelle" in line
    ] == []
