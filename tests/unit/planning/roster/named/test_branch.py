"""Splits of persons: every part is bounded, all parts together hold everything, and both can be checked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.factories.grids import optimum, random_grid
from tests.factories.inrc2 import random_case

from passerelle.planning.formats.inrc2.case import day_grid
from passerelle.planning.roster.named.arrays import compile_grid
from passerelle.planning.roster.named.bounds import Certificate, check_certificate, proved_bound
from passerelle.planning.roster.named.branch import Fixing, Leaf, Tree
from passerelle.planning.roster.named.certificate_file import read_certificate, write_certificate
from passerelle.planning.roster.named.generation import GenerationParams, generate
from passerelle.planning.roster.named.master import Master
from passerelle.planning.roster.named.pricers import pricer_for
from passerelle.planning.roster.named.pricing import PricingParams
from passerelle.planning.roster.named.region import whole_grid
from passerelle.planning.roster.named.search import NamedParams
from passerelle.planning.roster.named.solve import solve
from passerelle.planning.roster.stop import Stop

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.planning.roster.named.instance import DayGrid


def grown(grid: DayGrid, nodes: int) -> Tree:
    """Grow a tree by person from a root of its own."""
    pricer = pricer_for(whole_grid(compile_grid(grid)), PricingParams(threads=1))
    master = Master(pricer.region)
    master.add(np.arange(grid.n_people), grid.empty_roster())
    root = generate(pricer, master, GenerationParams(), lambda: False)
    tree = Tree(pricer, master, root.prices, root.bound, by_person=True)
    for _ in range(nodes):
        if not tree.is_done:
            tree.step(np.inf, lambda: False)
    tree.leave()
    return tree


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> DayGrid:
    # The root of this draw is split; most draws are whole at once.
    return day_grid(
        random_case(tmp_path_factory.mktemp("case"), 33, nurses=4, weeks=1, shifts=3, skills=2)
    )


@pytest.fixture(scope="module")
def certificate(grid: DayGrid) -> Certificate:
    tree = grown(grid, 12)
    leaves = tuple(tree.leaves())
    assert max(len(leaf.fixings) for leaf in leaves) >= 2
    return Certificate(grid.round_up(tree.bound, 1e-4), leaves, ())


def test_leaves_of_persons_prove_what_they_claim(grid: DayGrid, certificate: Certificate) -> None:
    assert check_certificate(grid, certificate) == []


def test_a_leaf_left_out_is_noticed(grid: DayGrid, certificate: Certificate) -> None:
    for gone in range(len(certificate.leaves)):
        rest = certificate.leaves[:gone] + certificate.leaves[gone + 1 :]
        assert proved_bound(grid, certificate._replace(leaves=rest)) == -np.inf


def test_a_leaf_that_claims_more_than_its_part_is_noticed(
    grid: DayGrid, certificate: Certificate
) -> None:
    assert check_certificate(grid, certificate._replace(bound=certificate.bound + 500))


def test_fixings_are_kept_in_the_file(
    grid: DayGrid, certificate: Certificate, tmp_path: Path
) -> None:
    write_certificate(tmp_path / "c.json", grid, certificate)
    back = read_certificate(tmp_path / "c.json", grid)

    assert [leaf.fixings for leaf in back.leaves] == [leaf.fixings for leaf in certificate.leaves]


def test_a_part_in_which_nobody_can_work_is_bounded_by_more_than_any_cost(grid: DayGrid) -> None:
    assert grid.soft is not None
    closed = grid.closed.copy()
    closed[0, 0] = True
    shut = replace(grid, closed=closed)
    everything = tuple(range(grid.n_types))
    prices = np.zeros(grid.need.shape)
    works, rests = (
        Leaf(0.0, (), prices, np.empty(0), (Fixing(0, 0, everything, works),))
        for works in (True, False)
    )

    assert proved_bound(shut, Certificate(0, (works, rests), ())) < 1e6
    assert check_certificate(shut, Certificate(0, (works._replace(bound=np.inf), rests), ())) == []


@pytest.mark.parametrize("seed", range(12))
def test_hard_limits_are_split_by_person_too_and_never_wrongly(seed: int) -> None:
    hard = random_grid(seed)
    best = optimum(hard)
    if best is None:
        pytest.skip("this draw has no legal roster")

    result = solve(
        hard, Stop(iterations=30), seed=seed, params=NamedParams(threads=1, by_person=True)
    )

    assert result.bound <= best <= result.value
    assert check_certificate(hard, result.certificate) == []
