"""Who may do what: one table of roles and actions, and nothing beside it.

The table is complete: every action names the roles that may do it; all others may not. There is no
superuser: an operator keeps the machine running and sees no plan, no request and no case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import rules

from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action, Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from passerelle.node.accounts.models import User

__all__ = ["ALLOWED", "may", "not_permitted", "require"]

_R = Role
_PLANNING: Final = frozenset(
    {_R.PLANNER, _R.COOPERATION, _R.LIAISON, _R.LEADER, _R.COMMANDER, _R.APPROVER, _R.AUDITOR}
)
_CASES: Final = frozenset(
    {
        _R.CASE_OFFICER, _R.SAFEGUARD, _R.APPROVER, _R.COURT, _R.COUNSEL, _R.CONSULATE,
        _R.DATA_PROTECTION, _R.MONITOR,
    }
)  # fmt: skip

ALLOWED: Final[dict[Action, frozenset[Role]]] = {
    Action.VIEW_PLANNING: _PLANNING,
    Action.IMPORT_EVENT: frozenset({_R.PLANNER}),
    Action.EXPORT_EVENT: frozenset({_R.PLANNER, _R.COOPERATION, _R.AUDITOR}),
    Action.COMPUTE_NEED: frozenset({_R.PLANNER}),
    Action.START_PLAN: frozenset({_R.PLANNER}),
    Action.CANCEL_JOB: frozenset({_R.PLANNER, _R.OPERATOR}),
    Action.CHANGE_PLAN: frozenset({_R.PLANNER, _R.COMMANDER}),
    Action.LOCK_DUTY: frozenset({_R.PLANNER, _R.COMMANDER}),
    Action.PUBLISH_PLAN: frozenset({_R.PLANNER, _R.APPROVER}),
    Action.EXPORT_PLAN: _PLANNING,
    Action.VIEW_JOBS: _PLANNING | {_R.OPERATOR},
    Action.VIEW_DOSSIERS: frozenset(
        {_R.PLANNER, _R.COOPERATION, _R.LIAISON, _R.LEADER, _R.APPROVER, _R.AUDITOR}
    ),
    Action.VIEW_ROLL: frozenset({_R.PLANNER, _R.COOPERATION, _R.LIAISON, _R.LEADER, _R.APPROVER}),
    Action.DRAFT_REQUEST: frozenset({_R.PLANNER, _R.COOPERATION, _R.LIAISON}),
    Action.SIGN_ACT: frozenset({_R.COOPERATION, _R.APPROVER}),
    Action.VIEW_CASES: _CASES,
    Action.WRITE_CASE: frozenset({_R.CASE_OFFICER}),
    Action.HOLD_CASE: frozenset({_R.SAFEGUARD}),
    Action.VIEW_INFORMATION: frozenset(
        {_R.PLANNER, _R.COOPERATION, _R.LIAISON, _R.COMMANDER, _R.ANALYST, _R.APPROVER}
    ),
    Action.WRITE_INFORMATION: frozenset({_R.LIAISON, _R.COMMANDER, _R.ANALYST}),
    Action.VIEW_REGISTER: frozenset(
        {_R.PLANNER, _R.COOPERATION, _R.LIAISON, _R.SECRETARY, _R.APPROVER, _R.AUDITOR}
    ),
    Action.WRITE_REGISTER: frozenset({_R.COOPERATION, _R.SECRETARY}),
    Action.VIEW_JUDICIAL: frozenset({_R.JUDGE, _R.CENTRAL}),
    Action.VIEW_RIGHTS: frozenset({_R.DATA_PROTECTION, _R.COUNSEL, _R.CASE_OFFICER}),
    Action.VIEW_AUDIT: frozenset({_R.AUDITOR}),
    Action.MANAGE_USERS: frozenset({_R.OPERATOR}),
    Action.VIEW_OPERATION: frozenset({_R.OPERATOR, _R.AUDITOR}),
}
"""Roles that may do each action. A test writes the whole table out and compares."""


def may(user: User | AnonymousUser, action: Action) -> bool:
    """Tell whether one of the user's roles allows the action."""
    if not user.is_authenticated or not user.is_active:
        return False
    return not ALLOWED[action].isdisjoint(user.roles)


def require(user: User | AnonymousUser, action: Action) -> None:
    """Refuse unless the user may do the action.

    Raises
    ------
    RefusedError
        With code ``accounts.not-permitted``.
    """
    if not may(user, action):
        raise not_permitted(action)


def not_permitted(action: Action) -> RefusedError:
    """Return the refusal of an action, which names the roles that may do it."""
    return RefusedError(
        "This needs one of the roles {roles}.",
        code="accounts.not-permitted",
        action=action.value,
        roles=", ".join(sorted(role.value for role in ALLOWED[action])),
    )


def _predicate(action: Action) -> object:
    def is_allowed(user: User | AnonymousUser, obj: Any = None) -> bool:  # Any: any subject
        del obj
        return may(user, action)

    return rules.predicate(is_allowed, name=action.value)


for _action in Action:
    rules.add_perm(_action.value, _predicate(_action))
