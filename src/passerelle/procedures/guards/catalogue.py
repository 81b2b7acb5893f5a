"""The table of all guards by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.procedures.guards.cooperation import COOPERATION_GUARDS
from passerelle.procedures.guards.general import GENERAL_GUARDS
from passerelle.procedures.guards.identification import IDENTIFICATION_GUARDS
from passerelle.procedures.guards.reinforcement import REINFORCEMENT_GUARDS
from passerelle.procedures.guards.roll import ROLL_GUARDS
from passerelle.procedures.guards.standing import STANDING_GUARDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.procedures.guards.registry import Guard

__all__ = ["GUARDS"]

GUARDS: Final[Mapping[str, Guard]] = {
    guard.name: guard
    for guard in (
        *GENERAL_GUARDS,
        *REINFORCEMENT_GUARDS,
        *ROLL_GUARDS,
        *STANDING_GUARDS,
        *IDENTIFICATION_GUARDS,
        *COOPERATION_GUARDS,
    )
}
"""Every guard that a definition may name."""
