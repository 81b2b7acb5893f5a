"""From a gap to asks, and from asks to shares of partners, on instances small enough for a hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from tests.factories.events import worked_fixture

from passerelle.kernel.times import Interval
from passerelle.planning.asking.gap import Duties, Gap, open_gap
from passerelle.planning.asking.lines import Ask, AskParams, draft_asks, towns_of
from passerelle.planning.asking.split import Left, Partner, split
from passerelle.planning.need import assess
from passerelle.planning.programme import Doubling

JULY = datetime(2024, 7, 24, tzinfo=UTC)


def gap_of(*hours: int, capability: str = "eod") -> Gap:
    """Return a gap at one site: units missing hour by hour from 24 July 00:00Z."""
    return Gap(("STE",), (capability,), int(JULY.timestamp()), np.array([[hours]], dtype=np.int64))


def no_need() -> object:
    need = assess(worked_fixture())
    return type(need)(**{name: getattr(need, name) for name in need.__slots__} | {"overlays": ()})


def ask(code: str = "L1", crews: int = 10, **changes: object) -> Ask:
    values: dict[str, object] = {
        "code": code,
        "capability": "eod",
        "town": "Town",
        "site_ids": ("STE",),
        "during": Interval(JULY, datetime(2024, 8, 2, tzinfo=UTC)),
        "units": crews // 2,
        "crews": crews,
        "unit_hours": 100,
        "needs": ("STE/eod/2024-07-24",),
    }
    return Ask(**(values | changes))  # type: ignore[arg-type]  # built by name


def test_the_gap_is_the_need_when_nobody_is_on_duty_and_less_when_somebody_is() -> None:
    need = assess(worked_fixture())
    whole = open_gap(need, None)
    row = next(need.rows(site_id="STE", capability="eod"))
    duties = Duties(
        ("STE",),
        ("eod",),
        *(np.zeros(1, dtype=np.int64) for _ in range(2)),
        np.array([need.start[row]]),
        np.array([need.start[row] + 4 * 3600]),
        np.array([1]),
    )

    covered = open_gap(need, duties)

    assert whole.unit_hours - covered.unit_hours == 4
    assert (covered.missing >= 0).all()


def test_a_duty_that_is_not_there_for_the_whole_hour_does_not_count_for_it() -> None:
    need = assess(worked_fixture())
    row = next(need.rows(site_id="STE", capability="eod"))
    late = int(need.start[row]) // 3600 * 3600 + 600
    duties = Duties(
        ("STE",),
        ("eod",),
        *(np.zeros(1, dtype=np.int64) for _ in range(2)),
        np.array([late]),
        np.array([late + 7200]),
        np.array([1]),
    )

    assert open_gap(need, None).unit_hours - open_gap(need, duties).unit_hours == 1


def test_few_empty_days_are_bridged_and_many_are_not() -> None:
    def drafted(empty_days: int) -> int:
        gap = gap_of(*([2] * 4 + [0] * 20), *([0] * 24 * empty_days), *([2] * 4))
        return len(draft_asks(gap, no_need(), {"STE": "Town"}, "UTC"))  # type: ignore[arg-type]

    assert drafted(2) == 1
    assert drafted(3) == 2


def test_units_are_the_worst_hour_and_crews_come_for_the_worst_day() -> None:
    gap = gap_of(*([1] * 20 + [3] * 4))  # 32 unit-hours in one day: four crews of ten hours

    (found,) = draft_asks(gap, no_need(), {"STE": "Town"}, "UTC", AskParams(absence=0.0))  # type: ignore[arg-type]

    assert (found.units, found.crews, found.unit_hours, found.people) == (3, 4, 32, 8)
    assert found.needs == ("STE/eod/2024-07-24",)
    assert found.during == Interval(
        datetime(2024, 7, 23, tzinfo=UTC), datetime(2024, 7, 26, tzinfo=UTC)
    )


def test_what_only_the_host_provides_is_never_asked_for() -> None:
    gap = gap_of(*([2] * 8), capability="escort")

    assert draft_asks(gap, no_need(), {"STE": "Town"}, "UTC") == ()  # type: ignore[arg-type]


def test_places_within_reach_of_a_large_one_are_one_town() -> None:
    assert towns_of(worked_fixture()) == {"STE": "Town"}


def test_shares_follow_what_partners_have_and_ask_for_more_than_comes() -> None:
    partners = [Partner("MA", {"eod": 20}, fill=0.8), Partner("ES", {"eod": 10}, fill=0.8)]

    shares, left = split([ask(crews=8)], partners)

    assert {share.state: share.crews for share in shares} == {"MA": 7, "ES": 3}
    assert left == ()


def test_what_is_doubled_for_a_nation_is_tied_to_it_and_served_first() -> None:
    gap, rule = gap_of(*([2] * 8)), Doubling("eod", ("STE",), "MAR", baseline=2)
    (small,) = draft_asks(gap, no_need(), {"STE": "Town"}, "UTC", doublings=[rule])  # type: ignore[arg-type]
    large = replace(small, code="L9", site_ids=("PAR",), unit_hours=9999, nations=())
    partners = [Partner("MA", {"eod": 2 * small.crews}, fill=1.0)]

    shares, left = split([large, small], partners, {"MAR": "MA"})

    assert small.nations == ("MAR",)
    assert [(share.ask, share.crews) for share in shares] == [(small.code, small.crews)]
    assert left == (Left("L9", large.crews),)


def test_nobody_is_asked_for_more_than_it_has_and_the_rest_is_said() -> None:
    shares, left = split([ask(crews=10)], [Partner("MA", {"eod": 8}, fill=0.5)])

    assert [(share.state, share.crews) for share in shares] == [("MA", 4)]
    assert left == (Left("L1", 8),)


def test_what_was_asked_for_once_is_not_there_at_the_same_time_again() -> None:
    later = Interval(datetime(2024, 9, 1, tzinfo=UTC), datetime(2024, 9, 9, tzinfo=UTC))
    partner = Partner("MA", {"eod": 20}, fill=1.0)

    shares, left = split([ask("L1", 8), ask("L2", 8), ask("L3", 8, during=later)], [partner])

    assert {share.ask: share.crews for share in shares} == {"L1": 8, "L2": 2, "L3": 8}
    assert left == (Left("L2", 6),)


def test_a_language_wanted_there_and_own_supporters_raise_a_share() -> None:
    partners = [
        Partner("MA", {"eod": 20}, ("ar", "fr"), fill=1.0),
        Partner("ES", {"eod": 20}, ("es",), fill=1.0),
    ]

    shares, _ = split([ask(crews=9, languages=("ar",))], partners)
    again, _ = split([ask(crews=10, nations=("ESP",))], partners, {"ESP": "ES"})

    assert {share.state: share.crews for share in shares} == {"MA": 6, "ES": 3}
    assert {share.state: share.crews for share in again} == {"MA": 2, "ES": 8}
    assert shares[1].reasons == ("holdings", "language")


def test_a_partner_of_which_nothing_is_known_may_be_asked_for_anything() -> None:
    shares, left = split([ask(crews=5)], [Partner("MA", is_known=False, fill=1.0)])

    assert [(share.crews, share.reasons) for share in shares] == [(5, ("unknown",))]
    assert left == ()


def test_a_line_is_not_split_into_crumbs() -> None:
    partners = [Partner(f"{a}X", {"eod": 4}, fill=1.0) for a in "ABCDEFGHIJ"]

    shares, _ = split([ask(crews=10)], partners)

    assert len(shares) == 6
    assert sum(share.crews for share in shares) == 10


@pytest.mark.parametrize("wrong", [{"absence": 1.0}, {"shift_h": 0}, {"days_on": 0}])
def test_params_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="Expected"):
        AskParams(**wrong)  # type: ignore[arg-type]
