from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.factories.grids import random_grid, simple_grid

from passerelle.kernel.problems import InputError
from passerelle.planning.roster.named.bounds import Certificate, proved_bound
from passerelle.planning.roster.named.branch import Leaf
from passerelle.planning.roster.named.certificate_file import read_certificate, write_certificate
from passerelle.planning.roster.named.instance import Contract
from passerelle.planning.roster.named.master import Sum
from passerelle.planning.roster.named.solve import solve
from passerelle.planning.roster.stop import Stop

if TYPE_CHECKING:
    from pathlib import Path


def test_a_certificate_proves_the_same_after_it_was_in_a_file(tmp_path: Path) -> None:
    grid = simple_grid(contract=Contract(0, 5 * 480, 1, 5, 2, 9), need=2)
    result = solve(grid, Stop(iterations=20))
    file = tmp_path / "certificate.json"

    write_certificate(file, grid, result.certificate)

    assert proved_bound(grid, read_certificate(file, grid)) == result.bound == 400


def test_leaves_and_sums_come_back_as_they_were(tmp_path: Path) -> None:
    grid = simple_grid()
    prices, cells = np.ones((7, 1)), np.zeros((7, 1), dtype=np.bool_)
    cells[3] = True
    limits = ((0, -np.inf, 3.0), (0, 1.0, np.inf))
    claim = Certificate(
        5.0,
        (Leaf(4.5, limits, prices, np.array([2.0])),),
        (Sum("day 3", is_surplus=True, cells=cells),),
    )
    file = tmp_path / "certificate.json"

    write_certificate(file, grid, claim)
    back = read_certificate(file, grid)

    assert back.leaves[0].limits == limits
    assert (back.leaves[0].prices == prices).all()  # type: ignore[union-attr]
    assert (back.sums[0].label, back.sums[0].is_surplus) == ("day 3", True)
    assert (back.sums[0].cells == cells).all()


def test_a_certificate_of_another_instance_is_refused(tmp_path: Path) -> None:
    grid, file = simple_grid(), tmp_path / "certificate.json"
    write_certificate(file, grid, Certificate(0.0, (), ()))

    with pytest.raises(InputError) as caught:
        read_certificate(file, random_grid(3))

    assert caught.value.code == "roster.other-instance"


@pytest.mark.parametrize("end", [1, 40, 120, -1])
def test_a_certificate_cut_off_is_refused(end: int, tmp_path: Path) -> None:
    grid, file = simple_grid(), tmp_path / "certificate.json"
    write_certificate(file, grid, solve(grid, Stop(iterations=5)).certificate)
    file.write_text(file.read_text("utf-8")[:end], "utf-8")

    with pytest.raises(InputError) as caught:
        read_certificate(file, grid)

    assert caught.value.code == "roster.no-certificate"
