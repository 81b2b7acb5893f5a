"""Send each partner the duties of its own people when a plan is published; only what changed.

Crews of a group that comes from a commitment are worked by the people on its roll: those of whom the group
was made, whoever replaced them since, in a fixed order. What a partner gets names its own
people and the sites where they work, and nothing of anybody else's.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from passerelle.kernel.canonical import digest
from passerelle.kernel.capabilities import catalogue
from passerelle.kernel.problems import RefusedError
from passerelle.kernel.times import Interval, format_instant
from passerelle.node.dossiers import domain as dossiers
from passerelle.node.dossiers.queries import open_dossier_value
from passerelle.node.events.queries import planned
from passerelle.node.plans.queries import table
from passerelle.node.reinforcement.forces import committed_of, people_of
from passerelle.procedures.reinforcement.commitments import arrangement_signed_on, items
from passerelle.procedures.reinforcement.duties import (
    Duty,
    published_duties,
    replaced_by,
    unacknowledged,
)
from passerelle.procedures.reinforcement.roll import lost_conditions, missing_conditions, roll
from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from passerelle.kernel.canonical import Json
    from passerelle.kernel.clock import Clock
    from passerelle.node.accounts.actor import Actor
    from passerelle.node.dossiers.models import Dossier
    from passerelle.node.exchange.acts import Release
    from passerelle.node.plans.models import PlanVersion
    from passerelle.node.plans.table import PlanTable
    from passerelle.planning.force import CrewGroup
    from passerelle.procedures.dossier import Dossier as DossierValue

__all__ = ["Notice", "acknowledge", "notices", "seen_of", "send_notices"]

_MOST_DUTIES: Final = 1000
_LANGUAGES: Final = ("fr", "en", "ar")


@dataclass(frozen=True, slots=True)
class Notice:
    """Hold what one partner would be sent for a version of the plan.

    Parameters
    ----------
    row
        The dossier.
    payloads
        Fields of the acts, several when there are many duties; none when nothing changes.
    n_people, n_duties, n_dropped
        People whose duties change, their duties, people who lose all of theirs.
    n_unnamed
        Crews on duty for whom nobody is on the roll.
    left_out
        People who may not be put on duty, with the conditions that they do not meet.
    """

    row: Dossier
    payloads: tuple[dict[str, Json], ...]
    n_people: int
    n_duties: int
    n_dropped: int
    n_unnamed: int
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class _Work:
    """Gather the duties of one dossier."""

    duties: dict[str, list[Duty]] = field(default_factory=lambda: defaultdict(list))
    n_unnamed: int = 0


def notices(version: PlanVersion) -> list[Notice]:
    """Return what each partner would be sent if the version were published now, by state."""
    committed = committed_of(version.event.code)
    if not committed:
        return []
    columns = table(version.pk)
    by_case: dict[str, list[tuple[CrewGroup, str, tuple[str, ...]]]] = defaultdict(list)
    for group in planned(version.revision_id).force.groups:
        found = people_of(group)
        if found is not None:
            by_case[found[0]].append((group, found[1], found[2]))
    return [
        _notice(one.row, one.value, version, _work(one.value, by_case[one.row.case], columns))
        for one in committed
    ]


def seen_of(found: Sequence[Notice]) -> str:
    """Return the digest over everything that would be signed."""
    return digest([[one.row.case, list(one.payloads)] for one in found])


def send_notices(
    found: Sequence[Notice], *, actor: Actor, clock: Clock
) -> list[tuple[Notice, Refusal | None]]:
    """Say every notice in its dossier; one that is refused does not stop the others."""
    done: list[tuple[Notice, Refusal | None]] = []
    for notice in found:
        refusal: Refusal | None = None
        for payload in notice.payloads:
            try:
                result = dossiers.say(
                    notice.row.case, "publish", payload, "planner", actor=actor, clock=clock
                )
            except RefusedError as error:
                result = Refusal("act.refused", {"why": str(error)})
            if isinstance(result, Refusal):
                refusal = result
                break
        done.append((notice, refusal))
    return done


def acknowledge(case: str, role: str, *, actor: Actor, clock: Clock) -> Release | Refusal:
    """Acknowledge all duties of a dossier that wait for it, as the partner."""
    _, _, value = open_dossier_value(case)
    waiting = unacknowledged(value)
    if not waiting:
        raise RefusedError("No duties wait to be acknowledged.", code="duties.none")
    return dossiers.say(
        case, "acknowledge-duties", {}, role, actor=actor, clock=clock, re=waiting[-64:]
    )


def _work(
    value: DossierValue,
    groups: Iterable[tuple[CrewGroup, str, tuple[str, ...]]],
    columns: PlanTable,
) -> _Work:
    work = _Work()
    stands_in = replaced_by(value)
    entries = roll(value)
    taken: set[str] = set()
    for group, item, people in groups:
        names = [stands_in.get(code, code) for code in people] or sorted(
            code
            for code, entry in entries.items()
            if entry.item == item and entry.is_active and not entry.is_animal and code not in taken
        )
        taken.update(names)
        size = group.crew_people
        for number, line in columns.crews_of(group.id):
            crew = names[(number - 1) * size : number * size]
            if len(crew) < size:
                work.n_unnamed += 1
            for row in columns.duties_of(line):
                duty = _duty(columns, row)
                for person in crew:
                    work.duties[person].append(duty)
    return work


def _duty(columns: PlanTable, row: int) -> Duty:
    during = Interval(
        datetime.fromtimestamp(int(columns.duty_start[row]), UTC),
        datetime.fromtimestamp(int(columns.duty_end[row]), UTC),
    )
    code = columns.capabilities[columns.duty_capability[row]]
    known = catalogue().get(code)
    task = " / ".join(known.labels.get(one) for one in _LANGUAGES) if known else code
    return Duty(during, columns.sites[columns.duty_site[row]], task)


def _notice(row: Dossier, value: DossierValue, version: PlanVersion, work: _Work) -> Notice:
    before = published_duties(value)
    entries, committed, signed_on = roll(value), items(value), arrangement_signed_on(value)
    wanted: dict[str, tuple[Duty, ...]] = {}
    left_out: dict[str, tuple[str, ...]] = {}
    for person, duties in sorted(work.duties.items()):
        entry = entries.get(person)
        kept: list[Duty] = []
        for duty in sorted(duties):
            missing: tuple[str, ...] = ("not-on-roll",)
            if entry is not None and entry.is_active:
                item = committed.get(entry.item)
                start = duty.during.start
                missing = lost_conditions(entry, missing_conditions(entry, item, signed_on, start))
            if missing:
                left_out[person] = tuple(dict.fromkeys((*left_out.get(person, ()), *missing)))
            else:
                kept.append(duty)
        if kept:
            wanted[person] = tuple(kept)
    changed = {
        person: duties
        for person, duties in wanted.items()
        if person not in before or before[person].duties != duties
    }
    dropped = [code for code, old in before.items() if old.duties and code not in wanted]
    return Notice(
        row=row,
        payloads=tuple(_payloads(version, changed, sorted(dropped))),
        n_people=len(changed),
        n_duties=sum(len(duties) for duties in changed.values()),
        n_dropped=len(dropped),
        n_unnamed=work.n_unnamed,
        left_out=left_out,
    )


def _payloads(
    version: PlanVersion, changed: Mapping[str, tuple[Duty, ...]], dropped: Sequence[str]
) -> Iterable[dict[str, Json]]:
    """Cut the duties into acts of a bearable size; nobody's duties are cut in two."""
    parts: list[list[Json]] = [[]]
    for person, duties in changed.items():
        if parts[-1] and len(parts[-1]) + len(duties) > _MOST_DUTIES:
            parts.append([])
        parts[-1] += [_row(person, duty) for duty in duties]
    for number, rows in enumerate(parts):
        payload: dict[str, Json] = {
            "plan": f"{version.event.code}/plan",
            "plan_version": version.number,
        }
        if rows:
            payload["duties"] = rows
        if number == 0 and dropped:
            payload["dropped"] = list(dropped)
        if rows or "dropped" in payload:
            yield payload


def _row(person: str, duty: Duty) -> dict[str, Json]:
    return {
        "person": person,
        "from": format_instant(duty.during.start),
        "to": format_instant(duty.during.end),
        "place": duty.place,
        "task": duty.task,
    }
