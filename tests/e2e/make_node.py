"""Fill a node for browser tests: Paris 2024, a published plan, a draft, jobs, one planner.

``make_node.py FOLDER PORT``. The plans are put together greedily (tests/factories/plans.py); with
``DESK_SOLVE_SECONDS`` set, the engine solves for so long instead, as for the pictures of the docs.
"""

from __future__ import annotations

import os
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np

from passerelle.kernel.clock import SystemClock
from passerelle.kernel.labels import Labels
from passerelle.node import installation

ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> None:
    """Make the node."""
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    settings = {"node": "fr", "state": "FR", "port": port, "second_factor": False}
    installation.initialise(folder, settings)
    from passerelle.node.accounts.actor import COMMAND_LINE
    from passerelle.node.accounts.domain import add_office, add_user
    from passerelle.node.accounts.enums import Role
    from passerelle.node.events.domain import compute_need, import_event
    from passerelle.node.plans.domain import publish

    clock = SystemClock()
    labels = Labels("Coordination nationale", "National coordination", "التنسيق الوطني")
    office = add_office("coordination", labels)
    add_user("planner", office, [Role.PLANNER, Role.APPROVER])
    revision = import_event(ROOT / "examples/paris-2024", actor=COMMAND_LINE, clock=clock)
    snapshot = compute_need(revision, actor=COMMAND_LINE, clock=clock)
    seconds = int(os.environ.get("DESK_SOLVE_SECONDS", "0"))
    versions = solved(revision, snapshot, seconds) if seconds else greedy(revision, snapshot)
    publish(versions[0], expected_published=None, actor=COMMAND_LINE, clock=clock)


def greedy(revision: object, snapshot: object) -> list[object]:
    """Store a greedy plan, and a second one in which some duties moved."""
    from tests.factories.plans import greedy_table, store_plan

    from passerelle.node.events.queries import need_of, planned
    from passerelle.node.jobs.models import Job, JobProgress

    source = planned(revision.pk)
    period = source.event.period
    table = greedy_table(
        source.force,
        need_of(snapshot.pk),
        first=period.start + timedelta(hours=6),
        days=(period.end - period.start).days,
    )
    now = SystemClock().now()
    shared = {"kind": "plan", "event": revision.event, "params": {"seconds": 60}, "created_at": now}
    job = Job.objects.create(
        key="e2e0000000000000000000000000done",
        state="done",
        result="plan:1",
        seconds=58.2,
        created_by="user:planner",
        started_at=now,
        finished_at=now,
        worker="e2e",
        **shared,
    )
    first = store_plan(revision, snapshot, table, job=job)
    for second, value, bound in (
        (2, None, 0.62), (4, 1.31, 0.8), (6, 1.12, 0.85), (9, 1.05, 0.91), (14, 1.03, 0.955),
        (19, 1.018, 0.972), (25, 1.01, 0.984), (33, 1.004, 0.9925), (58, 1.0, 1.0),
    ):  # fmt: skip
        JobProgress.objects.create(
            job=job,
            seconds=second,
            value=value and value * first.value,
            bound=bound * first.bound,
            phase="search",
        )
    Job.objects.create(
        key="e2e000000000000000000000000fails",
        state="failed",
        error_code="job.worker-lost",
        error="The worker was lost 3 times; the job was given up.",
        created_by="user:planner",
        **shared,
    )
    moved = np.where(np.arange(len(table.duty_site)) % 37 == 0, 3, 0)
    site = (table.duty_site + moved) % len(table.sites)
    second_plan = store_plan(revision, snapshot, replace(table, duty_site=site))
    return [first, second_plan]


def solved(revision: object, snapshot: object, seconds: int) -> list[object]:
    """Let the engine solve, and keep its plan with the trace of its progress."""
    from tests.factories.plans import store_plan

    from passerelle.node import planner
    from passerelle.node.events.queries import need_of, planned
    from passerelle.node.jobs.models import Job, JobProgress
    from passerelle.node.plans.table import table_of
    from passerelle.planning.roster.observer import History

    source = planned(revision.pk)
    history = History()
    answer = planner.solve(
        source,
        need_of(snapshot.pk),
        seconds=seconds,
        seed=0,
        level="central",
        threads=2,
        start=None,
        observer=history,
        stopped=threading.Event(),
    )
    result = answer.result
    table = table_of(result.plan, answer.start, answer.people)
    now = SystemClock().now()
    job = Job.objects.create(
        key="e2e0000000000000000000000000done",
        kind="plan",
        event=revision.event,
        params={"seconds": seconds},
        state="done",
        result="plan:1",
        seconds=result.seconds,
        value=result.value,
        bound=result.bound,
        created_at=now,
        created_by="user:planner",
        started_at=now,
        finished_at=now,
        worker="e2e",
    )
    JobProgress.objects.bulk_create(
        JobProgress(
            job=job,
            seconds=entry.seconds,
            value=entry.value if np.isfinite(entry.value) else None,
            bound=entry.bound if np.isfinite(entry.bound) else None,
            phase=entry.phase,
        )
        for entry in history.entries
    )
    figures = {
        "value": result.value,
        "bound": result.bound,
        "terms": dict(result.terms),
        "status": result.status.value,
        "seconds": result.seconds,
        "peak_mb": result.peak_mb,
        "instance_hash": result.instance_hash,
        "n_violations": len(answer.violations),
    }
    first = store_plan(revision, snapshot, table, job=job, **figures)
    moved = np.where(np.arange(len(table.duty_site)) % 211 == 0, 3, 0)
    site = (table.duty_site + moved) % len(table.sites)
    second = store_plan(revision, snapshot, replace(table, duty_site=site), **figures)
    return [first, second]


if __name__ == "__main__":
    main()
