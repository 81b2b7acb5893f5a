"""A small Paris 2024: three venues and four partners of the example, solved in seconds."""

from __future__ import annotations

import csv
import shutil
from typing import TYPE_CHECKING

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["EXAMPLE", "STATES", "small_paris"]

EXAMPLE = ROOT / "examples" / "paris-2024"
STATES = ("MA", "AR", "AT", "AU")
_SITES = {"STE", "NIC", "ALX", "D-STE", "X-CCI", "X-EOD"}
_TOWNS = ("FR-STE-", "FR-NIC-", "FR-IDF-")
_SHARE = 0.03
"""Part of the forces of the capital that is left for its one bridge."""


def small_paris(place: Path) -> Path:
    """Write the event folder with Saint-Étienne, Nice and the bridge of the triathlon alone."""
    folder = place / EXAMPLE.name
    shutil.copytree(EXAMPLE / "requests", folder / "requests")
    shutil.copy(EXAMPLE / "event.toml", folder)
    _cut(folder, "venues.csv", lambda row: row["venue_id"] in _SITES)
    _cut(folder, "sessions.csv", lambda row: row["venue_id"] in _SITES)
    _cut(folder, "sessions_planned.csv", lambda row: row["venue_id"] in _SITES)
    _cut(folder, "territory.csv", lambda row: row["site_id"] in _SITES)
    _cut(folder, "forces.csv", _host)
    _cut(folder, "contingents.csv", _partner)
    return folder


def _cut(folder: Path, name: str, keep: Callable[[dict[str, str]], bool]) -> None:
    with (EXAMPLE / name).open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = [row for row in reader if keep(row)]
        with (folder / name).open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, reader.fieldnames or [], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def _host(row: dict[str, str]) -> bool:
    if row["group_id"].startswith("FR-IDF-"):
        row["crews"] = str(max(1, int(int(row["crews"]) * _SHARE)))
    return row["group_id"].startswith(_TOWNS) and _has_site(row)


def _partner(row: dict[str, str]) -> bool:
    return row["state"] in STATES and _has_site(row)


def _has_site(row: dict[str, str]) -> bool:
    """Keep of its sites those that are left; tell whether it may still work anywhere."""
    sites = [one for one in row["sites"].split(";") if one in _SITES or not one]
    row["sites"] = ";".join(sites)
    return bool(sites)
