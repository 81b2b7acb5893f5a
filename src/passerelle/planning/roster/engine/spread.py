r"""Spread the crews of all kinds over lines and postings, first in shares, then whole.

A whole event has tens of thousands of crews but only some hundred kinds of them, as a town has
travellers but only some hundred pairs of origin and destination. The method is that of traffic
assignment: give crews, a share at a time, to the line that is best at the present prices of cover,
taking them from the line that is worst, until all lines in use are worth the same.

*Shares.* Cover costs have corners, at which prices jump and such steps get stuck. So each price is
the slope of the cost over a width, which shrinks from the size of the need to a small part of a crew.
A step is a pairwise Frank–Wolfe step on one kind, its length found on the slope; kinds are drawn in
proportion to their duality gap. Windows come from the longest path over the best posting of each
window (*when*); between those steps the crews of each window shift among its postings (*where*).

*Whole crews.* Weights are rounded by largest remainder, lines first, then the postings of each
window. After that one crew at a time is taken off its line and put on the line that is best without
it, and kept there when the exact cost is lower.

Rules between crews (escorts, limits, beds) have a price high enough that none is broken for gain;
:meth:`Spread.harden` raises it until the last ones are kept.

References
----------
Lacoste-Julien, Jaggi, Schmidt and Pletscher (2013), "Block-coordinate Frank–Wolfe optimization";
Lacoste-Julien and Jaggi (2015) for pairwise steps; Osokin et al. (2016) for drawing by gap;
Dafermos and Sparrow (1969), "The traffic assignment problem", for the equilibrium.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from passerelle.planning.roster.engine import _moves, _spread_kernels
from passerelle.planning.roster.engine._spread_kernels import Cover, Lists, Options, Room
from passerelle.planning.roster.engine.catalogue import find_postings
from passerelle.planning.roster.engine.laws import make_laws
from passerelle.planning.roster.engine.relax import ESCORT_PRICE, Solved
from passerelle.planning.roster.engine.tables import HARD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.planning.roster.engine.board import Board
    from passerelle.planning.roster.engine.catalogue import Catalogue
    from passerelle.planning.roster.engine.lines import Lines
    from passerelle.planning.roster.engine.tables import Tables

__all__ = ["Spread"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int32]
LongArray = npt.NDArray[np.int64]

_TURNS: Final = 4
"""Most lines from which one step takes crews."""
_SETTLE_EVERY: Final = 40
"""Steps on a class between two rounds of shifts among its postings."""
_NARROWEST: Final = 0.03
_VISIT: Final = 200
"""Most crews moved in one visit to a kind."""
_STEEP: Final = 1e6


class Spread:
    """Hold the crews of an event on lines and postings.

    Parameters
    ----------
    tables, lines
        The compiled instance and its pricing.
    kinds
        Kinds that may be moved; the others stay as they are on ``board``.
    board
        What stands already; not changed.
    """

    def __init__(self, tables: Tables, lines: Lines, kinds: Sequence[int], board: Board) -> None:
        self.tables, self.pricing = tables, lines
        self.kinds = tuple(kinds)
        self.catalogue: Catalogue = board.catalogue
        self.cover = _make_cover(tables)
        self.options = _make_options(tables, lines)
        self.lists = _make_lists(tables, len(self.catalogue.option))
        self.laws = make_laws(tables, lines)
        self.room = _make_room(tables, self.catalogue, self.lists)
        self._class_rows = _packed(
            [_rows_of(tables, lines, c) for c in range(len(tables.class_people))]
        )
        self._class_options = _packed(
            [lines.options_of(c) for c in range(len(tables.class_people))]
        )
        self._gaps = np.full(len(tables.kinds), -1.0)
        self._gaps[list(kinds)] = [1e3 * tables.kinds[k].strength for k in kinds]
        self._visits = np.zeros(len(tables.class_people), dtype=np.int64)
        self._peak = np.maximum(self.cover.target.max(axis=1, initial=1), 1).astype(np.float64)
        self._is_whole = False
        self._rates = np.where(self._gaps >= 0.0, np.inf, -1.0)
        self._next = np.zeros(len(tables.kinds), dtype=np.int64)
        self._load(board)

    def _load(self, board: Board) -> None:
        """Let all crews stand where the board has them."""
        movable, lists = set(self.kinds), self.lists
        standing = np.zeros(len(self.catalogue.option))
        for kind, known in enumerate(board.worked):
            first = int(lists.of_kind[kind])
            if kind in movable:
                lists.crews[first] = float(board.free[kind])
            for line, crews in known.items():
                windows, postings = find_postings(self.catalogue, self.tables.kinds[kind].cls, line)
                if kind not in movable:
                    np.add.at(standing, postings, crews)
                    continue
                np.add.at(lists.posted, postings, crews)
                place = first + int(lists.used[kind])
                if place < lists.of_kind[kind + 1]:
                    lists.used[kind] += 1
                    lists.sizes[place] = len(windows)
                    lists.windows[place, : len(windows)] = windows
                    lists.crews[place] = crews
        _spread_kernels.post_all(standing, self.cover, self.options, self.catalogue, False)
        self._standing = self.cover.amount.copy()
        _spread_kernels.post_all(lists.posted, self.cover, self.options, self.catalogue, False)
        self.set_width(1.0)

    # ---- figures

    @property
    def cost(self) -> float:
        """Cost of the plan in points, broken rules between crews at their present price."""
        lists = self.lists
        works = (lists.sizes > 0).astype(np.float64) * lists.crews
        use = sum(
            float(works[first:last].sum()) * price
            for first, last, price in zip(
                lists.of_kind[:-1], lists.of_kind[1:], self.laws.use_cost, strict=True
            )
            if price
        )
        work = float((lists.posted * self.catalogue.cost).sum())
        return float(self.cover_costs().sum()) + work + float(use)

    def cover_costs(self) -> FloatArray:
        """Return the cost of cover at each step, shape ``(n_rows, n_steps)``."""
        c = self.cover
        missing = c.below * np.maximum(0.0, c.minimum - c.amount)
        short = c.short * np.maximum(0.0, c.target - np.maximum(c.amount, c.minimum))
        costs: FloatArray = missing + short + c.above * np.maximum(0.0, c.amount - c.ceiling)
        return costs

    @property
    def is_broken(self) -> bool:
        """Whether a rule between crews is broken."""
        c = self.cover
        hard = self._hard
        return bool(
            ((c.amount < c.minimum - 1e-6) & hard & (c.below > 0)).any()
            or ((c.amount > c.ceiling + 1e-6) & hard & (c.above > 0)).any()
        )

    @property
    def _hard(self) -> npt.NDArray[np.bool_]:
        names = self.tables.track_names
        rows = [n.startswith(("escort:", "limit:")) for n in names]
        rows += [True] * (len(self.cover.amount) - len(names))
        return np.array(rows)[:, None]

    # ---- shares

    def set_width(self, share: float) -> None:
        """Take slopes over this share of the largest need of each track."""
        c = self.cover
        c.width[:] = c.unit * np.maximum(_NARROWEST, share * self._peak)
        _spread_kernels.reprice_all(c, False)

    def improve_shares(self, seed: int, steps: int) -> None:
        """Take steps in shares of crews."""
        _moves.improve_shares(
            np.random.default_rng(seed).random((steps, 2)), _SETTLE_EVERY, _TURNS, self._gaps, self._visits, self._class_rows,
            self._class_options, self.cover, self.options, self.catalogue, self.lists, self.laws,
            self.room,
        )  # fmt: skip

    # ---- whole crews

    def make_whole(self) -> None:
        """Round lines, then the postings of each window, by largest remainder."""
        lists, found = self.lists, self.catalogue
        worked = np.zeros(len(found.starts))
        for kind in self.kinds:
            first = int(lists.of_kind[kind])
            last = first + int(lists.used[kind])
            crews = lists.crews[first:last]
            owner = np.zeros(len(crews), dtype=np.int64)
            total = np.array([self.tables.kinds[kind].strength])
            crews[:] = _largest_remainder(crews, owner, total)
            for i in np.flatnonzero(crews):
                windows = lists.windows[first + i, : lists.sizes[first + i]]
                np.add.at(worked, windows, crews[i])
        owner = np.repeat(np.arange(len(found.starts)), np.diff(found.of_window))
        wished = np.where(lists.posted > 0.0, lists.posted, 1e-9 * (worked[owner] > 0))
        sums = np.bincount(owner, weights=wished, minlength=len(worked))
        scale = np.divide(worked, sums, out=np.zeros_like(worked), where=sums > 0)
        lists.posted[:] = _largest_remainder(wished * scale[owner], owner, worked)
        self._recount()

    def _recount(self) -> None:
        """Compute the cover of whole crews from nothing but what is posted."""
        c = self.cover
        c.amount[:] = self._standing
        self._is_whole = True
        _spread_kernels.post_all(self.lists.posted, c, self.options, self.catalogue, True)
        _spread_kernels.reprice_all(c, True)

    def improve_whole(self, rng: np.random.Generator) -> float:
        """Visit the kind that promises most; move its crews one by one; return what was gained."""
        kind = self._draw(rng)
        lists, cls = self.lists, int(self.laws.cls[kind])
        found = self.catalogue
        gained = _moves.settle_whole(
            int(found.of_class[cls]), int(found.of_class[cls + 1]), 20, self.cover, self.options,
            found, lists.posted, self.room.worths,
        )  # fmt: skip
        first, used = int(lists.of_kind[kind]), int(lists.used[kind])
        places = (int(self._next[kind]) + np.arange(min(_VISIT, used))) % used + first
        self._next[kind] = (self._next[kind] + len(places)) % used
        rows, chosen = self._of_class(cls)
        gained += _moves.move_crews(
            kind, places, rows, chosen, self.cover, self.options, found, lists, self.laws,
            self.room,
        )  # fmt: skip
        rate = gained / max(1, len(places))
        before = self._rates[kind]
        self._rates[kind] = rate if np.isinf(before) else 0.5 * (before + rate)
        return gained

    def _draw(self, rng: np.random.Generator) -> int:
        if rng.random() < 0.8 or np.isinf(self._rates.max()):
            return int(np.argmax(self._rates))
        crews = np.array([self.tables.kinds[k].strength for k in self.kinds], dtype=np.float64)
        return int(self.kinds[int(rng.choice(len(crews), p=crews / crews.sum()))])

    def _of_class(self, cls: int) -> tuple[IntArray, IntArray]:
        rows, options = self._class_rows, self._class_options
        return (
            rows[1][rows[0][cls] : rows[0][cls + 1]],
            options[1][options[0][cls] : options[0][cls + 1]],
        )

    def harden(self) -> None:
        """Raise the price of broken rules between crews above everything else."""
        c = self.cover
        hard = self._hard
        c.below[:] = np.where(hard & (c.below > 0), _STEEP, c.below)
        c.above[:] = np.where(hard & (c.above > 0), _STEEP, c.above)
        _spread_kernels.reprice_all(c, self._is_whole)
        self._rates = np.where(self._gaps >= 0.0, np.inf, -1.0)

    # ---- reading

    def solved(self) -> Solved:
        """Return lines and postings as the relaxation does, with their weights."""
        lists, found = self.lists, self.catalogue
        lines = []
        for kind in self.kinds:
            first = int(lists.of_kind[kind])
            for j in range(first + 1, first + int(lists.used[kind])):
                if lists.crews[j] > 1e-6:
                    windows = lists.windows[j, : lists.sizes[j]]
                    key = tuple((int(found.starts[w]), int(found.lengths[w])) for w in windows)
                    lines.append((kind, key, float(lists.crews[j])))
        owner = np.repeat(np.arange(len(found.starts)), np.diff(found.of_window))
        postings = []
        for d in np.flatnonzero(lists.posted > 1e-6):
            w = owner[d]
            posting = (int(found.starts[w]), int(found.lengths[w]), int(found.option[d]))
            postings.append((posting, float(lists.posted[d])))
        return Solved(self.cost, tuple(lines), tuple(postings))


def _largest_remainder(weights: FloatArray, owner: LongArray, totals: FloatArray) -> FloatArray:
    """Round weights down, then up where most is lost, until each owner has its total."""
    whole = np.floor(weights + 1e-9)
    left = np.rint(totals - np.bincount(owner, weights=whole, minlength=len(totals)))
    order = np.lexsort((whole - weights, owner))
    first = np.concatenate(([0], np.cumsum(np.bincount(owner, minlength=len(totals)))))
    rank = np.empty(len(weights), dtype=np.int64)
    rank[order] = np.arange(len(weights)) - first[owner[order]]
    return whole + (rank < left[owner])


def _packed(parts: Sequence[IntArray]) -> tuple[LongArray, IntArray]:
    ends = np.cumsum([0, *(len(part) for part in parts)])
    empty = np.zeros(0, dtype=np.int32)
    return ends.astype(np.int64), np.concatenate([empty, *parts]).astype(np.int32)


def _rows_of(tables: Tables, lines: Lines, cls: int) -> IntArray:
    found = [t for o in lines.options_of(cls) for t in tables.options[int(o)].tracks]
    return np.unique(np.array(found, dtype=np.int32))


def _make_cover(tables: Tables) -> Cover:
    n_tracks, n_steps = tables.minimum.shape
    n_beds = len(tables.beds)
    shape = (n_tracks + n_beds, n_steps)
    ceiling = np.vstack((tables.ceiling, np.zeros((n_beds, n_steps), dtype=np.int32)))
    above = np.vstack((tables.above, np.zeros((n_beds, n_steps))))
    ceiling[n_tracks:, :: tables.steps_per_day] = tables.beds
    above[n_tracks:, :: tables.steps_per_day] = HARD
    beds = np.zeros((n_beds, n_steps))
    whole = beds.astype(np.int32)
    unit, share = np.ones(shape[0]), np.full(shape[0], np.inf)
    for option in tables.options:
        for track, coef in zip(option.tracks, option.coefs, strict=True):
            unit[track] = max(unit[track], abs(coef))
            if coef < 0:
                share[track] = min(share[track], -coef)
    unit[n_tracks:] = tables.class_people.max(initial=1)
    hard = HARD * tables.hours
    below = np.vstack((tables.below, beds))
    steps = 2 * (tables.instance.days + 1) * (tables.longest + 1)
    wide = max((len(option.tracks) for option in tables.options), default=0) + 1
    return Cover(
        amount=np.zeros(shape),
        price=np.zeros(shape),
        loss=np.zeros(shape),
        version=np.ones(shape[0], dtype=np.int64),
        summed=np.zeros(shape[0], dtype=np.int64),
        width=unit.copy(),
        unit=unit,
        share=np.where(np.isinf(share), unit, share),
        minimum=np.vstack((tables.minimum, whole)),
        target=np.vstack((tables.target, whole)),
        ceiling=ceiling,
        below=np.where(below >= hard, ESCORT_PRICE, below),
        short=np.vstack((tables.short, beds)),
        above=np.where(above >= hard, ESCORT_PRICE, above),
        moved=np.zeros(shape),
        moved_rows=np.zeros(steps * wide, dtype=np.int32),
        moved_steps=np.zeros(steps * wide, dtype=np.int32),
        running=np.zeros((shape[0], n_steps + 1)),
        falling=np.zeros((shape[0], n_steps + 1)),
    )


def _make_options(tables: Tables, lines: Lines) -> Options:
    n_tracks = len(tables.track_names)
    bases = np.array([int(tables.class_base[o.cls]) for o in tables.options], dtype=np.int32)
    return Options(
        row_ptr=lines.track_ptr,
        rows=lines.tracks,
        coefs=lines.coefs,
        bed=np.where(bases >= 0, bases + n_tracks, -1).astype(np.int32),
        people=np.array([tables.class_people[o.cls] for o in tables.options], dtype=np.int32),
        version=np.zeros(len(tables.options), dtype=np.int64),
        running=np.zeros((len(tables.options), tables.n_steps + 1)),
    )


def _make_lists(tables: Tables, n_postings: int) -> Lists:
    sizes = [100 + kind.strength + min(20_000, 2 * kind.strength) for kind in tables.kinds]
    ends = np.cumsum([0, *sizes]).astype(np.int64)
    crews = np.zeros(ends[-1])
    return Lists(
        of_kind=ends,
        used=np.ones(len(sizes), dtype=np.int32),
        windows=np.zeros((ends[-1], tables.instance.days + 1), dtype=np.int32),
        sizes=np.zeros(ends[-1], dtype=np.int32),
        crews=crews,
        posted=np.zeros(n_postings),
    )


def _make_room(tables: Tables, found: Catalogue, lists: Lists) -> Room:
    n, widths = len(found.starts), np.diff(found.of_window)
    return Room(
        value=np.empty((tables.n_steps, tables.longest + 1)),
        best=np.full(n, -1, dtype=np.int64),
        worst=np.full(n, -1, dtype=np.int64),
        worst_value=np.zeros(n),
        starts=np.zeros(tables.n_steps, dtype=np.int32),
        lengths=np.zeros(tables.n_steps, dtype=np.int32),
        line_value=np.zeros(int(np.diff(lists.of_kind).max(initial=1)) + 1),
        taken=np.zeros(tables.instance.days + 2, dtype=np.int64),
        worths=np.zeros(int(widths.max(initial=0)) + 1),
    )
