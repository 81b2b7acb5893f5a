"""What goes into the choice of offers and what comes out.

An *offer* is what one partner would send under its own conditions: groups of crews in the terms of
the roster engine (size, dates, base, rules, escorts needed), a price, a validity. A *mix* says how
many crews of each group of each offer are accepted. All figures of a mix refer to the *coverage
model* (:mod:`passerelle.planning.mix.coverage`): a relaxation of the roster, so that its points are a
lower bound on the cost of every roster with these crews.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from passerelle.planning.roster.instance import Group

__all__ = [
    "Accepted",
    "Filled",
    "Mix",
    "MixName",
    "MixParams",
    "MixReport",
    "Offer",
    "OfferWorth",
    "Sign",
    "Uses",
]


@dataclass(frozen=True, slots=True)
class Offer:
    """State what a partner offers.

    Parameters
    ----------
    code
        Name of the offer, unique; the id of a contingent or of a dossier.
    state
        ISO 3166-1 alpha-2 code of the partner.
    groups
        Its crews, compiled like those of an instance; dates, lodging (base) and escorts
        (``crews_per_escort``) stand in them.
    cost_eur
        Euros of one crew of each group for one duty day, by group code; groups not named are free.
    fixed_eur
        Euros for accepting it at all (transport, preparation).
    is_whole
        Whether it must be taken as a whole or left.
    least_crews
        Fewest crews of all groups together that the partner sends, when it is taken at all.
    valid_until
        Until when it stands; ``None`` when it has no end.
    excludes
        Codes of offers that cannot be taken together with this one (a counter-offer, for example).
    requires
        Codes of offers without which it falls.
    """

    code: str
    state: str
    groups: tuple[Group, ...]
    cost_eur: Mapping[str, int]
    fixed_eur: int = 0
    is_whole: bool = False
    least_crews: int = 0
    valid_until: datetime | None = None
    excludes: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.code:
            raise ValueError("Expected a code.")
        own = {group.code for group in self.groups}
        if len(own) != len(self.groups):
            raise ValueError("Expected every group code once.")
        if not set(self.cost_eur) <= own:
            raise ValueError(f"Expected costs of own groups, got {sorted(self.cost_eur)}.")
        if min((self.fixed_eur, self.least_crews, *self.cost_eur.values())) < 0:
            raise ValueError("Expected cost_eur, fixed_eur and least_crews >= 0.")
        if self.least_crews > self.crews:
            raise ValueError(f"Expected least_crews <= {self.crews}, got {self.least_crews}.")

    @property
    def crews(self) -> int:
        """Crews of all groups."""
        return sum(group.strength for group in self.groups)

    @property
    def people(self) -> int:
        """People in all crews."""
        return sum(group.strength * group.people for group in self.groups)


@dataclass(frozen=True, slots=True)
class MixParams:
    """Set what counts in the choice.

    Parameters
    ----------
    points_per_eur
        Points of one euro. The default lets one officer-hour (one point) weigh as much as 32 euros,
        640 euros a day for a pair that works ten hours; an assumption.
    points_per_partner
        Points for every offer that is taken at all: the effort of an arrangement.
    most_eur
        Budget in euros; ``None`` for none.
    part_min
        Length of the blocks of time of the coverage model, a divisor of 1440 and a multiple of the
        grid; shorter is truer and slower.
    seconds
        Time for all solves together; the last ones are left out when it is over.
    keep_cover
        Part of the cover of the best mix that the alternative with least cost keeps, 0 to 1.
    """

    points_per_eur: float = 1 / 32
    points_per_partner: float = 0.0
    most_eur: int | None = None
    part_min: int = 360
    seconds: float = 60.0
    keep_cover: float = 0.99

    def __post_init__(self) -> None:
        for name in ("points_per_eur", "points_per_partner"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"Expected {name} >= 0, got {getattr(self, name)}.")
        if self.most_eur is not None and self.most_eur < 0:
            raise ValueError(f"Expected most_eur >= 0, got {self.most_eur}.")
        if self.part_min < 1 or 1440 % self.part_min:
            raise ValueError(f"Expected part_min to divide 1440, got {self.part_min}.")
        if not self.seconds > 0:
            raise ValueError(f"Expected seconds > 0, got {self.seconds}.")
        if not 0 <= self.keep_cover <= 1:
            raise ValueError(f"Expected 0 <= keep_cover <= 1, got {self.keep_cover}.")


class MixName(StrEnum):
    """Which question a mix answers."""

    BEST = "best"
    ALL = "all"
    NONE = "none"
    CHEAPER = "cheaper"
    FEWER_PARTNERS = "fewer-partners"
    SECOND = "second"


@dataclass(frozen=True, slots=True, order=True)
class Accepted:
    """Accept so many crews of one group of one offer; 0 crews when nothing of it is taken."""

    offer: str
    group: str
    crews: int


@dataclass(frozen=True, slots=True, order=True)
class Filled:
    """Count crew-hours of one skill.

    Parameters
    ----------
    skill
        Capability or overlay.
    asked, minimum_missing, target_missing
        Crew-hours wanted, missing below minimum, and missing between minimum and target.
    """

    skill: str
    asked: float
    minimum_missing: float
    target_missing: float

    @property
    def cover(self) -> float:
        """Part of the hours wanted that are there, 0 to 1."""
        return (
            1.0 - (self.minimum_missing + self.target_missing) / self.asked if self.asked else 1.0
        )


@dataclass(frozen=True, slots=True)
class Uses:
    """State what a mix takes of the host.

    Parameters
    ----------
    escort_hours, escort_peak
        Escort crew-hours that the accepted crews need, and most escort crews at the same time.
    bed_nights, bed_peak
        Nights of people lodged, and most people lodged in one night; crews count on their duty days.
    """

    escort_hours: float
    escort_peak: float
    bed_nights: float
    bed_peak: float


@dataclass(frozen=True, slots=True)
class Mix:
    """Hold one choice and what it gives.

    Parameters
    ----------
    name
        Which question it answers.
    accepted
        Crews by offer and group, every group listed.
    points
        Missing, surplus and work in points: a lower bound on every roster with these crews.
    cost_eur
        Euros of the duty days that the coverage model uses, and the fixed ones.
    score
        ``points`` + what the euros and the partners weigh: what is minimised.
    bound
        Proven lower bound on ``score`` of every mix that answers the question.
    filled
        By skill.
    uses
        Escorts and lodging of the accepted crews.
    """

    name: MixName
    accepted: tuple[Accepted, ...]
    points: float
    cost_eur: float
    score: float
    bound: float
    filled: tuple[Filled, ...]
    uses: Uses

    @property
    def offers(self) -> tuple[str, ...]:
        """Codes of the offers of which something is taken, sorted."""
        return tuple(sorted({item.offer for item in self.accepted if item.crews}))

    @property
    def cover(self) -> float:
        """Part of all crew-hours wanted that are there."""
        asked = sum(item.asked for item in self.filled)
        missing = sum(item.minimum_missing + item.target_missing for item in self.filled)
        return 1.0 - missing / asked if asked else 1.0


class Sign(StrEnum):
    """What is proved about an offer beside the rest of the best mix."""

    HELPS = "helps"
    COSTS = "costs"
    UNPROVEN = "unproven"


@dataclass(frozen=True, slots=True)
class OfferWorth:
    """State what one offer is worth beside the other offers of the best mix.

    Parameters
    ----------
    offer
        Its code.
    is_accepted
        Whether the best mix takes something of it.
    without, with_it
        Score of the best mix without the offer, and when it must be taken (all of it, or as much as
        is best, at least one crew); both in the coverage model.
    least, most
        The true worth lies between them: proven from a checked roster, or infinite when there is
        none.
    sign
        HELPS when ``least > 0``, COSTS when ``most < 0``.
    is_model_only
        Whether the sign rests on the coverage model alone: both scores are optima of the model, and
        no roster has confirmed them.
    saved_hours
        Crew-hours missing less with it, by skill, those that change.
    """

    offer: str
    is_accepted: bool
    without: float
    with_it: float
    least: float
    most: float
    sign: Sign
    is_model_only: bool
    saved_hours: Mapping[str, float]

    @property
    def worth(self) -> float:
        """Points that it saves in the coverage model, its own price deducted; may be negative."""
        return self.without - self.with_it


@dataclass(frozen=True, slots=True)
class MixReport:
    """Answer a choice of offers.

    Parameters
    ----------
    best
        The best mix found.
    alternatives
        Others to set beside it: all, none, cheaper, fewer partners, second best; without doubles.
    worths
        One an offer, in the order given; offers for which no time was left are absent.
    seconds
        Time taken.
    is_complete
        Whether every question was answered in time.
    """

    best: Mix
    alternatives: tuple[Mix, ...]
    worths: tuple[OfferWorth, ...]
    seconds: float
    is_complete: bool
