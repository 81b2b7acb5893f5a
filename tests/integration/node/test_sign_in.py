from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from passerelle.node.accounts.domain import issue_link, redeem_link

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from passerelle.kernel.clock import FixedClock
    from passerelle.node.accounts.models import User

pytestmark = pytest.mark.django_db


def test_a_page_sends_visitors_to_the_sign_in_page(client: Client) -> None:
    answer = client.get("/account/mfa/")

    assert (answer.status_code, answer["Location"]) == (
        302,
        "/account/login/?next=/account/mfa/",
    )


def test_health_is_open_and_tells_nothing_else(client: Client) -> None:
    answer = client.get("/health")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_every_answer_carries_the_policy(client: Client) -> None:
    policy = client.get("/account/login/")["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_nobody_can_make_an_account_from_outside(client: Client) -> None:
    answer = client.get("/account/signup/")

    assert b"<form" not in answer.content or b'name="password1"' not in answer.content


def test_a_link_signs_in_once(make_user: Callable[..., User], clock: FixedClock) -> None:
    user = make_user("planner")
    secret = issue_link(user, clock, lambda: "a-secret")

    first, second = redeem_link(secret, clock), redeem_link(secret, clock)

    assert (first, second) == (user, None)


def test_a_link_grows_old(make_user: Callable[..., User], clock: FixedClock) -> None:
    secret = issue_link(make_user("planner"), clock, lambda: "a-secret")
    clock.advance(timedelta(minutes=10))

    assert redeem_link(secret, clock) is None


def test_somebody_without_a_second_factor_is_asked_to_make_one(
    make_user: Callable[..., User], client: Client
) -> None:
    client.force_login(make_user("planner"))

    answer = client.get("/")

    assert (answer.status_code, answer["Location"]) == (302, "/account/mfa/")
