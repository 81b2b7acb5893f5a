"""The judicial tracker on a node: prepared nationally, sent, a date of release that nobody moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.simulators.case_node import actor_of

from passerelle.node.accounts.enums import Role
from passerelle.node.dossiers import domain
from passerelle.node.exchange.acts import Release

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client
    from tests.simulators.case_node import CaseNode

SEND = {
    "reference": "J-1", "instrument": "convention-2008", "article": "3",
    "measure_code": "extradition", "urgent": True, "languages": ["fr"],
    "transmission_hash": "e" * 64, "annexes": 2, "self_checked": True, "draft_shared_before": True,
}  # fmt: skip
JUDGE = actor_of("user:judge", Role.JUDGE)
CENTRAL = actor_of("user:central-authority", Role.CENTRAL)


def sent(node: CaseNode) -> str:
    """Let a judge prepare a request and the central authority send it."""
    kept = ("instrument", "article", "measure_code", "urgent", "languages")
    fields: dict[str, Any] = {name: SEND[name] for name in kept}
    case = domain.open_case(
        "ma", "judicial", "prepare", fields, "issuing-authority", actor=JUDGE, clock=node.clock
    )
    assert isinstance(case, str), case
    for act, role, actor, payload in (
        ("submit", "issuing-authority", JUDGE, {}),
        ("send", "central-authority", CENTRAL, SEND),
    ):
        found = domain.say(case, act, payload, role, actor=actor, clock=node.clock)
        assert isinstance(found, Release), found
    return case


def test_a_date_of_release_stands_on_top_and_says_that_nobody_moves_it(
    node: CaseNode, signed_in: Callable[..., Client]
) -> None:
    case = sent(node)
    node.deliver()
    node.answer(case, "arrest", arrested_on="2024-04-22", regime="france-morocco-40")
    client = signed_in("judge")
    client.cookies["passerelle_language"] = "en"

    listed = client.get("/judicial").content.decode()
    opened = client.get(f"/dossiers/{case}").content.decode()

    assert "1</bdi> date of release runs" in listed
    assert "1 Jun 2024" in listed
    assert "J-1" in listed
    assert "Release is due on 1 Jun 2024" in opened
    assert "nobody can move it" in opened


def test_the_tracker_is_seen_by_justice_alone(
    node: CaseNode, signed_in: Callable[..., Client]
) -> None:
    case = sent(node)

    seen = {role for role in Role if signed_in(role).get(f"/dossiers/{case}").status_code == 200}

    assert seen == {Role.JUDGE, Role.CENTRAL}
