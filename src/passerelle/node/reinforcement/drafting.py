"""Draft a campaign from a gap, and edit it: this node's own paper, nothing is said to anybody.

The gap is read off a plan; it is split over partners by what each is known to have. Whatever was
drafted can be edited line by line until it is sent.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import Max

from passerelle.kernel.capabilities import capability
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.audit.domain import record
from passerelle.node.dossiers.models import Corridor
from passerelle.node.events.queries import latest_need, latest_revision, need_of, planned
from passerelle.node.plans.queries import table
from passerelle.node.reinforcement.models import Campaign, DraftLine, Thread
from passerelle.node.reinforcement.partners import partners_of
from passerelle.planning.asking.gap import Duties, open_gap
from passerelle.planning.asking.lines import draft_asks, towns_of
from passerelle.planning.asking.split import split
from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from passerelle.kernel.canonical import Json
    from passerelle.kernel.clock import Clock
    from passerelle.node.accounts.actor import Actor
    from passerelle.node.events.models import Event
    from passerelle.node.plans.models import PlanVersion
    from passerelle.planning.asking.lines import Ask
    from passerelle.planning.asking.split import Share
    from passerelle.planning.programme import Event as Programme

__all__ = [
    "BASES",
    "HEADER_FIELDS",
    "add_line",
    "draft_campaign",
    "edit_header",
    "edit_line",
]

BASES: Final = ("nobody", "hosts", "all")
"""What counts as covered: nobody on duty, the host's crews alone, or everybody in the plan."""

HEADER_FIELDS: Final = (
    "issuing_authority",
    "signatory",
    "legal_basis",
    "political_context",
    "contact_24_7",
)
"""Fields of every request that are text; the rest is computed or has a control of its own."""

_MOST_LINES: Final = 2000


@transaction.atomic
def draft_campaign(
    event: Event,
    *,
    basis: str,
    answer_by: datetime,
    header: Mapping[str, Json],
    peers: Sequence[str],
    title: str,
    language: str,
    actor: Actor,
    clock: Clock,
    version: PlanVersion | None = None,
) -> Campaign:
    """Draft requests from the gap of a plan, split over partners; nothing is said to anybody.

    Parameters
    ----------
    event
        The event.
    basis
        One of :data:`BASES`.
    answer_by
        Until when partners shall answer.
    header
        Fields of every request, see :data:`HEADER_FIELDS`, ``handling`` and ``languages``.
    peers
        Partners that may be asked, by name of the node.
    title
        Name of the campaign, for this node only.
    language
        Language in which tasks are worded.
    actor, clock
        Who drafts, and when.
    version
        The plan whose gap counts; without one nothing is covered.

    Raises
    ------
    RefusedError
        When the actor may not draft, no need was computed, or no partner was named.
    """
    actor.require(Action.DRAFT_REQUEST)
    revision = version.revision if version else latest_revision(event)
    need_row = version.need if version else latest_need(revision)
    if need_row is None:
        raise RefusedError(
            "Compute the need of {event} first.", code="campaign.no-need", event=event.code
        )
    corridors = {row.peer: row for row in Corridor.objects.filter(peer__in=peers)}
    if not corridors:
        raise RefusedError("Name at least one partner with a corridor.", code="campaign.nobody")
    if answer_by <= clock.now():
        raise RefusedError("The answer is due in the past.", code="campaign.past")
    source, need = planned(revision.pk), need_of(need_row.pk)
    gap = open_gap(need, _duties(version, basis))
    asks = draft_asks(
        gap, need, towns_of(source.event), source.event.timezone, doublings=source.event.doublings
    )
    nations = {nation.code: nation.state for nation in source.event.nations}
    shares, left = split(asks, partners_of(source.force, corridors.values()), nations)
    number = (event.campaigns.aggregate(last=Max("number"))["last"] or 0) + 1
    by_code = {ask.code: ask for ask in asks}
    campaign = Campaign.objects.create(
        event=event, need=need_row, plan=version, number=number, title=title.strip()[:120],
        basis=basis, header=dict(header), answer_by=answer_by,
        left=[_left(by_code[one.ask], one.crews) for one in left],
        created_at=clock.now(), created_by=actor.label,
    )  # fmt: skip
    _add_threads(campaign, corridors, shares, by_code, source.event, language)
    record(
        actor.label,
        "campaigns.draft",
        f"event:{event.code}/campaign:{number}",
        clock=clock,
        new={"basis": basis, "partners": len(corridors), "lines": len(shares)},
    )
    return campaign


@transaction.atomic
def edit_line(line: DraftLine, changes: Mapping[str, object], *, actor: Actor) -> Refusal | None:
    """Change a drafted line; refused once it was sent, and when the units contradict each other."""
    actor.require(Action.DRAFT_REQUEST)
    if line.thread.case:
        return Refusal("act.twice", {"act": "request"})
    for name, value in changes.items():
        if name not in _EDITABLE:
            raise RefusedError("A line has no {field}.", code="campaign.field", field=name)
        setattr(line, name, value)
    if line.starts_at >= line.ends_at:
        return Refusal("terms.period", {"what": line.code})
    if not 0 < line.posts <= line.present <= line.people:
        return Refusal("terms.units", {"what": line.code})
    line.save(update_fields=list(changes))
    return None


@transaction.atomic
def add_line(thread: Thread, like: DraftLine, *, actor: Actor) -> DraftLine:
    """Add a line that repeats another, for a thread that is not sent yet."""
    actor.require(Action.DRAFT_REQUEST)
    if thread.case:
        raise RefusedError("This request was sent already.", code="campaign.sent")
    codes = {line.code for line in thread.lines.all()}
    code = next(name for n in range(1, 10_000) if (name := f"X{n:03d}") not in codes)
    row = dict(DraftLine.objects.filter(pk=like.pk).values().get())
    own = {"id", "thread_id", "code"}
    values = {name: value for name, value in row.items() if name not in own}
    return DraftLine.objects.create(thread=thread, code=code, **values)


def edit_header(
    campaign: Campaign, header: Mapping[str, Json], answer_by: datetime, *, actor: Actor
) -> None:
    """Change the fields of every request that is not sent yet."""
    actor.require(Action.DRAFT_REQUEST)
    campaign.header, campaign.answer_by = dict(header), answer_by
    campaign.save(update_fields=["header", "answer_by"])


_EDITABLE: Final = frozenset(
    {
        "posts", "present", "people", "animals", "host_escort", "starts_at", "ends_at",
        "places", "task", "priority", "languages", "doubles_host", "is_out",
    }
)  # fmt: skip


def _duties(version: PlanVersion | None, basis: str) -> Duties | None:
    """Return the duties of a plan that count as cover."""
    if version is None or basis == "nobody":
        return None
    columns = table(version.pk)
    hosts = {group.id for group in planned(version.revision_id).force.groups if group.is_host}
    counted = [basis == "all" or code in hosts for code in columns.groups]
    rows = [n for n, group in enumerate(columns.duty_group.tolist()) if counted[group]]
    return Duties(
        columns.sites, columns.capabilities, columns.duty_site[rows],
        columns.duty_capability[rows], columns.duty_start[rows], columns.duty_end[rows],
        columns.duty_crews[rows],
    )  # fmt: skip


def _left(ask: Ask, crews: int) -> dict[str, object]:
    return {
        "ask": ask.code,
        "capability": ask.capability,
        "town": ask.town,
        "people": crews * ask.unit_people,
    }


def _add_threads(  # noqa: PLR0917 - the parts of one campaign
    campaign: Campaign,
    corridors: Mapping[str, Corridor],
    shares: Sequence[Share],
    asks: Mapping[str, Ask],
    programme: Programme,
    language: str,
) -> None:
    by_state: dict[str, list[Share]] = defaultdict(list)
    for share in shares:
        by_state[share.state].append(share)
    doubled = {(rule.capability, site) for rule in programme.doublings for site in rule.site_ids}
    for peer, corridor in sorted(corridors.items()):
        mine = by_state.get(corridor.peer_state, [])
        thread = Thread.objects.create(
            campaign=campaign,
            peer=peer,
            state=corridor.peer_state,
            reference=f"{corridor.own_state}-{campaign.event.code[:24]}-{corridor.peer_state}-"
            f"{campaign.number:02d}",
        )
        DraftLine.objects.bulk_create(
            _line(thread, f"L{n:03d}", share, asks[share.ask], doubled, language)
            for n, share in enumerate(mine[:_MOST_LINES], start=1)
        )


def _line(  # noqa: PLR0917 - the parts of one row
    thread: Thread,
    code: str,
    share: Share,
    ask: Ask,
    doubled: set[tuple[str, str]],
    language: str,
) -> DraftLine:
    kind = capability(ask.capability)
    present = share.units * kind.unit_people
    spoken = [one for one in ask.languages if len(one) in {2, 3}][:3]
    return DraftLine(
        thread=thread,
        code=code,
        ask=ask.code,
        capability=ask.capability,
        town=ask.town[:120],
        places=list(ask.site_ids),
        starts_at=ask.during.start,
        ends_at=ask.during.end,
        posts=share.units,
        present=present,
        people=max(present, share.crews * kind.unit_people),
        animals=share.crews * kind.unit_animals,
        host_escort=share.units if kind.is_field else 0,
        languages=spoken,
        task=_task(ask, language),
        priority="P2",
        needs=list(ask.needs),
        reasons=list(share.reasons),
        doubles_host=any((ask.capability, site) in doubled for site in ask.site_ids),
    )


def _task(ask: Ask, language: str) -> str:
    name = capability(ask.capability).labels.get(language)
    return f"{name[:1].upper()}{name[1:]} — {ask.town} ({', '.join(ask.site_ids[:12])})"
