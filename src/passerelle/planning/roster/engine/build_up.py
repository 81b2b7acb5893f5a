"""Build a first plan and make it better by taking crews off and posting them anew.

A crew, or a bundle of alike crews, gets the line that lowers the cost most on the present board: a
longest path over the marginal values of cover (:meth:`Board.best_insertion`). Bundles shrink as the
crews of a kind run out. Improvement takes some crews of some lines away and posts them again; this is
ruin and recreate (Schrimpf et al. 2000) with an exact recreate step for one crew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from passerelle.planning.roster.engine.tables import HARD

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from passerelle.planning.roster.engine.board import Board, Worked

__all__ = [
    "chances",
    "drop_violations",
    "fill",
    "first_plan",
    "improve",
    "is_broken",
    "post_locked",
]

FloatArray = npt.NDArray[np.float64]

_EPS: Final = 1e-7
_BUNDLES: Final = 60


def fill(
    board: Board, kind: int, *, is_over: Callable[[], bool], crews: int | None = None, parts: int
) -> None:
    """Post free crews of a kind, at most ``crews``, in bundles of one ``parts``-th of what is left."""
    left = board.free[kind] if crews is None else min(crews, board.free[kind])
    size = max(1, left // parts)
    while left > 0 and not is_over():
        size = min(size, max(1, left // parts)) if left >= parts else 1
        profit, line = board.best_insertion(kind, size)
        if profit <= _EPS or not line:
            if size == 1:
                return
            size = max(1, size // 4)
            continue
        board.add(kind, line, size)
        left -= size


def _order(board: Board) -> list[int]:
    """Return all kinds: those that need escorts first, then the small ones before the large."""
    kinds = board.tables.kinds
    return sorted(
        range(len(kinds)),
        key=lambda k: (
            not kinds[k].group.locked,
            kinds[k].group.crews_per_escort == 0,
            len(kinds[k].group.capabilities) > 1,
            kinds[k].strength,
        ),
    )


def post_locked(board: Board) -> None:
    """Post the crews that have locked duties, all of them, whatever it costs."""
    for kind, found in enumerate(board.tables.kinds):
        if found.group.locked:
            while board.free[kind] > 0:
                _, line = board.best_insertion(kind, 1)
                board.add(kind, line, board.free[kind])


def first_plan(board: Board, *, is_over: Callable[[], bool], parts: int = _BUNDLES) -> None:
    """Build a plan from an empty board.

    While crews that need escorts are posted, the escort rule has a soft price (what an escort
    costs); afterwards escorts are posted where they are owed, and what is still owed is dropped.
    """
    names = board.tables.track_names
    escorts = [i for i, name in enumerate(names) if name.startswith("escort:")]
    if escorts:
        soft = board.costs.below.copy()
        soft[escorts] = 2.0 * board.tables.hours
        board.costs.below, hard = soft, board.costs.below
        order = _order(board)
        escorted = [k for k in order if board.tables.kinds[k].group.crews_per_escort]
        for kind in escorted:
            fill(board, kind, is_over=is_over, parts=parts)
        board.costs.below = hard
    for kind in _order(board):
        fill(board, kind, is_over=is_over, parts=parts)
    drop_violations(board)


def improve(
    board: Board,
    rng: np.random.Generator,
    kinds: Sequence[int],
    *,
    is_over: Callable[[], bool],
    weights: FloatArray | None = None,
) -> float:
    """Take a share of the crews off some lines of one kind and post them anew; undo if worse.

    Parameters
    ----------
    board
        The plan in the making.
    rng
        Source of chance.
    kinds
        Kinds to choose from.
    is_over
        Whether to stop posting.
    weights
        Chance of each of ``kinds``, from :func:`chances`; equal when ``None``.

    Returns
    -------
    float
        How much cheaper the board became, ``>= 0``.
    """
    if weights is None:
        kind = int(kinds[int(rng.integers(len(kinds)))])
    else:
        kind = int(kinds[int(np.searchsorted(np.cumsum(weights), rng.random()))])
    known = list(board.worked[kind].items())
    if not known and board.free[kind] == 0:
        return 0.0
    before = board.cost_around(kind)
    chosen = rng.permutation(len(known))[: int(rng.integers(1, 9))]
    removed: list[tuple[Worked, int]] = []
    for i in chosen:
        line, crews = known[int(i)]
        take = crews if crews <= 2 else int(rng.integers(1, crews + 1))
        removed.append((line, take))
        board.add(kind, line, -take)
    state = dict(board.worked[kind])
    fill(
        board, kind, is_over=is_over, crews=sum(n for _, n in removed) + 4,
        parts=int(rng.integers(3, 9)),
    )  # fmt: skip
    after = board.cost_around(kind)
    if after < before - _EPS and not (board.tables.kinds[kind].group.locked and board.free[kind]):
        return before - after
    for line, crews in list(board.worked[kind].items()):
        surplus = crews - state.get(line, 0)
        if surplus:
            board.add(kind, line, -surplus)
    for line, crews in removed:
        board.add(kind, line, crews)
    return 0.0


def chances(board: Board, kinds: Sequence[int]) -> FloatArray:
    """Return the chance with which to improve each kind: more where more is missing around it.

    A kind of many crews that serves tracks with much missing is worth more steps than a handful
    that has nothing left to fill; one step in five is still spread evenly.
    """
    missing = board.missing_around(board.track_costs())[list(kinds)]
    crews = np.array([board.tables.kinds[k].strength for k in kinds], dtype=np.float64)
    weight = np.sqrt(crews) * np.maximum(missing, 0.0)
    total = weight.sum()
    even = np.full(len(kinds), 1.0 / len(kinds))
    return even if total <= 0 else 0.8 * weight / total + 0.2 * even


def is_broken(board: Board) -> bool:
    """Tell whether a rule between crews (escorts, limits, beds) is broken."""
    tables = board.tables
    hard = HARD * tables.hours
    owed = (tables.below >= hard) & (board.cover < tables.minimum)
    full = (tables.above >= hard) & (board.cover > tables.ceiling)
    return bool(owed.any() or full.any() or (board.beds > tables.beds).any())


def drop_violations(board: Board) -> int:
    """Drop duties until no rule between crews is broken; return how many crew-duties went."""
    broken, dropped = _Broken(board), 0
    while True:
        now = sum(
            _drop_from(board, kind, broken)
            for kind, found in enumerate(board.tables.kinds)
            if not found.group.locked
        )
        dropped += now
        if now == 0:
            return dropped


class _Broken:
    """Know of each track whether a rule between crews is broken on it now, so that few are searched.

    Parameters
    ----------
    board
        Where the crews stand.
    """

    def __init__(self, board: Board) -> None:
        t = board.tables
        self.board = board
        self.is_capped = t.above >= HARD * t.hours
        self.is_lacking = [bool((row < 0).any()) for row in board.cover]
        self.is_full = [
            bool((capped & (row > most)).any())
            for capped, row, most in zip(self.is_capped, board.cover, t.ceiling, strict=True)
        ]
        self._is_owed = [bool((row >= HARD * t.hours).any()) for row in t.below]

    def look_again(self, line: Worked) -> None:
        """Look again at the tracks of a line of which crews have given up duties."""
        cover, t = self.board.cover, self.board.tables
        for track in {track for _, _, option in line for track in t.options[option].tracks}:
            if self._is_owed[track]:
                self.is_lacking[track] = bool((cover[track] < 0).any())
            if self.is_full[track]:
                surplus = self.is_capped[track] & (cover[track] > t.ceiling[track])
                self.is_full[track] = bool(surplus.any())


def _drop_from(board: Board, kind: int, broken: _Broken) -> int:
    """Drop one bad posting from each line of a kind; return how many crew-duties went."""
    dropped = 0
    for line in list(board.worked[kind]):
        bad = _worst(board, kind, line, broken)
        if bad is None:
            continue
        posting, crews = bad
        crews = min(crews, board.worked[kind][line])
        short = tuple(p for p in line if p != posting)
        if board.tables.kinds[kind].group.rules.run_least > 1:
            short = ()
        board.add(kind, line, -crews)
        board.add(kind, short, crews)
        broken.look_again(line)
        dropped += crews
    return dropped


def _worst(
    board: Board, kind: int, line: Worked, broken: _Broken
) -> tuple[tuple[int, int, int], int] | None:
    """Return a posting of a line that takes part in a broken rule, and the crews too many."""
    tables = board.tables
    base = int(tables.class_base[tables.kinds[kind].cls])
    for posting in line:
        start, length, option = posting
        found = tables.options[option]
        span = slice(start + found.ext, start + length - found.ext)
        for track, coef in zip(found.tracks, found.coefs, strict=True):
            if coef < 0 and broken.is_lacking[track]:
                lacking = int((-board.cover[track, span]).max(initial=0))
                if lacking > 0:
                    return posting, -(-lacking // -coef)
            elif coef > 0 and broken.is_full[track]:
                surplus = board.cover[track, span] - tables.ceiling[track, span]
                most = int(np.where(broken.is_capped[track, span], surplus, 0).max(initial=0))
                if most > 0:
                    return posting, most
        if base >= 0:
            night = start // tables.steps_per_day
            lacking = int(board.beds[base, night] - tables.beds[base, night])
            if lacking > 0:
                people = int(tables.class_people[found.cls])
                return posting, -(-lacking // people)
    return None
