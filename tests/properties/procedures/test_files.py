"""No history of a file says anything while a bar stands, over all roles of both sides."""

from __future__ import annotations

import os
from random import Random

from tests.simulators.file_histories import Tally, run

from passerelle.procedures.synthetic import synthetic_person

RUNS = int(os.environ.get("TEST_FILE_HISTORIES", "1000"))


def test_no_message_under_a_bar_and_every_pause_alike() -> None:
    tally = Tally()

    for seed in range(RUNS):
        run(Random(seed), 25, tally)

    assert tally.pauses > RUNS / 10
    assert tally.barred_steps > RUNS / 10
    assert tally.sent > RUNS / 2


def test_synthetic_persons_are_the_same_for_the_same_seed_and_say_that_they_are_invented() -> None:
    people = [synthetic_person(Random(seed)) for seed in range(50)]

    assert people == [synthetic_person(Random(seed)) for seed in range(50)]
    assert all(
        one.reference.startswith("SYN-") and one.document.startswith("SYN") for one in people
    )
    assert len({one.reference for one in people}) == 50
