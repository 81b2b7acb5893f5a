"""The address of the database: what of it reaches the driver."""

from __future__ import annotations

from pathlib import Path

import pytest

from passerelle.node.database import connection_settings


@pytest.mark.parametrize(
    ("query", "threshold", "rest"),
    [
        ("", 2, {}),
        ("?prepare_threshold=0", None, {}),
        ("?prepare_threshold=7&sslmode=require", 7, {"sslmode": "require"}),
    ],
)
def test_the_address_says_from_when_on_plans_are_kept(
    query: str, threshold: int | None, rest: dict[str, str]
) -> None:
    found = connection_settings(f"postgresql://host/name{query}", Path("/data"), 15)

    assert found["OPTIONS"] == rest | {
        "options": "-c synchronous_commit=on -c TimeZone=UTC",
        "prepare_threshold": threshold,
    }


def test_an_address_cannot_lower_what_makes_commits_durable() -> None:
    query = "?options=-c%20synchronous_commit%3Doff"
    found = connection_settings(f"postgresql://host/name{query}", Path("/data"), 15)

    assert found["OPTIONS"] == {
        "options": "-c synchronous_commit=on -c TimeZone=UTC",
        "prepare_threshold": 2,
    }
