"""What a guard is: a named rule inside the fold that may refuse an act.

A guard sees the dossier before the act and the act. It returns a refusal or nothing. There is no
setting, role or flag that skips it: the engine runs every guard of the definition on every act.

A guard of scope *national* reads facts that never leave (a protection claim, a court order, a gate);
it runs on the node of the side that has them. The partner's node, which folds the shared view, does
not know them and does not run it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from passerelle.procedures.definition import Reach

if TYPE_CHECKING:
    from passerelle.procedures.definition import ActRule
    from passerelle.procedures.dossier import Dossier
    from passerelle.procedures.values import Act, Refusal

__all__ = ["Check", "Guard"]


class Check(Protocol):
    """Decide on one act."""

    def __call__(
        self, dossier: Dossier, act: Act, rule: ActRule, arguments: tuple[str, ...]
    ) -> Refusal | None:
        """Return why ``act`` is refused in ``dossier``, or ``None``."""
        ...


@dataclass(frozen=True, slots=True)
class Guard:
    """Name one rule.

    Parameters
    ----------
    name
        Lower-case name used in the definitions.
    check
        The rule.
    safeguards
        Numbers of the safeguards it enforces, for example ``S1``.
    needs_fields
        Whether it reads the payload; such guards cannot speak before the fields are filled in.
    reach
        Shared or national.
    """

    name: str
    check: Check
    safeguards: tuple[str, ...] = ()
    needs_fields: bool = True
    reach: Reach = Reach.SHARED
