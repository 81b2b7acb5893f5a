"""Decode what the first visitor will ask for, before the visitor comes."""

from __future__ import annotations

import threading

import structlog

from passerelle.kernel.problems import Problem

__all__ = ["warm", "warm_in_background"]

_log = structlog.get_logger("passerelle.node.warming")


def warm(newest: int = 2) -> int:
    """Read pages, programme, need, plan and counts of the newest events into this process.

    Parameters
    ----------
    newest
        Events to look at.

    Returns
    -------
    int
        How many events there are to look at.
    """
    from django.urls import get_resolver  # noqa: PLC0415 - app ready

    from passerelle.node.dossiers.sheets import sheets, sum_of  # noqa: PLC0415 - app ready
    from passerelle.node.events.queries import (  # noqa: PLC0415 - app ready
        latest_need,
        need_of,
        newest_revisions,
        planned,
    )
    from passerelle.node.exercise.clock import node_clock  # noqa: PLC0415 - app ready
    from passerelle.node.plans.asking import ready  # noqa: PLC0415 - app ready
    from passerelle.node.plans.queries import current, table  # noqa: PLC0415 - app ready

    _ = get_resolver().url_patterns  # imports every page
    revisions = newest_revisions()[:newest]
    for revision in revisions:
        planned(revision.pk)
        need = latest_need(revision)
        if need is not None:
            need_of(need.pk)
        version = current(revision.event)
        if version is not None:
            table(version.pk)
    sum_of(sheets(node_clock().now()))
    shown = current(revisions[0].event) if revisions else None
    if shown is not None:
        ready(shown)
    return len(revisions)


def warm_in_background() -> threading.Thread:
    """Start :func:`warm` in a thread; a fault is logged, and the first visitor waits instead."""
    from django.db import DatabaseError, connection  # noqa: PLC0415 - app ready

    def run() -> None:
        try:
            _log.info("node.warmed", events=warm())
        except (DatabaseError, Problem) as error:
            _log.warning("node.not-warmed", reason=type(error).__name__)
        finally:
            connection.close()

    thread = threading.Thread(target=run, name="warming", daemon=True)
    thread.start()
    return thread
