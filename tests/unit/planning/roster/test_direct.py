"""The direct model agrees with enumeration; cuts and copies keep what they should."""

from __future__ import annotations

import pytest
from tests.factories.tiny import brute_force, tiny_instance

from passerelle.planning.roster.check import check
from passerelle.planning.roster.direct.cuts import copies, cut, days_of, scaled
from passerelle.planning.roster.direct.model import UnsupportedRuleError, size_of, write_model
from passerelle.planning.roster.direct.solvers import SOLVERS


@pytest.mark.parametrize("seed", range(60))
def test_direct_model_has_the_optimum_of_enumeration(seed: int) -> None:
    instance = tiny_instance(seed)
    best = brute_force(instance)
    if best is None:
        pytest.skip("too many plans to enumerate")
    try:
        model = write_model(instance)
    except UnsupportedRuleError:
        pytest.skip("the direct model does not write least runs")

    solution, bound = SOLVERS["highs"](model.rows, 20.0, 1)

    assert solution is not None
    report = check(instance, model.plan(instance, solution))
    assert report.violations == ()
    assert (report.value, bound) == (pytest.approx(best), pytest.approx(best, abs=1e-3))


def test_size_is_known_without_writing_the_model() -> None:
    instance = tiny_instance(3)
    crews, postings = size_of(instance)

    rows = write_model(instance).rows

    assert 0 < crews + postings <= rows.n_columns


def test_cut_keeps_the_sites_and_who_reaches_them() -> None:
    instance = next(i for seed in range(50) if len((i := tiny_instance(seed)).shifts) > 1)
    site = instance.shifts[0].site

    part = cut(instance, [site])

    assert {cell.site for cell in part.cells} == {site}
    assert {group.code for group in part.groups} == {group.code for group in instance.groups}
    assert all(set(base.travel_min) == {site} for base in part.bases)


def test_days_of_the_whole_horizon_keep_need_and_optimum() -> None:
    instance = next(i for s in range(50) if (i := tiny_instance(s)).days > 1 and i.cells)

    whole = days_of(instance, 0, instance.days)

    assert whole.cells == instance.cells
    assert brute_force(whole) == brute_force(instance)


def test_days_outside_the_horizon_are_refused() -> None:
    with pytest.raises(ValueError, match=r"Expected days within 0 to \d+, got 0-99"):
        days_of(tiny_instance(1), 0, 99)


def test_two_copies_cost_twice_the_optimum() -> None:
    small = (i for i in map(tiny_instance, range(60)) if sum(g.strength for g in i.groups) == 1)
    instance = next(i for i in small if brute_force(i) is not None and i.cells)

    assert brute_force(copies(instance, 2)) == pytest.approx(2 * brute_force(instance))


def test_scaled_multiplies_need_and_strength() -> None:
    instance = tiny_instance(3)

    double = scaled(instance, 2)

    assert [c.target for c in double.cells] == [2 * c.target for c in instance.cells]
    assert [g.strength for g in double.groups] == [2 * g.strength for g in instance.groups]
