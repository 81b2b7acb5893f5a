"""Sending a campaign as a job: with progress, stopped and gone on with, each request exactly once."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.factories.node import add_event
from tests.factories.nodes import host_with_peers

from passerelle.kernel.clock import SystemClock
from passerelle.kernel.labels import Labels
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.actor import COMMAND_LINE, Actor
from passerelle.node.accounts.domain import add_office, add_user
from passerelle.node.accounts.enums import Role
from passerelle.node.accounts.models import User
from passerelle.node.exchange.models import Entry
from passerelle.node.jobs.domain import claim, request_stop
from passerelle.node.jobs.enums import JobKind, JobState
from passerelle.node.jobs.models import Job
from passerelle.node.jobs.worker import Worker
from passerelle.node.reinforcement.drafting import draft_campaign, edit_line
from passerelle.node.reinforcement.models import Campaign, DraftLine, Thread
from passerelle.node.reinforcement.posting import CampaignHandler, start_sending
from passerelle.node.reinforcement.sending import MOST_BYTES, prepared, seen_of, size_of
from passerelle.node.reinforcement.splitting import split_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from passerelle.kernel.clock import FixedClock

NOW = SystemClock()
PEERS = ("MA", "ES", "DE")
HEADER = {
    "issuing_authority": "Ministry of the Interior, France",
    "signatory": "Head of the cooperation directorate",
    "legal_basis": "Agreements on police cooperation",
    "contact_24_7": "+33 1 00 00 00 00",
    "handling": {"tlp": "AMBER", "police": "H0"},
    "languages": ["fr"],
}
SIGNERS = {Role.COOPERATION, Role.APPROVER}


@pytest.fixture
def campaign(db: None, tmp_path: Path, clock: FixedClock) -> Iterator[Campaign]:
    with host_with_peers(tmp_path / "nodes", PEERS):
        event = add_event(tmp_path, clock).event
        yield draft_campaign(
            event, basis="nobody", answer_by=NOW.now() + timedelta(days=20), header=HEADER,
            peers=[peer.lower() for peer in PEERS], title="First wave", language="fr",
            actor=COMMAND_LINE, clock=NOW,
        )  # fmt: skip


def confirm(campaign: Campaign, actor: Actor = COMMAND_LINE) -> Job:
    return start_sending(campaign, seen=seen_of(prepared(campaign)), actor=actor, clock=NOW)


def worker(name: str = "w") -> Worker:
    return Worker(name, {JobKind.CAMPAIGN: CampaignHandler(NOW)}, 30, NOW, threading.Event())


def sent_to(campaign: Campaign) -> set[str]:
    return set(campaign.threads.exclude(case="").values_list("peer", flat=True))


def member(role: Role) -> Actor:
    office = add_office(f"o-{role.value}", Labels("Bureau", "Office", "مكتب"))
    return Actor.of(add_user(f"u-{role.value}", office, [role]))


def is_permitted(call: Callable[[], object]) -> bool:
    try:
        call()
    except RefusedError as problem:
        if problem.code != "accounts.not-permitted":
            raise
        return False
    return True


def test_a_confirmed_campaign_is_sent_by_the_worker_and_shows_how_far(campaign: Campaign) -> None:
    job = confirm(campaign)
    assert Entry.objects.count() == 0

    worker().run(until_idle=True)

    job.refresh_from_db()
    campaign.refresh_from_db()
    assert (job.state, job.n_done, job.n_steps) == (JobState.DONE, 3, 3)
    assert sent_to(campaign) == {"ma", "es", "de"}
    assert campaign.sent_by == "command"
    assert Entry.objects.count() == 3


def test_a_stop_keeps_what_was_sent_and_the_rest_is_sent_once_later(campaign: Campaign) -> None:
    job = confirm(campaign)
    taken = claim("w", 30, NOW)
    assert taken is not None
    steps = CampaignHandler(NOW).start(taken)
    steps.messages(0.0)
    request_stop(job.key, actor=COMMAND_LINE, clock=NOW)
    steps.stop()
    assert (steps.is_over, steps.result(), len(sent_to(campaign))) == (True, None, 1)

    first = set(campaign.threads.exclude(case="").values_list("peer", "case"))
    Job.objects.filter(pk=job.pk).update(state=JobState.CANCELLED, lease_until=None)
    again = confirm(campaign)
    worker("v").run(until_idle=True)

    again.refresh_from_db()
    assert (again.state, again.n_steps) == (JobState.DONE, 2)
    assert first < set(campaign.threads.values_list("peer", "case"))
    assert Entry.objects.count() == 3


def test_a_second_worker_goes_on_where_the_first_was_lost(campaign: Campaign) -> None:
    job = confirm(campaign)
    lost = claim("w1", 30, NOW)
    assert lost is not None
    CampaignHandler(NOW).start(lost).messages(0.0)
    assert len(sent_to(campaign)) == 1
    Job.objects.filter(pk=job.pk).update(lease_until=NOW.now() - timedelta(seconds=1))

    worker("w2").run(until_idle=True)
    late = CampaignHandler(NOW).start(lost)
    while not late.is_over:
        late.messages(0.0)

    job.refresh_from_db()
    assert (job.state, job.worker, job.attempts) == (JobState.DONE, "w2", 2)
    assert Entry.objects.count() == 3
    assert not campaign.threads.exclude(problem="").exists()


def test_what_was_edited_after_the_confirmation_is_not_sent_and_says_so(campaign: Campaign) -> None:
    job = confirm(campaign)
    line = DraftLine.objects.filter(thread__peer="ma").first()
    assert line is not None
    assert edit_line(line, {"people": line.people + 2}, actor=COMMAND_LINE) is None

    worker().run(until_idle=True)

    job.refresh_from_db()
    thread = campaign.threads.get(peer="ma")
    assert job.state == JobState.DONE
    assert sent_to(campaign) == {"es", "de"}
    assert thread.why["code"] == "campaign.changed"


def test_nothing_more_leaves_in_the_name_of_one_who_has_left(campaign: Campaign) -> None:
    job = confirm(campaign, member(Role.COOPERATION))
    User.objects.update(is_active=False)

    worker().run(until_idle=True)

    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.FAILED, "campaign.signer")
    assert Entry.objects.count() == 0


def test_a_campaign_is_not_sent_twice_at_the_same_time(campaign: Campaign) -> None:
    confirm(campaign)

    with pytest.raises(RefusedError, match="being sent already"):
        confirm(campaign)


@pytest.mark.parametrize("role", list(Role))
def test_who_may_sign_may_confirm_and_stop_a_sending(campaign: Campaign, role: Role) -> None:
    actor = member(role)

    may_confirm = is_permitted(lambda: confirm(campaign, actor))
    job = Job.objects.first() or confirm(campaign)
    may_stop = is_permitted(lambda: request_stop(job.key, actor=actor, clock=NOW))

    assert may_confirm is (role in SIGNERS)
    assert may_stop is (role in SIGNERS | {Role.PLANNER, Role.OPERATOR})


def test_a_request_too_long_for_one_act_is_refused_in_words_and_split(campaign: Campaign) -> None:
    thread = campaign.threads.get(peer="ma")
    like = thread.lines.first()
    assert like is not None
    _lengthen(thread, like, 320)
    shown = next(one for one in prepared(campaign) if one.thread.peer == "ma")
    assert shown.refusal is not None
    assert shown.refusal.code == "campaign.long"
    before = thread.lines.count()

    other = split_thread(thread, actor=COMMAND_LINE, clock=NOW)

    added = other.threads.get(peer="ma")
    assert thread.lines.count() + added.lines.count() == before
    assert added.lines.count() > 0
    assert all(one.refusal is None for one in (*prepared(campaign), *prepared(other)))
    rest = list(thread.lines.filter(is_out=False))
    one_more = [*rest, added.lines.order_by("code")[0]]
    assert size_of(campaign, thread, rest) <= MOST_BYTES < size_of(campaign, thread, one_more)
    assert (other.number, other.header) == (campaign.number + 1, campaign.header)
    with pytest.raises(RefusedError, match="need not be split"):
        split_thread(thread, actor=COMMAND_LINE, clock=NOW)


def _lengthen(thread: Thread, like: DraftLine, n: int) -> None:
    rows = []
    for number in range(n):
        line = DraftLine.objects.get(pk=like.pk)
        line.pk, line.code, line.task = None, f"M{number:03d}", "x" * 900
        rows.append(line)
    assert {row.thread_id for row in rows} == {thread.pk}
    DraftLine.objects.bulk_create(rows)
