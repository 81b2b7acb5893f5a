"""Many independent solves: the executor port of the standard library, with spawned processes.

Whatever offers :class:`concurrent.futures.Executor` can stand behind the port, for example the
executor of a cluster. Tasks are module-level functions of picklable values and must give the same
result wherever and however often they run.
"""

from __future__ import annotations

import multiprocessing
import signal
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from passerelle.compute.orphans import leave_with_parent

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Executor", "local_pool"]


@contextmanager
def local_pool(processes: int) -> Iterator[Executor]:
    """Open a pool of spawned processes; leaving the block ends them.

    Parameters
    ----------
    processes
        Processes, ``>= 1``.

    Raises
    ------
    ValueError
        When fewer than one is asked for.
    """
    if processes < 1:
        raise ValueError(f"Expected processes >= 1, got {processes}.")
    pool = ProcessPoolExecutor(
        processes, mp_context=multiprocessing.get_context("spawn"), initializer=_begin
    )
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin() -> None:
    # An interrupt at the terminal reaches every process of the group; only the parent decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    leave_with_parent()
