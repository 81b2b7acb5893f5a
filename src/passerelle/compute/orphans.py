"""End a process whose parent is gone: a solve must not go on for nobody."""

from __future__ import annotations

import os
import threading
import time
from typing import Final

__all__ = ["leave_with_parent"]

_EVERY_S: Final = 0.5


def leave_with_parent() -> None:
    """Watch the parent from a thread and end this process once it has gone."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_EVERY_S)
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
