"""Verbs on an exercise: mark the node when it is made, check the mark, move the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from passerelle.exchange.errors import RemoteProtocolError
from passerelle.kernel.problems import RefusedError
from passerelle.node.audit.domain import record
from passerelle.node.configuration import configuration
from passerelle.node.exchange import peers
from passerelle.node.exchange.renewal import renew
from passerelle.node.exchange.station import station
from passerelle.node.exercise.clock import ExerciseClock
from passerelle.node.exercise.models import ExerciseMark, Tick
from passerelle.node.exercise.queries import kind_of_node, switched

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from passerelle.node.accounts.actor import Actor

__all__ = ["advance", "check_mark", "mark", "publish_for"]


@transaction.atomic
def mark(code: str, start: datetime) -> None:
    """Mark the database of a new node and set its clock; the only place that does."""
    ExerciseMark.objects.create(pk=1, code=code)
    Tick.objects.create(at=start, said_by="command")


def check_mark() -> None:
    """Refuse to work when settings, database and keys do not name one exercise, or none.

    Raises
    ------
    RefusedError
        With code ``exercise.switched``: somebody tried to turn a node into another kind of node.
    """
    said, kept = kind_of_node(), station().identity.exercise
    if said != kept:
        raise switched({"settings": said, "keys": kept})


def publish_for(instant: datetime) -> bool:
    """Publish our trust files for an instant to come, when half of their life will be over then.

    Peers take them when their own clock moves. Tells whether they were published.
    """
    _require_exercise()
    return renew(instant)


def advance(
    to: datetime, files: Mapping[str, Mapping[str, bytes]], *, actor: Actor
) -> tuple[str, ...]:
    """Move the clock of the exercise on; return the peers whose trust could not be renewed.

    The clock and what the peers published for that instant are stored in one transaction: no process
    of the node ever sees the new time with the old trust.

    Parameters
    ----------
    to
        Where it goes; an instant at or before the present one changes nothing.
    files
        Trust files fetched from each peer that was reached.
    actor
        Who moves it.
    """
    _require_exercise()
    missed: list[str] = []
    with transaction.atomic():
        now = ExerciseClock().now()
        if to <= now:
            return ()
        Tick.objects.create(at=to, said_by=actor.label)
        record(
            actor.label,
            "exercise.advance",
            "exercise:clock",
            clock=ExerciseClock(),
            old={"at": now.isoformat()},
        )
        for node in peers.half_expired(to):
            if node not in files:
                missed.append(node)
                continue
            try:
                peers.refresh_peer(node, peers.fetch_from_mapping(files[node]), ExerciseClock())
            except RemoteProtocolError:
                missed.append(node)
    return tuple(missed)


def _require_exercise() -> None:
    if not configuration().exercise:
        raise RefusedError(
            "This is a real node: its clock is that of the machine.", code="exercise.real-node"
        )
