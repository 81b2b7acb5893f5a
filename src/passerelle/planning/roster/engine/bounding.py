"""Find prices that prove a good bound for a whole event, part by part.

A whole event is too large for one master. Its tracks are divided among *clusters*: capabilities that
share many crews or need each other (escorts and those who patrol with them), and within a cluster
the pieces that no crew connects. Each piece is solved by column generation with the prices of all
other tracks taken as given (block-coordinate ascent on the Lagrangian dual). The bound of the whole
is then computed once for all prices together, so it is valid however far each piece came.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from passerelle.planning.roster.engine import _kernels
from passerelle.planning.roster.engine.relax import Prices, Relaxation, Solved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from passerelle.planning.roster.engine.board import Posting, Worked
    from passerelle.planning.roster.engine.lines import Lines
    from passerelle.planning.roster.engine.tables import Tables

__all__ = ["Bounding", "Piece"]

FloatArray = npt.NDArray[np.float64]

_LARGE: Final = 600
_VISIT: Final = 3
_SMALL_VISIT: Final = 10
_WIDEST: Final = 120
"""Most tracks of a piece that is kept whole."""
_SLACK: Final = 2e-4
"""Share of the bound that may be given away for not searching the best line of each kind."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Name the kinds and tracks that are solved together.

    Parameters
    ----------
    kinds
        Kinds in charge.
    owned
        Mask of the tracks whose prices the piece sets.
    n_tracks
        How many they are.
    """

    kinds: tuple[int, ...]
    owned: npt.NDArray[np.bool_]
    n_tracks: int


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
        self._is_free = np.array([n.startswith("escort:") for n in tables.track_names])
        self._of_track = np.zeros(len(tables.minimum))
        self._of_kind = np.zeros(len(tables.kinds))
        self._kinds_of: list[list[int]] = [[] for _ in tables.class_people]
        for index, kind in enumerate(tables.kinds):
            self._kinds_of[kind.cls].append(index)
        self.pieces = self._pieces()
        self.rounds = 0

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
        for i, name in enumerate(names):
            if name.startswith(("escort:", "limit:")):
                cover[i] = 0.0
        return cover

    def _pieces(self) -> list[Piece]:
        """Return pieces as wide as can be solved: crews of several capabilities are not cut in two."""
        t = self.tables
        every = np.ones(len(t.track_names), dtype=np.bool_)
        pieces: list[Piece] = []
        for piece in self._divided(_wide(t), range(len(t.kinds)), every):
            if piece.n_tracks > _WIDEST:
                pieces += self._divided(_narrow(t), piece.kinds, piece.owned)
            else:
                pieces.append(piece)
        return sorted(pieces, key=lambda p: (p.n_tracks * len(p.kinds), p.kinds))

    def _divided(
        self, cluster: dict[str, str], kinds: Iterable[int], within: npt.NDArray[np.bool_]
    ) -> list[Piece]:
        """Return the connected pieces of each cluster of capabilities."""
        t = self.tables
        first = {k: cluster[t.kinds[k].group.capabilities[0]] for k in kinds}
        owner = [_owner(name, cluster, t.instance.escort) for name in t.track_names]
        pieces = []
        for code in sorted(set(first.values())):
            members = [k for k, c in first.items() if c == code]
            mine = np.array([o in {code, ""} for o in owner], dtype=np.bool_)
            for found in _connected(t, self.pricing, members, mine):
                touched = np.zeros(len(owner), dtype=np.bool_)
                for kind in found:
                    for option in self.pricing.options_of(t.kinds[kind].cls):
                        touched[list(t.options[int(option)].tracks)] = True
                owned = touched & within & np.array([o == code for o in owner], dtype=np.bool_)
                pieces.append(Piece(found, owned, int(owned.sum())))
        return pieces

    def order(self, cost_of_track: FloatArray) -> list[Piece]:
        """Return the pieces, those first where much may be proved for little work.

        Parameters
        ----------
        cost_of_track
            What each track costs in a plan.
        """

        def score(piece: Piece) -> float:
            open_cost = float((cost_of_track - self._of_track)[piece.owned].sum())
            open_cost += float(self._of_kind[list(piece.kinds)].sum())
            size = float(piece.n_tracks**1.5 * len(piece.kinds) ** 0.5)
            return -max(open_cost, 0.0) / (5 + size) - 1e-6 * size

        return sorted(self.pieces, key=score)

    def adopt(self, prices: Prices) -> None:
        """Go on from other prices, piece by piece where they prove more."""
        if not np.isfinite(self.total):
            self.prove()
        for piece in self.pieces:
            before, known = self.prices.cover[piece.owned], self.total
            self.prices.cover[piece.owned] = prices.cover[piece.owned]
            if self.prove(piece) <= known:
                self.prices.cover[piece.owned] = before
                self.prove(piece)

    def begin(
        self,
        piece: Piece,
        lines: Sequence[tuple[int, Worked]],
        postings: Sequence[Posting] = (),
    ) -> Relaxation:
        """Set up the relaxation of one piece, with lines and postings to begin with."""
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
        classes = set(relaxation.classes)
        relaxation.add_postings([p for p in postings if self.tables.options[p[2]].cls in classes])
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
        postings: Sequence[Posting] = (),
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
        postings
            Postings to begin with.
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
                        piece, [(k, line) for k in piece.kinds for line in lines[k]], postings
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
        prefix = np.zeros((len(t.minimum), t.n_steps + 1))
        prefix[:, 1:] = np.cumsum(self.prices.cover, axis=1)
        for track in np.flatnonzero(changed):
            rows = slice(track, track + 1)
            self._of_track[track] = _kernels.dual_value(
                self.prices.cover[rows], t.minimum[rows], t.target[rows], t.ceiling[rows],
                t.below[rows], t.short[rows], self._is_free[rows],
            )  # fmt: skip
        for cls in sorted(classes):
            values = self.pricing.window_values(cls, prefix, self._start_price(cls))
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

    def _start_price(self, cls: int) -> FloatArray:
        t = self.tables
        base = int(t.class_base[cls])
        if base < 0:
            return np.zeros(t.n_steps)
        return np.repeat(self.prices.beds[base] * int(t.class_people[cls]), t.steps_per_day)


def _narrow(tables: Tables) -> dict[str, str]:
    """Return the cluster of each capability; escorts and those they walk with are one."""
    escort = tables.instance.escort
    return {name: (escort if name == "joint_patrol" else name) for name in _names(tables)}


def _wide(tables: Tables) -> dict[str, str]:
    """Return the cluster of each capability; those that one crew may have are one."""
    cluster = _narrow(tables)
    for kind in tables.kinds:
        codes = {cluster[c] for c in kind.group.capabilities}
        if len(codes) > 1:
            one = min(codes)
            cluster = {name: one if c in codes else c for name, c in cluster.items()}
    return cluster


def _names(tables: Tables) -> set[str]:
    names = {c for kind in tables.kinds for c in kind.group.capabilities}
    return names | {cell.skill for cell in tables.instance.cells} | {tables.instance.escort}


def _owner(name: str, cluster: dict[str, str], escort: str) -> str:
    """Return the cluster that sets the prices of a track; empty for limits."""
    if name.startswith("escort:"):
        return cluster[escort]
    if name.startswith("limit:") or "/" not in name:
        return ""
    parts = name.split("/")
    if len(parts) == 2:
        return cluster.get(parts[1], "")
    filters = parts[2:]
    return cluster.get("joint_patrol" if "joint_patrol" in filters else filters[0], "")


def _connected(
    tables: Tables, pricing: Lines, members: Sequence[int], mine: npt.NDArray[np.bool_]
) -> list[tuple[int, ...]]:
    """Return the kinds of a cluster that share tracks of the cluster, piece by piece."""
    parent = {k: k for k in members}

    def find(kind: int) -> int:
        while parent[kind] != kind:
            parent[kind] = parent[parent[kind]]
            kind = parent[kind]
        return kind

    seen: dict[tuple[str, int], int] = {}
    for kind in members:
        cls = tables.kinds[kind].cls
        keys = {
            ("track", int(track))
            for option in pricing.options_of(cls)
            for track in tables.options[int(option)].tracks
            if mine[track]
        }
        keys.add(("class", cls))
        if tables.class_base[cls] >= 0:
            keys.add(("base", int(tables.class_base[cls])))
        for key in keys:
            other = seen.setdefault(key, kind)
            parent[find(other)] = find(kind)
    found: dict[int, list[int]] = {}
    for kind in members:
        found.setdefault(find(kind), []).append(kind)
    return [tuple(kinds) for kinds in found.values()]
