"""Read users and offices."""

from __future__ import annotations

from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.models import User

__all__ = ["find_user"]


def find_user(name: str) -> User:
    """Return a user by name.

    Raises
    ------
    RefusedError
        With code ``accounts.unknown-user``.
    """
    user = User.objects.filter(username=name).first()
    if user is None:
        raise RefusedError("There is no user {user}.", code="accounts.unknown-user", user=name)
    return user
