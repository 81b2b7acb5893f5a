from __future__ import annotations

import multiprocessing
import os
import time
from contextlib import closing
from pathlib import Path

import pytest
from tests.integration.node.tasks_for_tests import broken, double, killed, refusing, until_stopped

from passerelle.compute import LostError, local_pool, start_watched
from passerelle.kernel.problems import RefusedError

pytestmark = pytest.mark.slow


def test_progress_comes_back_before_the_result() -> None:
    with closing(start_watched(double, 21)) as watched:
        phases = []
        while not watched.is_over:
            phases += [message.phase for message in watched.messages(1.0)]

        assert (watched.result(), phases) == (42, ["counting"] * 3)


def test_a_stopped_task_returns_the_best_it_has() -> None:
    with closing(start_watched(until_stopped, 7)) as watched:
        assert watched.messages(20.0)[0].value == 9.0
        watched.stop()
        while not watched.is_over:
            watched.messages(1.0)

        assert watched.result() == 7


def test_a_killed_process_is_an_answer_not_a_crash() -> None:
    with closing(start_watched(killed, 1)) as watched:
        while not watched.is_over:
            watched.messages(1.0)

        with pytest.raises(LostError, match=r"exit code -9"):
            watched.result()


@pytest.mark.parametrize(("task", "error"), [(refusing, RefusedError), (broken, ZeroDivisionError)])
def test_what_the_task_raises_comes_back(task: object, error: type[Exception]) -> None:
    with closing(start_watched(task, 3)) as watched:
        while not watched.is_over:
            watched.messages(1.0)

        with pytest.raises(error):
            watched.result()


def test_a_process_ends_with_its_parent() -> None:
    middle = multiprocessing.get_context("spawn").Process(target=_start_and_die)
    middle.start()
    middle.join(30)

    deadline = time.monotonic() + 10
    while _children_of_tasks() and time.monotonic() < deadline:
        time.sleep(0.2)

    assert _children_of_tasks() == []


def test_a_pool_runs_many() -> None:
    with local_pool(2) as pool:
        assert list(pool.map(abs, [-1, -2, -3])) == [1, 2, 3]


MARK = f"PASSERELLE_ORPHAN_{os.getpid()}"


def _start_and_die() -> None:
    os.environ["ORPHAN_MARK"] = MARK
    watched = start_watched(until_stopped, 1)
    watched.messages(20.0)
    os._exit(0)


def _children_of_tasks() -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
        except OSError:
            continue
        if f"ORPHAN_MARK={MARK}".encode() in environment:
            found.append(process.name)
    return found
