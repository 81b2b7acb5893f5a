"""The data folder of a node: what lies where, who may use it, how it begins.

One folder holds all that one node keeps: settings, key, database, gathered static files. At most one
server runs on a folder; it holds a lock on ``serve.lock`` for as long as it lives, so a crash frees
it. Workers share the database through leases and need no lock.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from passerelle.kernel.problems import RefusedError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["create", "hold", "is_node", "read_secret_key"]

KEY_NAME: Final = "secret.key"
LOCK_NAME: Final = "serve.lock"


def read_secret_key(data: Path) -> str:
    """Return the key kept in the data folder, or nothing when there is no such folder yet."""
    path = data / KEY_NAME
    return path.read_text("ascii").strip() if path.is_file() else ""


def is_node(data: Path) -> bool:
    """Tell whether the folder was made by :func:`create`."""
    return (data / KEY_NAME).is_file()


def create(data: Path, settings: dict[str, str | int | bool]) -> None:
    """Make the data folder of a new node: settings file and key, readable by the owner only.

    Raises
    ------
    RefusedError
        When the folder already holds a node, or holds anything else.
    """
    if is_node(data):
        raise RefusedError(
            "{folder} already holds a node; expected a new or empty folder.",
            code="node.exists",
            folder=data,
        )
    if data.is_dir() and any(data.iterdir()):
        raise RefusedError(
            "{folder} is not empty; expected a new or empty folder.",
            code="node.folder-in-use",
            folder=data,
        )
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    data.chmod(0o700)
    lines = [f"{name} = {_toml(value)}" for name, value in settings.items()]
    _write(data / "passerelle.toml", "\n".join(["# Settings: docs/operator/settings.md", *lines]))
    # The key comes last: a folder without it is not a node yet.
    _write(data / KEY_NAME, secrets.token_urlsafe(48))


@contextmanager
def hold(data: Path) -> Iterator[None]:
    """Keep every other server away from the folder while the block runs.

    Raises
    ------
    UnavailableError
        When another server is running on the folder.
    """
    descriptor = os.open(data / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            other = os.read(descriptor, 20).decode("ascii", "replace").strip() or "unknown"
            raise UnavailableError(
                "Another server (process {process}) is running on {folder}; "
                "stop it first, or give this one a folder of its own.",
                code="node.already-served",
                process=other,
                folder=data,
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode("ascii"), 0)
        yield
    finally:
        os.close(descriptor)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else f'"{value}"'


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
