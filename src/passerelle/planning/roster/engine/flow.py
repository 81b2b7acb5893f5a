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

Kinds with equal rules and equal options are one flow. Where there are more postings than the
programme should hold, those are kept that lose least at given prices, and duties likewise.

References
----------
Ahuja, Magnanti and Orlin (1993), "Network Flows", chapter 3 for the decomposition of flows;
Irnich, Desaulniers, Desrosiers and Hadjar (2010), "Path-reduced costs for eliminating arcs in routing
and scheduling".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from passerelle.planning.roster.engine import _flow_kernels
from passerelle.planning.roster.engine.blocks import Blocks, Prices, cut_blocks
from passerelle.planning.roster.engine.sparse import SparseProgramme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.planning.roster.engine.catalogue import Catalogue
    from passerelle.planning.roster.engine.lines import Lines
    from passerelle.planning.roster.engine.parts import Part
    from passerelle.planning.roster.engine.tables import Tables

__all__ = ["Flow", "Flowed", "Program"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int32]
LongArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_MANY: Final = 100
"""Crews of a class none of whose postings is left out."""
_FEW: Final = 200
"""Least postings of any other class."""
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
        Crews on each duty.
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
        Postings in the catalogue and the crews on each.
    prices
        Prices of the tracks with rows; zero elsewhere.
    tracks
        The tracks with rows.
    """

    value: float
    flows: tuple[Flow, ...]
    postings: LongArray
    weight: FloatArray
    prices: Prices
    tracks: IntArray


class _Twins(NamedTuple):
    """Name kinds that are alike, their class and how many crews they have."""

    kinds: tuple[int, ...]
    cls: int
    crews: int


class Program:
    """Hold the linear programme of one part.

    Parameters
    ----------
    tables, lines, catalogue
        The compiled instance, its pricing and its postings.
    part
        What is planned.
    prices
        Prices of all tracks: of others than the part's taken as given, of its own to choose postings.
    standing
        Cover and people in beds of all other crews.
    most
        About how many postings to choose where there are more.
    kept
        Postings that are chosen anyway.
    """

    def __init__(  # noqa: PLR0917 - the parts of one problem
        self,
        tables: Tables,
        lines: Lines,
        catalogue: Catalogue,
        part: Part,
        prices: Prices,
        standing: tuple[IntArray, IntArray] | None = None,
        *,
        most: int = 1 << 30,
        kept: LongArray = _NONE,
    ) -> None:
        self.tables, self.pricing, self.catalogue = tables, lines, catalogue
        self._twins = _twins(tables, lines, part.kinds)
        classes = sorted({twins.cls for twins in self._twins})
        options = [int(o) for c in classes for o in lines.options_of(c)]
        touched = np.unique(
            np.array([t for o in options for t in tables.options[o].tracks], dtype=np.int32)
        )
        self.tracks = touched[part.owned[touched]]
        self._owns = np.zeros(len(tables.minimum), dtype=np.bool_)
        self._owns[self.tracks] = True
        self.blocks: Blocks = cut_blocks(tables, options, classes, self.tracks, standing)
        self._prices = prices
        self._prefix = np.zeros((len(tables.minimum), tables.n_steps + 1))
        self._prefix[:, 1:] = np.cumsum(prices.cover, axis=1)
        self._matrix = SparseProgramme()
        self._starts: dict[int, IntArray] = {}
        self._lengths: dict[int, IntArray] = {}
        self._cover_rows()
        self._choose(classes, most, kept)

    @property
    def size(self) -> int:
        """Postings in the programme."""
        return sum(len(found) for found in self._postings.values())

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

    # ---- what the programme holds

    def _choose(self, classes: Sequence[int], most: int, kept: LongArray) -> None:
        """Choose postings and duties by what a line with them loses at the given prices."""
        worth = {cls: self._worth(cls) for cls in classes}
        arcs = [self._arcs(twins, worth[twins.cls][1]) for twins in self._twins]
        losses: dict[int, FloatArray] = {}
        t = self.tables
        for cls in classes:
            of_window = np.full((t.n_steps, t.longest + 1), np.inf)
            for twins, (duties, loss) in zip(self._twins, arcs, strict=True):
                if twins.cls == cls:
                    np.minimum.at(of_window, (duties[:, 0], duties[:, 1]), loss)
            _, value, earned = worth[cls]
            at = self._starts[cls], self._lengths[cls]
            losses[cls] = value[at] - earned + of_window[at]
        crews = [sum(w.crews for w in self._twins if w.cls == cls) for cls in classes]
        chosen = _chosen([losses[cls] for cls in classes], crews, most)
        self._postings = {}
        served: dict[int, BoolArray] = {}
        for cls, mask in zip(classes, chosen, strict=True):
            postings = worth[cls][0]
            mask |= np.isin(postings, kept) & np.isfinite(losses[cls])  # noqa: PLW2901
            self._postings[cls] = postings[mask]
            served[cls] = np.zeros((t.n_steps, t.longest + 1), dtype=np.bool_)
            served[cls][self._starts[cls][mask], self._lengths[cls][mask]] = True
        self._arcs_of = [
            duties[served[twins.cls][duties[:, 0], duties[:, 1]]]
            for twins, (duties, _) in zip(self._twins, arcs, strict=True)
        ]

    def _worth(self, cls: int) -> tuple[LongArray, FloatArray, FloatArray]:
        """Return the postings of a class, the value of its windows, and what each posting earns."""
        c, p = self.catalogue, self.pricing
        w0, w1 = int(c.of_class[cls]), int(c.of_class[cls + 1])
        postings = np.arange(c.of_window[w0], c.of_window[w1], dtype=np.int64)
        owner = np.repeat(np.arange(w0, w1), np.diff(c.of_window[w0 : w1 + 1]))
        starts, lengths = c.starts[owner], c.lengths[owner]
        self._starts[cls], self._lengths[cls] = starts, lengths
        earned = -c.cost[postings] - self._bed_price(cls)[starts]
        option = c.option[postings]
        for turn in range(int((p.track_ptr[option + 1] - p.track_ptr[option]).max(initial=0))):
            place = p.track_ptr[option] + turn
            has = place < p.track_ptr[option + 1]
            track, coef = p.tracks[np.where(has, place, 0)], p.coefs[np.where(has, place, 0)]
            sums = self._prefix[track, c.last[postings]] - self._prefix[track, c.first[postings]]
            earned += np.where(has, coef * sums, 0.0)
        value = np.full((self.tables.n_steps, self.tables.longest + 1), -1e300)
        np.maximum.at(value, (starts, lengths), earned)
        return postings, value, earned

    def _bed_price(self, cls: int) -> FloatArray:
        t = self.tables
        base = int(t.class_base[cls])
        if base < 0:
            return np.zeros(t.n_steps)
        return np.repeat(self._prices.beds[base] * int(t.class_people[cls]), t.steps_per_day)

    def _arcs(self, twins: _Twins, value: FloatArray) -> tuple[IntArray, FloatArray]:
        """Return the duties that a kind may reach, and what a line with each loses."""
        rules = self.pricing.rules_of(twins.kinds[0])
        states = int(rules.spec[4]) + 1
        before = np.empty((self.tables.n_steps + 1, states))
        after = np.empty_like(before)
        best = _flow_kernels.longest(value, rules.night, rules.ends, rules.spec, before, after)
        room = int((value > -1e299).sum()) * states
        arcs, losses = np.empty((room, 5), dtype=np.int32), np.empty(room)
        n = _flow_kernels.list_arcs(
            value, rules.night, rules.ends, rules.spec, before, after, best, arcs, losses
        )
        return arcs[:n], losses[:n]

    # ---- the programme

    def solve(self, seconds: float) -> Flowed | None:
        """Solve; ``None`` when the time ran out.

        Parameters
        ----------
        seconds
            Time limit of the solver.
        """
        m, t = self._matrix, self.tables
        placed = []
        window_row: dict[int, IntArray] = {}
        for cls, postings in self._postings.items():
            rows = np.full((t.n_steps, t.longest + 1), -1, dtype=np.int32)
            duties = [
                a for a, twins in zip(self._arcs_of, self._twins, strict=True) if twins.cls == cls
            ]
            for found in duties:
                rows[found[:, 0], found[:, 1]] = 0
            n = int((rows == 0).sum())
            rows[rows == 0] = m.rows(np.full(n, -np.inf), np.zeros(n)) + np.arange(n)
            window_row[cls] = rows
            placed.append(self._place(cls, postings, rows))
        flows = [
            self._stream(twins, arcs, window_row[twins.cls])
            for twins, arcs in zip(self._twins, self._arcs_of, strict=True)
        ]
        solved = m.solve(seconds)
        if solved is None:
            return None
        value, columns, duals = solved
        return Flowed(
            value=value,
            flows=tuple(
                _flow_of(twins, arcs, columns, stream)
                for twins, arcs, stream in zip(self._twins, self._arcs_of, flows, strict=True)
            ),
            postings=np.concatenate([p for p, _ in placed]),
            weight=np.concatenate([columns[first : first + len(p)] for p, first in placed]),
            prices=self.blocks.prices_of(t, duals, self._owns),
            tracks=self.tracks,
        )

    def _place(self, cls: int, postings: LongArray, window_row: IntArray) -> tuple[LongArray, int]:
        """Append the postings of a class; return those with a window, and their first column."""
        m, c, p, t = self._matrix, self.catalogue, self.pricing, self.tables
        offset = int(c.of_window[int(c.of_class[cls])])
        starts, lengths = self._starts[cls], self._lengths[cls]
        rows = window_row[starts[postings - offset], lengths[postings - offset]]
        postings, rows = postings[rows >= 0], rows[rows >= 0]
        option, first_step, last_step = c.option[postings], c.first[postings], c.last[postings]
        cost = c.cost[postings].copy()
        first = m.columns(cost)
        columns = first + np.arange(len(postings))
        m.put(rows, columns, 1.0)
        base = int(t.class_base[cls])
        if base >= 0 and len(postings):
            days = starts[postings - offset] // t.steps_per_day
            m.put(self.blocks.bed_row[base, 0] + days, columns, float(t.class_people[cls]))
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
        self, twins: _Twins, arcs: IntArray, window_row: IntArray
    ) -> tuple[int, IntArray, LongArray]:
        """Append the flow of some kinds; return first duty, the end of each, and columns of ends."""
        m, n_steps = self._matrix, self.tables.n_steps
        rules = self.pricing.rules_of(twins.kinds[0])
        states = int(rules.spec[4]) + 1
        tails = arcs[:, 0].astype(np.int64) * states + arcs[:, 2]
        nodes, node_of = np.unique(tails, return_inverse=True)
        base = m.rows(np.full(len(nodes), -np.inf), np.zeros(len(nodes)))
        entry = np.full((n_steps + 2, states), -1, dtype=np.int64)
        entry[nodes // states, nodes % states] = np.arange(len(nodes))
        for step in range(n_steps - 1, -1, -1):
            entry[step] = np.where(entry[step] < 0, entry[step + 1], entry[step])
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
        return duty, end_of.reshape(-1).astype(np.int32), columns

    def _hire(self, twins: _Twins, entry: LongArray, base: int) -> None:
        """Append the crews that work at all, from where their history leaves them."""
        m = self._matrix
        rules = self.pricing.rules_of(twins.kinds[0])
        spec, n_steps = rules.spec, self.tables.n_steps
        found = [entry[min(max(int(spec[12]), 0), n_steps), 0]]
        if 0 < spec[14] <= spec[4]:
            found.append(entry[min(max(int(spec[11]), 0), n_steps), int(spec[14])])
        heads = np.array([node for node in found if node >= 0], dtype=np.int64)
        row = m.rows(np.full(1, -np.inf), np.full(1, float(twins.crews)))
        first = m.columns(np.full(len(heads), rules.use_cost))
        numbers = first + np.arange(len(heads))
        m.put(np.full(len(heads), row), numbers, 1.0)
        m.put(base + heads, numbers, -1.0)


def _chosen(losses: Sequence[FloatArray], crews: Sequence[int], most: int) -> list[BoolArray]:
    """Choose about ``most`` postings: all of large classes, and of each other those that lose least.

    Prices of a programme are only as good as what it lets many crews do, so nothing is left out there;
    a few crews that cannot do everything change little.
    """
    masks = [np.isfinite(loss) for loss in losses]
    sizes = np.array([int(mask.sum()) for mask in masks])
    if sizes.sum() <= most:
        return masks
    is_large = np.array([n >= _MANY for n in crews])
    few = max(_FEW, int((most - sizes[is_large].sum()) / max(1, int((~is_large).sum()))))
    for loss, mask, size, large in zip(losses, masks, sizes, is_large, strict=True):
        if not large and size > few:
            mask &= np.argsort(np.argsort(loss, kind="stable"), kind="stable") < few  # noqa: PLW2901
    return masks


def _flow_of(
    twins: _Twins,
    arcs: IntArray,
    columns: FloatArray,
    stream: tuple[int, IntArray, LongArray],
) -> Flow:
    """Read the crews on each duty and the share that rests after it."""
    duty, end_of, choices = stream
    on = np.where(choices >= 0, columns[np.maximum(choices, 0)], 0.0)
    off = np.where(choices >= 0, columns[np.maximum(choices, 0) + 1], 0.0)
    both = on + off
    share = np.divide(off, both, out=np.zeros_like(both), where=both > _SLACK)
    share[choices == -2] = 1.0
    return Flow(
        kinds=twins.kinds,
        cls=twins.cls,
        crews=twins.crews,
        arcs=arcs,
        weight=columns[duty : duty + len(arcs)],
        resting=share[end_of],
    )


def _twins(tables: Tables, lines: Lines, kinds: Sequence[int]) -> list[_Twins]:
    """Put kinds together whose crews are alike but for their name."""
    found: dict[tuple[object, ...], list[int]] = {}
    for kind in kinds:
        cls, rules = tables.kinds[kind].cls, lines.rules_of(kind)
        options = tuple(
            (o.marks, o.ext, o.least, o.most, o.rate, o.fixed, o.tracks, o.coefs)
            for o in (tables.options[int(i)] for i in lines.options_of(cls))
        )
        key = (
            options, rules.spec.tobytes(), rules.ends.tobytes(), rules.tile.tobytes(),
            rules.work_most.tobytes(), rules.use_cost, int(tables.class_people[cls]),
            int(tables.class_base[cls]),
        )  # fmt: skip
        found.setdefault(key, []).append(kind)
    classes: dict[tuple[object, ...], int] = {}
    result = []
    for alike, members in found.items():
        cls = classes.setdefault((alike[0], alike[6], alike[7]), tables.kinds[members[0]].cls)
        crews = sum(tables.kinds[k].strength for k in members)
        result.append(_Twins(tuple(members), cls, crews))
    return result
