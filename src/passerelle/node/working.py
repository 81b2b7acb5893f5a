"""Work on the jobs of a node until told to leave."""

from __future__ import annotations

import os
import secrets
import signal
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from passerelle.kernel.clock import SystemClock
from passerelle.kernel.problems import Problem
from passerelle.node.configuration import configuration

if TYPE_CHECKING:
    from types import FrameType

    from passerelle.node.jobs.worker import Worker

__all__ = ["work"]

_log = structlog.get_logger("passerelle.node.working")


def work(*, until_idle: bool = False) -> int:
    """Run a worker in this process; return how many jobs it took.

    SIGTERM and SIGINT make it give its job back and end.
    """
    from passerelle.node.exercise.clock import node_clock  # noqa: PLC0415 - app ready
    from passerelle.node.exercise.domain import check_mark  # noqa: PLC0415 - app ready
    from passerelle.node.jobs.enums import JobKind  # noqa: PLC0415 - app ready
    from passerelle.node.jobs.worker import Worker  # noqa: PLC0415 - app ready
    from passerelle.node.plans.tasks import PlanHandler, RepairHandler  # noqa: PLC0415 - app ready
    from passerelle.node.reinforcement.mixing import MixHandler  # noqa: PLC0415 - app ready
    from passerelle.node.reinforcement.posting import CampaignHandler  # noqa: PLC0415 - app ready

    check_mark()
    leave = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        del number, frame
        leave.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    name = f"{os.uname().nodename[:40]}:{os.getpid()}:{secrets.token_hex(3)}"
    worker = Worker(
        name=name,
        handlers={
            JobKind.PLAN: PlanHandler(),
            JobKind.MIX: MixHandler(),
            JobKind.REPAIR: RepairHandler(),
        },
        lease_s=configuration().lease_seconds,
        clock=SystemClock(),
        leave=leave,
        facts=node_clock(),
    )
    # Sending does not wait behind a search of minutes.
    clerk = replace(
        worker, name=f"{name}:clerk", handlers={JobKind.CAMPAIGN: CampaignHandler(node_clock())}
    )
    beside = [
        threading.Thread(target=_exchange, args=(leave,), name="exchange", daemon=True),
        threading.Thread(target=_send, args=(clerk,), name="clerk", daemon=True),
    ]
    taken = 0
    if until_idle:
        beside.pop()
        taken = clerk.run(until_idle=True)
    for thread in beside:
        thread.start()
    try:
        return taken + worker.run(until_idle=until_idle)
    finally:
        leave.set()
        for thread in beside:
            thread.join(timeout=10.0)


def _send(clerk: Worker) -> None:
    """Take the jobs that need no process of their own until told to leave."""
    from django.db import connection  # noqa: PLC0415 - app ready

    clerk.run()
    connection.close()


def _exchange(leave: threading.Event) -> None:
    """Send what was released until told to leave; a fault is logged and the loop goes on."""
    from django.db import DatabaseError, connection  # noqa: PLC0415 - app ready

    from passerelle.node.dossiers.erasure import Eraser  # noqa: PLC0415 - app ready
    from passerelle.node.dossiers.intake import Intake  # noqa: PLC0415 - app ready
    from passerelle.node.exchange.screening import screen  # noqa: PLC0415 - app ready
    from passerelle.node.exchange.transport import HttpTransport  # noqa: PLC0415 - app ready
    from passerelle.node.exchange.worker import ExchangeWorker  # noqa: PLC0415 - app ready
    from passerelle.node.exercise.clock import node_clock  # noqa: PLC0415 - app ready

    with HttpTransport() as transport:
        sender = ExchangeWorker(node_clock(), transport, intakes=(Intake(), Eraser(), screen))
        while not leave.is_set():
            try:
                sender.run(leave.is_set)
            except (DatabaseError, Problem) as error:
                _log.warning("exchange.round-failed", reason=type(error).__name__)
                leave.wait(1.0)
    connection.close()
