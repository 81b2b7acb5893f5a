"""Tallies: what lists need of a dossier's counts, by capability and stage, with its curve over days.

People and person-days of different dossiers may be added up; peaks may not, so each tally keeps posts
and people present day by day and whoever adds tallies takes the peak of the sum. Beside the seven
stages stands what was chosen by the host and is not co-signed yet (it allocates nothing), and what was
announced in public, which is quoted and never counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from passerelle.kernel.counts import Stage
from passerelle.procedures.reinforcement.commitments import items
from passerelle.procedures.reinforcement.offers import OfferStatus, offers
from passerelle.procedures.reinforcement.strands import Strand, days_of, strands_of, sum_day
from passerelle.procedures.reinforcement.terms import text_of

if TYPE_CHECKING:
    from datetime import date, datetime

    from passerelle.procedures.dossier import Dossier

__all__ = ["CHOSEN", "Announcement", "Tally", "announcements", "tallies"]

CHOSEN: Final = "chosen"
"""Accepted by the host, waiting for the co-signed commitment."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Count one capability at one stage in one dossier.

    Parameters
    ----------
    capability
        Code of the catalogue.
    stage
        Value of a :class:`Stage`, or :data:`CHOSEN`.
    people, person_days
        Distinct people, and the sum over days of people present.
    first_day
        Day of the first entry of the curves, in UTC.
    posts, present
        By day, from ``first_day`` on.
    """

    capability: str
    stage: str
    people: int
    person_days: int
    first_day: date
    posts: tuple[int, ...]
    present: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Announcement:
    """Quote what a partner announced in public.

    Parameters
    ----------
    figure
        As quoted; ``None`` when no figure was named.
    unit, stage
        As quoted; empty when not said.
    text, source
        The words and where they were said.
    on
        The day.
    """

    figure: int | None
    unit: str
    stage: str
    text: str
    source: str
    on: str


def tallies(dossier: Dossier, at: datetime) -> tuple[Tally, ...]:
    """Count a dossier by capability and stage.

    Parameters
    ----------
    dossier
        A dossier of reinforcement.
    at
        The instant at which validity of offers is judged.
    """
    found: list[Tally] = []
    strands: dict[str, list[Strand]] = {
        stage.value: list(mine) for stage, mine in strands_of(dossier, at).items()
    }
    strands[CHOSEN] = _chosen(dossier)
    for stage in (*(one.value for one in Stage), CHOSEN):
        by_kind: dict[str, list[Strand]] = {}
        for strand in strands[stage]:
            by_kind.setdefault(strand.capability, []).append(strand)
        found += [_tally(code, stage, mine) for code, mine in sorted(by_kind.items())]
    return tuple(found)


def announcements(dossier: Dossier) -> tuple[Announcement, ...]:
    """Return what was announced, oldest first."""
    found = []
    for act in dossier.effective("announce"):
        figure = act.payload.get("figure")
        found.append(
            Announcement(
                figure=figure if isinstance(figure, int) else None,
                unit=text_of(act.payload, "unit_quoted"),
                stage=text_of(act.payload, "stage_quoted"),
                text=text_of(act.payload, "text"),
                source=text_of(act.payload, "source_of_text"),
                on=text_of(act.payload, "on"),
            )
        )
    return tuple(found)


def _chosen(dossier: Dossier) -> list[Strand]:
    drawn: dict[str, int] = {}
    for item in items(dossier).values():
        drawn[item.offer] = drawn.get(item.offer, 0) + item.terms.people
    found = []
    for offer in offers(dossier).values():
        left = offer.terms.people - drawn.get(offer.code, 0)
        if offer.status is OfferStatus.ACCEPTED and left > 0:
            terms = offer.terms
            share = left / terms.people
            found.append(
                Strand(
                    offer.code,
                    terms.capability,
                    terms.places,
                    terms.during,
                    round(terms.posts * share),
                    round(terms.present * share),
                    left,
                )
            )
    return found


def _tally(code: str, stage: str, strands: list[Strand]) -> Tally:
    """Sweep over the days once; a strand counts on each day that it touches."""
    start = min(strand.during.start for strand in strands)
    end = max(strand.during.end for strand in strands)
    first = start.date()
    n_days = (end.date() - first).days + 1
    today: list[list[Strand]] = [[] for _ in range(n_days)]
    for strand in strands:
        for day in days_of(strand.during):
            today[(day.start.date() - first).days].append(strand)
    sums = [sum_day(list(mine)) for mine in today]
    while len(sums) > 1 and sums[-1] == (0, 0):
        sums.pop()
    known = {strand.person for strand in strands if strand.person}
    most: dict[str, int] = {}
    for strand in strands:
        if not strand.person:
            most[strand.source] = max(most.get(strand.source, 0), strand.people)
    present = tuple(here for _, here in sums)
    return Tally(
        capability=code,
        stage=stage,
        people=len(known) + sum(most.values()),
        person_days=sum(present),
        first_day=first,
        posts=tuple(posts for posts, _ in sums),
        present=present,
    )
