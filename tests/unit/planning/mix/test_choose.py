"""The choice of offers on cases that can be worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.factories.roster import START

from passerelle.kernel.problems import InputError
from passerelle.planning.mix import MixName, MixParams, Offer, Sign, choose_mix
from passerelle.planning.roster.instance import Base, Cell, Group, Instance, Shifts

_PARAMS = MixParams(part_min=480, seconds=10.0)


def _group(code: str, crews: int, *, capability: str = "patrol", per_escort: int = 0) -> Group:
    return Group(
        code, code[:1], (capability,), crews, 1, "base", ((0, 1440),), crews_per_escort=per_escort
    )


def _instance(*groups: Group, target: int = 3) -> Instance:
    """Ask for so many patrols from 8 to 16 h at one site, at 50 points an hour missing."""
    return Instance(
        "hand", START, 1, 60, (Base("base", {"A": 0}),), groups,
        (Cell("A", "patrol", 480, 960, target, target, target, 50.0, 50.0),),
        (
            Shifts("A", "patrol", (480, 960), 480, 480),
            Shifts("A", "escort", (480, 960), 480, 480),
        ),
    )  # fmt: skip


def _offer(code: str, crews: int, **more: object) -> Offer:
    return Offer(code, "XX", (_group(f"{code}-1", crews),), {f"{code}-1": 320}, **more)  # type: ignore[arg-type] # the tests name the fields


def test_as_many_crews_are_taken_as_are_missing() -> None:
    report = choose_mix(_instance(_group("H", 1)), [_offer("P", 5)], _PARAMS)

    assert [(a.group, a.crews) for a in report.best.accepted] == [("P-1", 2)]
    assert report.best.cover == 1.0
    assert report.best.cost_eur == 640.0
    assert report.best.points == pytest.approx(24.0)
    assert report.best.bound == pytest.approx(report.best.score)


def test_worth_is_what_is_saved_less_the_price() -> None:
    report = choose_mix(_instance(_group("H", 1)), [_offer("P", 2)], _PARAMS)

    (worth,) = report.worths
    gross = 2 * 8 * (50 - 1) - 640 / 32
    assert worth.worth == pytest.approx(gross, abs=0.01)
    assert (worth.sign, worth.is_model_only) == (Sign.HELPS, True)
    assert worth.saved_hours == {"patrol": 16.0}


def test_an_offer_that_nobody_needs_is_left() -> None:
    report = choose_mix(_instance(_group("H", 3)), [_offer("P", 2, fixed_eur=3200)], _PARAMS)

    assert report.best.offers == ()
    assert report.worths[0].sign is Sign.COSTS
    assert report.worths[0].worth == pytest.approx(-100.0, abs=0.01)


def test_escorts_of_the_host_limit_what_foreign_crews_are_worth() -> None:
    held = _instance(_group("E", 1, capability="escort"))
    foreign = Offer("P", "XX", (_group("P-1", 3, per_escort=1),), {})

    report = choose_mix(held, [foreign], _PARAMS)

    assert report.best.filled[0].minimum_missing == pytest.approx(16.0)
    assert report.best.uses.escort_peak == pytest.approx(1.0)


def test_of_two_offers_that_exclude_each_other_one_is_taken() -> None:
    one, other = _offer("P", 2, excludes=("Q",)), _offer("Q", 3)

    report = choose_mix(_instance(), [one, other], _PARAMS)

    assert report.best.offers == ("Q",)
    assert {mix.name for mix in report.alternatives} >= {MixName.NONE}


def test_an_offer_that_is_whole_is_not_split() -> None:
    whole = _offer("P", 5, is_whole=True)

    report = choose_mix(_instance(target=2), [whole], _PARAMS)

    assert [a.crews for a in report.best.accepted] in ([5], [0])


def test_an_offer_falls_with_the_one_that_it_requires() -> None:
    report = choose_mix(_instance(), [_offer("P", 2), _offer("Q", 1, requires=("P",))], _PARAMS)

    assert report.worths[0].without == pytest.approx(3 * 8 * 50, abs=0.01)


def test_budget_is_kept() -> None:
    report = choose_mix(_instance(), [_offer("P", 3)], replace(_PARAMS, most_eur=640))

    assert report.best.cost_eur <= 640


@pytest.mark.parametrize(
    ("offers", "code"),
    [
        ((_offer("P", 1), _offer("P", 1)), "mix.double"),
        ((_offer("P", 1, requires=("Z",)),), "mix.unknown-offer"),
        ((_offer("P", 1, requires=("Q",), excludes=("Q",)), _offer("Q", 1)), "mix.contradiction"),
        ((Offer("P", "XX", (replace(_group("P-1", 1), base="moon"),), {}),), "mix.unknown-base"),
    ],
)
def test_wrong_offers_are_refused_with_their_place(offers: tuple[Offer, ...], code: str) -> None:
    with pytest.raises(InputError) as caught:
        choose_mix(_instance(), offers, _PARAMS)

    assert code in {issue.code for issue in caught.value.issues}
