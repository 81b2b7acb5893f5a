"""The corridor: what two states agreed, and without which nothing can be sent.

A corridor names the parties, pins the definitions they hold, and carries the *profile*: who answers,
within what, from when the clock runs, what silence means, which papers prove what. Each figure is data
with a source and a mark: L the source text was read, C check it before use, D our default and not law.

A corridor is active only when everything it needs is there: instrument, competent authorities,
transfer basis, assurances, both assessments, the authority's opinion, a review date. Presets come
inactive. The brake is a suspension: an interval during which nothing goes out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from passerelle.procedures.definition import Period, Start

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

__all__ = [
    "ASSURANCES",
    "Corridor",
    "Instrument",
    "Profile",
    "Reply",
    "Silence",
    "Suspension",
    "TransferBasis",
]

ASSURANCES: Final = ("no-death-penalty", "no-torture", "no-prosecution-for-leaving-or-asylum")
"""What the partner must have assured before a corridor of persons can be active (S36)."""


class Silence(StrEnum):
    """What the instrument says when the partner does not answer. Never a result by itself."""

    NONE = "none"
    PERSON_DEEMED = "person_deemed"
    DOCUMENT_SUBSTITUTE = "document_substitute"


@dataclass(frozen=True, slots=True)
class Instrument:
    """Name the text on which the corridor stands.

    Parameters
    ----------
    name, articles
        Title and the articles used.
    is_binding
        Whether it binds in law.
    """

    name: str
    articles: str
    is_binding: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """Say within what an answer is due.

    Parameters
    ----------
    period
        Length.
    starts
        Moment from which it runs.
    accelerated
        Length of the accelerated way, or ``None``.
    extended_to
        Longest length after extension with reasons, or ``None``.
    """

    period: Period
    starts: Start
    accelerated: Period | None = None
    extended_to: Period | None = None


@dataclass(frozen=True, slots=True)
class TransferBasis:
    """Name the ground on which personal data may leave, and until when it holds (S35)."""

    name: str
    until: date


@dataclass(frozen=True, slots=True)
class Suspension:
    """Pull the brake from ``start`` to ``end``; ``None`` while it is on (S37)."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """Carry the figures and references of one corridor of persons.

    Parameters
    ----------
    instrument
        The text.
    authorities
        Competent authority per step.
    proof, prima_facie
        Evidence codes of the lists A and B.
    reply
        Time to answer; ``None`` when the instrument gives none.
    silence, silence_article
        What silence means, and the article to be cited.
    document_issue, document_validity, document_reissue
        Time to issue a travel document, its least validity, time to issue it again.
    transfer_window, submission_window
        Time to hand over; time to ask after the decision.
    interview_notice
        Notice before a joint interview.
    useful_time
        What "in useful time" means, in words, quoted with each figure.
    transfer_basis, assurances, dpia, fria, opinion, review_by
        What must be there before the corridor is active.
    languages
        Languages of the exchange.
    form_mapping
        Form of the partner by field, where it has one.
    retention
        Time kept after the closing event.
    mark
        L, C or D: how sure the figures are.
    """

    instrument: Instrument
    authorities: Mapping[str, str] = field(default_factory=dict)
    proof: frozenset[str] = frozenset({"A1", "A2", "A3", "A4", "A5"})
    prima_facie: frozenset[str] = frozenset({"B1", "B2", "B3", "B4", "B5", "B6"})
    reply: Reply | None = None
    silence: Silence = Silence.NONE
    silence_article: str = ""
    document_issue: Period | None = None
    document_validity: Period | None = None
    document_reissue: Period | None = None
    transfer_window: Period | None = None
    submission_window: Period | None = None
    interview_notice: Period | None = None
    useful_time: str = ""
    transfer_basis: TransferBasis | None = None
    assurances: frozenset[str] = frozenset()
    dpia: str = ""
    fria: str = ""
    opinion: str = ""
    review_by: date | None = None
    languages: tuple[str, ...] = ()
    form_mapping: Mapping[str, str] = field(default_factory=dict)
    retention: Period | None = None
    mark: str = "D"

    def __post_init__(self) -> None:
        if self.mark not in {"L", "C", "D"}:
            raise ValueError(f"Expected mark L, C or D, got {self.mark!r}.")
        both = self.proof & self.prima_facie
        if both:
            raise ValueError(f"Expected each code in one list, got {sorted(both)} in both.")

    def period(self, key: str) -> Period | None:
        """Return the length named ``key``; ``None`` when the profile gives none."""
        if key == "reply":
            return None if self.reply is None else self.reply.period
        found = getattr(self, key)
        return found if isinstance(found, Period) else None


@dataclass(frozen=True, slots=True)
class Corridor:
    """Hold what two states agreed.

    Parameters
    ----------
    id
        Name, for example ``fr-ma``.
    parties
        ISO codes of the two states.
    pins
        Digest by definition id. Empty: any definition that both hold.
    profile
        Figures of a corridor of persons; ``None`` for cooperation without personal data.
    days_off
        Further days off by party, agreed.
    is_rolling
        Whether periods of calendar days that end on a day off end with the next working day.
    active_from, active_to
        When it is in force; ``active_from`` ``None`` means inactive.
    suspensions
        The times during which the brake was on.
    """

    id: str
    parties: tuple[str, str]
    pins: Mapping[str, str] = field(default_factory=dict)
    profile: Profile | None = None
    days_off: Mapping[str, frozenset[date]] = field(default_factory=dict)
    is_rolling: bool = False
    active_from: datetime | None = None
    active_to: datetime | None = None
    suspensions: tuple[Suspension, ...] = ()

    def __post_init__(self) -> None:
        if self.parties[0] == self.parties[1]:
            raise ValueError(f"Expected two different parties, got {self.parties}.")
        missing = self.missing()
        if self.active_from is not None and missing:
            raise ValueError(
                f"Expected an inactive corridor while these are missing: {', '.join(missing)}."
            )

    def missing(self) -> tuple[str, ...]:
        """Name what must be there before the corridor can be active (S35, S36, S51)."""
        profile = self.profile
        if profile is None:
            return ()
        wanted = {
            "authorities": bool(profile.authorities),
            "transfer_basis": profile.transfer_basis is not None,
            "dpia": bool(profile.dpia),
            "fria": bool(profile.fria),
            "opinion": bool(profile.opinion),
            "review_by": profile.review_by is not None,
        }
        absent = [f"assurance {name}" for name in ASSURANCES if name not in profile.assurances]
        return (*(name for name, is_there in wanted.items() if not is_there), *absent)

    def is_braked(self, at: datetime) -> bool:
        """Tell whether the brake is on at ``at``."""
        return any(
            pause.start <= at and (pause.end is None or at < pause.end)
            for pause in self.suspensions
        )

    def is_active(self, at: datetime) -> bool:
        """Tell whether the corridor is in force at ``at``, brake aside."""
        return (
            self.active_from is not None
            and self.active_from <= at
            and (self.active_to is None or at < self.active_to)
        )
