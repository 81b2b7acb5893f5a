"""The judicial tracker on a node, deadlines from the profile, and calendars of both states."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from tests.simulators.case_node import actor_of, official

from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Role
from passerelle.node.dossiers import domain, profiles
from passerelle.node.dossiers.models import Dossier, ProfileVersion
from passerelle.node.dossiers.queries import open_dossier_value, open_view
from passerelle.node.exchange.models import Entry
from passerelle.procedures.casework.extradition import release_due
from passerelle.procedures.deadlines import due
from passerelle.procedures.profile_document import write_profile
from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from tests.simulators.case_node import CaseNode

pytestmark = pytest.mark.django_db

JUDGE = actor_of("user:judge", Role.JUDGE)
CENTRAL = actor_of("user:central", Role.CENTRAL)
ASKED = {
    "instrument": "SYN-1957",
    "article": "12",
    "measure_code": "extradition",
    "urgent": True,
    "languages": ["fr", "ar"],
}


def asked(node: CaseNode) -> str:
    """Lead a judicial request up to the sending."""
    case = domain.open_case(
        "ma", "judicial", "prepare", ASKED | {"urgency_code": "custody"}, "issuing-authority",
        actor=JUDGE, clock=node.clock,
    )  # fmt: skip
    assert isinstance(case, str), case
    domain.say(case, "submit", {}, "issuing-authority", actor=JUDGE, clock=node.clock)
    assert Entry.objects.count() == 0, "a draft and its review never leave"
    sending = ASKED | {
        "reference": "SYN-J-1", "transmission_hash": "a" * 64, "annexes": 3, "self_checked": True,
        "draft_shared_before": False,
    }  # fmt: skip
    sent = domain.say(case, "send", sending, "central-authority", actor=CENTRAL, clock=node.clock)
    assert not isinstance(sent, Refusal), sent
    node.deliver()
    return case


def test_judicial_request_travels_as_metadata_to_the_judicial_office(node: CaseNode) -> None:
    case = asked(node)
    node.answer(case, "acknowledge", contact_office="central-ma", their_reference="SYN-MA-7")

    (header, _), *_ = node.seen_by_partner(case)
    assert (header.from_office, header.to_office) == ("judicial", "judicial")
    (body,) = node.bodies(case)
    assert set(body["payload"]) == {*ASKED} | {
        "reference", "transmission_hash", "annexes", "self_checked", "draft_shared_before",
    }  # fmt: skip
    assert node.state(case) == "acknowledged"
    assert node.ours.keys.find(case, "judicial") is not None
    with pytest.raises(RefusedError):
        domain.say(
            case, "withdraw", {}, "issuing-authority", actor=official("case-officer"),
            clock=node.clock,
        )  # fmt: skip


def test_release_date_is_computed_shown_and_moved_by_nobody(node: CaseNode) -> None:
    case = asked(node)
    node.answer(case, "acknowledge", contact_office="central-ma", their_reference="SYN-MA-7")
    node.answer(case, "arrest", arrested_on="2024-04-22", regime="france-morocco-40")

    last_day = date(2024, 4, 22) + timedelta(days=40)
    _, _, found = open_dossier_value(case)
    assert release_due(found) == last_day
    view = open_view(case, node.clock.now(), roles=("central-authority", "issuing-authority"))
    fields = {
        name
        for acts in view["allowed"].values()  # type: ignore[union-attr]
        for one in acts
        for name in one["schema"].get("properties", {})
        if one["is_allowed"]
    }
    assert not {name for name in fields if "release" in name or name in {"until", "due"}}
    node.clock.set(node.clock.now() + timedelta(days=27))
    node.refresh_trust()
    node.clock.set(node.clock.now() + timedelta(days=20))
    node.refresh_trust()
    late = domain.say(
        case, "file-formal", {"transmission_hash": "b" * 64}, "central-authority", actor=CENTRAL,
        clock=node.clock,
    )  # fmt: skip
    assert isinstance(late, Refusal)
    assert late.code == "judicial.release-due"
    _, _, found = open_dossier_value(case)
    assert release_due(found) == last_day


@pytest.mark.parametrize(
    ("preset", "last_day"),
    [
        # 25 days from the confirmed receipt; 14 working days, over three weekends and 1 May; 12 days.
        ("eu-russia", date(2024, 5, 17)),
        ("bilateral-14", date(2024, 5, 13)),
        ("eu-georgia", date(2024, 5, 4)),
    ],
)
def test_reply_is_due_as_the_profile_of_the_corridor_says(
    node: CaseNode, preset: str, last_day: date
) -> None:
    director = official("approver")
    first = actor_of("user:directorate", Role.COOPERATION)
    figures = profiles.import_preset("fr-ma", preset, actor=first, clock=node.clock)
    whole = write_profile(profiles.profile_of(node.profile_in_force))
    kept = ("transfer_basis", "assurances", "dpia", "fria", "opinion", "review_by", "authorities")
    version = profiles.complete_profile(
        "fr-ma", figures.number, {name: whole[name] for name in kept} | {"mark": "D"},
        actor=first, clock=node.clock,
    )  # fmt: skip
    profiles.activate_profile("fr-ma", version.number, actor=director, clock=node.clock)
    node.clock.advance(timedelta(minutes=1))

    case = node.sent()
    node.deliver()
    node.answer(case, "confirm-receipt", receipt_hash="b" * 64, receiving_official="Consul 3")
    node.answer(case, "start-verification")
    node.deliver()

    _, _, found = open_dossier_value(case, actor=official("dpo"), clock=node.clock)
    reply = next(one for one in due(found, node.clock.now()) if one.name == "reply")
    assert reply.due is not None
    assert reply.due.date() == last_day
    assert set(reply.local) == {"requesting", "requested"}


def test_open_file_stays_under_the_profile_in_which_it_was_opened(node: CaseNode) -> None:
    case = node.sent()
    before = node.profile_in_force
    first = actor_of("user:directorate", Role.COOPERATION)
    changed = profiles.complete_profile(
        "fr-ma", before.number, {"silence_article": "Article 99"}, actor=first, clock=node.clock
    )
    profiles.activate_profile("fr-ma", changed.number, actor=official("approver"), clock=node.clock)

    _, _, found = open_dossier_value(case, actor=official("dpo"), clock=node.clock)
    profile = found.procedure.corridor.profile
    assert profile is not None
    assert profile.silence_article == "Article 4"
    assert ProfileVersion.objects.exclude(active_from=None).count() == 2
    assert Dossier.objects.get(pk=case).state == "sent"
