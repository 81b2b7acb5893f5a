"""Compare mixes of offers: what stands on offer beside what is committed, in terms of the planner.

The choice is long work and runs as a job in a process of its own; its answer is kept as plain values
that the page reads. An offer that may lapse before the other side could sign says so; a counter-offer
excludes the other offers of its partner on the same line.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from passerelle.compute import start_watched
from passerelle.kernel.capabilities import capability
from passerelle.kernel.counts import Stage
from passerelle.kernel.problems import RefusedError
from passerelle.kernel.times import Interval
from passerelle.node.accounts.enums import Action
from passerelle.node.audit.domain import record
from passerelle.node.events.models import EventRevision, NeedSnapshot
from passerelle.node.events.queries import latest_need, latest_revision, planned
from passerelle.node.jobs.domain import ask
from passerelle.node.jobs.enums import JobKind
from passerelle.node.jobs.queries import running_job
from passerelle.node.reinforcement.choosing import MixRequest, solve_mix
from passerelle.node.reinforcement.forces import (
    ForceParams,
    base_for,
    committed_force,
    committed_of,
    usual_rules,
)
from passerelle.node.reinforcement.models import MixRun, OfferRow
from passerelle.node.reinforcement.planning import write_forces
from passerelle.planning.force import Contingent, CrewGroup, Force, more_protective
from passerelle.procedures.reinforcement.offers import OfferStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from passerelle.compute import Watched
    from passerelle.kernel.clock import Clock
    from passerelle.node.accounts.actor import Actor
    from passerelle.node.events.models import Event
    from passerelle.node.jobs.models import Job
    from passerelle.node.planner import Planned

__all__ = ["MixHandler", "code_of", "offered", "start_mix"]


def code_of(row: OfferRow) -> str:
    """Return the code of an offer among those of all dossiers."""
    return f"{row.dossier_id[:6]}.{row.code}"


def start_mix(event: Event, *, seconds: int, keep_assumed: bool, actor: Actor, clock: Clock) -> Job:
    """Queue a comparison of the offers that stand now.

    Raises
    ------
    RefusedError
        When nothing stands on offer, no need was computed, or a job of the event is under way.
    """
    actor.require(Action.START_PLAN)
    revision = latest_revision(event)
    need = latest_need(revision)
    if need is None:
        raise RefusedError(
            "Compute the need of {event} first.", code="plan.no-need", event=event.code
        )
    if not offered(event.code, clock.now()):
        raise RefusedError("No offer stands that could be compared.", code="mix.no-offer")
    busy = running_job(event)
    if busy is not None:
        raise RefusedError(
            "A solve of {event} is under way (job {job}); stop it first or wait.",
            code="plan.busy",
            event=event.code,
            job=busy.key,
        )
    params = {
        "revision": revision.pk,
        "need": need.pk,
        "seconds": min(max(seconds, 5), 600),
        "keep_assumed": keep_assumed,
        "at": clock.now().isoformat(),
    }
    job = ask(JobKind.MIX, event, params, actor=actor, clock=clock)
    record(actor.label, "mix.start", f"event:{event.code}/job:{job.key}", clock=clock)
    return job


def offered(event: str, at: datetime) -> list[OfferRow]:
    """Return the offers that stand at an instant, or were chosen and are not co-signed yet."""
    rows = OfferRow.objects.filter(
        dossier__event=event, dossier__side="host",
        status__in=(OfferStatus.STANDING.value, OfferStatus.ACCEPTED.value),
    ).select_related("dossier__corridor").order_by("dossier_id", "code")  # fmt: skip
    return [
        row
        for row in rows
        if (row.status == OfferStatus.ACCEPTED.value and row.committed < row.people)
        or (row.status == OfferStatus.STANDING.value and row.valid_until >= at)
    ]


class MixHandler:
    """Compare mixes."""

    def start(self, job: Job) -> Watched[dict[str, Any] | None]:  # Any: a report as JSON
        """Lay the folder out with what is committed and offered, and start the comparison."""
        params = job.params
        rows = offered(job.event.code, job.created_at)
        source = planned(params["revision"])
        held = committed_force(
            source,
            committed_of(job.event.code),
            ForceParams(keep_assumed=params["keep_assumed"]),
        )
        force = _with_offers(source, held, rows)
        packed = EventRevision.objects.values_list("folder", flat=True).get(pk=params["revision"])
        with tempfile.TemporaryDirectory(prefix="passerelle-mix-") as place:
            folder = write_forces(Path(place), job.event.code, bytes(packed), source, force)
            files = {path.name: path.read_bytes() for path in folder.iterdir()}
        request = MixRequest(
            files=files,
            name=job.event.code,
            need=bytes(NeedSnapshot.objects.get(pk=params["need"]).columns),
            excludes=_excludes(rows),
            valid_until={code_of(row): row.valid_until.isoformat() for row in rows},
            seconds=float(params["seconds"]),
        )
        return start_watched(solve_mix, request)

    def store(self, job: Job, result: dict[str, Any], clock: Clock) -> str:  # Any: as above
        """Keep the report."""
        run = MixRun.objects.create(
            event=job.event, job=job, report=result, created_at=clock.now(),
            created_by=job.created_by, keeps_assumed=job.params["keep_assumed"],
        )  # fmt: skip
        return f"mix:{run.pk}"


def _with_offers(source: Planned, held: Force, rows: Sequence[OfferRow]) -> Force:
    """Add each offer as a contingent of one group at the stage *offered*."""
    rules = dict(held.rules_by_id)
    groups, contingents = list(held.groups), list(held.contingents)
    for row in rows:
        group = _group(source, rules, row)
        if group is not None:
            groups.append(group)
            contingents.append(
                Contingent(group.contingent_id, group.owner, group.name, Stage.OFFERED, (group.id,))
            )
    return Force(
        tuple(sorted(groups, key=lambda group: group.id)),
        tuple(sorted(contingents, key=lambda one: one.id)),
        tuple(rule for _, rule in sorted(rules.items())),
    )


def _group(source: Planned, rules: dict[str, Any], row: OfferRow) -> CrewGroup | None:
    state, kind = row.dossier.corridor.peer_state, capability(row.capability)
    base = base_for(source, state, row.places)
    left = row.people - row.committed
    crews = left // kind.unit_people
    if base is None or not crews or row.starts_at >= row.ends_at:
        return None
    sender = usual_rules(rules, state, row.capability)
    merged = more_protective(rules["host"], sender)
    rules[merged.id] = merged
    days = max(1, (row.ends_at - row.starts_at).days)
    return CrewGroup(
        id=f"O-{code_of(row)}",
        contingent_id=code_of(row),
        owner=state,
        is_host=False,
        name=f"{state} {kind.labels.en}",
        capabilities=(row.capability,),
        crew_people=kind.unit_people,
        crew_animals=kind.unit_animals,
        crews=crews,
        base=base,
        available=Interval(row.starts_at, row.ends_at),
        languages=tuple(row.languages),
        certificates=(),
        rules_id=merged.id,
        cost_eur_day=(row.cost_eur or 0) // max(1, row.people // kind.unit_people) // days,
        allowed_site_ids=tuple(code for code in row.places if code in source.event.sites),
        supports_nations=tuple(n.code for n in source.event.nations if n.state == state),
        is_armed=merged.may_carry_weapon and row.weapons != "none",
        stage=Stage.OFFERED,
    )


def _excludes(rows: Sequence[OfferRow]) -> dict[str, tuple[str, ...]]:
    """Return which offers exclude each other: a counter-offer, and the others on its line."""
    found: dict[str, tuple[str, ...]] = {}
    for row in rows:
        if row.answer == "counter" and row.line:
            found[code_of(row)] = tuple(
                code_of(other)
                for other in rows
                if other.dossier_id == row.dossier_id
                and other.line == row.line
                and other.code != row.code
            )
    return found
