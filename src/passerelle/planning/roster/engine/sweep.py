"""Turn flows of crews into whole crews with lines, in one sweep over time.

Duties are taken in the order in which they start. Each posting gets the whole crews nearest to its
weight, after what earlier roundings left too much or too little on its tracks (error diffusion; Floyd
and Steinberg 1976): so the cover of a track never strays from the programme by more than about one
crew. Crews are then taken from those who are ready, in the proportions in which the flow draws
on kinds and days of runs; each keeps every rule of its kind, those too that the network of
the flow leaves out. What nobody can work is left out.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from passerelle.planning.roster.engine import _flow_kernels, _kernels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.planning.roster.engine.board import Posting, Worked
    from passerelle.planning.roster.engine.flow import Flow, Flowed
    from passerelle.planning.roster.engine.lines import KindRules, Lines
    from passerelle.planning.roster.engine.pools import Alike
    from passerelle.planning.roster.engine.tables import Tables

__all__ = ["sweep"]

FloatArray = npt.NDArray[np.float64]

_LEAST: Final = 1e-6
_SURE: Final = 0.02
"""How much of an escort may be missing before a whole one is posted."""
_OWED: Final = 1.0
"""Most crews that rounding lets a flow give too many or too few."""
_ANY: Final = 1 << 29

Window = tuple[int, int, int]
"""Pool, start and length."""


class _Past(NamedTuple):
    """Hold what a crew has behind it that its rules count.

    Parameters
    ----------
    began, nights_in_run, nights
        Start of the run, its night duties, and those since the beginning.
    tile, work
        The window of hours of the last duty, and the work in it.
    weekends, weekend
        Weekends worked, and the last of them.
    """

    began: int
    nights_in_run: int
    nights: int
    tile: int
    work: int
    weekends: int
    weekend: int


@dataclass(slots=True)
class _Crews:
    """Hold crews with one line.

    Parameters
    ----------
    number
        How many they are.
    line
        Their postings so far, by first options.
    past
        What their rules count.
    rested
        From when they have had their weekly rest.
    """

    number: int
    line: Worked
    past: _Past
    rested: int


class _Sent(NamedTuple):
    """Hold crews that leave for a duty.

    Parameters
    ----------
    number
        How many they are.
    line
        Their postings before it.
    run, past
        Days of the run and what their rules count, after it.
    """

    number: int
    line: Worked
    run: int
    past: _Past


class _Taker:
    """Hold the crews of one flow by days of their run, and send them on duty."""

    def __init__(self, flow: Flow, rules: KindRules, n_steps: int) -> None:
        self.flow, self.rules, self.n_steps = flow, rules, n_steps
        spec = rules.spec
        self.most = int(spec[4])
        self.ready: list[list[_Crews]] = [[] for _ in range(self.most + 1)]
        self._coming: dict[int, list[tuple[int, _Crews]]] = defaultdict(list)
        self._owed: dict[tuple[int, int, int], float] = defaultdict(float)
        past = _Past(int(spec[13]), int(spec[15]), int(spec[16]), 0, int(spec[17]), 0, 0)
        days, free, fresh = int(spec[14]), max(0, int(spec[11])), max(0, int(spec[12]))
        at, days = (free, days) if 0 < days <= self.most else (fresh, 0)
        if at <= n_steps:
            self._coming[at].append((days, _Crews(flow.crews, (), past, fresh)))
        self.lines: dict[Worked, int] = defaultdict(int)

    def wake(self, step: int) -> None:
        """Let those who are ready from this step on be taken."""
        for days, crews in self._coming.pop(step, ()):
            self.ready[days].append(crews)

    def take(self, days: int, wanted: int, start: int, length: int) -> Iterator[_Sent]:
        """Send up to ``wanted`` crews of a run of so many days on duty; :meth:`post` says which."""
        kept = []
        found = self.ready[days]
        while found and wanted > 0:
            crews = found.pop()
            run, past = self._after(days, crews, start, length)
            if past is None:
                kept.append(crews)
                continue
            number = min(wanted, crews.number)
            wanted -= number
            if number < crews.number:
                found.append(_Crews(crews.number - number, crews.line, crews.past, crews.rested))
            yield _Sent(number, crews.line, run, past)
        found.extend(kept)

    def _after(self, days: int, crews: _Crews, start: int, length: int) -> tuple[int, _Past | None]:
        """Return days of the run and past after a duty; no past when a rule forbids it."""
        spec, rules = self.rules.spec, self.rules
        if start + length > rules.ends[start]:
            return 0, None
        is_fresh = days == 0 or start >= crews.rested
        run = 1 if is_fresh else days + 1
        past = crews.past
        night = bool(rules.night[start, length])
        if run > self.most or (night and length > spec[8]):
            return 0, None
        began = start if is_fresh else past.began
        in_run = (0 if is_fresh else past.nights_in_run) + (night and int(spec[20]))
        nights = past.nights + night
        tile = int(rules.tile[start])
        work = (past.work if past.tile == tile else 0) + length
        number = 0
        if spec[21] < _ANY:
            number = _kernels.weekend_of(start, length, int(spec[18]), int(spec[22]))
        is_new = number > 0 and number != past.weekend
        weekends = past.weekends + is_new
        if (
            start + length - began > spec[5]
            or in_run > spec[9]
            or nights > spec[10]
            or work > rules.work_most[tile]
            or weekends > spec[21]
        ):
            return 0, None
        weekend = number if is_new else past.weekend
        return run, _Past(began, in_run, nights, tile, work, weekends, weekend)

    def post(self, sent: _Sent, number: int, posting: Posting, share: float) -> None:
        """Let so many of the crews that were sent work a posting; a share of them rests after it."""
        _, line, run, past = sent
        start, length, _ = posting
        ready, rested = _flow_kernels.rests(start, length, self.rules.spec, self.n_steps)
        new = (*line, posting)
        self.lines[line] -= number
        self.lines[new] += number
        resting = number
        if run < self.most:
            owed = self._owed[ready, rested, run] + share * number
            resting = max(0, min(number, round(owed)))
            self._owed[ready, rested, run] = owed - resting
        if resting:
            self._coming[rested].append((0, _Crews(resting, new, past, rested)))
        if number > resting:
            crews = _Crews(number - resting, new, past, rested)
            self._coming[ready].append((run, crews))


def sweep(
    tables: Tables, lines: Lines, alike: Alike, flowed: Flowed
) -> dict[int, dict[Worked, int]]:
    """Return whole crews by kind and line.

    Parameters
    ----------
    tables, lines, alike
        The compiled instance, its pricing, and which options are equal.
    flowed
        Crews in shares.
    """
    return _Sweep(tables, lines, alike, flowed).run()


class _Sweep:
    """Hold the state of one sweep."""

    def __init__(self, tables: Tables, lines: Lines, alike: Alike, flowed: Flowed) -> None:
        self.tables, self.alike, self.catalogue = tables, alike, alike.catalogue
        catalogue = alike.catalogue
        self._takers = [
            _Taker(flow, lines.rules_of(flow.kinds[0]), tables.n_steps) for flow in flowed.flows
        ]
        self._left = np.zeros(tables.minimum.shape)
        self._given: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
        self._owes = tables.is_escort
        self._postings: dict[Window, list[tuple[int, float]]] = defaultdict(list)
        owner = np.searchsorted(catalogue.of_window, flowed.postings, side="right") - 1
        for posting, window, pool, weight in zip(
            flowed.postings, owner, flowed.pool, flowed.weight, strict=True
        ):
            if weight > _LEAST:
                start, length = int(catalogue.starts[window]), int(catalogue.lengths[window])
                self._postings[int(pool), start, length].append((int(posting), float(weight)))
        self._n_flows = [len(drawn) for drawn in flowed.drawn]
        self._draws: dict[Window, list[tuple[int, int, float, float]]] = defaultdict(list)
        for index, flow in enumerate(flowed.flows):
            drawn = [(j, shares[index]) for j, shares in enumerate(flowed.drawn) if index in shares]
            for i in np.flatnonzero(flow.weight > _LEAST):
                start, length, days = (int(v) for v in flow.arcs[i, :3])
                for pool, share in drawn:
                    weight = float(flow.weight[i] * share[start, length])
                    if weight > _LEAST:
                        draw = (index, days, weight, float(flow.resting[i]))
                        self._draws[pool, start, length].append(draw)

    def run(self) -> dict[int, dict[Worked, int]]:
        """Sweep over time; what few flows may work comes first."""
        windows = sorted(self._postings, key=lambda w: (w[1], -w[2], self._n_flows[w[0]], w[0]))
        place = 0
        for step in range(self.tables.n_steps):
            for taker in self._takers:
                taker.wake(step)
            while place < len(windows) and windows[place][1] == step:
                self._staff(windows[place])
                place += 1
        found: dict[int, dict[Worked, int]] = defaultdict(dict)
        for taker in self._takers:
            for kind, line, crews in self._told_apart(taker):
                found[kind][line] = found[kind].get(line, 0) + crews
        return dict(found)

    def _staff(self, window: Window) -> None:
        """Post whole crews to all postings of a window."""
        wanted = [[posting, self._whole(posting, w), w] for posting, w in self._postings[window]]
        short = self._send(window, [[int(d), int(n)] for d, n, _ in wanted if n > 0])
        for entry in wanted:
            self._note(int(entry[0]), entry[2] - (entry[1] - short.get(int(entry[0]), 0)))

    def _note(self, posting: int, left: float) -> None:
        """Remember what rounding left on the tracks of a posting."""
        c = self.catalogue
        option = self.tables.options[int(c.option[posting])]
        span = slice(int(c.first[posting]), int(c.last[posting]))
        for track, coef in zip(option.tracks, option.coefs, strict=True):
            self._left[track, span] += coef * left

    def _whole(self, posting: int, weight: float) -> int:
        """Return the whole crews nearest to a weight, after what is left on its tracks."""
        c = self.catalogue
        option = self.tables.options[int(c.option[posting])]
        span = slice(int(c.first[posting]), int(c.last[posting]))
        means, owed = [], 0.0
        for track, coef in zip(option.tracks, option.coefs, strict=True):
            if coef > 0 and self._owes[track]:
                owed = max(owed, float(self._left[track, span].max()) / coef)
            elif coef > 0:
                means.append(float(self._left[track, span].mean()) / coef)
        nearest = int(np.floor(weight + (sum(means) / len(means) if means else 0.0) + 0.5))
        if any(self._owes[t] and c > 0 for t, c in zip(option.tracks, option.coefs, strict=True)):
            nearest = max(nearest, int(np.ceil(weight + owed - _SURE)))
        return max(0, min(nearest, int(np.ceil(weight)) + 1))

    def _send(self, window: Window, posts: list[list[int]]) -> dict[int, int]:
        """Send crews to postings; return by posting how many are short.

        Each flow gives the whole crews nearest to its share, after what it gave too much or too little in
        earlier windows of the pool; who is still short takes whoever is ready.
        """
        pool, start, length = window
        draws: dict[int, list[tuple[int, float, float]]] = defaultdict(list)
        for index, days, weight, share in self._draws.get(window, []):
            draws[index].append((days, weight, share))
        total = sum(weight for found in draws.values() for _, weight, _ in found)
        crews = sum(number for _, number in posts)
        if not crews or total <= 0.0:
            return {posting: number for posting, number in posts if number > 0}
        given = self._given[pool]
        for index, found in draws.items():
            given[index] += sum(weight for _, weight, _ in found) / total * crews
        order = sorted(draws, key=lambda index: -given[index])
        for index in order:
            own = sum(weight for _, weight, _ in draws[index])
            wanted, drawn, asked, sent = max(0, round(given[index])), 0.0, 0, 0
            for days, weight, share in draws[index]:
                drawn += weight / own * wanted
                quota = round(drawn) - asked
                asked += quota
                sent += self._take(index, days, quota, start, length, share, posts)
            given[index] -= sent
        for index in order:
            for days in range(len(self._takers[index].ready)):
                left = sum(number for _, number in posts)
                given[index] -= self._take(index, days, left, start, length, 0.0, posts)
            given[index] = min(max(given[index], -_OWED), _OWED)
        return {posting: number for posting, number in posts if number > 0}

    def _take(  # noqa: PLR0917 - one draw
        self, index: int, days: int, quota: int, start: int, length: int, share: float,
        posts: list[list[int]],
    ) -> int:  # fmt: skip
        """Take crews of one flow and put them on the postings that are still short; return how many."""
        quota = min(quota, sum(number for _, number in posts))
        if quota <= 0:
            return 0
        taker, place, taken = self._takers[index], 0, 0
        for sent in taker.take(days, quota, start, length):
            number = sent.number
            taken += number
            while number > 0:
                while posts[place][1] == 0:
                    place += 1
                step = min(number, posts[place][1])
                posts[place][1] -= step
                number -= step
                option = int(self.catalogue.option[posts[place][0]])
                taker.post(sent, step, (start, length, option), share)
        return taken

    def _told_apart(self, taker: _Taker) -> Iterator[tuple[int, Worked, int]]:
        """Share the lines of a flow out among its kinds, with options of their own class."""
        kinds, flow = self.tables.kinds, taker.flow
        left = [(line, n) for line, n in taker.lines.items() if n > 0 and line]
        for kind in flow.kinds:
            cls, free = kinds[kind].cls, kinds[kind].strength
            while free > 0 and left:
                line, number = left.pop()
                crews = min(free, number)
                if crews < number:
                    left.append((line, number - crews))
                free -= crews
                named = tuple((s, n, self.alike.own(o, cls)) for s, n, o in line)
                yield kind, named, crews
