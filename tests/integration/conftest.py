"""Fixtures of tests with a database: offices, people by role, signed-in visitors, a clock."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from passerelle.kernel.clock import FixedClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from passerelle.node.accounts.models import User

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything below this folder."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.integration)


@pytest.fixture(autouse=True, scope="session")
def _languages() -> None:
    """Compile the catalogues before a page is read, as the set-up of a node does."""
    from django.conf import settings
    from django.utils.translation.reloader import translation_file_changed

    from passerelle.node.languages import compile_catalogues

    for path in settings.LOCALE_PATHS:
        compile_catalogues(Path(path))
        translation_file_changed(None, Path(path) / "django.mo")


@pytest.fixture(autouse=True)
def _fresh_process() -> None:
    """Forget what was decoded in the test before, whose keys come again after its rollback."""
    from passerelle.node.events.queries import forget as forget_events
    from passerelle.node.plans.asking import forget_ready
    from passerelle.node.plans.queries import forget as forget_plans

    forget_events()
    forget_ready()
    forget_plans()


@pytest.fixture
def clock() -> FixedClock:
    """Return a clock that stands at the day of the asking."""
    return FixedClock(datetime(2024, 4, 22, 9, 0, tzinfo=UTC))


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    """Return a function that makes a user with the given roles."""
    from passerelle.kernel.labels import Labels
    from passerelle.node.accounts.domain import add_office, add_user
    from passerelle.node.accounts.enums import Role

    office = add_office("coordination", Labels("Coordination", "Coordination", "التنسيق"))

    def make(*roles: str, name: str = "") -> User:
        return add_user(name or "-".join(roles) or "nobody", office, [Role(role) for role in roles])

    return make


@pytest.fixture
def signed_in(make_user: Callable[..., User], client: Client) -> Callable[..., Client]:
    """Return a function that signs a user with the given roles in, and returns the client."""

    def sign_in(*roles: str) -> Client:
        client.force_login(make_user(*roles))
        session = client.session
        session["second_factor_held"] = True
        session.save()
        return client

    return sign_in
