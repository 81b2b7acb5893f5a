r"""Write the coverage model as a linear programme.

Hours :math:`u` of each unit by region, capability and part; duty days :math:`v` of each kind by day;
crews :math:`n` of each kind; hours missing :math:`s` by step of price:

.. math:: \min \; & \textstyle\sum c^{\text{work}} u + \sum c^{\text{missing}} s \\
          & \textstyle\sum_{\text{serving}} u + \sum s \ge \text{hours asked} && \text{region, skill, part} \\
          & \textstyle\sum u \le \sum_k h_{kp} n_k && \text{unit, part: nobody works when not there} \\
          & \textstyle\sum u \le \sum_k h_{kp} (v_{kd} + v_{k,d-1}) && \text{unit, part: only who is on duty works} \\
          & \textstyle\sum_{p \in d} u \le \sum_k D_k (v_{kd} + v_{k,d-1}) && \text{unit, day: a duty is no longer than } D \\
          & \textstyle\sum u \le \sum_k D_k \sum_d v_{kd} && \text{unit: over the stay} \\
          & v_{kd} \le n_k, \quad \textstyle\sum_{d..d+c-1} v_k \le r_k n_k && \text{runs of } r_k \text{ days in a cycle of } c \\
          & \textstyle\sum u_{\text{escorts}} \ge \sum u / \text{crews per escort} && \text{region, part}

Every roster gives a solution of no greater cost (read off its hours), hence the optimum is a lower
bound on every roster. Left out: surplus, limits of contingents at sites, nights, handovers.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from passerelle.planning.coverage.linear import INFINITE, Programme

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt

    from passerelle.planning.coverage.frame import Demand, Frame, Kind
    from passerelle.planning.coverage.linear import Answer

    FloatArray = npt.NDArray[np.float64]

__all__ = ["CoverageModel", "Posting", "Solution"]

_DAY: Final = 1440
_SMALL: Final = 5000


@dataclass(frozen=True, slots=True, order=True)
class Posting:
    """Name hours of a unit at a region in a capability and part."""

    unit: int
    region: int
    capability: str
    part: int


@dataclass(frozen=True, slots=True)
class Solution:
    """Read an answer in the words of the model.

    Parameters
    ----------
    answer
        What the solver said.
    points
        Cost of work and of what is missing, without money.
    missing
        Crew-hours missing below minimum and below target, by index of demand.
    """

    answer: Answer
    points: float
    missing: tuple[tuple[float, float], ...]


class CoverageModel:
    """Hold the programme of a frame and where its columns and rows are.

    Parameters
    ----------
    frame
        The condensed instance.
    is_tight
        Whether hours of a part are bound to duty days as well: truer, and several times slower on
        a large event; ``None`` for what suits the size.

    Notes
    -----
    ``crews`` gives the column of the crews of each kind, fixed at their number; whoever decides on
    them changes the bounds or adds rows before solving. ``days`` gives the duty days of a kind,
    ``rule_rows`` the rows of each rule: strength, availability, duty-length, rest, run, escort, beds.
    """

    def __init__(self, frame: Frame, *, is_tight: bool | None = None) -> None:
        self.frame = frame
        size = len(frame.units) * frame.n_parts
        self.is_tight = size <= _SMALL if is_tight is None else is_tight
        self.programme = Programme()
        p = self.programme
        self.crews = [p.column(0.0, kind.crews, kind.crews) for kind in frame.kinds]
        self.days: dict[tuple[int, int], int] = {}
        self.postings: dict[Posting, int] = {}
        self.slacks: list[list[tuple[int, float]]] = []
        self.demand_rows: list[int] = []
        self._longests = [
            max(k.rules.duty_most_min for k in frame.kinds if k.unit == u)
            for u in range(len(frame.units))
        ]
        self._travel = [dict(unit.reach) for unit in frame.units]
        self.rule_rows: dict[str, list[int]] = defaultdict(list)
        self._add_days()
        self._add_postings()
        self._add_demands()
        self._add_units()
        self._add_escorts()
        self._add_beds()

    # ---- columns and rows

    def _add_days(self) -> None:
        """Add the duty days of each kind: one start a day, runs and rests."""
        p, frame = self.programme, self.frame
        for k, kind in enumerate(frame.kinds):
            rules = kind.rules
            for day in range(frame.instance.days):
                if kind.hours_in(day * _DAY, (day + 2) * _DAY) > 0:
                    column = p.column(0.0)
                    self.days[k, day] = column
                    row = p.row(-INFINITE, 0.0, [(column, 1.0), (self.crews[k], -1.0)])
                    self.rule_rows["strength"].append(row)
            cycle = rules.run_days + rules.rest_days
            for first in range(frame.instance.days - cycle + 1):
                terms = [
                    (self.days[k, d], 1.0)
                    for d in range(first, first + cycle)
                    if (k, d) in self.days
                ]
                if rules.rest_days and len(terms) > rules.run_days:
                    terms.append((self.crews[k], -float(rules.run_days)))
                    self.rule_rows["run"].append(p.row(-INFINITE, 0.0, terms))

    def _add_postings(self) -> None:
        frame, instance = self.frame, self.frame.instance
        every = {capability for unit in frame.units for capability in unit.capabilities}
        wanted: dict[tuple[int, int], set[str]] = defaultdict(set)
        for demand in frame.demands:
            key, skill = (demand.region, demand.part), demand.skill
            wanted[key] |= {skill.name, instance.escort, *skill.capabilities}
            if skill.name not in every and not skill.capabilities:
                wanted[key] |= every
        there = self._present()
        weights = instance.weights
        for u, unit in enumerate(frame.units):
            for region, travel in unit.reach:
                longest = self._longests[u] - 2 * travel
                if longest <= 0:
                    continue
                work = unit.people * (weights.duty + weights.travel * 2 * travel / longest)
                for part in there[u]:
                    for capability in sorted(wanted[region, part] & set(unit.capabilities)):
                        posting = Posting(u, region, capability, part)
                        self.postings[posting] = self.programme.column(work)

    def _present(self) -> list[list[int]]:
        """Return the parts in which each unit may work at all."""
        frame = self.frame
        size = frame.part_min
        found: list[set[int]] = [set() for _ in frame.units]
        for kind in frame.kinds:
            for first, last in kind.windows:
                found[kind.unit].update(range(first // size, min(-(-last // size), frame.n_parts)))
        return [sorted(parts) for parts in found]

    def _add_demands(self) -> None:
        p, frame = self.programme, self.frame
        at: dict[tuple[int, int], list[tuple[Posting, int]]] = defaultdict(list)
        for posting, column in self.postings.items():
            at[posting.region, posting.part].append((posting, column))
        for demand in frame.demands:
            slack = [(p.column(weight, hours), weight) for weight, hours in demand.steps]
            terms = [(column, 1.0) for column, _ in slack]
            terms += [
                (column, 1.0)
                for posting, column in at[demand.region, demand.part]
                if frame.units[posting.unit].serves(demand.skill, posting.capability)
            ]
            self.slacks.append(slack)
            total = demand.minimum_h + demand.target_h
            self.demand_rows.append(p.row(total, INFINITE, terms))

    def _add_units(self) -> None:
        """Bind hours to crews: by part, by day and over the stay."""
        p, frame = self.programme, self.frame
        size, per_day = frame.part_min, frame.parts_per_day
        by_part: dict[tuple[int, int], list[int]] = defaultdict(list)
        by_day: dict[tuple[int, int], list[tuple[int, float]]] = defaultdict(list)
        whole: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for posting, column in self.postings.items():
            longest = self._longests[posting.unit]
            travel = self._travel[posting.unit][posting.region]
            door = longest / (longest - 2 * travel)
            by_part[posting.unit, posting.part].append(column)
            by_day[posting.unit, posting.part // per_day].append((column, door))
            whole[posting.unit].append((column, door))
        of_unit: dict[int, list[int]] = defaultdict(list)
        for k, kind in enumerate(frame.kinds):
            of_unit[kind.unit].append(k)
        for (unit, part), columns in by_part.items():
            day, since = part // per_day, part % per_day * size
            there = [(column, 1.0) for column in columns]
            on_duty = list(there)
            for k in of_unit[unit]:
                hours = frame.kinds[k].hours_in(part * size, (part + 1) * size)
                there.append((self.crews[k], -hours))
                starts = (day - 1, day) if since < frame.kinds[k].rules.duty_most_min else (day,)
                on_duty += [(self.days[k, d], -hours) for d in starts if (k, d) in self.days]
            self.rule_rows["availability"].append(p.row(-INFINITE, 0.0, there))
            if self.is_tight:
                self.rule_rows["duty-length"].append(p.row(-INFINITE, 0.0, on_duty))
        for (unit, day), postings in by_day.items():
            terms = list(postings)
            limit = list(postings)
            for k in of_unit[unit]:
                hours = frame.kinds[k].rules.duty_most_min / 60
                limit.append((self.crews[k], -_most_a_day(frame.kinds[k])))
                terms += [(self.days[k, d], -hours) for d in (day - 1, day) if (k, d) in self.days]
            self.rule_rows["duty-length"].append(p.row(-INFINITE, 0.0, terms))
            self.rule_rows["rest"].append(p.row(-INFINITE, 0.0, limit))
        for unit, postings in whole.items():
            terms = list(postings)
            for k in of_unit[unit]:
                hours = frame.kinds[k].rules.duty_most_min / 60
                terms += [
                    (self.days[k, d], -hours)
                    for d in range(frame.instance.days)
                    if (k, d) in self.days
                ]
            self.rule_rows["duty-length"].append(p.row(-INFINITE, 0.0, terms))

    def _add_escorts(self) -> None:
        frame = self.frame
        terms: dict[tuple[int, int], list[tuple[int, float]]] = defaultdict(list)
        for posting, column in self.postings.items():
            share = 1.0 if posting.capability == frame.instance.escort else 0.0
            per_escort = frame.units[posting.unit].per_escort
            share -= 1 / per_escort if per_escort else 0.0
            if share:
                terms[posting.region, posting.part].append((column, share))
        for found in terms.values():
            if any(share < 0 for _, share in found):
                self.rule_rows["escort"].append(self.programme.row(0.0, INFINITE, found))

    def _add_beds(self) -> None:
        frame = self.frame
        for base in frame.instance.bases:
            for night, beds in enumerate(base.beds or ()):
                terms = [
                    (self.days[k, night], float(frame.units[kind.unit].people))
                    for k, kind in enumerate(frame.kinds)
                    if kind.base == base.code and (k, night) in self.days
                ]
                if terms:
                    row = self.programme.row(-INFINITE, float(beds), terms)
                    self.rule_rows["beds"].append(row)

    # ---- answers

    def read(self, answer: Answer) -> Solution:
        """Read an answer."""
        found = answer.columns
        costs = self.programme.costs
        points = sum(costs[column] * found[column] for column in self.postings.values())
        missing = []
        for demand, slack in zip(self.frame.demands, self.slacks, strict=True):
            points += sum(weight * found[column] for column, weight in slack)
            missing.append(_split(demand, float(sum(found[column] for column, _ in slack))))
        return Solution(answer, float(points), tuple(missing))

    def price_missing(self, weigh: Callable[[Demand], float]) -> None:
        """Minimise only weighted hours missing: the weight of each demand by ``weigh``."""
        costs = self.programme.costs
        costs[:] = [0.0] * len(costs)
        for demand, slack in zip(self.frame.demands, self.slacks, strict=True):
            for column, _ in slack:
                costs[column] = weigh(demand)


def _most_a_day(kind: Kind) -> float:
    """Return the most hours of one crew within 24 hours: one duty, and what fits after the rest."""
    rules = kind.rules
    longest = rules.duty_most_min
    return (longest + max(0, _DAY - longest - rules.rest_min)) / 60


def _split(demand: Demand, missing: float) -> tuple[float, float]:
    """Split missing hours: those above the minimum are missing first."""
    above = min(missing, demand.target_h)
    return missing - above, above
