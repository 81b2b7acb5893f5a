"""Work in steps, in the worker's own process: for many short things that must each be whole.

Between two steps the worker looks at its lease, at a stop and at its own end. A step that was taken stays;
whoever takes the job next begins with the first step again, so a step must find out that it was taken before.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from passerelle.node.jobs.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Steps"]


class Steps:
    """Take steps one by one.

    Parameters
    ----------
    steps
        What to do, each step whole in itself.
    phase
        What is being done, one English word.
    """

    def __init__(self, steps: Sequence[Callable[[], None]], phase: str) -> None:
        self._steps = steps
        self._phase = phase
        self._done = 0
        self._is_stopped = False
        self._began = time.monotonic()

    @property
    def is_over(self) -> bool:
        """Whether no step is left, or a stop was asked for."""
        return self._is_stopped or self._done == len(self._steps)

    def messages(self, wait_s: float) -> list[Standing]:
        """Take steps for about ``wait_s`` seconds, at least one, and say how far it has come."""
        until = time.monotonic() + wait_s
        while not self.is_over:
            self._steps[self._done]()
            self._done += 1
            if time.monotonic() >= until:
                break
        seconds = time.monotonic() - self._began
        return [Standing(seconds, self._phase, n_done=self._done, n_steps=len(self._steps))]

    def stop(self) -> None:
        """Take no further step."""
        self._is_stopped = True

    def result(self) -> int | None:
        """Return the number of steps; ``None`` when some were not taken."""
        return self._done if self._done == len(self._steps) else None

    def close(self) -> None:
        """Hold nothing."""
