"""The programme of a choice: the coverage model with crews of offers as decisions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Final

from passerelle.planning.coverage import CoverageModel, frame_of
from passerelle.planning.coverage.linear import INFINITE
from passerelle.planning.mix.offers import joined_instance
from passerelle.planning.mix.values import Accepted, Filled, Mix, MixName, Uses

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from passerelle.planning.coverage import Solution
    from passerelle.planning.coverage.linear import Answer
    from passerelle.planning.mix.values import MixParams, Offer
    from passerelle.planning.roster.instance import Instance

__all__ = ["Choice", "MixProgramme"]

_PRESENCE: Final = 1e-3
"""Points of an accepted crew that is never used, so that no more are taken than serve."""

_TINY: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Choice:
    """Hold crews chosen and what the model makes of them.

    Parameters
    ----------
    crews
        Crews by group of the offers.
    solution
        Answer of the coverage model with these crews.
    score
        What is minimised.
    bound
        Lower bound on the score of every choice that answers the same question.
    missing
        Crew-hours missing by skill.
    owners
        Offer of each group.
    """

    crews: Mapping[str, int]
    solution: Solution
    score: float
    bound: float
    missing: Mapping[str, float]
    owners: Mapping[str, str]

    def takes(self, offer: str) -> bool:
        """Tell whether something of an offer is taken."""
        return any(n and self.owners[group] == offer for group, n in self.crews.items())


class MixProgramme:
    """Write the programme once and ask it with different crews.

    Parameters
    ----------
    instance, offers, params
        The choice.
    seconds
        Time limit of one question.
    """

    def __init__(
        self, instance: Instance, offers: Sequence[Offer], params: MixParams, *, seconds: float
    ) -> None:
        self.offers = {offer.code: offer for offer in offers}
        self.params = params
        self.owners = {group.code: offer.code for offer in offers for group in offer.groups}
        self.strengths = {group.code: group.strength for offer in offers for group in offer.groups}
        self.instance = joined_instance(instance, offers)
        frame = frame_of(self.instance, part_min=params.part_min, apart=list(self.owners))
        self.model = CoverageModel(frame)
        self.kind_of = {
            kind.groups[0]: k for k, kind in enumerate(frame.kinds) if kind.groups[0] in self.owners
        }
        self._yes: dict[str, int] = {}
        self._euros: dict[int, float] = {}
        self._price()
        self._decide()
        self._solver = self.model.programme.solver(seconds=seconds, is_relaxed=True)

    # ---- the programme

    def _price(self) -> None:
        """Let duty days of offered crews cost money, and presence next to nothing."""
        p = self.model.programme
        group_of = {k: code for code, k in self.kind_of.items()}
        for (k, _), column in self.model.days.items():
            if k in group_of:
                code = group_of[k]
                euros = self.offers[self.owners[code]].cost_eur.get(code, 0)
                self._euros[column] = float(euros)
                p.costs[column] += euros * self.params.points_per_eur
        for code, k in self.kind_of.items():
            column = self.model.crews[k]
            p.lowers[column], p.uppers[column] = 0.0, float(self.strengths[code])
            p.costs[column] += _PRESENCE
            p.whole.append(column)

    def _decide(self) -> None:
        """Add the yes or no of each offer, and what ties offers together."""
        p, params = self.model.programme, self.params
        for code, offer in self.offers.items():
            price = offer.fixed_eur * params.points_per_eur + params.points_per_partner
            yes = self._yes[code] = p.column(price, 1.0, is_whole=True)
            self._euros[yes] = float(offer.fixed_eur)
            columns = [(self.model.crews[self.kind_of[g.code]], g.strength) for g in offer.groups]
            for column, strength in columns:
                low = 0.0 if offer.is_whole else -INFINITE
                p.row(low, 0.0, [(column, 1.0), (yes, -float(strength))])
            if offer.least_crews:
                terms = [(column, 1.0) for column, _ in columns]
                p.row(0.0, INFINITE, [*terms, (yes, -float(offer.least_crews))])
        for code, offer in self.offers.items():
            for other in offer.excludes:
                p.row(-INFINITE, 1.0, [(self._yes[code], 1.0), (self._yes[other], 1.0)])
            for other in offer.requires:
                p.row(-INFINITE, 0.0, [(self._yes[code], 1.0), (self._yes[other], -1.0)])
        if params.most_eur is not None:
            terms = [(column, euros) for column, euros in self._euros.items() if euros]
            p.row(-INFINITE, float(params.most_eur), terms)

    # ---- questions

    def best(self, *, seconds: float, close: float) -> Choice:
        """Return the best choice: the relaxed one rounded, or better when time allows."""
        self._free()
        relaxed = self._solver.ask(seconds=seconds)
        if not relaxed.is_optimal:
            return self.nothing()
        choice = self._fixed(self._rounded(relaxed), relaxed.bound)
        if choice is None or choice.score - relaxed.value > close * max(1.0, abs(choice.score)):
            answer = self.model.programme.solve(seconds=seconds / 2, gap=close)
            if len(answer.columns):
                found = self._fixed(self._rounded(answer), max(relaxed.bound, answer.bound))
                if found is not None and (choice is None or found.score < choice.score):
                    choice = found
        return choice if choice is not None else self.nothing()

    def without(self, choice: Choice, offer: Offer) -> Choice:
        """Return a choice less one offer and those that fall with it."""
        fallen = {offer.code} | {o.code for o in self.offers.values() if offer.code in o.requires}
        return self._exact(
            {g: 0 if self.owners[g] in fallen else n for g, n in choice.crews.items()}
        )

    def joined(self, choice: Choice, offer: Offer) -> Choice:
        """Return a choice with as much of one more offer as is best, at least its least part."""
        own = {group.code for group in offer.groups}
        dropped = set(offer.excludes) | {
            o.code for o in self.offers.values() if offer.code in o.excludes
        }
        crews = {g: 0 if self.owners[g] in dropped else n for g, n in choice.crews.items()}
        if offer.is_whole or offer.least_crews >= offer.crews:
            return self._exact(crews | {g: self.strengths[g] for g in own})
        self._fix(crews)
        for group in own:
            self._solver.limit(self._crew_column(group), 0.0, float(self.strengths[group]))
        self._solver.limit(self._yes[offer.code], 1.0, 1.0)
        answer = self._solver.ask()
        found = self._rounded(answer) if len(answer.columns) else dict.fromkeys(own, 0)
        taken = {g: found[g] for g in own}
        if not any(taken.values()):
            biggest = max(sorted(own), key=lambda g: self.strengths[g])
            taken[biggest] = max(1, offer.least_crews)
        return self._exact(crews | taken)

    def everything(self) -> Choice | None:
        """Return all offers; ``None`` when they exclude each other."""
        return self._fixed(dict(self.strengths), float("-inf"))

    def nothing(self) -> Choice:
        """Return no offer."""
        return self._exact(dict.fromkeys(self.strengths, 0))

    def only(self, codes: Collection[str]) -> Choice | None:
        """Return the best choice among some offers."""
        self._free()
        for group, owner in self.owners.items():
            if owner not in codes:
                self._solver.limit(self._crew_column(group), 0.0, 0.0)
        answer = self._solver.ask()
        if not answer.is_optimal:
            return None
        return self._fixed(self._rounded(answer), answer.bound)

    def cheaper(self, best: Mix) -> Choice | None:
        """Return the cheapest choice that keeps most of the cover of the best."""
        p = self.model.programme
        asked = sum(item.asked for item in best.filled)
        most_missing = asked * (1 - best.cover * self.params.keep_cover)
        slack = [(column, 1.0) for steps in self.model.slacks for column, _ in steps]
        old = list(p.costs)
        p.costs[:] = [1e-4 * cost for cost in old]
        for column, euros in self._euros.items():
            p.costs[column] += euros * self.params.points_per_eur
        row = p.row(-INFINITE, most_missing, slack)
        try:
            answer = p.solve(seconds=self.params.seconds / 2, is_relaxed=True)
        finally:
            p.costs[:] = old
            del p.lows[row], p.highs[row]
            del p.index[p.starts[row] :], p.values[p.starts[row] :]
            del p.starts[row]
        if not answer.is_optimal:
            return None
        return self._fixed(self._rounded(answer), float("-inf"))

    # ---- fixing and reading

    def _crew_column(self, group: str) -> int:
        return self.model.crews[self.kind_of[group]]

    def _free(self) -> None:
        for group, strength in self.strengths.items():
            self._solver.limit(self._crew_column(group), 0.0, float(strength))
        for column in self._yes.values():
            self._solver.limit(column, 0.0, 1.0)

    def _fix(self, crews: Mapping[str, int]) -> None:
        for group, number in crews.items():
            self._solver.limit(self._crew_column(group), float(number), float(number))
        for code, column in self._yes.items():
            taken = any(n and self.owners[g] == code for g, n in crews.items())
            self._solver.limit(column, float(taken), float(taken))

    def _rounded(self, answer: Answer) -> dict[str, int]:
        """Round the crews of an answer up; offers that are whole are taken as a whole."""
        crews = {
            group: min(
                self.strengths[group], ceil(answer.columns[self._crew_column(group)] - _TINY)
            )
            for group in self.strengths
        }
        for code, offer in self.offers.items():
            if not any(crews[group.code] for group in offer.groups):
                continue
            if offer.is_whole:
                crews |= {group.code: group.strength for group in offer.groups}
            elif answer.columns[self._yes[code]] < _TINY:
                crews |= {group.code: 0 for group in offer.groups}
        return self._at_least(crews)

    def _at_least(self, crews: dict[str, int]) -> dict[str, int]:
        """Fill offers up to their least size."""
        for offer in self.offers.values():
            have = sum(crews[group.code] for group in offer.groups)
            for group in offer.groups:
                if 0 < have < offer.least_crews:
                    more = min(group.strength - crews[group.code], offer.least_crews - have)
                    crews[group.code] += more
                    have += more
        return crews

    def _exact(self, crews: Mapping[str, int]) -> Choice:
        """Return the answer for given crews; conditions of offers are not asked again."""
        choice = self._fixed(crews, float("-inf"))
        if choice is None:
            raise AssertionError("Expected a programme that some crews satisfy.")
        return choice

    def _fixed(self, crews: Mapping[str, int], bound: float) -> Choice | None:
        """Return the answer for given crews, ``None`` when conditions forbid them."""
        self._fix(crews)
        answer = self._solver.ask()
        if not len(answer.columns):
            return None
        solution = self.model.read(answer)
        missing: dict[str, float] = defaultdict(float)
        for demand, (below, short) in zip(self.model.frame.demands, solution.missing, strict=True):
            missing[demand.skill.name] += below + short
        proven = answer.value if bound == float("-inf") else min(bound, answer.value)
        return Choice(dict(crews), solution, answer.value, proven, dict(missing), self.owners)

    def mix(self, name: MixName, choice: Choice) -> Mix:
        """Tell a choice in the words of the report."""
        columns = choice.solution.answer.columns
        accepted = tuple(
            sorted(Accepted(self.owners[group], group, n) for group, n in choice.crews.items())
        )
        euros = sum(price * float(columns[column]) for column, price in self._euros.items())
        return Mix(
            name,
            accepted,
            choice.solution.points,
            round(euros, 2),
            choice.score,
            choice.bound,
            self._filled(choice),
            self._uses(choice),
        )

    def _filled(self, choice: Choice) -> tuple[Filled, ...]:
        sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
        for demand, (below, short) in zip(
            self.model.frame.demands, choice.solution.missing, strict=True
        ):
            found = sums[demand.skill.name]
            found[0] += demand.minimum_h + demand.target_h
            found[1] += below
            found[2] += short
        return tuple(
            Filled(skill, *(round(hours, 3) for hours in found))
            for skill, found in sorted(sums.items())
        )

    def _uses(self, choice: Choice) -> Uses:
        """Add up escorts and beds of the accepted crews; units shared with others count by crews."""
        frame, columns = self.model.frame, choice.solution.answer.columns
        own: dict[int, float] = defaultdict(float)
        whole: dict[int, float] = defaultdict(float)
        for k, kind in enumerate(frame.kinds):
            crews = float(columns[self.model.crews[k]])
            whole[kind.unit] += crews
            own[kind.unit] += crews if kind.groups[0] in self.owners else 0.0
        escorts: dict[int, float] = defaultdict(float)
        for posting, column in self.model.postings.items():
            per_escort = frame.units[posting.unit].per_escort
            if per_escort and own[posting.unit]:
                share = own[posting.unit] / whole[posting.unit]
                escorts[posting.part] += share * float(columns[column]) / per_escort
        beds: dict[int, float] = defaultdict(float)
        for (k, day), column in self.model.days.items():
            if frame.kinds[k].groups[0] in self.owners:
                beds[day] += float(columns[column]) * frame.units[frame.kinds[k].unit].people
        hours = frame.part_min / 60
        return Uses(
            round(sum(escorts.values()), 3),
            round(max(escorts.values(), default=0.0) / hours, 3),
            round(sum(beds.values()), 3),
            round(max(beds.values(), default=0.0), 3),
        )
