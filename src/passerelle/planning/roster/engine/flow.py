r"""Plan the crews of one part as flows through the network of their states.

Column generation lists lines one by one. Where the rules of a crew are those of a short network
(days of a run, daily and weekly rest), all its lines are the paths of that network, and a flow in it
stands for all lines at once:

.. math:: \min \; & c^{\text{work}} y + c^{\text{use}} h + f(z) \\
          & \textstyle\sum_o a_{ob} y_o = z_b && \text{cover of track and block } b \\
          & \textstyle\sum_{o \in w} y_o \le \sum_{g,s} x_{gws} && \text{window } w \text{ of a class} \\
          & \textstyle\text{out}(x, g, s) \le \text{in}(x, g, s) && \text{state } s \text{ of kind } g \\
          & h_g \le n_g && \text{crews of kind } g

with postings :math:`y`, crews :math:`x_{gws}` of kind :math:`g` that work window :math:`w` out of state
:math:`s`, and crews :math:`h` that work at all. One interior-point solve replaces all rounds of column
generation, prices of cover included; rules that the network leaves out (nights of a run, span, hours,
weekends) only lower its value, and whole crews keep them (:mod:`~passerelle.planning.roster.engine.sweep`).

Kinds with equal rules and equal options are one flow, and postings that several classes may work stand
once for all of them (:mod:`~passerelle.planning.roster.engine.pools`): a window of such a pool takes crews
from every class that is free then. What the programme holds is chosen beforehand
(:mod:`~passerelle.planning.roster.engine.choice`).

References
----------
Ahuja, Magnanti and Orlin (1993), "Network Flows", chapter 3 for the decomposition of flows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from passerelle.planning.roster.engine.blocks import Blocks, Prices, cut_blocks
from passerelle.planning.roster.engine.choice import choose, teams_of, twins_of
from passerelle.planning.roster.engine.sparse import SparseProgramme
from passerelle.planning.roster.engine.windows import Windows

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.planning.roster.engine.choice import Team, Twins
    from passerelle.planning.roster.engine.lines import Lines
    from passerelle.planning.roster.engine.parts import Part
    from passerelle.planning.roster.engine.pools import Alike, Pool
    from passerelle.planning.roster.engine.tables import Tables

__all__ = ["Flow", "Flowed", "Program"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int32]
LongArray = npt.NDArray[np.int64]

_SLACK: Final = 1e-6
_NONE: Final = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Flow:
    """Hold the crews of kinds that are alike and the duties that they may work.

    Parameters
    ----------
    kinds
        The kinds; the first stands for all.
    cls
        Class of the first.
    crews
        How many there are.
    arcs
        Duties: start, length, days of the run before, when ready and when rested; shape ``(n, 5)``.
    weight
        Crews on each duty and on those that lead to the same states.
    resting
        Share of the crews of each duty that takes the weekly rest after it.
    """

    kinds: tuple[int, ...]
    cls: int
    crews: int
    arcs: IntArray
    weight: FloatArray
    resting: FloatArray


@dataclass(frozen=True, slots=True)
class Flowed:
    """Hold the solution of a programme.

    Parameters
    ----------
    value
        Its value.
    flows
        Crews by kind and duty.
    postings, weight
        Postings in the catalogue, by first options, and the crews on each.
    pool
        Pool of each posting.
    drawn
        By pool and flow, the share of its crews on duty in a window that goes to the pool; shape
        ``(n_steps, longest + 1)``.
    prices
        Prices of the tracks with rows; zero elsewhere.
    tracks
        The tracks with rows.
    """

    value: float
    flows: tuple[Flow, ...]
    postings: LongArray
    weight: FloatArray
    pool: IntArray
    drawn: tuple[dict[int, FloatArray], ...]
    prices: Prices
    tracks: IntArray


class _Stream(NamedTuple):
    """Name the columns of a flow.

    Parameters
    ----------
    duty, end
        Column of each duty, and which end it has.
    ends
        First of the two columns of an end that is a choice: on, or rest. -2 where only rest is left,
        -1 else.
    """

    duty: LongArray
    end: IntArray
    ends: LongArray


class Program:
    """Hold the linear programme of one part.

    Parameters
    ----------
    tables, lines, alike
        The compiled instance, its pricing, and which options are equal.
    part
        What is planned.
    prices
        Prices of all tracks: of others than the part's taken as given, of its own to choose postings.
    standing
        Cover and people in beds of all other crews.
    most
        About how many postings to choose where there are more.
    kept
        Postings that are chosen anyway, by first options.
    """

    def __init__(  # noqa: PLR0917 - the parts of one problem
        self,
        tables: Tables,
        lines: Lines,
        alike: Alike,
        part: Part,
        prices: Prices,
        standing: tuple[IntArray, IntArray] | None = None,
        *,
        most: int = 1 << 30,
        kept: LongArray = _NONE,
    ) -> None:
        self.tables, self.pricing, self.catalogue = tables, lines, alike.catalogue
        twins = twins_of(tables, lines, alike, part.kinds)
        classes = sorted({found.cls for found in twins})
        options = [int(o) for c in classes for o in lines.options_of(c)]
        touched = np.unique(
            np.array([t for o in options for t in tables.options[o].tracks], dtype=np.int32)
        )
        self.tracks = touched[part.owned[touched]]
        self._owns = np.zeros(len(tables.minimum), dtype=np.bool_)
        self._owns[self.tracks] = True
        self.blocks: Blocks = cut_blocks(tables, options, classes, self.tracks, standing)
        self._prefix = prices.prefix()
        self._matrix = SparseProgramme()
        self._cover_rows()
        pools = alike.pools(classes)
        self._teams = teams_of(tables, lines, twins, pools)
        self._pools, self._arcs_of = choose(
            tables, lines, alike, self._teams, pools, self._prefix, prices.beds, most, kept
        )

    def _cover_rows(self) -> None:
        """Append a row a block and a night, with its slack; index the blocks of each track."""
        m, found = self._matrix, self.blocks
        m.rows(found.rhs, found.rhs)
        first = m.columns(found.costs, found.lengths)
        m.put(found.rows, first + np.arange(len(found.rows)), found.signs)
        shape = found.block_of.shape
        self._from = np.full((shape[0], shape[1] + 1), found.n_blocks, dtype=np.int32)
        self._upto = np.full((shape[0], shape[1] + 1), -1, dtype=np.int32)
        for track in self.tracks:
            row = found.block_of[track]
            behind = np.where(row < 0, found.n_blocks, row)
            self._from[track, :-1] = np.minimum.accumulate(behind[::-1])[::-1]
            self._upto[track, 1:] = np.maximum.accumulate(row)

    def solve(self, seconds: float, is_over: Callable[[], bool] | None = None) -> Flowed | None:
        """Solve; ``None`` when the time ran out.

        Parameters
        ----------
        seconds
            Time limit of the solver.
        is_over
            Asked now and then whether to give up.
        """
        m, t = self._matrix, self.tables
        windows = Windows(m, t, self.pricing, self._teams, self._arcs_of, self._pools)
        placed = [
            self._place(pool, windows.of_pool[index], windows.lead_of(index))
            for index, pool in enumerate(self._pools)
        ]
        flows = [
            self._stream(team, *_led(arcs, lead), rows)
            for team, arcs, lead, rows in zip(
                self._teams, self._arcs_of, windows.lead, windows.of_team, strict=True
            )
        ]
        solved = m.solve(seconds, is_over)
        if solved is None:
            return None
        value, columns, duals = solved
        sizes = [len(postings) for postings, _ in placed]
        return Flowed(
            value=value,
            flows=tuple(
                flow
                for team, arcs, stream in zip(self._teams, self._arcs_of, flows, strict=True)
                for flow in _flows_of(team, arcs, columns, stream)
            ),
            postings=np.concatenate([_NONE, *(postings for postings, _ in placed)]),
            weight=np.concatenate(
                [np.zeros(0), *(columns[first : first + len(p)] for p, first in placed)]
            ),
            pool=np.repeat(np.arange(len(sizes), dtype=np.int32), sizes),
            drawn=tuple(windows.drawn(columns, [flow.duty for flow in flows])),
            prices=self.blocks.prices_of(t, duals, self._owns),
            tracks=self.tracks,
        )

    def _place(self, pool: Pool, window_row: IntArray, lead: IntArray) -> tuple[LongArray, int]:
        """Append the postings of a pool; return those with a window, and their first column."""
        m, c, p, t = self._matrix, self.catalogue, self.pricing, self.tables
        rows = window_row[pool.starts, lead[pool.starts, pool.lengths]]
        postings, starts, rows = pool.postings[rows >= 0], pool.starts[rows >= 0], rows[rows >= 0]
        option, first_step, last_step = c.option[postings], c.first[postings], c.last[postings]
        cost = c.cost[postings].copy()
        first = m.columns(cost)
        columns = first + np.arange(len(postings))
        m.put(rows, columns, 1.0)
        base = int(t.class_base[pool.classes[0]])
        if base >= 0 and len(postings):
            people = float(t.class_people[pool.classes[0]])
            m.put(self.blocks.bed_row[base, 0] + starts // t.steps_per_day, columns, people)
        for turn in range(int((p.track_ptr[option + 1] - p.track_ptr[option]).max(initial=0))):
            place = p.track_ptr[option] + turn
            has = place < p.track_ptr[option + 1]
            track = p.tracks[np.where(has, place, 0)]
            coef = np.where(has, p.coefs[np.where(has, place, 0)], 0).astype(np.float64)
            mine = self._owns[track] & has
            sums = self._prefix[track, last_step] - self._prefix[track, first_step]
            cost -= np.where(has & ~mine, coef * sums, 0.0)
            begin = self._from[track, first_step]
            count = np.where(mine, np.maximum(0, self._upto[track, last_step] + 1 - begin), 0)
            owner = np.repeat(np.arange(len(postings)), count)
            within = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
            m.put(begin[owner] + within, columns[owner], coef[owner])
        return postings, first

    def _stream(
        self, team: Team, arcs: IntArray, place: LongArray, window_row: IntArray
    ) -> _Stream:
        """Append the flow of a team: its duties by leads, and the place of each duty among them."""
        m, n_steps = self._matrix, self.tables.n_steps
        states = int(self.pricing.rules_of(team.twins[0].kinds[0]).spec[4]) + 1
        tails = arcs[:, 0].astype(np.int64) * states + arcs[:, 2]
        nodes, node_of = np.unique(tails, return_inverse=True)
        base = m.rows(np.full(len(nodes), -np.inf), np.zeros(len(nodes)))
        entry = np.full((n_steps + 2, states), -1, dtype=np.int64)
        entry[nodes // states, nodes % states] = np.arange(len(nodes))
        for step in range(n_steps - 1, -1, -1):
            entry[step] = np.where(entry[step] < 0, entry[step + 1], entry[step])
        for twins in team.twins:
            self._hire(twins, entry, base)
        # waiting: from each state to the next step at which a duty starts in it
        later = entry[nodes // states + 1, nodes % states]
        waits = np.flatnonzero(later >= 0)
        first = m.columns(np.zeros(len(waits)))
        m.put(base + waits, first + np.arange(len(waits)), 1.0)
        m.put(base + later[waits], first + np.arange(len(waits)), -1.0)
        # where a duty leads: the next day of the run, the rested state, or a choice of both
        on, off = entry[arcs[:, 3], arcs[:, 2] + 1], entry[arcs[:, 4], 0]
        keys = (on + 1) * (len(nodes) + 1) + off + 1
        ends, end_of = np.unique(keys, return_inverse=True)
        on_of, off_of = ends // (len(nodes) + 1) - 1, ends % (len(nodes) + 1) - 1
        choice = np.flatnonzero((on_of >= 0) & (off_of >= 0))
        middle = m.rows(np.full(len(choice), -np.inf), np.zeros(len(choice)))
        chosen = m.columns(np.zeros(2 * len(choice)))
        places = np.arange(len(choice))
        for shift, target in ((0, on_of), (1, off_of)):
            m.put(middle + places, chosen + 2 * places + shift, 1.0)
            m.put(base + target[choice], chosen + 2 * places + shift, -1.0)
        head = np.where(on_of >= 0, on_of, off_of) + base
        head[np.maximum(on_of, off_of) < 0] = -1
        head[choice] = middle + places
        columns = np.full(len(ends), -1, dtype=np.int64)
        columns[choice] = chosen + 2 * places
        only_off = (on_of < 0) & (off_of >= 0)
        columns[only_off] = -2
        duty = m.columns(np.zeros(len(arcs)))
        numbers = duty + np.arange(len(arcs))
        m.put(base + node_of.reshape(-1), numbers, 1.0)
        m.put(window_row[arcs[:, 0], arcs[:, 1]], numbers, -1.0)
        to = head[end_of.reshape(-1)]
        m.put(to[to >= 0], numbers[to >= 0], -1.0)
        return _Stream(duty + place, end_of.reshape(-1)[place].astype(np.int32), columns)

    def _hire(self, twins: Twins, entry: LongArray, base: int) -> None:
        """Append the crews that work at all, from where their history leaves them."""
        m = self._matrix
        rules = self.pricing.rules_of(twins.kinds[0])
        spec, n_steps = rules.spec, self.tables.n_steps
        here = int(np.flatnonzero(rules.ends)[0]) if rules.ends.any() else n_steps
        found = [entry[min(max(int(spec[12]), here), n_steps), 0]]
        if 0 < spec[14] <= spec[4]:
            found.append(entry[min(max(int(spec[11]), here), n_steps), int(spec[14])])
        heads = np.array([node for node in found if node >= 0], dtype=np.int64)
        row = m.rows(np.full(1, -np.inf), np.full(1, float(twins.crews)))
        first = m.columns(np.full(len(heads), rules.use_cost))
        numbers = first + np.arange(len(heads))
        m.put(np.full(len(heads), row), numbers, 1.0)
        m.put(base + heads, numbers, -1.0)


def _led(arcs: IntArray, lead: IntArray) -> tuple[IntArray, LongArray]:
    """Return one duty for all with the same lead and state, and the place of each among them."""
    keys = np.stack((arcs[:, 0], lead[arcs[:, 0], arcs[:, 1]], arcs[:, 2]), axis=1)
    _, first, place = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    found = arcs[first].copy()
    found[:, 1] = keys[first, 1]
    return found, place.reshape(-1)


def _flows_of(
    team: Team,
    arcs: IntArray,
    columns: FloatArray,
    stream: _Stream,
) -> list[Flow]:
    """Read the crews on each duty and the share that rests after it; share them out by strength."""
    duty, end_of, choices = stream
    on = np.where(choices >= 0, columns[np.maximum(choices, 0)], 0.0)
    off = np.where(choices >= 0, columns[np.maximum(choices, 0) + 1], 0.0)
    both = on + off
    share = np.divide(off, both, out=np.zeros_like(both), where=both > _SLACK)
    share[choices == -2] = 1.0
    crews = team.crews(team.classes)
    return [
        Flow(
            kinds=twins.kinds,
            cls=twins.cls,
            crews=twins.crews,
            arcs=arcs,
            weight=columns[duty] * twins.crews / max(1, crews),
            resting=share[end_of],
        )
        for twins in team.twins
    ]
