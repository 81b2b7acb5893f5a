"""One identification request as statistics sees it: dates and codes, no person.

A case is read from the dossier as either side holds it: a hold, a bar and a withdrawal are one thing,
*paused*, on both. ``subject`` is a digest with which the same person is counted once; it is compared
and forgotten, never published.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from passerelle.kernel.canonical import digest
from passerelle.procedures.deadlines import due
from passerelle.procedures.sharing import shown_state

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from passerelle.procedures.dossier import Dossier

__all__ = ["Case", "known_at", "read_case"]

_ANSWERS = {
    "recognise": "recognised",
    "not-recognise": "not-national",
    "find-inconclusive": "other",
    "suspect-other-nationality": "other",
}


@dataclass(frozen=True, slots=True)
class Case:
    """Hold what is counted of one request, as known at a cut-off.

    Parameters
    ----------
    corridor
        Corridor of the request.
    subject
        Digest of the person, to count once.
    sent_on, received_on
        Days; ``None`` when it has not happened.
    due_on
        Last day in time for the answer; ``None`` when no clock runs.
    answer, answered_on
        ``recognised``, ``not-national``, ``other`` or empty, and when.
    document_on
        Day of issue of a travel document.
    is_useful
        Whether the document came in useful time.
    is_paused
        Whether paused or withdrawn at the cut-off.
    is_complete_first
        Whether the first sending was complete.
    expired_by
        By whose delay a document expired unused; empty when it did not.
    """

    corridor: str
    subject: str
    sent_on: date
    received_on: date | None = None
    due_on: date | None = None
    answer: str = ""
    answered_on: date | None = None
    document_on: date | None = None
    is_useful: bool = False
    is_paused: bool = False
    is_complete_first: bool = True
    expired_by: str = ""


def read_case(
    dossier: Dossier, cut_off: datetime, documents: Iterable[Dossier] = ()
) -> Case | None:
    """Read a case from a dossier of identification; ``None`` when it was not sent by then.

    Parameters
    ----------
    dossier
        The dossier, full or as the partner sees it.
    cut_off
        Last instant that counts.
    documents
        Travel-document dossiers, of which those of this request are used.
    """
    known = known_at(dossier, cut_off)
    sent = None if known is None else next(known.effective("send"), None)
    if known is None or sent is None:
        return None
    envelope: Any = sent.payload["envelope"]  # checked by the schema: a record
    receipt = known.last("confirm-receipt")
    answer = known.last(*_ANSWERS)
    limit = next((one.due for one in due(known, cut_off) if one.name == "reply"), None)
    case = Case(
        corridor=envelope["corridor"],
        subject=digest([envelope["names"], envelope["birth_date"], envelope["birth_place"]]),
        sent_on=sent.issued.date(),
        received_on=None if receipt is None else receipt.at.date(),
        due_on=None if limit is None else limit.date(),
        answer="" if answer is None else _ANSWERS[answer.name],
        answered_on=None if answer is None else answer.at.date(),
        is_paused=shown_state(known.definition, known.state) == "paused",
        is_complete_first=known.last("return-incomplete") is None,
    )
    for document in documents:
        case = _with_document(case, dossier.case, known_at(document, cut_off))
    return case


def known_at(dossier: Dossier, cut_off: datetime) -> Dossier | None:
    """Return a dossier as it stood at an instant; ``None`` when nothing had been said by then."""
    steps = tuple(step for step in dossier.steps if step.act.at <= cut_off)
    if not steps:
        return None
    return replace(dossier, steps=steps, state=steps[-1].after)


def _with_document(case: Case, file: str, document: Dossier | None) -> Case:
    asked = None if document is None else document.last("request-document")
    if document is None or asked is None or asked.payload["identification"] != file:
        return case
    is_paused = shown_state(document.definition, document.state) == "paused"
    issued = document.last("issue")
    if issued is None:
        return replace(case, is_paused=case.is_paused or is_paused)
    expired = document.last("expire")
    return replace(
        case,
        document_on=issued.at.date(),
        is_useful=bool(issued.payload["in_useful_time"]),
        expired_by="" if expired is None else str(expired.payload["delay_by"]),
    )
