"""The envelope: the closed list of what may be said of a person to the other state (S11).

The list is that of casework, section 3.2, and stands twice on purpose: as the record ``envelope`` of the
field types, which the schema enforces, and here, where a test compares the two. Beyond the schema the
envelope must fit the file: the corridor, the birth date, the evidence lists, the state addressed.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.procedures.profile import Corridor

__all__ = ["ENVELOPE_FIELDS", "find_misfit"]

ENVELOPE_FIELDS: Final = frozenset(
    {
        "reference", "corridor", "names", "former_names", "other_names", "sex_in_documents",
        "civil_status", "birth_date", "birth_place", "nationality_claimed",
        "nationality_previous", "documents", "documents.document_code",
        "documents.number_of_document", "documents.valid_until", "documents.issued_on",
        "documents.authority", "documents.place_of_issue", "script",
        "script.original_script_name", "script.transliteration_scheme", "wishes_interview",
        "notice_language", "assistance_needed", "lawyer_named",
    }
)  # fmt: skip
"""Every field that can leave, nested ones with their path. Nothing else."""


def find_misfit(
    envelope: Mapping[str, Any],
    *,
    corridor: Corridor,
    requested: str,
    born_on: date | None,
    today: date,
) -> str | None:
    """Return the first field that does not fit the file, or ``None``.

    Parameters
    ----------
    envelope
        The envelope; its schema has been checked.
    corridor
        The corridor in which it goes out.
    requested
        State addressed.
    born_on
        Birth date of the file; ``None`` when there is none.
    today
        Day of sending.
    """
    birth = date.fromisoformat(envelope["birth_date"])
    profile = corridor.profile
    known = frozenset[str]() if profile is None else profile.proof | profile.prima_facie
    wrong = {
        "corridor": envelope["corridor"] != corridor.id,
        "birth_date": birth >= today or (born_on is not None and birth != born_on),
        "nationality_claimed": envelope["nationality_claimed"] != requested,
    }
    for number, row in enumerate(envelope.get("documents", ())):
        wrong[f"documents[{number}].document_code"] = row["document_code"] not in known
        issued = row.get("issued_on")
        wrong[f"documents[{number}].issued_on"] = (
            issued is not None and not birth < date.fromisoformat(issued) <= today
        )
    return next((place for place, is_wrong in wrong.items() if is_wrong), None)
