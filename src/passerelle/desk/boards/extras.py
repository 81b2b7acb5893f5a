"""What a dossier's page shows above its acts, by procedure: the same facts, read together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from passerelle.desk.boards.exchanged import subject_of
from passerelle.desk.boards.files import CaseFile, case_file
from passerelle.desk.boards.standing import (
    CommitmentLine,
    FigureLine,
    StepOfCycle,
    commitment_line,
    cycle,
    side_figures,
)
from passerelle.procedures.casework.extradition import release_due
from passerelle.procedures.reinforcement.terms import text_of
from passerelle.procedures.standing.commitments import read_commitment
from passerelle.procedures.standing.groups import read_meeting
from passerelle.procedures.standing.releases import read_release

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

    from passerelle.node.dossiers.models import Dossier as Row
    from passerelle.procedures.dossier import Dossier
    from passerelle.procedures.standing.groups import Meeting
    from passerelle.procedures.standing.releases import Release
    from passerelle.procedures.values import Act

__all__ = ["Extra", "Piece", "extra_of"]

_PIECES: Final = (
    "answer", "answer-part", "assess", "report-movement", "report-incident", "report-situation",
    "alert",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """Show one piece of information and what the receiver may do with it.

    Parameters
    ----------
    act_id, words
        Entry, and what it is.
    tlp, police
        Handling marks.
    onward
        ``none``, ``consent`` or ``free``.
    is_ours
        Whether this side originated it.
    consents
        Uses and recipients to which the originator consented.
    """

    act_id: str
    words: str
    tlp: str
    police: str
    onward: str
    is_ours: bool
    consents: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Extra:
    """Hold what a template of a procedure needs; only its own part is filled."""

    template: str
    title: str = ""
    commitment: CommitmentLine | None = None
    meeting: Meeting | None = None
    cycle: tuple[StepOfCycle, ...] = ()
    release: Release | None = None
    release_due: date | None = None
    pieces: tuple[Piece, ...] = ()
    file: CaseFile | None = None
    lines: list[FigureLine] = field(default_factory=list)
    urgency: str = ""


def extra_of(row: Row, found: Dossier, language: str, now: datetime) -> Extra | None:
    """Return what stands above the acts of a dossier; ``None`` for most procedures."""
    build = _BUILDERS.get(found.definition.id)
    return None if build is None else build(row, found, language, now)


def _commitment(row: Row, found: Dossier, language: str, now: datetime) -> Extra:
    line = commitment_line(
        read_commitment(found), language, now.date(), found.procedure.parties[row.side]
    )
    return Extra("desk/dossiers/_commitment.html", line.action, commitment=line)


def _meeting(row: Row, found: Dossier, language: str, now: datetime) -> Extra:
    del row, now
    steps = cycle(found, language)
    meeting = read_meeting(found)
    title = meeting.charter.name
    return Extra("desk/dossiers/_meeting.html", title, meeting=meeting, cycle=steps)


def _release(row: Row, found: Dossier, language: str, now: datetime) -> Extra:
    del row, language, now
    release = read_release(found)
    return Extra("desk/dossiers/_release.html", release=release, lines=side_figures(release))


def _judicial(row: Row, found: Dossier, language: str, now: datetime) -> Extra:
    del row, language, now
    return Extra("desk/dossiers/_judicial.html", release_due=release_due(found))


def _information(row: Row, found: Dossier, language: str, now: datetime) -> Extra:
    del now
    pieces = tuple(_piece(found, act, row.side, language) for act in found.effective(*_PIECES))
    level = text_of(found.opened.payload, "urgency")
    title = subject_of(found.opened, language)
    return Extra("desk/dossiers/_information.html", title, pieces=pieces, urgency=level)


def _cyber(row: Row, found: Dossier, language: str, now: datetime) -> Extra:
    del row, language, now
    level = text_of(found.opened.payload, "urgency")
    title = text_of(found.opened.payload, "title")
    return Extra("desk/dossiers/_cyber.html", title, urgency=level)


def _case_file(row: Row, found: Dossier, language: str, now: datetime) -> Extra:
    return Extra("desk/dossiers/_casefile.html", file=case_file(row, found, language, now))


_BUILDERS: Final[Mapping[str, Callable[[Row, Dossier, str, datetime], Extra]]] = {
    "commitment": _commitment,
    "meeting": _meeting,
    "statistics-release": _release,
    "judicial": _judicial,
    "information": _information,
    "cyber-report": _cyber,
    "identification": _case_file,
    "travel-document": _case_file,
    "joint-interview": _case_file,
    "rights-request": _case_file,
}


def _piece(found: Dossier, act: Act, side: str, language: str) -> Piece:
    marks = act.payload.get("handling")
    handling = marks if isinstance(marks, dict) else {}
    asked = {one.id: one for one in found.effective("ask-consent")}
    consents = [
        asked[consent.re[0]]
        for consent in found.effective("consent")
        if consent.re and consent.re[0] in asked
    ]
    return Piece(
        act_id=act.id,
        words=found.definition.acts[act.name].labels.get(language),
        tlp=str(handling.get("tlp", "")),
        police=str(handling.get("police", "")),
        onward=str(act.payload.get("onward", "")),
        is_ours=act.side == side,
        consents=tuple(
            (str(one.payload["use"]), str(one.payload["recipient"]))
            for one in consents
            if one.payload["source"] == act.id
        ),
    )
