"""``passerelle bench desk``: server time, size and queries of every page of an event."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any, Final

import click

from passerelle.cli.benches.results import write_result
from passerelle.kernel.problems import RefusedError

if TYPE_CHECKING:
    from django.test import Client

PAGES: Final = (
    "plan",
    "coverage?scale=event",
    "coverage",
    "coverage?scale=day",
    "coverage?gaps=1",
    "coverage?at={cell}",
    "roster",
    "roster?site={site}",
    "roster?at=0",
    "duty-sheets?site={site}",
    "map",
    "need",
    "need?site={site}",
    "sessions",
    "sessions/{session}",
    "sites",
    "sites/{site}",
    "forces",
    "forces/{group}",
    "jobs",
    "find?q=sta",
)
"""Addresses below the event; the places are filled from the event itself."""


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--event", "code", default="paris-2024", show_default=True, help="Code of the event.")
@click.option("--user", default="planner", show_default=True, help="Who looks at the pages.")
@click.option("--runs", type=click.IntRange(5), default=20, show_default=True)
def command(folder: Path, *, code: str, user: str, runs: int) -> None:
    """Ask every page of EVENT in the node in FOLDER, in Arabic, and write times, size and queries.

    The first answer of each page, which decodes what later ones find in memory, stands apart. Beside
    the time on the wall stands the processor's own, which other work on the machine does not touch.
    """
    from passerelle.node import installation

    installation.enter(folder)
    logging.disable(logging.INFO)
    client, facts = signed_in(user), _places(code)
    rows = []
    for page in PAGES:
        path = f"/e/{code}/{page.format(**facts)}"
        first = ask_page(client, path)
        answers = [ask_page(client, path) for _ in range(runs)]
        times = [answer.seconds for answer in answers]
        work = [answer.cpu_seconds for answer in answers]
        row = {
            "page": page,
            "first_ms": round(1000 * first.seconds, 1),
            "p50_ms": round(1000 * quantiles(times, n=100)[49], 1),
            "p95_ms": round(1000 * quantiles(times, n=100)[94], 1),
            "cpu_p50_ms": round(1000 * quantiles(work, n=100)[49], 1),
            "cpu_p95_ms": round(1000 * quantiles(work, n=100)[94], 1),
            "kb": round(answers[0].size / 1024, 1),
            "queries": answers[0].queries,
        }
        rows.append(row)
        click.echo(
            f"{row['p50_ms']:8} ms p50 {row['p95_ms']:8} ms p95 {row['cpu_p95_ms']:8} ms cpu "
            f"{row['kb']:7} kB {row['queries']:3} queries  {page}"
        )
    worst = max(float(str(row["p95_ms"])) for row in rows)
    written = write_result(
        "desk", {"event": code, "runs": runs, "pages": rows, "worst_p95_ms": worst}
    )
    click.echo(f"worst p95 {worst:.1f} ms; written to {written}")


def signed_in(name: str) -> Client:
    """Return a client signed in as a user, reading in Arabic."""
    from django.conf import settings
    from django.test import Client

    from passerelle.node.accounts.models import User

    user = User.objects.filter(username=name).first()
    if user is None:
        raise RefusedError("There is no user {user}.", code="bench.unknown-user", user=name)
    settings.ALLOWED_HOSTS.append("testserver")
    client = Client()
    client.force_login(user)
    session = client.session
    session["second_factor_held"] = True
    session.save()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "ar"
    return client


def _places(code: str) -> dict[str, str]:
    """Name a busy site, a session, a group and a cell of the event."""
    from passerelle.node.events.queries import find_event, latest_revision, planned
    from passerelle.node.plans.queries import current

    event = find_event(code)
    shown = current(event)
    source = planned((shown.revision if shown else latest_revision(event)).pk)
    session = source.event.sessions[0]
    groups = source.force.groups
    return {
        "site": session.venue_id,
        "session": session.id,
        "group": groups[0].id if groups else "none",
        "cell": f"{session.venue_id}.{session.interval.start:%Y%m%dT%H%MZ}",
    }


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold what one page cost."""

    seconds: float
    cpu_seconds: float
    size: int
    queries: int


def ask_page(client: Client, path: str) -> Answer:
    """Ask one page; measure wall and processor time, size and queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        started, worked = perf_counter(), process_time()
        answer: Any = client.get(path)  # Any: the test client's own response type
        worked, spent = process_time() - worked, perf_counter() - started
    if answer.status_code != 200:
        raise RefusedError(
            "{path} answered {status}.", code="bench.page", path=path, status=answer.status_code
        )
    return Answer(spent, worked, len(answer.content), len(queries))
