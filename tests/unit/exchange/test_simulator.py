"""The shipping machines in a hostile, failing world: a bounded number here, all by command."""

from __future__ import annotations

import os

import pytest
from tests.simulators.exchange_bugs import BUGS, find
from tests.simulators.exchange_history import run_history

SCALE = float(os.environ.get("PASSERELLE_SCALE", "1"))


@pytest.mark.parametrize("part", range(6))
def test_histories_keep_every_invariant(part: int) -> None:
    count = int(200 * SCALE)
    for seed in range(part * count, (part + 1) * count):
        run_history(seed)


def test_one_seed_gives_one_history() -> None:
    first, second = run_history(11), run_history(11)

    assert (first.b.entries, first.a.state) == (second.b.entries, second.a.state)


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_found(bug: str) -> None:
    assert find(bug, range(300)) is not None


def test_the_list_of_planted_bugs_is_long_enough() -> None:
    assert len(BUGS) >= 40
