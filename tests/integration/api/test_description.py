"""Random requests against the description: no crash, and only answers that are described."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from passerelle.api.urls import api
from passerelle.kernel.clock import SystemClock
from passerelle.node.accounts.actor import COMMAND_LINE
from passerelle.node.accounts.domain import issue_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from passerelle.node.accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

N_EXAMPLES = int(os.environ.get("PASSERELLE_SCALE", "4"))


def _operations() -> list[Any]:
    schema = schemathesis.openapi.from_dict(dict(api.get_openapi_schema()))
    schema.app = get_wsgi_application()
    return [found.ok() for found in schema.get_all_operations()]


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """Keep the test's transaction open, as Django's own client does, when a request ends."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def token(make_user: Callable[..., User]) -> str:
    return issue_token(
        make_user("planner"),
        "random",
        1,
        actor=COMMAND_LINE,
        clock=SystemClock(),
        token=lambda: "random-token",
    )


@pytest.mark.parametrize("operation", _operations(), ids=lambda operation: operation.label)
def test_any_request_gets_a_described_answer(operation: Any, token: str) -> None:
    @settings(
        max_examples=N_EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def check(case: Any) -> None:
        # A description cannot say what an event folder is: well-formed uploads may be refused.
        case.call_and_validate(
            headers={"Authorization": f"Bearer {token}"},
            excluded_checks=[positive_data_acceptance],
        )

    check()
