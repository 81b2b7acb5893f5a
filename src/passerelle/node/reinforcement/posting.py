"""Send a campaign as a job: one request a step, signed by whoever confirmed it.

One confirmation names the digest of every request that it shows; the job signs a request only while it is
still that one. Each request is said and marked in one transaction: a stop, a crash or a second worker
leaves every request either sent once or not at all, and the next attempt goes on where the last one ended.
What is edited meanwhile is not sent, and its thread says so.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction

from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.actor import COMMAND_LINE, Actor
from passerelle.node.accounts.enums import Action
from passerelle.node.accounts.models import User
from passerelle.node.audit.domain import record
from passerelle.node.jobs.domain import ask
from passerelle.node.jobs.enums import FINAL, JobKind
from passerelle.node.jobs.models import Job
from passerelle.node.jobs.steps import Steps
from passerelle.node.reinforcement.models import Campaign
from passerelle.node.reinforcement.sending import prepared, require_seen, send_thread

if TYPE_CHECKING:
    from passerelle.kernel.canonical import Json
    from passerelle.kernel.clock import Clock

__all__ = ["CampaignHandler", "sending_of", "start_sending"]


@transaction.atomic
def start_sending(campaign: Campaign, *, seen: str, actor: Actor, clock: Clock) -> Job:
    """Queue the sending of every prepared request, exactly as shown.

    Parameters
    ----------
    campaign
        The campaign.
    seen
        Digest of what was shown, from :func:`~.sending.seen_of`.
    actor, clock
        Who signs, and when.

    Raises
    ------
    RefusedError
        When the actor may not sign, nothing waits, it is not what was shown any more, or it is being
        sent already.
    """
    actor.require(Action.SIGN_ACT)
    found = sending_of(campaign)
    if found is not None and found.state not in FINAL:
        raise RefusedError(
            "Campaign {number} is being sent already (job {job}).",
            code="campaign.busy",
            number=campaign.number,
            job=found.key,
        )
    shown = prepared(campaign)
    require_seen(shown, seen)
    confirmed: dict[str, Json] = {one.thread.peer: one.digest for one in shown}
    params = {"campaign": campaign.pk, "user": actor.user_id, "confirmed": confirmed}
    job = ask(JobKind.CAMPAIGN, campaign.event, params, actor=actor, clock=clock)
    subject = f"event:{campaign.event.code}/campaign:{campaign.number}/job:{job.key}"
    record(actor.label, "campaigns.send", subject, clock=clock, new=confirmed)
    return job


def sending_of(campaign: Campaign) -> Job | None:
    """Return the newest job that sends, or has sent, requests of a campaign."""
    return Job.objects.filter(
        kind=JobKind.CAMPAIGN, event=campaign.event_id, params__campaign=campaign.pk
    ).first()


class CampaignHandler:
    """Send campaigns.

    Parameters
    ----------
    clock
        Gives ``issued``.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def start(self, job: Job) -> Steps:
        """Look who confirmed it, and lay out one step a request."""
        campaign = Campaign.objects.select_related("event").get(pk=job.params["campaign"])
        actor = _signer(job)
        return Steps(
            [
                partial(send_thread, campaign, peer, confirmed, actor=actor, clock=self._clock)
                for peer, confirmed in sorted(job.params["confirmed"].items())
            ],
            "sending",
        )

    def store(self, job: Job, result: int, clock: Clock) -> str:
        """Name the campaign: what was sent stands in its threads."""
        del result, clock
        return f"campaign:{job.params['campaign']}"


def _signer(job: Job) -> Actor:
    """Return who confirmed, with the roles held now.

    Raises
    ------
    RefusedError
        When that person may not sign any more: nothing further leaves in the name of one who has left.
    """
    key = job.params["user"]
    if key is None and job.created_by == COMMAND_LINE.label:
        return COMMAND_LINE
    user = User.objects.filter(pk=key, is_active=True).first()
    if user is None:
        raise RefusedError(
            "Who confirmed this sending ({who}) has left the node.",
            code="campaign.signer",
            who=job.created_by,
        )
    actor = Actor.of(user)
    actor.require(Action.SIGN_ACT)
    return actor
