"""Verbs of a voice that plan, ask, and send duties: what the planner and the directorate do on pages.

Each finds in the database whether it was done, so that a story that goes on after an interruption
drafts, solves and publishes nothing twice. Nothing here decides anything: the campaign is drafted
from the gap of the published plan, the roster is solved by a worker, duties come out of the plan.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from passerelle.kernel.problems import Problem
from passerelle.kernel.times import parse_instant

if TYPE_CHECKING:
    from passerelle.kernel.canonical import Json
    from passerelle.node.accounts.actor import Actor
    from passerelle.node.events.models import Event
    from passerelle.node.reinforcement.models import Campaign

__all__ = ["PlanningVoice", "actor_named"]


class PlanningVoice:
    """Carry out the verbs of planning in the node that this process has entered."""

    def take_programme(self, by: str, folder: str, programme: str) -> str:
        """Take an event folder in with one of its programmes and compute its need, once."""
        from passerelle.node.events import domain as events  # noqa: PLC0415 - app ready
        from passerelle.node.events.models import Event  # noqa: PLC0415 - app ready
        from passerelle.node.exercise.clock import node_clock  # noqa: PLC0415 - app ready

        known = Event.objects.filter(code=Path(folder).name).first()
        if known is not None:
            return known.code
        actor, clock = actor_named(by), node_clock()
        revision = events.import_event(Path(folder), actor=actor, clock=clock, programme=programme)
        events.compute_need(revision, actor=actor, clock=clock)
        return revision.event.code

    def solve(self, by: str, event: str, seconds: int) -> dict[str, Json]:
        """Have the newest revision solved; return the job, or the version when there is one."""
        from passerelle.node.events.queries import latest_revision  # noqa: PLC0415 - app ready
        from passerelle.node.exercise.clock import node_clock  # noqa: PLC0415 - app ready
        from passerelle.node.jobs.queries import running_job  # noqa: PLC0415 - app ready
        from passerelle.node.plans.domain import start_plan  # noqa: PLC0415 - app ready

        row = _event(event)
        revision = latest_revision(row)
        version = _sound(row).filter(revision=revision).first()
        if version is not None:
            return {"plan": version.number}
        job = running_job(row) or start_plan(
            row, actor=actor_named(by), clock=node_clock(), seconds=seconds
        )
        return {"job": job.key}

    def repair(self, by: str, event: str, change: dict[str, Json]) -> dict[str, Json]:
        """Have the published plan repaired after a change; return the job, or the version."""
        from passerelle.node.exercise.clock import node_clock  # noqa: PLC0415 - app ready
        from passerelle.node.jobs.queries import running_job  # noqa: PLC0415 - app ready
        from passerelle.node.plans.domain import start_repair  # noqa: PLC0415 - app ready

        row = _event(event)
        for version in _sound(row).exclude(repair=None):
            if (version.repair or {}).get("change") == change:
                return {"plan": version.number}
        job = running_job(row) or start_repair(
            row, change, actor=actor_named(by), clock=node_clock()
        )
        return {"job": job.key}

    def job(self, key: str) -> dict[str, Json]:
        """Return how a job stands, and the version that it made."""
        from passerelle.node.jobs.enums import FINAL  # noqa: PLC0415 - app ready
        from passerelle.node.jobs.queries import find_job  # noqa: PLC0415 - app ready

        found = find_job(key)
        version = found.plans.first()
        return {
            "is_over": found.state in FINAL,
            "phase": found.phase or str(found.state),
            "value": found.value,
            "gap": found.gap,
            "error": found.error,
            "plan": None if version is None else version.number,
        }

    def stop_job(self, by: str, key: str) -> None:
        """Let a job end with the best that it has; one that is over stays as it is."""
        from passerelle.kernel.problems import RefusedError  # noqa: PLC0415 - as the others
        from passerelle.node.exercise.clock import node_clock  # noqa: PLC0415 - app ready
        from passerelle.node.jobs.domain import request_stop  # noqa: PLC0415 - app ready

        try:
            request_stop(key, actor=actor_named(by), clock=node_clock())
        except RefusedError as error:
            if error.code != "job.over":
                raise

    def publish_plan(self, by: str, event: str, number: int) -> dict[str, Json]:
        """Publish a version unless that was done; return what is said of it.

        Raises
        ------
        Problem
            When nobody is on duty in it.
        """
        from passerelle.node.exercise.clock import node_clock  # noqa: PLC0415 - app ready
        from passerelle.node.plans.domain import publish  # noqa: PLC0415 - app ready
        from passerelle.node.plans.enums import PlanState  # noqa: PLC0415 - app ready
        from passerelle.node.plans.queries import find_version, published  # noqa: PLC0415

        row = _event(event)
        version = find_version(row, number)
        if not version.n_duties:
            raise Problem(
                "No crew is on duty in version {n}; give the solve more time.",
                code="story.no-plan",
                n=number,
            )
        if version.state == PlanState.DRAFT:
            before = published(row)
            publish(
                version,
                expected_published=None if before is None else before.number,
                actor=actor_named(by),
                clock=node_clock(),
                why="story of the exercise",
            )
        return {
            "plan": number,
            "value": version.value,
            "gap": version.gap,
            "duties": version.n_duties,
            "people": version.n_people,
            "seconds": version.seconds,
            "repair": version.repair,
        }

    def draft(
        self,
        *,
        by: str,
        event: str,
        title: str,
        peers: list[str],
        header: dict[str, Json],
        answer_by: str,
    ) -> dict[str, Json]:
        """Draft a campaign from the gap of the published plan, once; return its size."""
        from passerelle.node.exercise.clock import node_clock  # noqa: PLC0415 - app ready
        from passerelle.node.plans.queries import published  # noqa: PLC0415 - app ready
        from passerelle.node.reinforcement.drafting import draft_campaign  # noqa: PLC0415

        row = _event(event)
        campaign = row.campaigns.filter(title=title).first() or draft_campaign(
            row, basis="hosts", answer_by=parse_instant(answer_by), header=header, peers=peers,
            title=title, language="fr", actor=actor_named(by), clock=node_clock(),
            version=published(row),
        )  # fmt: skip
        lines = [line for thread in campaign.threads.all() for line in thread.lines.all()]
        return {
            "number": campaign.number,
            "lines": len(lines),
            "threads": len({line.thread_id for line in lines}),
            "people": sum(line.people for line in lines),
        }

    def send_campaign(
        self, by: str, event: str, title: str, numbers: dict[str, str]
    ) -> dict[str, Json]:
        """Send what is not sent yet of a campaign; return peers asked, and problems by peer."""
        from passerelle.node.exercise.clock import node_clock  # noqa: PLC0415 - app ready
        from passerelle.node.reinforcement.sending import (  # noqa: PLC0415 - app ready
            prepared,
            seen_of,
            send,
        )

        campaign: Campaign = _event(event).campaigns.get(title=title)
        shown = prepared(campaign)
        problems: dict[str, Json] = {
            one.thread.peer: one.refusal.code for one in shown if one.refusal is not None
        }
        if shown:
            _, failed = send(
                campaign, seen=seen_of(shown), actor=actor_named(by), clock=node_clock(),
                numbers=numbers,
            )  # fmt: skip
            problems |= {thread.peer: thread.problem for thread in failed}
        asked = campaign.threads.exclude(case="").values_list("peer", flat=True)
        return {"asked": sorted(asked), "problems": problems}

    def take_forces(self, by: str, event: str) -> dict[str, Json]:
        """Take the committed forces in as a new revision, once; return what it holds."""
        from passerelle.node.events.queries import latest_revision, planned  # noqa: PLC0415
        from passerelle.node.exercise.clock import node_clock  # noqa: PLC0415 - app ready
        from passerelle.node.reinforcement.forces import (  # noqa: PLC0415 - app ready
            ForceParams,
            people_of,
        )
        from passerelle.node.reinforcement.planning import take_forces  # noqa: PLC0415

        row = _event(event)
        revision = latest_revision(row)
        if revision.number == 1:
            revision = take_forces(
                row, ForceParams(keep_assumed=False), actor=actor_named(by), clock=node_clock()
            )
        groups = [one for one in planned(revision.pk).force.groups if not one.is_host]
        named = [found for one in groups if (found := people_of(one)) is not None]
        return {
            "revision": revision.number,
            "groups": len(groups),
            "states": len({one.owner for one in groups}),
            "committed": len(named),
            "rolls": sum(bool(people) for _, _, people in named),
        }

    def group_of(self, event: str, case: str, item: str) -> str:
        """Return the first group of crews that comes from an item of a dossier; empty without."""
        from passerelle.node.events.queries import latest_revision, planned  # noqa: PLC0415
        from passerelle.node.reinforcement.forces import people_of  # noqa: PLC0415 - app ready

        for group in planned(latest_revision(_event(event)).pk).force.groups:
            found = people_of(group)
            if found is not None and found[:2] == (case, item):
                return group.id
        return ""

    def send_duties(self, by: str, event: str, number: int) -> list[dict[str, Json]]:
        """Send each partner its own people's duties of a version, unless another one is in force.

        Raises
        ------
        Problem
            When a partner's duties are refused.
        """
        from passerelle.node.exercise.clock import node_clock  # noqa: PLC0415 - app ready
        from passerelle.node.plans.queries import published  # noqa: PLC0415 - app ready
        from passerelle.node.reinforcement.publishing import (  # noqa: PLC0415 - app ready
            notices,
            send_notices,
        )

        version = published(_event(event))
        if version is None or version.number != number:
            return []
        found = notices(version)
        for notice, refusal in send_notices(found, actor=actor_named(by), clock=node_clock()):
            if refusal is not None:
                raise Problem(
                    "{case}: {reason}", code=refusal.code, case=notice.row.case,
                    reason=refusal.code,
                )  # fmt: skip
        return [
            {
                "state": one.row.corridor.peer_state,
                "case": one.row.case,
                "people": one.n_people,
                "duties": one.n_duties,
                "dropped": one.n_dropped,
                "unnamed": one.n_unnamed,
                "left_out": {person: list(why) for person, why in one.left_out.items()},
            }
            for one in found
        ]

    def acknowledge_duties(self, by: str, case: str, role: str) -> bool:
        """Acknowledge the duties that wait for it; tell whether any did."""
        from passerelle.node.dossiers.queries import open_dossier_value  # noqa: PLC0415
        from passerelle.node.exercise.clock import node_clock  # noqa: PLC0415 - app ready
        from passerelle.node.reinforcement.publishing import acknowledge  # noqa: PLC0415
        from passerelle.procedures.reinforcement.duties import unacknowledged  # noqa: PLC0415
        from passerelle.procedures.values import Refusal  # noqa: PLC0415 - app ready

        if not unacknowledged(open_dossier_value(case)[2]):
            return False
        found = acknowledge(case, role, actor=actor_named(by), clock=node_clock())
        if isinstance(found, Refusal):
            raise Problem("{code}", code=found.code)
        return True

    def duties(self, case: str) -> dict[str, Json]:
        """Return the duties in force by person, with version and acknowledgement."""
        from passerelle.kernel.times import format_instant  # noqa: PLC0415 - as the others
        from passerelle.node.dossiers.queries import open_dossier_value  # noqa: PLC0415
        from passerelle.procedures.reinforcement.duties import published_duties  # noqa: PLC0415

        return {
            person: {
                "version": one.version,
                "acknowledged": one.is_acknowledged,
                "duties": [
                    [format_instant(d.during.start), format_instant(d.during.end), d.place]
                    for d in one.duties
                ],
            }
            for person, one in published_duties(open_dossier_value(case)[2]).items()
        }

    def plan_changes(self, event: str) -> list[list[Json]]:
        """Return what the published version changes against the one before: group, kind, sites."""
        from passerelle.node.plans.changes import changes_between  # noqa: PLC0415 - app ready
        from passerelle.node.plans.queries import published, table  # noqa: PLC0415 - app ready

        row = _event(event)
        version = published(row)
        if version is None or version.based_on_id is None:
            return []
        found = changes_between(table(version.based_on_id), table(version.pk), row.time_zone)
        return [
            [one.group, one.kind.value, one.crews, str(one.day),
             "" if one.before is None else one.before.site,
             "" if one.after is None else one.after.site]
            for one in found
        ]  # fmt: skip


def actor_named(name: str) -> Actor:
    """Return an account of the cast as who acts."""
    from passerelle.node.accounts.actor import Actor  # noqa: PLC0415 - app ready
    from passerelle.node.story.cast import find_member  # noqa: PLC0415 - app ready

    return Actor.of(find_member(name))


def _event(code: str) -> Event:
    from passerelle.node.events.queries import find_event  # noqa: PLC0415 - app ready

    return find_event(code)


def _sound(event: Event) -> Any:  # Any: a query set of PlanVersion
    """Return the versions that put people on duty and break no rule, the newest first."""
    from passerelle.node.plans.queries import versions_of  # noqa: PLC0415 - app ready

    return versions_of(event).filter(n_violations=0, n_duties__gt=0).order_by("-number")
