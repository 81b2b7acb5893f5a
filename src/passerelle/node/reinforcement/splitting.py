"""Split a request that is longer than one act may be: its last lines go into a second campaign.

The second campaign has the same header and deadline, a thread of its own for the partner, and is sent like
any other; so the partner gets two requests, each whole, and nothing is cut in the middle of a line.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from django.db import transaction

from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.audit.domain import record
from passerelle.node.reinforcement.models import Campaign, DraftLine, Thread
from passerelle.node.reinforcement.sending import MOST_BYTES, size_of

if TYPE_CHECKING:
    from passerelle.kernel.clock import Clock
    from passerelle.node.accounts.actor import Actor

__all__ = ["split_thread"]


@transaction.atomic
def split_thread(thread: Thread, *, actor: Actor, clock: Clock) -> Campaign:
    """Move the lines that do not fit to a second campaign, and return it.

    Parameters
    ----------
    thread
        A request that was not sent.
    actor, clock
        Who splits, and when.

    Raises
    ------
    RefusedError
        When the actor may not draft, the request was sent, it fits as it is, or not even one line fits.
    """
    actor.require(Action.DRAFT_REQUEST)
    campaign = thread.campaign
    lines = list(thread.lines.filter(is_out=False))
    if thread.case or size_of(campaign, thread, lines) <= MOST_BYTES:
        raise RefusedError("This request need not be split.", code="campaign.fits")
    n_kept = bisect_right(
        range(1, len(lines) + 1), MOST_BYTES, key=lambda n: size_of(campaign, thread, lines[:n])
    )
    if n_kept == 0:
        raise RefusedError("Not even one line fits into a request.", code="campaign.line-long")
    other = _continuation(campaign, thread.peer, actor, clock)
    base = thread.reference.rpartition("-")[0]
    added = Thread.objects.create(
        campaign=other, peer=thread.peer, state=thread.state, reference=f"{base}-{other.number:02d}"
    )
    moved = [line.pk for line in lines[n_kept:]]
    DraftLine.objects.filter(pk__in=moved).update(thread=added)
    subject = f"event:{campaign.event.code}/campaign:{campaign.number}/{thread.peer}"
    record(
        actor.label, "campaigns.split", subject, clock=clock,
        new={"campaign": other.number, "lines": len(moved)},
    )  # fmt: skip
    return other


def _continuation(campaign: Campaign, peer: str, actor: Actor, clock: Clock) -> Campaign:
    """Return the draft that goes on where a campaign ends, made when there is none for the partner."""
    found = (
        Campaign.objects.filter(
            event=campaign.event_id, number__gt=campaign.number, need=campaign.need_id,
            title=_title(campaign), answer_by=campaign.answer_by, sent_at=None,
        )
        .exclude(threads__peer=peer)
        .order_by("number")
        .first()
    )  # fmt: skip
    if found is not None:
        return found
    last = Campaign.objects.filter(event=campaign.event_id).order_by("-number").first()
    assert last is not None  # at least the one to be split
    return Campaign.objects.create(
        event=campaign.event, need=campaign.need, plan=campaign.plan, number=last.number + 1,
        title=_title(campaign), basis=campaign.basis, header=campaign.header,
        answer_by=campaign.answer_by, created_at=clock.now(), created_by=actor.label,
    )  # fmt: skip


def _title(campaign: Campaign) -> str:
    return f"{campaign.title[:110]} (+)"
