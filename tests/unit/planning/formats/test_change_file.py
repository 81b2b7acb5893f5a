"""Change files: what is read, and every mistake by its place."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from passerelle.kernel.problems import InputError
from passerelle.planning.formats.change_file import read_changes
from passerelle.planning.repair import ContingentLate, RiskRaised

if TYPE_CHECKING:
    from pathlib import Path

_GOOD = """
now = 2024-07-25T18:00:00+02:00

[[changes]]
kind = "contingent-late"
contingent = "MA"
start = 2024-07-27T00:00:00+02:00

[[changes]]
kind = "risk-raised"
session = "S1"
risk = 5
"""


def test_changes_are_read_in_order(tmp_path: Path) -> None:
    path = tmp_path / "change.toml"
    path.write_text(_GOOD)

    found = read_changes(path)

    assert found.now == datetime(2024, 7, 25, 16, tzinfo=UTC)
    assert found.changes == (
        ContingentLate("MA", datetime(2024, 7, 26, 22, tzinfo=UTC)),
        RiskRaised("S1", risk=5),
    )


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("", {("now", "change.not-an-instant"), ("changes", "change.none")}),
        ("now = [", {("", "change.not-toml")}),
        (_GOOD.replace("+02:00", ""), {("now", "change.not-an-instant"),
                                        ("changes[1].start", "change.wrong-value")}),
        (_GOOD.replace("risk = 5", "risk = 9"), {("changes[2]", "change.wrong-value")}),
        (_GOOD.replace("risk = 5", "risk = true"), {("changes[2].risk", "change.wrong-value")}),
        (_GOOD.replace("contingent =", "contingnet ="), {
            ("changes[1].contingent", "change.missing-key"),
            ("changes[1].contingnet", "change.unknown-key")}),
        (_GOOD.replace("risk-raised", "risk-rised"), {("changes[2].kind", "change.unknown-kind")}),
    ],
)  # fmt: skip
def test_every_mistake_is_named_by_its_place(
    tmp_path: Path, text: str, places: set[tuple[str, str]]
) -> None:
    path = tmp_path / "change.toml"
    path.write_text(text)

    with pytest.raises(InputError) as caught:
        read_changes(path)

    assert {(issue.column, issue.code) for issue in caught.value.issues} == places


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_changes(tmp_path / "none.toml")

    assert caught.value.issues[0].code == "change.missing-file"
