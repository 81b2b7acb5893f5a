"""Corridor profiles to start from: imported inactive, each with its mark (casework, section 2).

Figures come from public texts (L: the text was read; C: check it before use). A preset is never active:
authorities, assurances, assessments and dates are for the two states to fill in.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from passerelle.procedures.definition import Period, Start
from passerelle.procedures.profile import Corridor, Instrument, Profile, Reply, Silence

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Preset", "presets"]


@dataclass(frozen=True, slots=True)
class Preset:
    """Offer a profile to start from.

    Parameters
    ----------
    id
        Name, for example ``eu-russia``.
    title
        What it is taken from.
    profile
        The figures; inactive until completed.
    note
        What must be watched.
    """

    id: str
    title: str
    profile: Profile
    note: str

    def corridor(self, corridor_id: str, parties: tuple[str, str]) -> Corridor:
        """Make an inactive corridor between two states from it."""
        return Corridor(corridor_id, parties, profile=self.profile)


@cache
def presets() -> Mapping[str, Preset]:
    """Return all presets by id."""
    text = files("passerelle.procedures").joinpath("presets.toml").read_text("utf-8")
    return {name: _read(name, row) for name, row in tomllib.loads(text).items()}


def _read(name: str, row: Mapping[str, Any]) -> Preset:
    def period(key: str) -> Period | None:
        return Period.parse(row[key]) if key in row else None

    reply = period("reply")
    profile = Profile(
        instrument=Instrument(row["title"], row.get("articles", ""), row.get("binding", True)),
        reply=None
        if reply is None
        else Reply(reply, Start(row["starts"]), period("accelerated"), period("extended_to")),
        silence=Silence(row.get("silence", "none")),
        document_issue=period("document_issue"),
        document_validity=period("document_validity"),
        document_reissue=period("document_reissue"),
        transfer_window=period("transfer_window"),
        interview_notice=period("interview_notice"),
        mark=row["mark"],
    )
    return Preset(name, row["title"], profile, row.get("note", ""))
