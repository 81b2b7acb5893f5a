from datetime import UTC, datetime, timedelta

import pytest

from passerelle.kernel.times import Interval, format_instant, parse_instant


def at(hour: int) -> datetime:
    return datetime(2024, 7, 24, hour, tzinfo=UTC)


def test_parse_instant_turns_local_time_into_utc() -> None:
    assert parse_instant("2024-07-24T15:00:00+02:00") == at(13)
    assert format_instant(parse_instant("2024-07-24T15:00:00+02:00")) == "2024-07-24T13:00:00Z"


@pytest.mark.parametrize(
    "text", ["2024-07-24T15:00:00", "2024-07-24", "tomorrow", "2024-07-24T15:00:00.5Z"]
)
def test_parse_instant_refuses_what_has_no_offset_or_a_fraction(text: str) -> None:
    with pytest.raises(ValueError, match=r"Expected|Invalid"):
        parse_instant(text)


def test_interval_is_half_open() -> None:
    morning, noon = Interval(at(8), at(12)), Interval(at(12), at(14))

    assert not morning.overlaps(noon)
    assert morning.contains(at(8))
    assert not morning.contains(at(12))
    assert morning.intersection(noon) is None
    assert morning.intersection(Interval(at(10), at(13))) == Interval(at(10), at(12))
    assert morning.length == timedelta(hours=4)
    assert morning.hours == 4


def test_interval_refuses_reversed_and_naive_ends() -> None:
    with pytest.raises(ValueError, match="start < end"):
        Interval(at(9), at(9))
    with pytest.raises(ValueError, match="aware"):
        Interval(datetime(2024, 7, 24), at(9))  # noqa: DTZ001
