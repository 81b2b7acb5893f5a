"""The duties published in a dossier as a calendar: of the whole contingent, or of one person.

The calendar follows the acts of publication in order, so ``SEQUENCE`` and cancelled duties are the same
whenever it is written, and on both sides: the host's node and the partner's write the same bytes. A duty is
known by its person and day; one that moves within the day keeps its place with a higher sequence.
Nothing of it is stored; when the content of the dossier is erased, the calendar is gone.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from passerelle.kernel.ids import is_code
from passerelle.kernel.problems import RefusedError
from passerelle.node.dossiers.folding import fold_case, hear
from passerelle.node.exercise.queries import kind_of_node
from passerelle.procedures.reinforcement.duties import publications
from passerelle.procedures.values import Refusal
from passerelle.standards.marks import Handling, Status, Tlp
from passerelle.standards.plans import PlanDocument, Posting, follow_plan, write_calendar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.node.dossiers.models import Dossier
    from passerelle.procedures.dossier import Dossier as DossierValue
    from passerelle.procedures.reinforcement.duties import Duty
    from passerelle.standards.plans import CalendarEntry

__all__ = ["calendar_of", "duty_calendar"]

_LANGUAGES = ("fr", "en", "ar")


def duty_calendar(row: Dossier, *, person: str = "", language: str = "en") -> bytes:
    """Write the duties of a dossier as iCalendar.

    Parameters
    ----------
    row
        The dossier.
    person
        Reference of the person; empty for the whole contingent.
    language
        Language of the texts.

    Raises
    ------
    RefusedError
        When the content cannot be opened, or nothing was published to the person.
    """
    found = fold_case(row.case, row.corridor, hear(row.case))
    if isinstance(found, Refusal):
        raise RefusedError(
            "The content of dossier {case} cannot be opened here: {reason}",
            code="dossiers.closed-content",
            case=row.case,
            reason=found.reason,
        )
    status = Status.EXERCISE if kind_of_node() else Status.ACTUAL
    return calendar_of(found, row.reference or row.case[:8], status, person, language)


def calendar_of(
    dossier: DossierValue, reference: str, status: Status, person: str, language: str
) -> bytes:
    """Write the duties of a folded dossier as iCalendar.

    Parameters
    ----------
    dossier
        The dossier.
    reference
        How the two states call it.
    status
        Whether it is real or an exercise.
    person, language
        As for :func:`duty_calendar`.

    Raises
    ------
    RefusedError
        When nothing was ever published to the person.
    """
    entries: dict[str, CalendarEntry] = {}
    plan: PlanDocument | None = None
    was_told = False
    for number, (published, duties) in enumerate(publications(dossier), start=1):
        was_told = was_told or not person or person in duties
        plan = PlanDocument(
            event=reference,
            event_name=reference,
            zone=dossier.procedure.calendar("host").zone,
            version=number,
            published=published,
            postings=tuple(
                posting
                for code, mine in duties.items()
                if person in {"", code}
                for posting in _postings(dossier, reference, code, mine, language)
            ),
            status=status,
            handling=Handling(Tlp.AMBER),
        )
        entries = follow_plan(entries, plan)
    if plan is None or not was_told:
        raise RefusedError(
            "No duties were published to {person}.",
            code="duties.none",
            person=person or reference,
        )
    return write_calendar(
        entries.values(),
        plan,
        name=f"{reference} · {person}" if person else reference,
        node=dossier.case,
        language=language,
        protected=True,  # the address is a secret of 256 bits that can be revoked
    )


def _postings(
    dossier: DossierValue, reference: str, person: str, duties: tuple[Duty, ...], language: str
) -> Iterator[Posting]:
    known = hashlib.sha256(f"{dossier.case}/{person}".encode()).hexdigest()[:20]
    n_on: dict[str, int] = {}
    for duty in duties:
        day = f"{duty.during.start:%Y%m%d}"
        n_on[day] = n_on.get(day, 0) + 1
        yield Posting(
            key=f"{known}-{day}-{n_on[day]}",
            site=duty.place,
            site_name=duty.place,
            post="",
            capability=_task(duty.task, language),
            group=reference if is_code(reference) else dossier.case,
            group_name=person,
            state=dossier.procedure.parties["partner"],
            crew="",
            crews=1,
            people=1,
            during=duty.during,
        )


def _task(text: str, language: str) -> str:
    """Return a task in one language: the host writes it in three, one after the other."""
    parts = text.split(" / ")
    return parts[_LANGUAGES.index(language)] if len(parts) == len(_LANGUAGES) else text
