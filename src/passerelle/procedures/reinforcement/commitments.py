"""Commitments: the only act that allocates, signed by both sides.

Each item of a commitment draws on one accepted offer and goes beyond it in nothing. It can be
extended (co-signed), released by the host or recalled by the partner, in part or whole.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from passerelle.kernel.times import Interval
from passerelle.procedures.reinforcement.terms import Terms, instant_of, rows_of, text_of, texts_of

if TYPE_CHECKING:
    from datetime import datetime

    from passerelle.procedures.dossier import Dossier

__all__ = ["Item", "Withdrawal", "arrangement_signed_on", "items"]


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Take people out of an item from an instant on.

    Parameters
    ----------
    people
        How many.
    start
        From when.
    persons
        Who, when named.
    is_recall
        True when the partner recalled them, false when the host released them.
    """

    people: int
    start: datetime
    persons: tuple[str, ...]
    is_recall: bool


@dataclass(frozen=True, slots=True)
class Item:
    """Hold one item of a commitment in force.

    Parameters
    ----------
    code
        Code of the item.
    commitment
        Code of the commitment.
    offer
        Code of the offer on which it draws.
    terms
        How much, where, when, extensions included.
    certificates
        Certificates each person must hold.
    needs_powers
        Whether powers must be conferred before duty.
    withdrawals
        Releases and recalls.
    """

    code: str
    commitment: str
    offer: str
    terms: Terms
    certificates: tuple[str, ...]
    needs_powers: bool
    withdrawals: tuple[Withdrawal, ...] = ()

    def people_at(self, instant: datetime) -> int:
        """Return how many people are committed at an instant."""
        if not self.terms.during.contains(instant):
            return 0
        gone = sum(one.people for one in self.withdrawals if one.start <= instant)
        return max(self.terms.people - gone, 0)

    @property
    def people_left(self) -> int:
        """People committed after every release and recall."""
        return max(self.terms.people - sum(one.people for one in self.withdrawals), 0)


def items(dossier: Dossier) -> dict[str, Item]:
    """Return every committed item by code, as it stands after the last act."""
    found: dict[str, Item] = {}
    for act in dossier.effective("commit", "extend", "release", "recall"):
        if act.name == "commit":
            for row in rows_of(act.payload, "items"):
                found[row["item"]] = Item(
                    code=row["item"],
                    commitment=text_of(act.payload, "commitment"),
                    offer=row["offer"],
                    terms=Terms.of(row),
                    certificates=tuple(row.get("certificates", ())),
                    needs_powers=row.get("needs_powers", False),
                )
            continue
        item = found[text_of(act.payload, "item")]
        if act.name == "extend":
            during = Interval(item.terms.during.start, instant_of(act.payload, "to"))
            found[item.code] = replace(item, terms=replace(item.terms, during=during))
        else:
            gone = Withdrawal(
                people=int(str(act.payload["people"])),
                start=instant_of(act.payload, "from"),
                persons=texts_of(act.payload, "persons"),
                is_recall=act.name == "recall",
            )
            found[item.code] = replace(item, withdrawals=(*item.withdrawals, gone))
    return found


def arrangement_signed_on(dossier: Dossier) -> date | None:
    """Return when the arrangement bound to the dossier was signed; ``None`` without one."""
    bound = dossier.last("bind")
    return None if bound is None else date.fromisoformat(text_of(bound.payload, "signed_on"))
