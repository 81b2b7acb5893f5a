"""Contingents as the press reports them: state, speciality, officers, dates.

Such a table says nothing of crews, lodging or arrangement. Each row becomes one group on stated
defaults: crews of the smallest unit, lodged in the first town that the row names (else in the town
with the most places), under the rules for partners. The event lists them as something to ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.kernel.capabilities import capability
from passerelle.planning.formats.event_folder.tables import IssueLog, Row, read_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["REPORTED_COLUMNS", "SPECIALITIES", "is_reported", "read_reported"]

REPORTED_COLUMNS: Final = (
    ("country_iso", "speciality", "officers", "from", "to"),
    ("source", "estimated", "force", "location", "dates_estimated", "note"),
)
"""Columns of a reported table: required, then optional."""

SPECIALITIES: Final = {
    "athlete_liaison": "contact_officer;joint_patrol",
    "border_document": "document_fraud;border",
    "command_liaison": "liaison",
    "consular_liaison": "liaison",
    "counter_drone": "counter_drone",
    "counter_terror": "patrol;joint_patrol",
    "eod": "eod",
    "k9_explosives": "k9_explosives",
    "k9_protection": "patrol",
    "liaison_intel": "analyst;liaison",
    "mounted": "mounted",
    "patrol": "joint_patrol;patrol",
    "public_order": "public_order",
    "traffic_motorcycle": "motorcycle",
    "transport_security": "joint_patrol;patrol",
}
"""Capabilities of each speciality, the main one first."""


def is_reported(path: Path) -> bool:
    """Tell whether a file of contingents is a reported table, by its header."""
    try:
        with path.open("rb") as stream:
            header = stream.readline(4096).decode("utf-8-sig", errors="replace")
    except OSError:
        return False
    return {"country_iso", "speciality"} <= {name.strip() for name in header.split(",")}


def read_reported(
    path: Path, towns: Mapping[str, tuple[float, float]], log: IssueLog
) -> Iterator[Row]:
    """Yield one row of our own columns for each row of a reported table.

    Parameters
    ----------
    path
        The table.
    towns
        Position of each town of the event, the one with the most places first.
    log
        Where issues go.
    """
    for number, row in enumerate(read_rows(path, *REPORTED_COLUMNS, log), start=1):
        state, speciality = row.code("country_iso"), row.text("speciality")
        officers = row.whole("officers", least=1, most=100_000)
        if speciality not in SPECIALITIES:
            row.wrong("speciality", "folder.unknown-word", f"one of {', '.join(SPECIALITIES)}")
        if not row.ok or not towns:
            continue
        capabilities = SPECIALITIES[speciality]
        unit = capability(capabilities.split(";")[0])
        people = min(unit.unit_people, officers)
        named = row.text("location", "")
        town = min(
            (town for town in towns if town in named), key=named.index, default=next(iter(towns))
        )
        lat, lon = towns[town]
        cells = {
            "contingent_id": state,
            "state": state,
            "contingent": f"{state} contingent",
            "group_id": f"{state}-{number}",
            "name": row.text("force", speciality),
            "capabilities": capabilities,
            "crew_people": str(people),
            "crew_animals": str(unit.unit_animals),
            "crews": str(officers // people),
            "base_id": f"L-{state}-{list(towns).index(town)}",
            "base_name": town,
            "base_lat": repr(lat),
            "base_lon": repr(lon),
            "from": row.text("from"),
            "to": row.text("to"),
            "source": row.text("source", ""),
            "estimated": row.text("estimated", ""),
        }
        yield Row(row.file, row.line, cells, log)
