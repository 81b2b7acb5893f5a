"""The whole table of roles and actions, written out: whoever changes a right changes it here too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from passerelle.node.accounts.enums import Action, Role
from passerelle.node.accounts.rules import ALLOWED, may

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.node.accounts.models import User

pytestmark = pytest.mark.django_db

# One column a role, in the order of the header; + allowed, . refused.
TABLE: Final = """
                        planner cooperation liaison leader commander case-officer safeguard approver secretary analyst judge central-authority court counsel consulate data-protection monitor auditor operator
planning.view              +         +         +      +        +          .           .        +         .        .      .           .           .      .        .            .           .       +       .
events.import              +         .         .      .        .          .           .        .         .        .      .           .           .      .        .            .           .       .       .
events.export              +         +         .      .        .          .           .        .         .        .      .           .           .      .        .            .           .       +       .
events.compute-need        +         .         .      .        .          .           .        .         .        .      .           .           .      .        .            .           .       .       .
plans.start                +         .         .      .        .          .           .        .         .        .      .           .           .      .        .            .           .       .       .
jobs.cancel                +         .         .      .        .          .           .        .         .        .      .           .           .      .        .            .           .       .       +
plans.change               +         .         .      .        +          .           .        .         .        .      .           .           .      .        .            .           .       .       .
plans.lock                 +         .         .      .        +          .           .        .         .        .      .           .           .      .        .            .           .       .       .
plans.publish              +         .         .      .        .          .           .        +         .        .      .           .           .      .        .            .           .       .       .
plans.export               +         +         +      +        +          .           .        +         .        .      .           .           .      .        .            .           .       +       .
jobs.view                  +         +         +      +        +          .           .        +         .        .      .           .           .      .        .            .           .       +       +
dossiers.view              +         +         +      +        .          .           .        +         .        .      .           .           .      .        .            .           .       +       .
rolls.view                 +         +         +      +        .          .           .        +         .        .      .           .           .      .        .            .           .       .       .
dossiers.draft-request     +         +         +      .        .          .           .        .         .        .      .           .           .      .        .            .           .       .       .
dossiers.sign              .         +         .      .        .          .           .        +         .        .      .           .           .      .        .            .           .       .       .
cases.view                 .         .         .      .        .          +           +        +         .        .      .           .           +      +        +            +           +       .       .
cases.write                .         .         .      .        .          +           .        .         .        .      .           .           .      .        .            .           .       .       .
cases.hold                 .         .         .      .        .          .           +        .         .        .      .           .           .      .        .            .           .       .       .
information.view           +         +         +      .        +          .           .        +         .        +      .           .           .      .        .            .           .       .       .
information.write          .         .         +      .        +          .           .        .         .        +      .           .           .      .        .            .           .       .       .
register.view              +         +         +      .        .          .           .        +         +        .      .           .           .      .        .            .           .       +       .
register.write             .         +         .      .        .          .           .        .         +        .      .           .           .      .        .            .           .       .       .
judicial.view              .         .         .      .        .          .           .        .         .        .      +           +           .      .        .            .           .       .       .
rights.view                .         .         .      .        .          +           .        .         .        .      .           .           .      +        .            +           .       .       .
audit.view                 .         .         .      .        .          .           .        .         .        .      .           .           .      .        .            .           .       +       .
accounts.manage            .         .         .      .        .          .           .        .         .        .      .           .           .      .        .            .           .       .       +
operation.view             .         .         .      .        .          .           .        .         .        .      .           .           .      .        .            .           .       +       +
"""


def _written() -> dict[Action, frozenset[Role]]:
    header, *rows = (line.split() for line in TABLE.strip().splitlines())
    return {
        Action(action): frozenset(
            Role(role) for role, mark in zip(header, marks, strict=True) if mark == "+"
        )
        for action, *marks in rows
    }


def test_the_table_is_complete_and_as_written() -> None:
    assert _written() == ALLOWED
    assert set(ALLOWED) == set(Action)


@pytest.mark.parametrize("role", list(Role))
def test_a_user_may_do_what_the_role_allows(make_user: Callable[..., User], role: Role) -> None:
    user = make_user(role)

    allowed = {action for action in Action if may(user, action)}

    assert allowed == {action for action, roles in _written().items() if role in roles}
    assert {action for action in Action if user.has_perm(action.value)} == allowed


def test_two_roles_add_up(make_user: Callable[..., User]) -> None:
    user = make_user("auditor", "operator")

    assert may(user, Action.VIEW_AUDIT)
    assert may(user, Action.MANAGE_USERS)


def test_an_inactive_user_may_do_nothing(make_user: Callable[..., User]) -> None:
    user = make_user("planner")
    user.is_active = False

    assert not any(may(user, action) for action in Action)
