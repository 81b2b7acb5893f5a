"""Both sides agree on state, deadlines and counts, whatever happens to deliveries."""

from __future__ import annotations

import os
from random import Random

import pytest
from tests.simulators.dossier_pairs import run

RUNS = int(os.environ.get("TEST_HISTORIES", "400"))
PART = 50


@pytest.mark.parametrize("part", range(max(RUNS // PART, 1)))
def test_both_sides_agree_after_random_histories(part: int) -> None:
    outcomes = [run(Random(part * PART + number), n_steps=22) for number in range(PART)]

    assert any(one.n_refused for one in outcomes)
    assert any(one.n_crossed for one in outcomes)
    assert any(one.dossier is not None and one.dossier.state != "requested" for one in outcomes)
