"""End a process whose parent is gone: a solve must not go on for nobody."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Final

__all__ = ["leave_with_parent"]

_EVERY_S: Final = 0.5


def leave_with_parent(*, gently: bool = False) -> None:
    """Watch the parent from a thread and end this process once it has gone.

    Parameters
    ----------
    gently
        Whether to send SIGTERM, which the process may answer in its own way, instead of ending it.
    """
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_EVERY_S)
        if not gently:
            os._exit(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
