"""The outlook of a person: on which days of the stay which conditions are not met.

A certificate that ends in the middle of the event bites from the day after its end; a powers
certificate, a badge or a vetting likewise. Stretches of days with the same missing conditions are one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.procedures.reinforcement.commitments import arrangement_signed_on, items
from passerelle.procedures.reinforcement.roll import missing_conditions, roll
from passerelle.procedures.reinforcement.strands import days_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from passerelle.procedures.dossier import Dossier
    from passerelle.procedures.reinforcement.commitments import Item
    from passerelle.procedures.reinforcement.roll import Entry

__all__ = ["Stretch", "outlook", "outlooks", "replacements_owed"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Name the conditions not met on consecutive days.

    Parameters
    ----------
    first, last
        Days in UTC, both included.
    missing
        Codes as of :func:`~.roll.missing_for_duty`; empty means deployable.
    """

    first: date
    last: date
    missing: tuple[str, ...]

    @property
    def n_days(self) -> int:
        """Return how many days it covers."""
        return (self.last - self.first).days + 1


def outlook(entry: Entry, item: Item | None, signed_on: date | None) -> tuple[Stretch, ...]:
    """Return the days of a stay in stretches with the same missing conditions.

    Parameters
    ----------
    entry
        The person.
    item
        Item of the commitment; ``None`` when it is gone.
    signed_on
        When the arrangement was signed; ``None`` without one.
    """
    found: list[Stretch] = []
    for day in days_of(entry.during):
        missing = missing_conditions(entry, item, signed_on, day.start)
        today = day.start.date()
        if found and found[-1].missing == missing:
            found[-1] = Stretch(found[-1].first, today, missing)
        else:
            found.append(Stretch(today, today, missing))
    return tuple(found)


def outlooks(dossier: Dossier) -> Mapping[str, tuple[Stretch, ...]]:
    """Return the outlook of everybody who is still on the roll, by reference."""
    committed, signed_on = items(dossier), arrangement_signed_on(dossier)
    return {
        code: outlook(entry, committed.get(entry.item), signed_on)
        for code, entry in roll(dossier).items()
        if entry.is_active and not entry.is_animal
    }


def replacements_owed(dossier: Dossier) -> tuple[str, ...]:
    """Return who did not come and was neither replaced nor struck off, in the order of the roll."""
    return tuple(
        code
        for code, entry in roll(dossier).items()
        if entry.is_no_show and not entry.is_struck and not entry.is_animal
    )
