"""Tasks that the tests give to processes of their own; they must be importable there."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

from passerelle.kernel.problems import RefusedError
from passerelle.node.jobs.standing import Standing

if TYPE_CHECKING:
    from passerelle.compute import Channel


def double(number: int, channel: Channel) -> int:
    for k in range(3):
        channel.report(Standing(k, "counting", value=10.0 - k, bound=float(k)))
    return 2 * number


def until_stopped(best: int, channel: Channel) -> int | None:
    channel.report(Standing(0.0, "searching", value=9.0, bound=1.0))
    channel.stopped.wait(30)
    return best or None


def killed(number: int, channel: Channel) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


def refusing(number: int, channel: Channel) -> int:
    raise RefusedError("Expected a better day than {day}.", code="test.refused", day=number)


def broken(number: int, channel: Channel) -> int:
    raise ZeroDivisionError(number)


def deaf(number: int, channel: Channel) -> int:
    time.sleep(60)
    return number
