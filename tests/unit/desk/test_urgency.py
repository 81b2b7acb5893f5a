"""How urgent a deadline is, in words: minutes count when FLASH runs fifteen of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from passerelle.desk.boards.dossiers import urgency

NOW = datetime(2024, 7, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (timedelta(days=3), ("idle", "3 days left")),
        (timedelta(hours=5), ("short", "5 hours left")),
        (timedelta(minutes=15), ("short", "15 minutes left")),
        (timedelta(minutes=-4), ("critical", "overdue by 4 minutes")),
        (timedelta(hours=-2), ("critical", "overdue by 2 hours")),
        (timedelta(days=-1), ("critical", "overdue by 1 day")),
    ],
)
def test_a_deadline_is_told_in_the_unit_that_matters(
    left: timedelta, expected: tuple[str, str]
) -> None:
    with translation.override("en"):
        assert urgency(NOW + left, NOW) == expected
