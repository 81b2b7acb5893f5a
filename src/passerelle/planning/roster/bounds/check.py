"""Recompute the bound that a certificate proves, slowly and without the solver's code.

The prices of a certificate say what a crew earns while it covers need. No plan can cost less than

* the least cost of every need by itself, when cover may be bought at its price,
* less what beds and limits would earn at their prices,
* less the most that every crew by itself can earn on one lawful line.

The last is computed here by plain recursion over duties with a memory of the state, not by the
solver's arrays. A wrong bound from the solver cannot survive: prices of any kind prove something,
and this module recomputes what. (Geoffrion 1974, section 3.)
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passerelle.planning.roster.instance import Cell, Group, Instance
    from passerelle.planning.roster.result import Certificate, PriceSpan
    from passerelle.planning.roster.rules import Rules

__all__ = ["recompute_bound"]

_DAY: Final = 1440
_TINY: Final = 1e-9


@dataclass(frozen=True, slots=True)
class _State:
    """What a crew remembers between two duties."""

    run: int
    run_start: int
    run_nights: int
    nights: int
    window: int
    worked: int
    until: int = 0
    weekends: int = 0
    weekend: int = -1


@dataclass(frozen=True, slots=True)
class _Offer:
    """A duty door to door with the best profit it earns anywhere."""

    start: int
    end: int
    profit: float
    is_night: bool
    lock: int


def recompute_bound(instance: Instance, certificate: Certificate) -> float:
    """Return the lower bound that the prices of ``certificate`` prove.

    Raises
    ------
    ValueError
        When the certificate is of another instance or a price has the wrong sign.
    """
    if certificate.instance_hash != instance.hash:
        raise ValueError("Expected a certificate of this instance.")
    prices = _Prices(instance, certificate)
    total = prices.shared()
    for group in instance.groups:
        if group.strength:
            total -= group.strength * _most_profit(instance, group, prices)
    return total


class _Prices:
    """Look up prices step by step."""

    def __init__(self, instance: Instance, certificate: Certificate) -> None:
        self.instance = instance
        self.beds = certificate.beds
        if any(price < 0 for price in certificate.beds.values()):
            raise ValueError("Expected prices of beds >= 0.")
        self.need = {track: self._spread(spans) for track, spans in certificate.need.items()}
        self.escorts = {site: self._spread(spans) for site, spans in certificate.escorts.items()}
        self.limits = [self._spread(spans) for spans in certificate.limits]
        for prices in (*self.escorts.values(), *self.limits):
            if any(price < 0 for price in prices.values()):
                raise ValueError("Expected prices of escorts and limits >= 0.")
        self.tracks: dict[str, dict[str, Cell]] = defaultdict(dict)
        for cell in instance.cells:
            self.tracks[cell.site][cell.track] = cell

    def _spread(self, spans: Iterable[PriceSpan]) -> dict[int, float]:
        step = self.instance.step_min
        return {
            minute: span.price * step / 60
            for span in spans
            for minute in range(span.start_min, span.end_min, step)
        }

    def shared(self) -> float:
        """Return the least cost of all needs, less what limits and beds earn."""
        total = 0.0
        step = self.instance.step_min
        hours = step / 60
        for cell in self.instance.cells:
            prices = self.need.get(cell.track, {})
            for minute in range(cell.start_min, cell.end_min, step):
                total += _least(cell, hours, prices.get(minute, 0.0))
        inside: dict[str, set[int]] = defaultdict(set)
        for cell in self.instance.cells:
            inside[cell.track].update(range(cell.start_min, cell.end_min, step))
        for track, prices in self.need.items():
            for minute, price in prices.items():
                if price < -_TINY and minute not in inside[track]:
                    raise ValueError(f"Expected no negative price where {track} needs nobody.")
        for limit, prices in zip(self.instance.limits, self.limits, strict=True):
            for minute, price in prices.items():
                if limit.start_min <= minute < limit.end_min:
                    total -= limit.crews * price
                elif price > _TINY:
                    raise ValueError("Expected no price outside a limit.")
        for base in self.instance.bases:
            for night, beds in enumerate(base.beds or ()):
                total -= beds * self.beds.get((base.code, night), 0.0)
        return total

    def earned(self, group: Group, site: str, capability: str, start: int, end: int) -> float:
        """Return what a crew earns at the prices by standing there, work not yet paid."""
        total = 0.0
        step = self.instance.step_min
        counted = [self.need.get(f"{site}/{capability}", {})]
        for track, cell in self.tracks.get(site, {}).items():
            allowed = not cell.capabilities or capability in cell.capabilities
            if cell.skill in group.tags and allowed:
                counted.append(self.need.get(track, {}))
        escorts = self.escorts.get(site, {})
        share = 1.0 if capability == self.instance.escort else 0.0
        share -= 1 / group.crews_per_escort if group.crews_per_escort else 0.0
        limits = [
            prices
            for limit, prices in zip(self.instance.limits, self.limits, strict=True)
            if limit.site == site and limit.contingent == group.contingent
        ]
        for minute in range(start, end, step):
            total += sum(prices.get(minute, 0.0) for prices in counted)
            total += share * escorts.get(minute, 0.0)
            total -= sum(prices.get(minute, 0.0) for prices in limits)
        return total


def _least(cell: Cell, hours: float, price: float) -> float:
    """Return the least of cost of cover plus price of cover, over all covers >= 0."""
    if price < -cell.surplus_weight * hours - _TINY:
        raise ValueError(f"Expected a price >= {-cell.surplus_weight} at {cell.track}.")
    corners = (0, cell.minimum, cell.target, cell.ceiling)
    return min(
        max(0, cell.minimum - crews) * hours * cell.minimum_weight
        + max(0, cell.target - max(crews, cell.minimum)) * hours * cell.target_weight
        + price * crews
        for crews in corners
    )


def _offers(instance: Instance, group: Group, prices: _Prices) -> list[_Offer]:
    """Return every duty of the group, the best one of each time door to door."""
    best: dict[tuple[int, int, int], float] = {}
    locks = {lock: i for i, lock in enumerate(group.locked)}
    weights = instance.weights
    for shifts in instance.shifts:
        travel = instance.travel.get(group.base, {}).get(shifts.site)
        allowed = group.sites is None or shifts.site in group.sites
        if travel is None or not allowed or shifts.capability not in group.capabilities:
            continue
        for i, start in enumerate(shifts.marks_min):
            for end in shifts.marks_min[i + 1 :]:
                length = end - start
                if not shifts.least_min <= length <= shifts.most_min:
                    continue
                if not _fits(instance, group, start - travel, end + travel):
                    continue
                profit = prices.earned(group, shifts.site, shifts.capability, start, end)
                profit -= group.people * weights.duty * length / 60
                profit -= group.people * weights.travel * 2 * travel / 60
                night = (start - travel) // _DAY
                profit -= group.people * prices.beds.get((group.base, night), 0.0)
                lock = next(
                    (
                        n
                        for duty, n in locks.items()
                        if (duty.site, duty.capability, duty.start_min, duty.end_min)
                        == (shifts.site, shifts.capability, start, end)
                    ),
                    -1,
                )
                key = (start - travel, end + travel, lock)
                best[key] = max(best.get(key, float("-inf")), profit)
    return sorted(
        (
            _Offer(start, end, profit, instance.is_night(start, end), lock)
            for (start, end, lock), profit in best.items()
        ),
        key=lambda offer: (offer.start, offer.end, offer.lock),
    )


def _fits(instance: Instance, group: Group, start: int, end: int) -> bool:
    rules = group.rules
    if start < 0 or end > instance.days * _DAY:
        return False
    if not rules.duty_least_min <= end - start <= rules.duty_most_min:
        return False
    if instance.is_night(start, end) and end - start > rules.night_most_min:
        return False
    return any(a <= start and end <= b for a, b in group.windows)


def _most_profit(  # noqa: PLR0912 - one plain recursion, kept in one place
    instance: Instance, group: Group, prices: _Prices
) -> float:
    """Return the most that one crew of the group can earn on a lawful line."""
    offers = _offers(instance, group, prices)
    n_locks = len(group.locked)
    rules, history = group.rules, group.history
    last_end = max((b for _, b in group.windows), default=0)
    # Forward over time: states ready from a moment on; (earnings, locks done).
    fresh = _State(0, 0, 0, history.nights, 0, history.worked_min)
    ready: dict[tuple[int, _State, int], float] = {}
    if not 0 < history.run_days < rules.run_least:
        ready[history.fresh_from_min, fresh, 0] = 0.0
    if history.run_days:
        running = _State(
            history.run_days, history.run_start_min, history.run_nights, history.nights, 0,
            history.worked_min,
            history.fresh_from_min,
        )  # fmt: skip
        ready[history.free_from_min, running, 0] = 0.0
    waiting = sorted(ready.items(), key=lambda item: item[0][0])
    active: dict[tuple[_State, int], float] = {}
    pending: dict[int, dict[tuple[_State, int], float]] = defaultdict(dict)
    for (when, state, done), earned in waiting:
        pending[when][state, done] = earned
    best = float("-inf") if n_locks else 0.0
    moments = sorted(pending)
    for offer in offers:
        while moments and moments[0] <= offer.start:
            for key, earned in pending.pop(moments.pop(0)).items():
                active[key] = max(active.get(key, float("-inf")), earned)
        moments_grew = False
        for (state, done), earned in list(active.items()):
            is_late = 0 < state.run < rules.run_least and offer.start >= state.until
            after = None if is_late else _after(rules, state, offer)
            if after is None or (offer.lock >= 0 and offer.lock != done):
                continue
            total = earned + offer.profit
            now_done = done + (1 if offer.lock >= 0 else 0)
            day_end = (offer.start // _DAY + 1) * _DAY
            free = max(offer.end + rules.rest_min, day_end)
            rested = max(offer.end + rules.weekly_rest_min, day_end + rules.rest_days * _DAY)
            may_rest = after.run >= rules.run_least
            if now_done == n_locks and (may_rest or rested >= last_end):
                best = max(best, total - group.use_cost)
            if not may_rest:
                after = replace(after, until=rested)
            goals = [(free, after)]
            if may_rest:
                rest_state = replace(after, run=0, run_start=0, run_nights=0, until=0)
                goals.append((rested, rest_state))
            for when, goal in goals:
                slot = pending[when]
                slot[goal, now_done] = max(slot.get((goal, now_done), float("-inf")), total)
                moments_grew = True
        if moments_grew:
            moments = sorted(pending)
    if best == float("-inf"):
        raise ValueError(f"Expected locked duties of {group.code} that keep its rules.")
    return best


def _after(rules: Rules, state: _State, offer: _Offer) -> _State | None:
    """Return the state after a duty; ``None`` when a rule forbids it."""
    run_start = offer.start if state.run == 0 else state.run_start
    run = state.run + 1
    nights_in_run = (0 if state.run == 0 else state.run_nights) + offer.is_night
    nights = state.nights + offer.is_night
    window, worked = state.window, state.worked
    length = offer.end - offer.start
    for i, hours in enumerate(rules.hours):
        if hours.start_min <= offer.start < hours.end_min:
            number = i + 1
            known = worked if window == number or (i == 0 and window == 0) else 0
            window, worked = number, known + length
            if worked > hours.most_min:
                return None
            break
    if run > rules.run_days or offer.end - run_start > rules.run_span_min:
        return None
    if rules.run_nights is not None and nights_in_run > rules.run_nights:
        return None
    if rules.nights is not None and nights > rules.nights:
        return None
    weekends, weekend = state.weekends, state.weekend
    if rules.weekends is not None:
        touched = _weekend(rules, offer)
        if touched not in {None, weekend}:
            weekends, weekend = weekends + 1, touched
        if weekends > rules.weekends:
            return None
    keep = nights_in_run if rules.run_nights is not None else 0
    seen = nights if rules.nights is not None else 0
    if not rules.hours:
        window, worked = 0, 0
    return _State(run, run_start, keep, seen, window, worked, weekends=weekends, weekend=weekend)


def _weekend(rules: Rules, offer: _Offer) -> int | None:
    """Return the number of the weekend that a duty touches."""
    for day in (offer.start // _DAY, (offer.end - 1) // _DAY):
        week, weekday = divmod(day - rules.first_saturday, 7)
        if week >= 0 and weekday <= 1:
            return week
    return None
