from __future__ import annotations

import pickle

import pytest

from passerelle.kernel.problems import InputError, Issue, Problem, RefusedError


@pytest.mark.parametrize(
    "problem",
    [
        RefusedError("Expected {a}.", code="x.y", a=1),
        InputError([Issue("f.csv", 2, "start", "x.z", "a time", "never")]),
    ],
)
def test_a_problem_travels_between_processes(problem: Problem) -> None:
    again = pickle.loads(pickle.dumps(problem))

    assert type(again) is type(problem)
    assert (str(again), again.__dict__) == (str(problem), problem.__dict__)
