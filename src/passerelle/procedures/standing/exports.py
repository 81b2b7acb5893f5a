"""The register as files: JSON with its metadata, CSV with one line a commitment.

A cell that a spreadsheet would take for a formula gets an apostrophe in front, as the order "never run
what came from outside" asks (OWASP, CSV injection). No file holds data of a person.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from passerelle.kernel.canonical import canonical_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from passerelle.kernel.canonical import Json
    from passerelle.procedures.standing.commitments import Commitment

__all__ = ["COLUMNS", "register_csv", "register_json"]

FORMAT: Final = "passerelle-register-1"
COLUMNS: Final = (
    "case", "corridor", "instrument", "instrument_on", "paragraph", "pillar", "objective", "sector",
    "action_fr", "action_en", "action_ar", "contributors", "indicator", "unit", "source",
    "baseline", "target", "actual", "due_on", "state",
    "first_state", "first_lead", "first_status", "first_evidence", "first_reason",
    "second_state", "second_lead", "second_status", "second_evidence", "second_reason",
    "contested", "verified_on", "scale", "cause", "publicity",
)  # fmt: skip
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def register_json(commitments: Iterable[Commitment], *, node: str, now: datetime) -> bytes:
    """Write the register as canonical JSON with what it is, from whom, and of when."""
    document: dict[str, Json] = {
        "format": FORMAT,
        "node": node,
        "as_of": now.isoformat(),
        "commitments": [one.to_json() for one in commitments],
    }
    return canonical_bytes(document)


def register_csv(commitments: Iterable[Commitment]) -> bytes:
    """Write the register as CSV in UTF-8 with a byte order mark, a line a commitment."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in commitments:
        writer.writerow([_safe(cell) for cell in _row(one)])
    return stream.getvalue().encode("utf-8-sig")


def _row(one: Commitment) -> list[object]:
    sheet = one.indicator
    measured = (
        ("", "", "", "", "", "")
        if sheet is None
        else (sheet.name, sheet.unit, sheet.source, sheet.baseline, sheet.target, sheet.actual)
    )
    sides = [
        cell
        for side in one.sides
        for cell in (side.state, side.lead, side.status, side.evidence, side.reason)
    ]
    return [
        one.case, one.corridor, one.instrument, one.instrument_on, one.paragraph, one.pillar,
        one.objective, one.sector, one.action.fr, one.action.en, one.action.ar,
        "; ".join(one.contributors), *measured, one.due_on, one.state, *sides,
        "yes" if one.contested else "no", one.verified_on, one.scale, one.cause, one.publicity,
    ]  # fmt: skip


def _safe(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
