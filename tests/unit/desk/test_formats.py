"""Numbers and times in the three languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from passerelle.desk import formats


@pytest.mark.parametrize(
    ("language", "expected"),
    [("fr", "−30\u202f117,5"), ("en", "−30,117.5"), ("ar", "−30.117,5"), ("de", "−30,117.5")],
)
def test_number_follows_the_language(language: str, expected: str) -> None:
    assert formats.number(-30117.5, language, 1) == expected


def test_a_number_that_rounds_to_zero_has_no_sign() -> None:
    assert formats.number(-0.001, "en", 1) == "0.0"


@pytest.mark.parametrize(
    ("language", "expected"), [("fr", "98,5\u202f%"), ("en", "98.5%"), ("ar", "98,5%")]
)
def test_percent_follows_the_language(language: str, expected: str) -> None:
    assert formats.percent(0.985, language) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [("fr", "jeu. 1 août"), ("en", "Thu 1 Aug"), ("ar", "الخميس 1 غشت")],
)
def test_day_uses_the_words_of_the_region(language: str, expected: str) -> None:
    assert formats.day(date(2024, 8, 1), language) == expected


def test_clock_and_duration() -> None:
    assert formats.clock(datetime(2024, 7, 26, 9, 5, tzinfo=UTC)) == "09:05"
    assert formats.duration(timedelta(hours=11)) == "11:00"
