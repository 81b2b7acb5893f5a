"""Write a file whole or not at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from passerelle.kernel.problems import RefusedError, UnavailableError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["write_new"]


def write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet; on any failure nothing is left behind.

    Raises
    ------
    RefusedError
        When there is such a file already.
    UnavailableError
        When it cannot be written, for example because the disk is full.
    """
    if path.exists():
        raise RefusedError("{path} is there already.", code="file.exists", path=path)
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with new.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.rename(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise UnavailableError(
            "{path} could not be written: {reason}.",
            code="file.not-written",
            path=path,
            reason=error.strerror,
        ) from None
