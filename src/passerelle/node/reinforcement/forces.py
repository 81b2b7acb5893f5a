"""Forces of a plan, computed from co-signed commitments and from rolls once they are given.

Only what both sides have signed becomes a group of crews. Before a roll is given an item is one group of
like crews over its period; with a roll the people on it form the crews, each with the days they stay,
the certificates they hold until the day these end, and the languages they speak. Rule conditions
come from the arrangement: escort, powers, weapons, rest of both laws.

The groups of states without any dossier stay as the folder assumes them, unless they are left out.
``source`` of a group names the dossier, the item and the people, so that a published plan finds who
works its crews.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from passerelle.kernel.capabilities import capability
from passerelle.kernel.counts import Stage
from passerelle.kernel.times import Interval
from passerelle.node.dossiers.models import Dossier
from passerelle.node.reinforcement.folds import folded_rows
from passerelle.node.reinforcement.partners import languages_of, records
from passerelle.node.reinforcement.positions import PROCEDURE
from passerelle.node.reinforcement.proposals import arrangements_of
from passerelle.planning.force import (
    Base,
    Certificate,
    Contingent,
    CrewGroup,
    Force,
    more_protective,
)
from passerelle.planning.forecast.arrivals import expected_share
from passerelle.planning.roster.travel import distance_km
from passerelle.procedures.reinforcement.commitments import items
from passerelle.procedures.reinforcement.offers import offers
from passerelle.procedures.reinforcement.roll import roll

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.node.planner import Planned
    from passerelle.planning.force import ArrangementRules
    from passerelle.planning.programme import Event as Programme
    from passerelle.procedures.dossier import Dossier as DossierValue
    from passerelle.procedures.reinforcement.commitments import Item
    from passerelle.procedures.reinforcement.offers import Offer
    from passerelle.procedures.reinforcement.roll import Entry

__all__ = [
    "SOURCE",
    "Committed",
    "ForceParams",
    "base_for",
    "committed_force",
    "committed_of",
    "people_of",
    "usual_rules",
]

SOURCE: Final = "commitment:"
"""Beginning of ``source`` of a group that comes from a commitment."""

_STATES: Final = ("committed", "deployed", "ended")
_NEAR_KM: Final = 60.0
_HOST: Final = "host"
_GUIDED: Final = frozenset({"spotter", "delegation_head", "delegation_coordinator", "liaison"})


@dataclass(frozen=True, slots=True)
class ForceParams:
    """Set how forces are computed.

    Parameters
    ----------
    keep_assumed
        Whether the folder's groups stay for states with which there is no dossier.
    is_forecast
        Whether of an item without a roll only the crews expected to arrive are taken; such
        groups say so in their name.
    """

    keep_assumed: bool = True
    is_forecast: bool = False


@dataclass(frozen=True, slots=True)
class Committed:
    """Hold one dossier of which something is co-signed."""

    row: Dossier
    value: DossierValue
    arrangement: DossierValue | None


def committed_of(event: str) -> list[Committed]:
    """Return the dossiers of an event with co-signed commitments, folded."""
    rows = list(
        Dossier.objects.filter(procedure=PROCEDURE, side="host", event=event, state__in=_STATES)
        .select_related("corridor")
        .prefetch_related("corridor__suspensions", "corridor__profiles")
        .order_by("corridor__peer_state", "case")
    )
    texts = arrangements_of(rows)
    return [Committed(row, value, texts.get(row.corridor_id)) for row, value in folded_rows(rows)]


def committed_force(
    planned: Planned, committed: Sequence[Committed], params: ForceParams | None = None
) -> Force:
    """Return the force of an event with what is committed in place of what was assumed.

    Parameters
    ----------
    planned
        The newest revision: the host's groups, the sites, the rules.
    committed
        From :func:`committed_of`.
    params
        Defaults when ``None``.
    """
    params = params or ForceParams()
    builder = _Builder(planned, params)
    for one in committed:
        builder.add(one)
    return builder.force({one.row.corridor.peer_state for one in committed})


def people_of(group: CrewGroup) -> tuple[str, str, tuple[str, ...]] | None:
    """Return dossier, item and people from whom a group is made; ``None`` when it is not from one."""
    if not group.source.startswith(SOURCE):
        return None
    where, _, people = group.source.removeprefix(SOURCE).partition(":")
    case, _, item = where.partition("/")
    return case, item, tuple(one for one in people.split("+") if one)


@dataclass(frozen=True, slots=True)
class _Source:
    """Hold what a group is made of."""

    one: Committed
    item: Item
    offer: Offer | None
    base: Base
    rules: str

    @property
    def state(self) -> str:
        """The partner."""
        return self.one.row.corridor.peer_state


class _Builder:
    """Gather groups, contingents and rules."""

    def __init__(self, planned: Planned, params: ForceParams) -> None:
        self.planned, self.params = planned, params
        self.event: Programme = planned.event
        self.rules = dict(planned.force.rules_by_id)
        self.groups: list[CrewGroup] = []
        self.contingents: list[Contingent] = []
        self.past = records() if params.is_forecast else {}

    def add(self, one: Committed) -> None:
        """Add the groups of one dossier as one contingent."""
        state = one.row.corridor.peer_state
        made = offers(one.value)
        entries: dict[str, list[Entry]] = defaultdict(list)
        for entry in roll(one.value).values():
            if entry.is_active and not entry.is_animal:
                entries[entry.item].append(entry)
        spoken = {one.code: one.languages for mine in entries.values() for one in mine}
        found: list[CrewGroup] = []
        for item in items(one.value).values():
            offer, base = made.get(item.offer), base_for(self.planned, state, item.terms.places)
            if base is None or not item.people_left:
                continue
            source = _Source(one, item, offer, base, self._rules(one, item, offer))
            mine = sorted(entries.get(item.code, []), key=lambda entry: entry.code)
            found += self._from_roll(source, mine, spoken) if mine else self._from_item(source)
        if found:
            code = f"{state}-{one.row.case[:6]}"
            named = [replace(group, contingent_id=code) for group in found]
            self.groups += named
            stage = min((g.stage for g in named), key=list(Stage).index)
            self.contingents.append(
                Contingent(code, state, f"{state} contingent", stage, tuple(g.id for g in named))
            )

    def force(self, committed_states: set[str]) -> Force:
        """Return everything: the host, what is committed, and what stays assumed."""
        old = self.planned.force
        own = [group for group in old.groups if group.is_host]
        kept = [
            group
            for group in old.groups
            if not group.is_host
            and self.params.keep_assumed
            and group.owner not in committed_states
            and not group.source.startswith(SOURCE)
        ]
        codes = {group.id for group in kept}
        contingents = [
            replace(one, group_ids=tuple(g for g in one.group_ids if g in codes))
            for one in old.contingents
            if codes.intersection(one.group_ids)
        ]
        groups = sorted([*own, *kept, *self.groups], key=lambda group: group.id)
        return Force(
            groups=tuple(groups),
            contingents=tuple(sorted([*contingents, *self.contingents], key=lambda c: c.id)),
            rules=tuple(rule for _, rule in sorted(self.rules.items())),
        )

    def _from_item(self, source: _Source) -> list[CrewGroup]:
        item, words = source.item, ""
        crews = item.people_left // capability(item.terms.capability).unit_people
        if self.params.is_forecast:
            share = expected_share(self.past.get(source.state), Stage.ACCEPTED)
            crews, words = int(crews * share), " (forecast)"
        if not crews:
            return []
        spoken = _offered_languages(source.offer) or languages_of(source.state)
        group = self._group(source, item.terms.during, crews, spoken, "1")
        return [replace(group, name=f"{group.name}{words}", is_assumed=self.params.is_forecast)]

    def _from_roll(
        self, source: _Source, entries: Sequence[Entry], spoken: Mapping[str, tuple[str, ...]]
    ) -> list[CrewGroup]:
        """Put people with like stays and certificates into crews, like crews into groups."""
        item = source.item
        size = capability(item.terms.capability).unit_people
        gone = {code for leave in item.withdrawals for code in leave.persons}
        alike: dict[tuple[Interval, tuple[Certificate, ...]], list[Entry]] = defaultdict(list)
        for entry in entries:
            certificates = _certificates(entry, item)
            if entry.code in gone or certificates is None or entry.vetting == "refused":
                continue
            start = max(entry.during.start, item.terms.during.start)
            end = min(entry.during.end, item.terms.during.end)
            if start < end:
                alike[Interval(start, end), certificates].append(entry)
        found: list[CrewGroup] = []
        for number, ((during, certificates), mine) in enumerate(sorted(alike.items()), start=1):
            by_words = sorted(mine, key=lambda entry: (spoken.get(entry.code, ()), entry.code))
            people = tuple(entry.code for entry in by_words[: len(by_words) // size * size])
            if not people:
                continue
            common = _common_languages(people, size, spoken) or _offered_languages(source.offer)
            group = self._group(source, during, len(people) // size, common, str(number))
            found.append(
                replace(
                    group,
                    certificates=certificates,
                    stage=Stage.NAMED,
                    source=f"{group.source}{'+'.join(people)}",
                )
            )
        return found

    def _group(
        self,
        source: _Source,
        during: Interval,
        crews: int,
        spoken: tuple[str, ...],
        number: str,
    ) -> CrewGroup:
        item, state, case = source.item, source.state, source.one.row.case
        kind = capability(item.terms.capability)
        days = max(1, -(-(during.end - during.start) // timedelta(days=1)))
        cost = 0 if source.offer is None else int(source.offer.details.get("cost_eur", 0))
        per_crew = max(1, item.terms.people // kind.unit_people)
        return CrewGroup(
            id=f"{state}-{case[:6]}-{item.code}-{number}",
            contingent_id=state,
            owner=state,
            is_host=False,
            name=f"{state} {kind.labels.en}",
            capabilities=(item.terms.capability,),
            crew_people=kind.unit_people,
            crew_animals=kind.unit_animals,
            crews=crews,
            base=source.base,
            available=during,
            languages=spoken,
            certificates=tuple(Certificate(code) for code in item.certificates),
            rules_id=source.rules,
            cost_eur_day=cost // per_crew // days,
            allowed_site_ids=tuple(code for code in item.terms.places if code in self.event.sites),
            supports_nations=tuple(n.code for n in self.event.nations if n.state == state),
            is_armed=self.rules[source.rules].may_carry_weapon,
            stage=Stage.ACCEPTED,
            source=f"{SOURCE}{case}/{item.code}:",
            is_assumed=False,
        )

    def _rules(self, one: Committed, item: Item, offer: Offer | None) -> str:
        """Return the rules that bind: those of the arrangement, joined with the host's."""
        base = usual_rules(self.rules, one.row.corridor.peer_state, item.terms.capability)
        said = None if one.arrangement is None else one.arrangement.last("propose")
        weapons = "" if offer is None else str(offer.details.get("weapons", ""))
        escort = None if said is None else said.payload.get("escort_required")
        armed = {"service": base.may_carry_weapon, "special": base.may_carry_weapon, "none": False}
        sender = replace(
            base,
            id=f"a-{one.row.case[:6]}-{item.code}",
            needs_escort=escort if isinstance(escort, bool) else base.needs_escort,
            has_powers=base.has_powers or item.needs_powers,
            may_carry_weapon=armed.get(weapons, base.may_carry_weapon),
        )
        if replace(sender, id=base.id) == base:
            sender = base
        merged = more_protective(self.rules[_HOST], sender)
        self.rules |= {sender.id: sender, merged.id: merged}
        return merged.id


def base_for(planned: Planned, state: str, places: Sequence[str]) -> Base | None:
    """Return where people of a state sleep: a base of theirs near the first site, else at that site."""
    sites = [planned.event.sites[code] for code in places if code in planned.event.sites]
    if not sites:
        return None
    first = sites[0]
    for group in planned.force.groups:
        if group.owner != state:
            continue
        if distance_km(group.base.lat, group.base.lon, first.lat, first.lon) <= _NEAR_KM:
            return group.base
    return Base(f"L-{first.id}-{state}", f"{first.name} {state}", first.lat, first.lon)


def usual_rules(rules: Mapping[str, ArrangementRules], state: str, code: str) -> ArrangementRules:
    """Return the rules of a state's people before an arrangement says otherwise."""
    names = [state.lower(), "partner"]
    if code in _GUIDED:
        names.insert(0, "delegation")
    if not capability(code).is_field:
        names.insert(0, "centre")
    return next(rules[name] for name in (*names, _HOST) if name in rules)


def _certificates(entry: Entry, item: Item) -> tuple[Certificate, ...] | None:
    """Return the certificates asked for with their last day; ``None`` when one is not held."""
    if any(code not in entry.certificates for code in item.certificates):
        return None
    return tuple(Certificate(code, entry.certificates[code]) for code in sorted(item.certificates))


def _common_languages(
    people: Sequence[str], size: int, spoken: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """Return the languages of which every crew has a speaker."""
    crews = [people[at : at + size] for at in range(0, len(people), size)]
    sets = [{word for code in crew for word in spoken.get(code, ())} for crew in crews]
    return tuple(sorted(set.intersection(*sets))) if sets else ()


def _offered_languages(offer: Offer | None) -> tuple[str, ...]:
    return () if offer is None else tuple(offer.details.get("languages", ()))
