"""Django's SQLite backend; who waits for the writer's lock asks again every few milliseconds.

SQLite's own waiting sleeps up to 100 ms between two looks, so of several writers one may starve: two
processes that released acts one by one kept the worker waiting for 430 ms a push. Here a writer
looks again after half a millisecond to four. When the library cannot be told how to wait, it waits
as it does.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from django.db.backends.sqlite3 import base

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["DatabaseWrapper"]

_LEAST_S: Final = 0.0005
_MOST_S: Final = 0.004


class DatabaseWrapper(base.DatabaseWrapper):
    """Open connections that wait in short steps, as long in all as the setting says."""

    busy_wait_ms: int = 0
    """Longest wait of the present connection; 0 when the library waits by itself."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Open a connection; Any: the library is chosen at run time."""
        connection = super().get_new_connection(conn_params)
        if hasattr(connection, "set_busy_handler"):
            longest_s = float(conn_params.get("timeout", 5.0))
            connection.set_busy_handler(_waiting(longest_s))
            self.busy_wait_ms = int(longest_s * 1000)
        return connection


def _waiting(longest_s: float) -> Callable[[int], bool]:
    """Return a handler that waits for the lock: true means to look again."""
    began = [0.0]

    def wait(looked: int) -> bool:
        now = time.monotonic()
        if looked == 0:
            began[0] = now
        time.sleep(min(_MOST_S, _LEAST_S * (looked + 1)))
        return now - began[0] < longest_s

    return wait
