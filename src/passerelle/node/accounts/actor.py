"""Who does something: a signed-in user, or the command line of the node itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from passerelle.node.accounts.rules import ALLOWED, not_permitted

if TYPE_CHECKING:
    from passerelle.node.accounts.enums import Action, Role
    from passerelle.node.accounts.models import User

__all__ = ["COMMAND_LINE", "Actor"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Carry who acts and in which roles, into every verb and into the audit record.

    Parameters
    ----------
    label
        ``user:NAME``, ``token:NAME`` or ``command``.
    roles
        Roles held; ``None`` for the command line, which whoever may read the data folder can use.
    user_id
        Key of the user; ``None`` for the command line.
    """

    label: str
    roles: frozenset[Role] | None
    user_id: int | None = None

    @classmethod
    def of(cls, user: User) -> Actor:
        """Return the actor that a signed-in user is."""
        return cls(f"user:{user.username}", user.roles, user.pk)

    def may(self, action: Action) -> bool:
        """Tell whether the actor may do the action."""
        return self.roles is None or not ALLOWED[action].isdisjoint(self.roles)

    def require(self, action: Action) -> None:
        """Refuse unless the actor may do the action.

        Raises
        ------
        RefusedError
            With code ``accounts.not-permitted``.
        """
        if not self.may(action):
            raise not_permitted(action)


COMMAND_LINE: Final = Actor("command", None)
"""The person at the command line, with the rights of the data folder's owner."""
