"""Who the people and animals on the roll are: names, papers and what they need.

Kept apart from the rest of the fold on purpose: conditions, counts and duties work with references
alone, so only a page that must show a name asks here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from passerelle.kernel.times import parse_instant
from passerelle.procedures.reinforcement.terms import rows_of, texts_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from passerelle.procedures.dossier import Dossier

__all__ = ["Particulars", "Travel", "particulars", "travels"]


@dataclass(frozen=True, slots=True)
class Particulars:
    """Hold who somebody on the roll is.

    Parameters
    ----------
    code
        Reference.
    name
        Family and given name; for an animal its name.
    fields
        All fields of the record, as named.
    """

    code: str
    name: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Travel:
    """Say when and where somebody is expected."""

    arrives_at: datetime
    place: str
    departs_at: datetime | None


def particulars(dossier: Dossier) -> dict[str, Particulars]:
    """Return who everybody ever named is, by reference."""
    found: dict[str, Particulars] = {}
    for act in dossier.effective("name", "replace"):
        people = list(rows_of(act.payload, "persons_named"))
        if act.name == "replace":
            row: Any = act.payload["substitute"]  # checked by the schema: a record
            people = [row]
        for row in people:
            name = f"{row['family_name']}, {row['given_name']}"
            found[row["person"]] = Particulars(row["person"], name, row)
        for row in rows_of(act.payload, "animals_named"):
            found[row["animal"]] = Particulars(row["animal"], row["name"], row)
    return found


def travels(dossier: Dossier) -> dict[str, Travel]:
    """Return the newest travel booked for each, by reference."""
    found: dict[str, Travel] = {}
    for act in dossier.effective("book-travel"):
        leaves = act.payload.get("departs_at")
        travel = Travel(
            parse_instant(str(act.payload["arrives_at"])),
            str(act.payload["place"]),
            parse_instant(str(leaves)) if leaves else None,
        )
        found |= dict.fromkeys(texts_of(act.payload, "persons"), travel)
    return found
