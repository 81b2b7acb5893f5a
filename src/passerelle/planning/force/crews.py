"""Who can stand on duty: groups of identical crews, contingents, and the force as a whole.

A *crew* is the smallest thing that is posted: a pair, a dog with handler, a public-order section or
one person. A *group* is a number of identical crews of one contingent: same capabilities, base,
window, rules and history. A group of one crew of one is a named person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from passerelle.kernel.counts import Stage
    from passerelle.kernel.times import Interval
    from passerelle.planning.force.rules import ArrangementRules

__all__ = ["Base", "Certificate", "Contingent", "CrewGroup", "Force"]


@dataclass(frozen=True, slots=True)
class Base:
    """Say where crews sleep and start from.

    Parameters
    ----------
    id
        Code, unique in the event.
    name
        Name.
    lat, lon
        Position in degrees.
    beds
        People that it can lodge a night; ``None`` when that does not limit.
    """

    id: str
    name: str
    lat: float
    lon: float
    beds: int | None = None

    def __post_init__(self) -> None:
        if not (-90 <= self.lat <= 90 and -180 <= self.lon <= 180):
            raise ValueError(f"Expected a position in degrees, got {self.lat}, {self.lon}.")
        if self.beds is not None and self.beds < 0:
            raise ValueError(f"Expected beds >= 0, got {self.beds}.")


@dataclass(frozen=True, slots=True, order=True)
class Certificate:
    """Name a qualification that every crew of a group holds.

    Parameters
    ----------
    code
        For example ``eod-3`` or ``dog-explosives``.
    expires
        Last day of validity; ``None`` when it does not end.
    """

    code: str
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class CrewGroup:
    """Hold a number of identical crews.

    Parameters
    ----------
    id
        Code, unique in the event.
    contingent_id
        Contingent to which it belongs; empty for forces of the host.
    owner
        ISO 3166-1 alpha-2 code of the state whose people they are.
    is_host
        Whether that state is the host.
    name
        Unit, for people.
    capabilities
        Codes of the catalogue, what each crew can do, the main one first.
    crew_people, crew_animals
        Size of one crew.
    crews
        Number of crews, ``>= 0``.
    base
        Where they sleep.
    available
        From first to last possible duty.
    languages
        ISO 639-1 codes spoken by at least one of each crew.
    certificates
        Held by each crew.
    rules_id
        Rules that bind them (already the more protective of both laws).
    cost_eur_day
        Cost of one crew a duty day, in euros, for the choice of offers.
    allowed_site_ids
        Sites where they may be posted; empty means everywhere.
    supports_nations
        Nations whose supporters they know (spotters, contact officers), codes of the programme.
    is_armed
        Whether each crew carries weapons here.
    stage
        How far it has come: a plan may rest only on accepted or later.
    rest_debt_min
        Rest owed to each crew at the start.
    source
        Where the figures come from.
    is_assumed
        Whether the number of crews is assumed.
    """

    id: str
    contingent_id: str
    owner: str
    is_host: bool
    name: str
    capabilities: tuple[str, ...]
    crew_people: int
    crew_animals: int
    crews: int
    base: Base
    available: Interval
    languages: tuple[str, ...]
    certificates: tuple[Certificate, ...]
    rules_id: str
    cost_eur_day: int
    allowed_site_ids: tuple[str, ...]
    supports_nations: tuple[str, ...]
    is_armed: bool
    stage: Stage
    rest_debt_min: int = 0
    source: str = ""
    is_assumed: bool = True

    def __post_init__(self) -> None:
        if not self.capabilities or len(set(self.capabilities)) != len(self.capabilities):
            raise ValueError(f"Expected distinct capabilities, got {self.capabilities}.")
        if self.crew_people < 1:
            raise ValueError(f"Expected crew_people >= 1, got {self.crew_people}.")
        for name in ("crew_animals", "crews", "cost_eur_day", "rest_debt_min"):
            if getattr(self, name) < 0:
                raise ValueError(f"Expected {name} >= 0, got {getattr(self, name)}.")
        if self.is_host and self.contingent_id:
            raise ValueError("Expected no contingent for a group of the host.")

    @property
    def people(self) -> int:
        """People in all crews."""
        return self.crews * self.crew_people


@dataclass(frozen=True, slots=True)
class Contingent:
    """Hold what one state sends under one arrangement.

    Parameters
    ----------
    id
        Code, unique in the event.
    state
        ISO 3166-1 alpha-2 code of the sender.
    name
        Name of the contingent or its forces.
    stage
        How far it has come as a whole.
    group_ids
        Its groups.
    max_sites
        Caps per site, in crews, by site code; sites not named have none.
    """

    id: str
    state: str
    name: str
    stage: Stage
    group_ids: tuple[str, ...]
    max_sites: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Force:
    """Hold everybody who may be posted.

    Parameters
    ----------
    groups
        Groups of the host and of the partners, sorted by code.
    contingents
        Contingents of the partners.
    rules
        Rules by id; every group's ``rules_id`` is among them.
    """

    groups: tuple[CrewGroup, ...]
    contingents: tuple[Contingent, ...]
    rules: tuple[ArrangementRules, ...]

    def __post_init__(self) -> None:
        ids = [group.id for group in self.groups]
        if len(set(ids)) != len(ids):
            raise ValueError("Expected every group code once.")
        known = {rules.id for rules in self.rules}
        for group in self.groups:
            if group.rules_id not in known:
                raise ValueError(f"Expected known rules, got {group.rules_id!r}.")

    @property
    def rules_by_id(self) -> Mapping[str, ArrangementRules]:
        """The rules by id."""
        return {rules.id: rules for rules in self.rules}
