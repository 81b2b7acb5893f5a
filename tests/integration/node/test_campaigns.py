"""A campaign: drafted from a gap, edited, sent with one confirmation, each state in its own thread."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.factories.node import add_event
from tests.factories.nodes import host_with_peers

from passerelle.kernel.clock import SystemClock
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.actor import COMMAND_LINE, Actor
from passerelle.node.accounts.enums import Role
from passerelle.node.dossiers.models import Dossier
from passerelle.node.dossiers.queries import open_dossier_value
from passerelle.node.exchange.models import Entry, Peer
from passerelle.node.reinforcement.drafting import draft_campaign, edit_line
from passerelle.node.reinforcement.models import Campaign, DraftLine, Position, TallyRow
from passerelle.node.reinforcement.sending import (
    extension,
    prepared,
    say_shown,
    seen_of,
    send,
    withdrawal,
)
from passerelle.procedures.reinforcement.offers import lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from passerelle.kernel.clock import FixedClock

HEADER = {
    "issuing_authority": "Ministry of the Interior, France",
    "signatory": "Head of the cooperation directorate",
    "legal_basis": "Agreements on police cooperation",
    "contact_24_7": "+33 1 00 00 00 00",
    "handling": {"tlp": "AMBER", "police": "H0"},
    "languages": ["fr"],
}
NOW = SystemClock()


@pytest.fixture
def partners(db: None, tmp_path: Path) -> Iterator[None]:
    with host_with_peers(tmp_path / "nodes", ("MA", "ES")):
        yield


@pytest.fixture
def campaign(partners: None, tmp_path: Path, clock: FixedClock) -> Campaign:
    event = add_event(tmp_path, clock).event
    return draft_campaign(
        event, basis="nobody", answer_by=NOW.now() + timedelta(days=20), header=HEADER,
        peers=["ma", "es"], title="First wave", language="fr", actor=COMMAND_LINE, clock=NOW,
    )  # fmt: skip


def test_lines_are_drafted_from_the_gap_and_keep_the_needs_they_serve(campaign: Campaign) -> None:
    drafted = DraftLine.objects.filter(thread__campaign=campaign)

    assert {line.thread.state for line in drafted} == {"MA", "ES"}
    assert all(line.needs and line.places == ["STE"] for line in drafted)
    assert "escort" not in {line.capability for line in drafted}
    first = next(line for line in drafted if line.capability == "joint_patrol")
    assert "STE/joint_patrol/2024-07-24" in first.needs
    assert Entry.objects.count() == 0


def test_sending_signs_exactly_what_was_shown_in_private_threads(campaign: Campaign) -> None:
    shown = prepared(campaign)
    by_peer = {one.thread.peer: one.payload for one in shown}

    n_sent, problems = send(campaign, seen=seen_of(shown), actor=COMMAND_LINE, clock=NOW)

    assert (n_sent, problems) == (2, [])
    cases = dict(campaign.threads.values_list("peer", "case"))
    for peer, case in cases.items():
        row, _, value = open_dossier_value(case)
        assert (row.corridor.peer, row.state, row.event) == (peer, "requested", "small-cup")
        assert value.opened.payload == by_peer[peer]
        others = {"MA", "ES"} - {row.corridor.peer_state}
        assert not any(f'"{state}"' in str(value.opened.payload) for state in others)
    assert TallyRow.objects.filter(stage="asked").count() >= 2
    assert Position.objects.count() == 2


def test_nothing_leaves_when_a_line_changed_after_it_was_shown(campaign: Campaign) -> None:
    seen = seen_of(prepared(campaign))
    line = DraftLine.objects.filter(thread__campaign=campaign).first()
    assert line is not None
    assert edit_line(line, {"people": line.people + 2}, actor=COMMAND_LINE) is None

    with pytest.raises(RefusedError, match="changed since"):
        send(campaign, seen=seen, actor=COMMAND_LINE, clock=NOW)

    assert Entry.objects.count() == 0


def test_a_partner_that_cannot_be_addressed_does_not_stop_the_others(campaign: Campaign) -> None:
    Peer.objects.filter(node="es").update(state="suspended")

    n_sent, problems = send(
        campaign, seen=seen_of(prepared(campaign)), actor=COMMAND_LINE, clock=NOW
    )
    Peer.objects.filter(node="es").update(state="active")
    n_again, later = send(campaign, seen=seen_of(prepared(campaign)), actor=COMMAND_LINE, clock=NOW)

    assert (n_sent, [thread.peer for thread in problems]) == (1, ["es"])
    assert "does not release" in problems[0].problem
    assert (n_again, later) == (1, [])
    assert Dossier.objects.count() == 2


def test_more_time_is_an_amendment_that_moves_the_deadline(campaign: Campaign) -> None:
    send(campaign, seen=seen_of(prepared(campaign)), actor=COMMAND_LINE, clock=NOW)
    until = (NOW.now() + timedelta(days=40)).replace(microsecond=0)
    thread = campaign.threads.get(peer="ma")
    before = open_dossier_value(thread.case)[2]

    shown = extension([thread], until, reason="Asked by the partner")
    refusals = say_shown(shown, seen=seen_of(shown), actor=COMMAND_LINE, clock=NOW)

    _, _, value = open_dossier_value(thread.case)
    assert refusals == [None]
    assert lines(value) == lines(before)
    assert Position.objects.get(dossier_id=thread.case).answer_by == until


def test_what_was_withdrawn_can_be_edited_and_sent_again_as_a_new_dossier(
    campaign: Campaign,
) -> None:
    send(campaign, seen=seen_of(prepared(campaign)), actor=COMMAND_LINE, clock=NOW)
    thread = campaign.threads.get(peer="ma")
    first = thread.case

    gone = withdrawal([thread], reason="Wrong dates")
    refusals = say_shown(gone, seen=seen_of(gone), actor=COMMAND_LINE, clock=NOW)
    shown = prepared(campaign)
    n_sent, _ = send(campaign, seen=seen_of(shown), actor=COMMAND_LINE, clock=NOW)

    thread.refresh_from_db()
    assert (refusals, n_sent) == ([None], 1)
    assert thread.earlier == [first]
    assert thread.case not in {"", first}
    assert Dossier.objects.get(case=first).state == "withdrawn"


def test_a_line_whose_units_contradict_each_other_is_refused(campaign: Campaign) -> None:
    line = DraftLine.objects.filter(thread__campaign=campaign).first()
    assert line is not None

    refusal = edit_line(line, {"posts": line.people + 1}, actor=COMMAND_LINE)

    assert refusal is not None
    assert refusal.code == "terms.units"


def test_only_those_who_may_draft_draft(partners: None, tmp_path: Path, clock: FixedClock) -> None:
    event = add_event(tmp_path, clock).event
    auditor = Actor("user:auditor", frozenset({Role.AUDITOR}))

    with pytest.raises(RefusedError) as refused:
        draft_campaign(
            event, basis="nobody", answer_by=NOW.now() + timedelta(days=20), header=HEADER,
            peers=["ma"], title="x", language="en", actor=auditor, clock=NOW,
        )  # fmt: skip

    assert refused.value.code == "accounts.not-permitted"
