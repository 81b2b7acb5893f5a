"""Choose the moves that fill what is missing with the fewest touches.

A whole-number programme over moves: each is taken by so many crews, each line and day gives what it
has, blocks of need are covered or stay short at their price, escorts and limits hold. Missing need
weighs far more than touches, touches far more than hours of work, so that cover comes first and the
smallest number of touches second. Rounds repeat while moves on different days get in each other's
way.

References
----------
Bard and Purnomo (2005), "Hospital-wide reactive scheduling of nurses with preference considerations",
for repair as a covering problem over changes of single days; Clausen et al. (2010), "Disruption
management in the airline industry", section 4, for neighbourhoods around the disruption.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import numpy as np

from passerelle.planning.coverage.linear import INFINITE, Programme
from passerelle.planning.repair.moves import Move, list_moves, useful_duties
from passerelle.planning.repair.owed import blocks_of
from passerelle.planning.roster.locks import APART

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    import numpy.typing as npt

    from passerelle.planning.repair.ground import Donors, Ground
    from passerelle.planning.repair.lines import CrewLine
    from passerelle.planning.repair.owed import Block
    from passerelle.planning.repair.rulebook import RuleBook
    from passerelle.planning.repair.values import RepairParams
    from passerelle.planning.roster.plan import Duty

    IntArray = npt.NDArray[np.int32]

__all__ = ["Search", "edges_of", "touch_weight"]

_WORK: Final = 1e-4
_RULE: Final = 1e5
"""Points of an escort missing or a crew above a limit for one step, while moves are chosen."""

_ROUNDS: Final = 4


def touch_weight(params: RepairParams, minutes: int) -> int:
    """Return the weight of a touch so many minutes before the duty."""
    return next((n.weight for n in params.notices if minutes < n.within_min), 1)


def edges_of(ground: Ground) -> IntArray:
    """Return all steps at which a duty may begin or end, and the ends of the horizon."""
    marks = {mark for option in ground.tables.options for mark in option.marks}
    return np.array(sorted(marks | {0, ground.tables.n_steps}), dtype=np.int32)


class Search:
    """Hold lines and cover while moves are chosen.

    Parameters
    ----------
    ground
        The sites concerned, cover as the lines stand.
    donors
        Sites from which crews may come, cover as the lines stand.
    book
        Rules of the groups.
    lines
        All lines; split and changed in place.
    owed
        Levels owed.
    params
        What weighs how much.
    now_min
        The present.
    held
        Group and duty that stay.
    """

    def __init__(
        self,
        ground: Ground,
        donors: Donors,
        book: RuleBook,
        lines: list[CrewLine],
        owed: IntArray,
        *,
        params: RepairParams,
        now_min: int,
        held: Collection[tuple[str, Duty]] = (),
    ) -> None:
        self.ground, self.donors, self.book, self.lines = ground, donors, book, lines
        self.owed, self.params, self.now_min = owed, params, now_min
        self._edges = edges_of(ground)
        self._spent, self._held = 0, held
        self.is_calm = True

    def run(self, seconds: Callable[[], float], *, at_once: bool) -> None:
        """Choose moves until nothing more is gained.

        Parameters
        ----------
        seconds
            Time left.
        at_once
            Whether crews on duty where more stand than are wanted are asked at once, or only after
            those who rest.
        """
        for number in range(_ROUNDS):
            blocks = blocks_of(self.ground, self.owed, edges=self._edges, all_tracks=False)
            unescorted = self._unescorted()
            if not blocks and not unescorted:
                return
            duties = useful_duties(self.ground, blocks, self.now_min)
            giving = self.donors if number or at_once else None
            self.is_calm = self.is_calm and giving is None
            moves = list_moves(self.ground, self.book, self.lines, duties, blocks, giving)
            moves += self._drops(unescorted)
            if self._held:
                moves = [move for move in moves if not self._is_held(move)]
            if seconds() <= 0:
                return
            chosen = self._choose(blocks, moves, max(0.2, seconds())) if moves else []
            if not self._commit(chosen) and number:
                return

    def _is_held(self, move: Move) -> bool:
        """Tell whether a move gives up a duty that stays."""
        code = self.ground.instance.groups[move.group].code.partition(APART)[0]
        return move.leaves is not None and (code, move.leaves) in self._held

    # ---- escorts

    def _unescorted(self) -> list[tuple[int, int]]:
        """Return track and step of every place where escorts are missing."""
        found = []
        for name, track in self.ground.track.items():
            if name.startswith("escort:"):
                found += [
                    (track, int(step)) for step in np.flatnonzero(self.ground.cover[track] < 0)
                ]
        return found

    def _drops(self, unescorted: Sequence[tuple[int, int]]) -> list[Move]:
        """Return the moves that give up duties which have lost their escorts."""
        if not unescorted:
            return []
        at: dict[str, set[int]] = defaultdict(set)
        names = self.ground.tables.track_names
        for track, step in unescorted:
            at[names[track].removeprefix("escort:")].add(step)
        found = []
        for line in self.lines:
            if not self.ground.instance.groups[line.group].crews_per_escort or not line.crews:
                continue
            for day, duty in line.duties.items():
                span = self.ground.steps(duty)
                hit = at.get(duty.site, set()) & set(range(span.start, span.stop))
                if hit and duty.start_min >= self.now_min:
                    found.append(Move(line.group, None, day, (line,), duty, is_free=False))
        return found

    # ---- the programme

    def _choose(
        self, blocks: Sequence[Block], moves: Sequence[Move], seconds: float
    ) -> list[tuple[Move, int]]:
        p = Programme()
        columns = [p.column(self._cost(move), float(move.crews), is_whole=True) for move in moves]
        terms: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for move, column in zip(moves, columns, strict=True):
            for block in move.offered.blocks if move.offered else ():
                terms[block].append((column, 1.0))
        for i, short in enumerate(blocks):
            low = p.column(short.below, float(short.short_minimum))
            high = p.column(short.target, float(short.short - short.short_minimum))
            p.row(float(short.short), INFINITE, [*terms[i], (low, 1.0), (high, 1.0)])
        self._give_once(p, moves, columns)
        self._hold_rules(p, moves, columns)
        if self.params.budget is not None:
            weights = [
                (column, float(self._weight(move)))
                for move, column in zip(moves, columns, strict=True)
                if not move.is_free
            ]
            p.row(-INFINITE, float(max(0, self.params.budget - self._spent)), weights)
        answer = p.solve(seconds=seconds, gap=1e-6)
        if not len(answer.columns):
            return []
        return [
            (move, round(answer.columns[column]))
            for move, column in zip(moves, columns, strict=True)
            if round(answer.columns[column]) > 0
        ]

    def _weight(self, move: Move) -> int:
        starts = [move.offered.start_min] if move.offered else []
        starts += [move.leaves.start_min] if move.leaves else []
        return touch_weight(self.params, min(starts) - self.now_min)

    def _cost(self, move: Move) -> float:
        """Return what one crew of a move costs."""
        people = self.ground.instance.groups[move.group].people
        cost = 0.0 if move.is_free else self.params.touch_points * self._weight(move)
        if move.offered is not None:
            return cost + _WORK * people * (move.offered.end_min - move.offered.start_min) / 60
        assert move.leaves is not None
        option = self.ground.option(move.group, move.leaves)
        span, t = self.ground.steps(move.leaves), self.ground.tables
        lost = 0.0
        if option is not None:
            for track, coef in zip(option.tracks, option.coefs, strict=True):
                if coef > 0 and self.ground.is_need[track]:
                    under = self.ground.cover[track, span] <= t.minimum[track, span]
                    rate = np.where(under, t.below[track, span], t.short[track, span])
                    lost += float(rate.sum())
        return cost + lost

    def _give_once(self, p: Programme, moves: Sequence[Move], columns: Sequence[int]) -> None:
        """Let every line and day, and every duty that crews leave, give no more than it has."""
        shared: dict[tuple[object, ...], list[tuple[int, float]]] = defaultdict(list)
        most: dict[tuple[object, ...], int] = {}
        for move, column in zip(moves, columns, strict=True):
            key: tuple[object, ...] = (move.day, tuple(map(id, move.lines)))
            shared[key].append((column, 1.0))
            most[key] = move.crews
            if move.leaves is not None and move.offered is not None:
                spare = self.donors.spare(move.group, move.leaves)
                shared["leaves", move.leaves].append((column, 1.0))
                most["leaves", move.leaves] = spare
        for key, found in shared.items():
            p.row(-INFINITE, float(most[key]), found)

    def _hold_rules(self, p: Programme, moves: Sequence[Move], columns: Sequence[int]) -> None:
        """Keep escorts, limits and beds; what cannot be kept costs more than anything else."""
        ground, t = self.ground, self.ground.tables
        change: dict[tuple[int, int], list[tuple[int, float]]] = defaultdict(list)
        for move, column in zip(moves, columns, strict=True):
            new = move.offered.duty if move.offered is not None else None
            for duty, sign in ((new, 1), (move.leaves, -1)):
                option = None if duty is None else ground.option(move.group, duty)
                if duty is None or option is None:
                    continue
                span = ground.steps(duty)
                for track, coef in zip(option.tracks, option.coefs, strict=True):
                    if not ground.is_need[track]:
                        for step in range(span.start, span.stop):
                            change[track, step].append((column, float(sign * coef)))
        for (track, step), terms in change.items():
            cover = float(ground.cover[track, step])
            if t.track_names[track].startswith("escort:"):
                if cover < 0 or any(value < 0 for _, value in terms):
                    broken = p.column(_RULE)
                    p.row(-cover, INFINITE, [*terms, (broken, 1.0)])
            elif any(value > 0 for _, value in terms):
                p.row(-INFINITE, float(t.ceiling[track, step]) - cover, terms)
        self._hold_beds(p, moves, columns)

    def _hold_beds(self, p: Programme, moves: Sequence[Move], columns: Sequence[int]) -> None:
        instance = self.ground.instance
        bound = {base.code: base.beds for base in instance.bases if base.beds is not None}
        if not bound:
            return
        used: dict[tuple[str, int], int] = defaultdict(int)
        for line in self.lines:
            group = instance.groups[line.group]
            for day in line.duties if group.base in bound else ():
                used[group.base, day] += line.crews * group.people
        more: dict[tuple[str, int], list[tuple[int, float]]] = defaultdict(list)
        for move, column in zip(moves, columns, strict=True):
            group = instance.groups[move.group]
            if group.base in bound and move.leaves is None:
                more[group.base, move.day].append((column, float(group.people)))
        for (base, day), terms in more.items():
            p.row(-INFINITE, float(bound[base][day] - used[base, day]), terms)

    # ---- taking moves

    def _commit(self, chosen: Iterable[tuple[Move, int]]) -> bool:
        """Take the moves that their lines still allow; tell whether any was taken."""
        taken = False
        for move, crews in chosen:
            left = crews
            for line in move.lines:
                if left <= 0:
                    break
                if line.crews <= 0 or not self._is_open(line, move):
                    continue
                now = min(left, line.crews)
                target = line
                if now < line.crews:
                    target = line.split(now)
                    self.lines.append(target)
                self._take(target, move)
                left -= now
                taken = True
                if not move.is_free:
                    self._spent += now * self._weight(move)
        return taken

    def _is_open(self, line: CrewLine, move: Move) -> bool:
        """Tell whether a line still stands as it did when the move was listed, and allows it."""
        if line.duties.get(move.day) != move.leaves:
            return False
        if move.offered is None:
            door = (move.day * 1440, move.day * 1440 - 1)
        else:
            door = (move.offered.start_min, move.offered.end_min)
            if line.is_away(*door):
                return False
        return bool(self.book.fits(move.group, [line], [door])[0, 0])

    def _take(self, line: CrewLine, move: Move) -> None:
        if move.leaves is not None:
            self._post(line, move.leaves, -line.crews)
            line.drop(move.day)
        if move.offered is not None:
            self._post(line, move.offered.duty, line.crews)
            line.give(move.day, move.offered.duty)

    def _post(self, line: CrewLine, duty: Duty, crews: int) -> None:
        self.donors.add(line.group, duty, crews)
