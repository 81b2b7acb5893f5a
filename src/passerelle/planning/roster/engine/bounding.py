"""Find prices that prove a good bound for a whole event, part by part.

A whole event is too large for one master. Its tracks are divided among *clusters*: capabilities that
share many crews or need each other (escorts and those who patrol with them), and within a cluster
the pieces that no crew connects. Each piece is solved by column generation with the prices of all
other tracks taken as given (block-coordinate ascent on the Lagrangian dual). The bound of the whole
is then computed once for all prices together, so it is valid however far each piece came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from passerelle.planning.roster.engine import _climb_kernels, _kernels
from passerelle.planning.roster.engine.ascent import Ascent
from passerelle.planning.roster.engine.laws import make_laws
from passerelle.planning.roster.engine.pieces import Piece, joined, pieces_of
from passerelle.planning.roster.engine.relax import Prices, Relaxation, Solved
from passerelle.planning.roster.engine.tables import HARD, given_tracks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from passerelle.planning.roster.engine.board import Worked
    from passerelle.planning.roster.engine.lines import Lines
    from passerelle.planning.roster.engine.tables import Tables

__all__ = ["Bounding"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int32]

_LARGE: Final = 600
_VISIT: Final = 3
_SMALL_VISIT: Final = 10
_SLACK: Final = 2e-4
"""Share of the bound that may be given away for not searching the best line of each kind."""
_STEPS: Final = 80
"""Steps along subgradients in one visit to a piece."""
_HOPED: Final = 1e-6
_PATIENT: Final = 0.3
"""Rise hoped for after the first visit, and how fast that hope fades; as for ``_FLAT``."""
_STIRRING: Final = 1e-5
"""Rise of the bound by one visit, as a share of it, after which pieces with the same crews go on too."""
_FLAT: Final = 1e-8
"""Rise of the bound by one visit and option, as a share of it, that is no longer worth the while."""


class Bounding:
    """Hold the prices of a whole event and the bound that they prove.

    Parameters
    ----------
    tables, lines
        The compiled instance and its pricing.
    """

    def __init__(self, tables: Tables, lines: Lines) -> None:
        self.tables, self.pricing = tables, lines
        self.bound = self.total = float("-inf")
        self.prices = Prices(self._first_prices(), np.zeros(tables.beds.shape))
        self.proved: Prices | None = None
        self.is_free = tables.is_escort
        self._of_track = np.zeros(len(tables.minimum))
        self._of_kind = np.zeros(len(tables.kinds))
        self._kinds_of: list[list[int]] = [[] for _ in tables.class_people]
        for index, kind in enumerate(tables.kinds):
            self._kinds_of[kind.cls].append(index)
        self._laws = make_laws(tables, lines)
        self._crews = np.array([kind.strength for kind in tables.kinds], dtype=np.int32)
        self._unlocked = [
            np.array([k for k in kinds if not tables.kinds[k].group.locked], dtype=np.int32)
            for kinds in self._kinds_of
        ]
        self.pieces = pieces_of(tables, lines)
        self.rounds = 0
        self._climbs: list[Ascent] = []
        self._rates: list[float] = []

    def _first_prices(self) -> FloatArray:
        """Price cover at what the work costs, and what no crew reaches at what it costs to miss.

        At these prices no line earns more than nothing, so the bound is the cost of the work itself:
        where there are crews enough it is nearly the optimum, and elsewhere a good place to start.
        """
        t = self.tables
        names = t.track_names
        reached = np.zeros(t.minimum.shape, dtype=np.bool_)
        work = np.full(t.minimum.shape, np.inf)
        for option in t.options:
            own = f"{option.site}/{option.capability}"
            for track, coef in zip(option.tracks, option.coefs, strict=True):
                if coef > 0 and option.marks:
                    span = slice(option.marks[0], option.marks[-1])
                    reached[track, span] = True
                    if names[track] == own:
                        work[track, span] = np.minimum(work[track, span], option.rate)
                    else:
                        work[track, span] = 0.0
        missed = np.where(t.minimum > 0, t.below, t.short)
        cover = np.where(reached, np.minimum(work, t.short), missed)
        given = given_tracks(t.options)
        # where nobody can be an escort, one costs more than any crew can earn
        soft = np.where(t.below < HARD * t.hours, np.maximum(t.below, t.short), 0.0)
        most = max((kind.group.crews_per_escort for kind in t.kinds), default=0)
        dear = most * (1.0 + float(soft.max(axis=1, initial=0.0).sum()))
        for i, name in enumerate(names):
            if name.startswith(("escort:", "limit:")):
                cover[i] = dear if name.startswith("escort:") and i not in given else 0.0
        return cover

    def ascend(self, *, most_visits: int, is_over: Callable[[], bool]) -> Iterator[None]:
        """Raise the bound piece by piece along subgradients, always where it rises fastest.

        Yields after each visit to a piece, the bound raised.

        Parameters
        ----------
        most_visits
            Most visits to a piece.
        is_over
            Whether to stop.
        """
        if not np.isfinite(self.total):
            self.prove()
        climbs, rates = self._climbs, self._rates
        if not climbs:
            found = joined(self.tables, self.pricing)
            begun = [Ascent(self, piece) for piece in found if piece.n_tracks]
            climbs.extend(sorted(begun, key=lambda climb: climb.size))
            rates.extend([float("inf")] * len(climbs))
        visits = [0] * len(climbs)
        shared = [set(climb.classes) for climb in climbs]
        while climbs and not is_over():
            i = max(range(len(climbs)), key=lambda i: rates[i])
            if rates[i] <= _FLAT * abs(self.total):
                return
            climb, known = climbs[i], self.prices.cover[climbs[i].piece.owned]
            before = self.total
            gained = climb.climb(_STEPS, is_over)
            visits[i] += 1
            hoped = _PATIENT * rates[i] if np.isfinite(rates[i]) else _HOPED * abs(self.total)
            rates[i] = max(gained / climb.size, hoped) if visits[i] < most_visits else 0.0
            if gained > _STIRRING * abs(self.total):  # crews of others see other prices now
                for j, other in enumerate(climbs):
                    if j != i and visits[j] < most_visits and shared[i] & shared[j]:
                        rates[j] = max(rates[j], gained / other.size)
            self.rounds += 1
            if self.prove(climb.piece) < before:  # under rules that the climb leaves out
                self.prices.cover[climb.piece.owned] = known
                self.prove(climb.piece)
            yield

    def earned(self, cls: int, prefix: FloatArray, row_of: IntArray, given: FloatArray) -> float:
        """Return at least what the best lines of a class earn; add their cover to ``given``.

        Parameters
        ----------
        cls
            The class.
        prefix
            Running sums of the prices of cover.
        row_of
            Row of ``given`` for each track, -1 where it is not of interest.
        given
            Cover, added to.
        """
        p, laws, kinds = self.pricing, self._laws, self._unlocked[cls]
        total = 0.0
        if len(kinds):
            total = float(
                _climb_kernels.earn_class(
                    p.options_of(cls), p.ext, p.mark_ptr, p.marks, p.least, p.most, p.rate, p.fixed,
                    p.track_ptr, p.tracks, p.coefs, prefix, self.start_price(cls), kinds,
                    self._crews, laws.night, laws.ends, laws.tile, laws.spec, laws.work_most,
                    laws.use_cost, row_of, given,
                )
            )  # fmt: skip
        if len(kinds) == len(self._kinds_of[cls]):
            return total
        t = self.tables
        windows = p.window_values(cls, prefix, self.start_price(cls))
        for kind in set(self._kinds_of[cls]) - set(kinds.tolist()):
            line, crews = p.best(kind, windows.value, exact=False), t.kinds[kind].strength
            total += crews * line.most
            for start, length in zip(line.starts, line.lengths, strict=True):
                option = t.options[windows.option[start, length]]
                span = slice(start + option.ext, start + length - option.ext)
                for track, coef in zip(option.tracks, option.coefs, strict=True):
                    if row_of[track] >= 0:
                        given[row_of[track], span] += coef * crews
        return total

    def _open_cost(self, piece: Piece, cost_of_track: FloatArray) -> float:
        """Return how much more the tracks of a piece cost in a plan than is proved."""
        open_cost = float((cost_of_track - self._of_track)[piece.owned].sum())
        return open_cost + float(self._of_kind[list(piece.kinds)].sum())

    def order(self, cost_of_track: FloatArray) -> list[Piece]:
        """Return the pieces, those first where much may be proved for little work.

        Parameters
        ----------
        cost_of_track
            What each track costs in a plan.
        """

        def score(piece: Piece) -> float:
            open_cost = self._open_cost(piece, cost_of_track)
            size = float(piece.n_tracks**1.5 * len(piece.kinds) ** 0.5)
            return -max(open_cost, 0.0) / (5 + size) - 1e-6 * size

        return sorted(self.pieces, key=score)

    def offer(self, cover: FloatArray, tracks: IntArray) -> None:
        """Let the climb go on from other prices, piece by piece where they prove more.

        Parameters
        ----------
        cover
            Prices of cover, shape ``(n_tracks, n_steps)``.
        tracks
            Tracks whose prices are offered; all others stay as they are.
        """
        touched = [i for i, c in enumerate(self._climbs) if c.piece.owned[tracks].any()]
        if not touched:
            return
        if len(touched) > 1:
            before, known = self.total, self.prices.cover.copy()
            self.prices.cover[tracks] = cover[tracks]
            pieces = _joint([self._climbs[i].piece for i in touched])
            if self.prove(pieces) > before:
                for i in touched:
                    self._climbs[i].begin_anew()
                    self._rates[i] = float("inf")
                return
            self.prices.cover[:] = known
            self.prove(pieces)
        for i in touched:
            if self._offer_alone(self._climbs[i], cover, tracks):
                self._rates[i] = float("inf")

    def _offer_alone(self, climb: Ascent, cover: FloatArray, tracks: IntArray) -> bool:
        """Let one piece have offered prices when that proves more; tell whether so."""
        before, known = self.total, self.prices.cover[climb.piece.owned]
        offered = self.prices.cover.copy()
        offered[tracks] = cover[tracks]
        if not climb.offer(offered):
            return False
        if self.prove(climb.piece) < before:
            self.prices.cover[climb.piece.owned] = known
            self.prove(climb.piece)
            return False
        return True

    def begin(
        self,
        piece: Piece,
        lines: Sequence[tuple[int, Worked]],
    ) -> Relaxation:
        """Set up the relaxation of one piece, with lines to begin with."""
        relaxation = Relaxation(
            self.tables,
            self.pricing,
            piece.kinds,
            outside=self.prices.cover,
            owned=piece.owned,
        )
        if relaxation.n_blocks > _LARGE:
            relaxation.make_interior()
        relaxation.start(lines)
        relaxation.center(self.prices)
        return relaxation

    def advance(
        self,
        piece: Piece,
        relaxation: Relaxation,
        *,
        is_over: Callable[[], bool],
        seconds: Callable[[], float],
        tolerance: float,
        most_rounds: int,
    ) -> bool:
        """Run rounds on one piece and take over its prices; tell whether it is done.

        Parameters
        ----------
        piece, relaxation
            What to solve.
        is_over, seconds
            Whether to stop, and the time left.
        tolerance
            Points between master and bound that are close enough.
        most_rounds
            Limit of rounds.
        """
        is_done = False
        for _ in range(most_rounds):
            if is_over():
                break
            width = max(16, 400 // len(piece.kinds))
            added, value = relaxation.round(exact=True, seconds=seconds(), width=width)
            self.rounds += 1
            if added <= 0 or value - relaxation.best_bound <= tolerance:
                is_done = True
                break
        found = relaxation.best_prices
        if found is not None and relaxation.best_bound > relaxation.first_bound:
            self.prices.cover[piece.owned] = found.cover[piece.owned]
            touched = {int(self.tables.class_base[c]) for c in relaxation.classes} - {-1}
            for base in touched:
                self.prices.beds[base] = found.beds[base]
        return is_done

    def run(
        self,
        lines: Sequence[dict[Worked, int]],
        cost_of_track: FloatArray,
        *,
        tolerance: float,
        most_rounds: int,
        is_over: Callable[[], bool],
        seconds: Callable[[], float],
    ) -> Iterator[tuple[Piece, Solved]]:
        """Solve the pieces one by one and yield their solutions, the bound raised each time.

        Parameters
        ----------
        lines
            Lines of a plan by kind, to begin with.
        cost_of_track
            What each track costs in that plan.
        tolerance
            Share of the bound to which a piece is solved.
        most_rounds, is_over, seconds
            As in :meth:`advance`; pieces take turns of a few rounds.
        """
        left = dict(enumerate(self.order(cost_of_track)))
        begun: dict[int, Relaxation] = {}
        done_rounds = 0
        while left and done_rounds < most_rounds:
            for i, piece in list(left.items()):
                if is_over():
                    return
                if i not in begun:
                    begun[i] = self.begin(
                        piece, [(k, line) for k in piece.kinds for line in lines[k]]
                    )
                before = Prices(self.prices.cover[piece.owned], self.prices.beds.copy())
                is_large = begun[i].n_blocks > _LARGE
                is_done = self.advance(
                    piece,
                    begun[i],
                    is_over=is_over,
                    seconds=seconds,
                    tolerance=tolerance * max(1.0, self.bound),
                    most_rounds=_VISIT if is_large else _SMALL_VISIT,
                )
                known = self.total
                if self.prove(piece) < known:  # good for the piece, bad for crews of others
                    self.prices.cover[piece.owned] = before.cover
                    self.prices.beds[:] = before.beds
                    self.prove(piece)
                solution = begun[i].solution
                if solution is not None:
                    yield piece, begun[i].solved()
                if is_done:
                    del left[i], begun[i]
            done_rounds += _VISIT

    def prove(self, piece: Piece | None = None) -> float:
        """Compute the bound at the present prices; keep them when it is the best so far.

        Parameters
        ----------
        piece
            The only piece whose prices changed since the last call; ``None`` for all.
        """
        t = self.tables
        if piece is None:
            changed = np.ones(len(t.minimum), dtype=np.bool_)
            classes = set(range(len(t.class_people)))
        else:
            changed = piece.owned
            classes = {o.cls for o in t.options if changed[list(o.tracks)].any()} | {
                t.kinds[k].cls for k in piece.kinds
            }
        crews = sum(kind.strength for kind in t.kinds)
        slack = _SLACK * max(0.0, self.bound) / max(1, crews)
        prefix = self.prefix()
        for track in np.flatnonzero(changed):
            rows = slice(track, track + 1)
            self._of_track[track] = _kernels.dual_value(
                self.prices.cover[rows], t.minimum[rows], t.target[rows], t.ceiling[rows],
                t.below[rows], t.short[rows], self.is_free[rows],
            )  # fmt: skip
        for cls in sorted(classes):
            values = self.pricing.window_values(cls, prefix, self.start_price(cls))
            for index in self._kinds_of[cls]:
                best = self.pricing.best(index, values.value, exact=True, slack=slack)
                self._of_kind[index] = t.kinds[index].strength * best.most
        total = float(self._of_track.sum() - self._of_kind.sum())
        total -= float((self.prices.beds * t.beds).sum())
        self.total = total
        if total > self.bound:
            self.bound = total
            self.proved = Prices(self.prices.cover.copy(), self.prices.beds.copy())
        return total

    def prefix(self) -> FloatArray:
        """Return running sums of the present prices of cover, shape ``(n_tracks, n_steps + 1)``."""
        return self.prices.prefix()

    def start_price(self, cls: int) -> FloatArray:
        """Return what a start at each step pays for beds."""
        t = self.tables
        base = int(t.class_base[cls])
        if base < 0:
            return np.zeros(t.n_steps)
        return np.repeat(self.prices.beds[base] * int(t.class_people[cls]), t.steps_per_day)


def _joint(pieces: Sequence[Piece]) -> Piece:
    """Return one piece of several."""
    owned = np.any([piece.owned for piece in pieces], axis=0)
    return Piece(tuple(k for piece in pieces for k in piece.kinds), owned, int(owned.sum()))
