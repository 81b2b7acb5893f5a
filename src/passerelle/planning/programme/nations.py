"""The nations that programmes name, by Olympic and football code, with state and languages.

The table ``nations.csv`` beside this module holds public facts: Olympic codes with their ISO codes,
the four British football associations, and the languages most useful to speak with supporters
(our choice; an event folder may say otherwise).
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from passerelle.planning.programme.event import Nation

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["known_nations"]


@cache
def known_nations() -> Mapping[str, Nation]:
    """Return the known nations by code."""
    text = files("passerelle.planning.programme").joinpath("nations.csv").read_text("utf-8")
    return {
        row["code"]: Nation(
            code=row["code"],
            state=row["state"],
            name=row["name"],
            languages=tuple(item for item in row["languages"].split(";") if item),
        )
        for row in csv.DictReader(text.splitlines())
    }
