"""The planner as the node uses it: the one place where its functions are called.

Everything here is imported late, because compiled kernels and solvers are slow to load and most
pages need none of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from passerelle.node.plans.certificates import write_certificate
from passerelle.node.plans.table import plan_of
from passerelle.planning.roster.observer import Progress

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from passerelle.node.plans.table import PlanTable
    from passerelle.planning.force import Force
    from passerelle.planning.mix import Mix, MixReport, Offer
    from passerelle.planning.need import Need
    from passerelle.planning.need.explain import Explainer
    from passerelle.planning.programme import Event
    from passerelle.planning.repair import Past, Published
    from passerelle.planning.roster.locks import Lock
    from passerelle.planning.roster.observer import Observer
    from passerelle.planning.roster.plan import Line, Plan
    from passerelle.planning.roster.result import Result

__all__ = [
    "Answer",
    "Answered",
    "Held",
    "Planned",
    "Repaired",
    "assess",
    "choose_mix",
    "explainer",
    "programme_after",
    "read_folder",
    "ready",
    "repair",
    "solve",
]


@dataclass(frozen=True, slots=True)
class Planned:
    """Hold what an event folder says: the programme and who may be posted.

    Parameters
    ----------
    event
        Venues, sessions, territory, posts.
    force
        Groups, contingents and rules; empty when the folder names none.
    """

    event: Event
    force: Force


def read_folder(folder: Path) -> Planned:
    """Read an event folder.

    Raises
    ------
    InputError
        With every issue of every file.
    """
    from passerelle.planning.formats.event_folder import load_event  # noqa: PLC0415 - slow import

    loaded = load_event(folder)
    return Planned(loaded.event, loaded.force)


def assess(event: Event) -> Need:
    """Compute the need of an event with the coefficients of the product."""
    from passerelle.planning.need import assess as compute  # noqa: PLC0415 - slow import

    return compute(event)


def explainer(event: Event) -> Explainer:
    """Prepare the explanation of an event's need with the coefficients of the product."""
    from passerelle.planning.need import standard_coefficients  # noqa: PLC0415 - slow import
    from passerelle.planning.need.explain import Explainer  # noqa: PLC0415 - slow import

    return Explainer.of(event, standard_coefficients())


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold what the engine and the checker say about an event.

    Parameters
    ----------
    result
        The engine's result.
    start
        First instant of the instance, from which the plan counts its minutes.
    people
        People in a crew, by code of the group.
    violations
        What the independent checker found.
    certificate
        Packed prices that prove the bound; ``None`` when there are none.
    """

    result: Result
    start: datetime
    people: dict[str, int]
    violations: tuple[str, ...]
    certificate: bytes | None


def solve(
    planned: Planned,
    need: Need,
    *,
    seconds: float,
    seed: int,
    level: str,
    threads: int,
    start: tuple[PlanTable, str] | None,
    observer: Observer,
    stopped: threading.Event,
    locks: Sequence[Held] = (),
) -> Answer:
    """Build the instance of an event, solve it, and check the plan independently.

    Parameters
    ----------
    planned, need, level
        What is planned, with whom, and how cautious the need is.
    seconds, seed, threads
        Limits and randomness of the solve.
    start
        A plan to begin with, and the hash of the instance that it answers; it is used only when the
        instance is still the same.
    observer, stopped
        Who is told of progress, and what cuts the solve short.
    locks
        Duties that the plan must keep.
    """
    from passerelle.planning.need import Level  # noqa: PLC0415 - slow import
    from passerelle.planning.roster.build import build_instance  # noqa: PLC0415 - slow import
    from passerelle.planning.roster.check import check  # noqa: PLC0415 - slow import
    from passerelle.planning.roster.locks import joined_plan, with_locks  # noqa: PLC0415 - as above
    from passerelle.planning.roster.solve import SolveParams  # noqa: PLC0415 - slow import
    from passerelle.planning.roster.solve import solve as solve_instance  # noqa: PLC0415 - slow import
    from passerelle.planning.roster.stop import Stop  # noqa: PLC0415 - slow import
    from passerelle.planning.roster.warm import warm  # noqa: PLC0415 - slow import

    warm(lambda: observer.report(Progress(0.0, math.inf, -math.inf, "compiling")))
    observer.report(Progress(0.0, math.inf, -math.inf, "building"))
    instance = build_instance(planned.event, need, planned.force, level=Level(level))
    known = None
    if locks:
        instance = with_locks(instance, [held.lock(instance.start) for held in locks])
    if start is not None and start[1] == instance.hash:
        known = plan_of(start[0], instance.start, instance.hash)
    result = solve_instance(
        instance,
        Stop(seconds=seconds, cancelled=stopped),
        seed=seed,
        params=SolveParams(threads=threads),
        observer=observer,
        start=known,
    )
    found = () if result.plan is None else check(instance, result.plan).violations
    if locks and result.plan is not None:
        result = replace(result, plan=joined_plan(result.plan))
    return Answer(
        result=result,
        start=instance.start,
        people={group.code: group.people for group in instance.groups},
        violations=tuple(str(violation) for violation in found),
        certificate=None if result.certificate is None else write_certificate(result.certificate),
    )


@dataclass(frozen=True, slots=True)
class Held:
    """Hold the order that so many crews of a group work a duty.

    Parameters
    ----------
    group, site, capability, crews
        Who, where, as what, how many.
    start, end
        When, ISO 8601.
    """

    group: str
    site: str
    capability: str
    start: str
    end: str
    crews: int

    def lock(self, origin: datetime) -> Lock:
        """Return it as the engine takes it, in minutes since ``origin``."""
        from passerelle.planning.roster.locks import Lock  # noqa: PLC0415 - slow import
        from passerelle.planning.roster.plan import Duty  # noqa: PLC0415 - slow import

        first, last = (
            int((datetime.fromisoformat(moment) - origin).total_seconds()) // 60
            for moment in (self.start, self.end)
        )
        return Lock(self.group, Duty(first, last, self.site, self.capability), self.crews)


@dataclass(frozen=True, slots=True)
class Answered:
    """Hold a change that was answered by a repair, and the plan that came of it.

    Parameters
    ----------
    change, now
        Plain values of the change, and the moment at which it was answered.
    table
        The repaired plan.
    apart
        Lines of crews that the change split off their groups, as plain values.
    """

    change: Mapping[str, object]
    now: datetime
    table: PlanTable
    apart: Sequence[Sequence[Any]]  # Any: a line as JSON


def ready(
    planned: Planned,
    need: Need,
    table: PlanTable,
    *,
    level: str,
    answered: Sequence[Answered] = (),
    locks: Sequence[Held] = (),
    held: Sequence[Held] = (),
) -> Published:
    """Make a plan ready for questions about it.

    Parameters
    ----------
    planned, need, level
        What the solved plan rests on.
    table
        The solved plan.
    answered
        The repairs since, the oldest first; the plan of the last one is made ready.
    locks
        Duties that the solve had to keep: they stand in its catalogue.
    held
        Duties that a repair must leave alone now.

    Raises
    ------
    InputError
        When the plan breaks a rule of this instance.
    """
    from passerelle.planning.formats.change_file import change_of  # noqa: PLC0415 - slow import
    from passerelle.planning.need import Level  # noqa: PLC0415 - slow import
    from passerelle.planning.repair import Published, follow  # noqa: PLC0415 - slow import
    from passerelle.planning.roster.build import build_instance  # noqa: PLC0415 - slow import
    from passerelle.planning.roster.locks import with_duties  # noqa: PLC0415 - slow import

    instance = build_instance(planned.event, need, planned.force, level=Level(level))
    if locks:
        instance = with_duties(instance, [kept.lock(instance.start).duty for kept in locks])
    plan = plan_of(table, instance.start, instance.hash)
    published = Published(planned.event, instance, plan, Level(level))
    for step in answered:
        plan = plan_of(step.table, instance.start, "")
        changes, apart = [change_of(step.change)], [_line(values) for values in step.apart]
        published = follow(published, changes, step.now, plan, apart)
    if held:
        published = replace(published, locks=tuple(kept.lock(instance.start) for kept in held))
    published.make_ready()
    return published


def _line(values: Sequence[Any]) -> Line:  # Any: a line as JSON
    """Return the line that :func:`repair` wrote as plain values."""
    from passerelle.planning.roster.plan import Duty, Line  # noqa: PLC0415 - slow import

    group, crews, duties = values
    return Line(group, crews, tuple(Duty(*duty) for duty in duties))


def programme_after(event: Event, changes: Sequence[Mapping[str, Any]]) -> Event:
    """Return the programme after changes that were answered.

    Parameters
    ----------
    event
        The programme.
    changes
        Plain values: ``change`` and ``now`` of each, the oldest first.
    """
    from passerelle.planning.repair import programme_after as after  # noqa: PLC0415 - slow import

    return after(event, _pasts(changes))


def _pasts(changes: Sequence[Mapping[str, Any]]) -> tuple[Past, ...]:  # Any: values as JSON
    from passerelle.planning.formats.change_file import change_of  # noqa: PLC0415 - slow import
    from passerelle.planning.repair import Past  # noqa: PLC0415 - slow import

    return tuple(
        Past(change_of(item["change"]), datetime.fromisoformat(item["now"])) for item in changes
    )


@dataclass(frozen=True, slots=True)
class Repaired:
    """Hold a repaired plan and what is said of it.

    Parameters
    ----------
    plan
        The plan, crews under the codes of their groups.
    start, people, instance_hash
        As in :class:`Answer`, of the instance after the change.
    value, terms, seconds
        Cost by the checker, and the time taken.
    need
        The need after the change.
    report
        The change, touches with their proven least, what stays open, all changes since the plan was
        solved and the crews that they split off, as plain values.
    """

    plan: Plan
    start: datetime
    people: dict[str, int]
    instance_hash: str
    value: float
    terms: dict[str, float]
    seconds: float
    need: Need
    report: dict[str, Any]  # Any: a report as JSON


def repair(
    planned: Planned,
    need: Need,
    table: PlanTable,
    *,
    level: str,
    change: Mapping[str, object],
    now: datetime,
    answered: Sequence[Answered] = (),
    locks: Sequence[Held] = (),
    held: Sequence[Held] = (),
) -> Repaired:
    """Repair a published plan after a change.

    Parameters
    ----------
    planned, need, level
        What the solved plan rests on.
    table
        The solved plan.
    answered
        Earlier repairs; the plan of the last one is the published one.
    locks, held
        Duties that the solve had to keep, and those that this repair must leave alone.
    change
        Plain values of the change.
    now
        Present moment.

    Raises
    ------
    InputError
        When the change is wrong, with every issue.
    """
    from passerelle.planning.formats.change_file import change_of  # noqa: PLC0415 - slow import
    from passerelle.planning.repair import need_after  # noqa: PLC0415 - slow import
    from passerelle.planning.repair import repair as answer_to  # noqa: PLC0415 - slow import

    published = ready(planned, need, table, level=level, answered=answered, locks=locks, held=held)
    instance = published.instance
    answer = answer_to(published, [change_of(change)], now)
    changes = [
        *({"change": dict(step.change), "now": step.now.isoformat()} for step in answered),
        {"change": dict(change), "now": now.isoformat()},
    ]
    return Repaired(
        plan=answer.plain_plan(),
        start=instance.start,
        people={group.code: group.people for group in instance.groups},
        instance_hash=answer.instance.hash,
        value=sum(answer.terms.values()),
        terms=dict(answer.terms),
        seconds=answer.seconds["all"],
        need=need_after(planned.event, _pasts(changes)),
        report={
            "change": dict(change),
            "now": now.isoformat(),
            "touched": answer.touched,
            "forced": answer.forced,
            "touched_least": answer.bound_count,
            "is_least": answer.is_least,
            "broken_h": round(sum(answer.owed.values()), 1),
            "open_h": round(sum(answer.missing.values()), 1),
            "seconds": answer.seconds["all"],
            "changes": changes,
            "apart": [
                [
                    line.group,
                    line.crews,
                    [[d.start_min, d.end_min, d.site, d.capability] for d in line.duties],
                ]
                for line in answer.apart
            ],
        },
    )


def choose_mix(
    planned: Planned,
    need: Need,
    *,
    excludes: Mapping[str, tuple[str, ...]],
    valid_until: Mapping[str, str],
    seconds: float,
) -> dict[str, Any]:  # Any: a report as JSON
    """Compare mixes of the contingents at stage *offered*; return the report as plain values.

    Parameters
    ----------
    planned, need
        What is planned; contingents at a later stage are held already.
    excludes, valid_until
        By code of the offer: what cannot be taken with it, and when it lapses.
    seconds
        Time for all questions together.
    """
    from dataclasses import replace  # noqa: PLC0415 - slow import
    from datetime import datetime as instant  # noqa: PLC0415 - slow import

    from passerelle.planning.mix import MixParams, offers_of  # noqa: PLC0415 - slow import
    from passerelle.planning.mix import choose_mix as choose  # noqa: PLC0415 - slow import

    instance, offers = offers_of(planned.event, need, planned.force)
    known = {offer.code for offer in offers}
    chosen = [
        replace(
            offer,
            valid_until=instant.fromisoformat(valid_until[offer.code])
            if offer.code in valid_until
            else None,
            excludes=tuple(code for code in excludes.get(offer.code, ()) if code in known),
        )
        for offer in offers
    ]
    report = choose(instance, chosen, MixParams(seconds=seconds))
    return _report(report, chosen)


def _report(report: MixReport, offers: Sequence[Offer]) -> dict[str, Any]:  # Any: as above
    return {
        "mixes": [_mix(mix) for mix in (report.best, *report.alternatives)],
        "worths": [
            {
                "offer": one.offer,
                "is_accepted": one.is_accepted,
                "worth": round(one.worth, 3),
                "sign": one.sign.value,
                "is_model_only": one.is_model_only,
                "saved_hours": {skill: round(h, 1) for skill, h in one.saved_hours.items()},
            }
            for one in report.worths
        ],
        "offers": [
            {"offer": one.code, "state": one.state, "crews": one.crews, "people": one.people}
            for one in offers
        ],
        "seconds": round(report.seconds, 2),
        "is_complete": report.is_complete,
    }


def _mix(mix: Mix) -> dict[str, Any]:  # Any: as above
    crews: dict[str, int] = {}
    for one in mix.accepted:
        crews[one.offer] = crews.get(one.offer, 0) + one.crews
    return {
        "name": mix.name.value,
        "crews": crews,
        "points": round(mix.points, 3),
        "cost_eur": round(mix.cost_eur),
        "score": round(mix.score, 3),
        "bound": round(mix.bound, 3),
        "cover": mix.cover,
        "filled": {one.skill: [round(one.asked, 1), round(one.cover, 5)] for one in mix.filled},
        "escort_hours": round(mix.uses.escort_hours, 1),
        "escort_peak": round(mix.uses.escort_peak, 1),
        "bed_nights": round(mix.uses.bed_nights, 1),
        "bed_peak": round(mix.uses.bed_peak, 1),
    }
