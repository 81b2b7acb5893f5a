"""What the pages of standing cooperation show: promises with two statuses, groups, cycles, figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from passerelle.desk.words import indicator_name
from passerelle.procedures.counting.cohorts import CONTRACT_VERSION
from passerelle.procedures.counting.indicators import INDICATORS, Rate
from passerelle.procedures.counting.statement import figures_of
from passerelle.procedures.loading import definition
from passerelle.procedures.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from passerelle.procedures.counting.statement import Figure
    from passerelle.procedures.dossier import Dossier
    from passerelle.procedures.standing.commitments import Commitment, SideStatus
    from passerelle.procedures.standing.releases import Release

__all__ = [
    "LOOKS",
    "CommitmentLine",
    "FigureLine",
    "SideLine",
    "StepOfCycle",
    "code_words",
    "commitment_line",
    "cycle",
    "figure_lines",
    "safeguard_lines",
    "side_figures",
]

LOOKS: Final[Mapping[str, str]] = {
    "on-track": "met",
    "at-risk": "short",
    "late": "critical",
    "done": "met",
    "not-done": "critical",
}
_SOON_DAYS: Final = 30
_CYCLE: Final = (
    "called", "agenda-agreed", "held", "minutes-drafted", "exchanged", "adopted", "followed-up",
    "closed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SideLine:
    """Show what one side says of a commitment."""

    state: str
    lead: str
    words: str
    look: str
    phase: str
    evidence: str
    reason: str
    said_on: date | None


@dataclass(frozen=True, slots=True)
class CommitmentLine:
    """Show one commitment: the two sides beside each other, never merged."""

    case: str
    action: str
    instrument: str
    instrument_on: date
    paragraph: str
    pillar: str
    objective: str
    sector: str
    contributors: tuple[str, ...]
    state: str
    is_disputed: bool
    is_contested: bool
    is_ended: bool
    is_overdue: bool
    due_on: date | None
    due_look: str
    remaining: str
    sides: tuple[SideLine, ...]
    measure: str
    unit: str
    source: str
    baseline: int | None
    actual: int | None
    target: int | None
    cause: str
    verified_on: date | None
    scale: str
    publicity: str


@dataclass(frozen=True, slots=True)
class StepOfCycle:
    """Show one step of a meeting: done, current or to come."""

    words: str
    look: str


@dataclass(frozen=True, slots=True)
class FigureLine:
    """Show one indicator with everything that makes it one (S40), and the other side's value.

    Parameters
    ----------
    indicator, words, formula
        Number, name, and formula in symbols where there is one.
    version
        Version of the definition.
    own, other
        The two sides' figures; ``None`` when a side gave none.
    """

    indicator: str
    words: str
    formula: str
    version: int
    own: Figure | None
    other: Figure | None

    @property
    def is_same(self) -> bool:
        """Whether both sides gave the same."""
        return self.own is not None and self.own == self.other


def code_words(code: str, language: str) -> str:
    """Return the words of a code of the vocabulary; the code itself when it is none."""
    known = vocabulary().codes.get(code)
    return known.get(language) if known else code


def commitment_line(one: Commitment, language: str, today: date, own: str = "") -> CommitmentLine:
    """Show a commitment in the reader's language.

    Parameters
    ----------
    one
        The commitment.
    language
        Language of the reader.
    today
        Day from which what remains is counted.
    own
        State whose side stands first; the side that proposed it when empty.
    """
    is_ended = one.ended_at is not None or one.verified_on is not None
    look, remaining = _remaining(None if is_ended else one.due_on, today)
    sheet = one.indicator
    return CommitmentLine(
        case=one.case,
        action=one.action.get(language),
        instrument=one.instrument,
        instrument_on=one.instrument_on,
        paragraph=one.paragraph,
        pillar=one.pillar,
        objective=one.objective,
        sector=code_words(one.sector, language),
        contributors=one.contributors,
        state=definition("commitment").states[one.state].labels.get(language),
        is_disputed=one.state == "contested",
        is_contested=one.contested,
        is_ended=is_ended,
        is_overdue=look == "critical",
        due_on=one.due_on,
        due_look=look,
        remaining=remaining,
        sides=tuple(
            _side(side, language) for side in sorted(one.sides, key=lambda side: side.state != own)
        )
        if own
        else tuple(_side(side, language) for side in one.sides),
        measure="" if sheet is None else sheet.name,
        unit="" if sheet is None else sheet.unit,
        source="" if sheet is None else sheet.source,
        baseline=None if sheet is None else sheet.baseline,
        actual=None if sheet is None else sheet.actual,
        target=None if sheet is None else sheet.target,
        cause=one.cause,
        verified_on=one.verified_on,
        scale=code_words(one.scale, language) if one.scale else "",
        publicity=code_words(one.publicity, language),
    )


def cycle(meeting: Dossier, language: str) -> tuple[StepOfCycle, ...]:
    """Show the steps of a meeting, those behind, the present one, those to come."""
    states = meeting.definition.states
    reached = {step.after for step in meeting.steps}
    order = ["adopted-with-reservation" if one == "adopted" and one not in reached and
             "adopted-with-reservation" in reached else one for one in _CYCLE]  # fmt: skip
    if meeting.state == "cancelled":
        order = [one for one in order if one in reached] + ["cancelled"]
    place = order.index(meeting.state) if meeting.state in order else 0
    return tuple(
        StepOfCycle(
            states[name].labels.get(language),
            "done" if number < place else "current" if number == place else "ahead",
        )
        for number, name in enumerate(order)
    )


def figure_lines(
    found: Mapping[str, Any],  # Any: plain data of a statement
    other: Mapping[str, Figure],
) -> list[FigureLine]:
    """Show every figure of a statement beside what the other side gave."""
    own = {one.indicator: one for one in figures_of(found)}
    return _lines(own, other)


def side_figures(release: Release) -> list[FigureLine]:
    """Show the figures of both sides of a release beside each other."""
    first, second = release.sides
    return _lines(first.figures, second.figures)


def safeguard_lines(rates: Iterable[Rate]) -> list[tuple[Rate, str]]:
    """Show the safeguard rates with their names."""
    return [(rate, str(indicator_name(rate.id))) for rate in rates]


def _lines(own: Mapping[str, Figure], other: Mapping[str, Figure]) -> list[FigureLine]:
    names = dict.fromkeys([*own, *other])
    return [
        FigureLine(
            name,
            str(indicator_name(name)),
            _formula(name),
            CONTRACT_VERSION,
            own.get(name),
            other.get(name),
        )
        for name in names
    ]


def _formula(name: str) -> str:
    """Return the formula in symbols; empty where it needs words."""
    _, _, formula = INDICATORS.get(name, "").partition(": ")
    return formula if formula and not any(word.islower() for word in formula.split()) else ""


def _side(side: SideStatus, language: str) -> SideLine:
    return SideLine(
        state=side.state,
        lead=side.lead,
        words=code_words(side.status, language) if side.status else _("nothing said yet"),
        look=LOOKS.get(side.status, "idle"),
        phase=code_words(side.phase, language) if side.phase else "",
        evidence=side.evidence,
        reason=side.reason,
        said_on=None if side.said_at is None else side.said_at.date(),
    )


def _remaining(due_on: date | None, today: date) -> tuple[str, str]:
    if due_on is None:
        return "idle", ""
    days = (due_on - today).days
    if days < 0:
        late = ngettext("overdue by %(n)d day", "overdue by %(n)d days", -days) % {"n": -days}
        return "critical", late
    left = ngettext("%(n)d day left", "%(n)d days left", days) % {"n": days}
    return ("short" if days < _SOON_DAYS else "idle"), left
