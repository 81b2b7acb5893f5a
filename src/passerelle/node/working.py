"""Work on the jobs of a node until told to leave."""

from __future__ import annotations

import os
import secrets
import signal
import threading
from typing import TYPE_CHECKING

from passerelle.kernel.clock import SystemClock
from passerelle.node.configuration import configuration

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["work"]


def work(*, until_idle: bool = False) -> int:
    """Run a worker in this process; return how many jobs it took.

    SIGTERM and SIGINT make it give its job back and end.
    """
    from passerelle.node.jobs.enums import JobKind  # noqa: PLC0415 - app ready
    from passerelle.node.jobs.worker import Worker  # noqa: PLC0415 - app ready
    from passerelle.node.plans.tasks import PlanHandler  # noqa: PLC0415 - app ready

    leave = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        del number, frame
        leave.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    worker = Worker(
        name=f"{os.uname().nodename[:40]}:{os.getpid()}:{secrets.token_hex(3)}",
        handlers={JobKind.PLAN: PlanHandler()},
        lease_s=configuration().lease_seconds,
        clock=SystemClock(),
        leave=leave,
    )
    return worker.run(until_idle=until_idle)
