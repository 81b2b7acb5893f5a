"""What the independent auditor sees (S50): logs, holds, counts, alerts; no content of any file.

Every figure comes from summaries and references. The auditor holds no designation and no key; what follows
opens nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, Min

from passerelle.node.accounts.enums import Action
from passerelle.node.audit.domain import record
from passerelle.node.audit.models import AuditEntry
from passerelle.node.audit.queries import verify_chain
from passerelle.node.casework.models import Alert, Erasure
from passerelle.node.dossiers.health import find_altered_profile
from passerelle.node.dossiers.kinds import PARTS, is_by_file
from passerelle.node.dossiers.models import Dossier, Suspension
from passerelle.node.exchange.station import station
from passerelle.node.national.models import NationalLog
from passerelle.node.national.queries import find_fault
from passerelle.procedures.definition import StateKind
from passerelle.procedures.loading import definition

if TYPE_CHECKING:
    from datetime import datetime

    from passerelle.kernel.clock import Clock
    from passerelle.node.accounts.actor import Actor

__all__ = ["AccessLine", "AuditorView", "HoldCount", "access_log", "auditor_view", "mark_seen"]


@dataclass(frozen=True, slots=True)
class HoldCount:
    """Count the held files of one corridor and state.

    Parameters
    ----------
    corridor, procedure, state
        Where, and in which state: held, barred, new review, withdrawn.
    n_files
        How many.
    oldest
        When the one longest held was last touched.
    """

    corridor: str
    procedure: str
    state: str
    n_files: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class AccessLine:
    """Show one reading, writing or sending: who, when, what kind, on which file, why."""

    number: int
    at: datetime
    actor: str
    action: str
    case: str
    why: str


@dataclass(frozen=True, slots=True)
class AuditorView:
    """Hold what the auditor sees at once.

    Parameters
    ----------
    holds
        Held files by corridor, procedure and state.
    files
        Files by procedure and state.
    alerts
        Alerts not seen yet, newest first.
    n_erasures, n_waiting
        Keys destroyed, and those that wait for a receipt.
    n_suspensions
        Pulls of the brake, and how many are on.
    n_national
        Entries of the national log.
    faults
        What is wrong with a log or a profile; empty when all is well.
    """

    holds: tuple[HoldCount, ...]
    files: tuple[tuple[str, str, int], ...]
    alerts: tuple[Alert, ...]
    n_erasures: int
    n_waiting: int
    n_suspensions: tuple[int, int]
    n_national: int
    faults: tuple[str, ...]


@transaction.atomic
def auditor_view(*, actor: Actor, clock: Clock) -> AuditorView:
    """Return the auditor's view; that it was looked at is logged as well."""
    actor.require(Action.VIEW_AUDIT)
    record(actor.label, "cases.audit", "cases", clock=clock)
    rows = Dossier.objects.filter(procedure__in=[name for name in PARTS if is_by_file(name)])
    grouped = (
        rows.values("corridor__code", "procedure", "state")
        .annotate(n=Count("case"), oldest=Min("touched_at"))
        .order_by("corridor__code", "procedure", "state")
    )
    holds = tuple(
        HoldCount(one["corridor__code"], one["procedure"], one["state"], one["n"], one["oldest"])
        for one in grouped
        if _is_hold(one["procedure"], one["state"])
    )
    files = rows.values_list("procedure", "state").annotate(n=Count("case"))
    chain = verify_chain()
    faults = (
        "" if chain.is_whole else f"audit record broken at entry {chain.broken_at}",
        find_fault(station()),
        find_altered_profile(),
    )
    brakes = Suspension.objects
    return AuditorView(
        holds=holds,
        files=tuple(files.order_by("procedure", "state")),
        alerts=tuple(Alert.objects.filter(seen_at=None)),
        n_erasures=Erasure.objects.exclude(done_at=None).count(),
        n_waiting=Erasure.objects.filter(done_at=None).count(),
        n_suspensions=(brakes.count(), brakes.filter(ended_at=None).count()),
        n_national=sum(NationalLog.objects.values_list("size", flat=True)),
        faults=tuple(fault for fault in faults if fault),
    )


@transaction.atomic
def access_log(
    *, actor: Actor, clock: Clock, case: str = "", limit: int = 500
) -> tuple[AccessLine, ...]:
    """Return the newest readings, writings and sendings, of one file or of all; references only."""
    actor.require(Action.VIEW_AUDIT)
    record(actor.label, "cases.audit", f"dossier:{case}" if case else "cases", clock=clock)
    rows = AuditEntry.objects.filter(action__startswith="cases.").order_by("-number")
    if case:
        rows = rows.filter(subject=f"dossier:{case}")
    return tuple(
        AccessLine(
            one.number, one.at, one.actor, one.action, one.subject.removeprefix("dossier:"), one.why
        )
        for one in rows[:limit]
    )


@transaction.atomic
def mark_seen(alert: int, *, actor: Actor, clock: Clock) -> None:
    """Say that an alert was looked at."""
    actor.require(Action.VIEW_AUDIT)
    row = Alert.objects.select_for_update().get(pk=alert)
    row.seen_by, row.seen_at = actor.label, clock.now()
    row.save(update_fields=["seen_by", "seen_at"])
    record(actor.label, "cases.alert-seen", f"alert:{alert}", clock=clock)


def _is_hold(procedure: str, state: str) -> bool:
    found = definition(procedure).states.get(state)
    return found is not None and found.kind is StateKind.HOLD
