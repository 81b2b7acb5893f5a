"""What both machines share: find what follows from an event, or say that it cannot happen here."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from passerelle.exchange.errors import LocalProtocolError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import Enum

    P = TypeVar("P", bound=Enum)
    Found = TypeVar("Found")

__all__ = ["find_step"]


def find_step(table: Mapping[tuple[P, type], Found], phase: P, event: object, code: str) -> Found:
    """Look a phase and an event up in the table of a machine.

    Raises
    ------
    LocalProtocolError
        When the event cannot happen in this phase: a mistake of the shell.
    """
    found = table.get((phase, type(event)))
    if found is None:
        raise LocalProtocolError(
            "Expected no {event} while {phase}.",
            code=code,
            event=type(event).__name__,
            phase=phase.value,
        )
    return found
