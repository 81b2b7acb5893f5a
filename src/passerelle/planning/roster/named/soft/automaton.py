"""Compile soft limits into automata: states of runs, and arcs that say what a day pays.

Persons with the same contract share an automaton. A run is counted no further than its limits look: from
the larger of least and most on, every further day pays the same. What successions forbid has no arc.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from passerelle.planning.roster.named.soft import _kernels as kernels
from passerelle.planning.roster.named.soft.values import NO_SHIFT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.planning.roster.named.instance import BoolArray, DayGrid, IntArray
    from passerelle.planning.roster.named.soft.values import Past, SoftContract, SoftRules

__all__ = ["Automata", "compile_soft"]


class _State(NamedTuple):
    """Hold the runs that are open in the morning; all 0 when nothing is known."""

    shift: int
    same: int
    work: int
    rest: int


@dataclass(frozen=True, slots=True, eq=False)
class Automata:
    """Hold the automata of all persons in the form of the kernels.

    Parameters
    ----------
    shift_of
        Shift of each type.
    first_arc, arcs
        Arcs of automaton ``a`` are ``arcs[first_arc[a]:first_arc[a + 1]]``: source, target, shift, price.
    first_state, works
        Whether the day before a state was worked, in the same way.
    par
        What pricing knows of each person, columns named in the kernels.
    prices
        Of the limits.
    """

    shift_of: IntArray
    first_arc: IntArray
    arcs: IntArray
    first_state: IntArray
    works: BoolArray
    par: IntArray
    prices: IntArray


def compile_soft(grid: DayGrid, soft: SoftRules) -> Automata:
    """Compile the soft limits of a grid.

    Parameters
    ----------
    grid
        The instance.
    soft
        Its soft limits.

    Returns
    -------
    Automata
        Arrays for the kernels.
    """
    first = [soft.shift_of.index(shift) for shift in range(len(soft.same))]
    banned = grid.banned[np.ix_(first, first)]
    kinds = list(dict.fromkeys(soft.contracts))
    states: list[dict[_State, int]] = []
    arcs: list[list[tuple[int, int, int, int]]] = []
    for contract in kinds:
        mine = zip(soft.contracts, soft.pasts, strict=True)
        starts = [_start(soft, contract, past) for other, past in mine if other == contract]
        own = {state: number for number, state in enumerate(dict.fromkeys(starts))}
        arcs.append(sorted(_arcs(soft, contract, banned, own)))
        states.append(own)
    par = np.zeros((len(soft.contracts), kernels.N_PARAMETERS), dtype=np.int64)
    for p, (contract, past) in enumerate(zip(soft.contracts, soft.pasts, strict=True)):
        kind = kinds.index(contract)
        over = max(past.assignments - contract.assignments.most, 0)
        weekends_over = max(past.weekends - contract.most_weekends, 0)
        par[p, kernels.AUTOMATON] = kind
        par[p, kernels.START] = states[kind][_start(soft, contract, past)]
        par[p, kernels.LEAST] = max(contract.assignments.least - past.assignments, 0)
        par[p, kernels.MOST] = max(contract.assignments.most - past.assignments, 0)
        weekends = max(contract.most_weekends - past.weekends, 0)
        par[p, kernels.WEEKENDS] = min(weekends, grid.n_days // kernels.WEEK)
        par[p, kernels.IS_WHOLE] = contract.whole_weekends
        par[p, kernels.PAID] = soft.prices.assignment * over + soft.prices.weekend * weekends_over
    works = [state.work > 0 for own in states for state in own]
    return Automata(
        shift_of=np.array(soft.shift_of, dtype=np.int64),
        first_arc=np.cumsum([0, *map(len, arcs)]),
        arcs=np.array([arc for own in arcs for arc in own], dtype=np.int64).reshape(-1, 4),
        first_state=np.cumsum([0, *map(len, states)]),
        works=np.array(works, dtype=np.bool_),
        par=par,
        prices=np.array(soft.prices, dtype=np.int64),
    )


def _start(soft: SoftRules, contract: SoftContract, past: Past) -> _State:
    """Return the state in which a person begins."""
    if past.shift == NO_SHIFT:
        return _State(NO_SHIFT, 0, 0, min(past.rest, max(*contract.rest, 1)))
    same = min(past.same, max(*soft.same[past.shift], 1))
    return _State(past.shift, same, min(past.work, max(*contract.work, 1)), 0)


def _arcs(
    soft: SoftRules, contract: SoftContract, banned: BoolArray, states: dict[_State, int]
) -> Iterator[tuple[int, int, int, int]]:
    """Yield source, target, shift and price of every arc; number the states that are met."""
    todo = list(states)
    while todo:
        state = todo.pop()
        for shift in range(NO_SHIFT, len(soft.same)):
            if state.work and shift != NO_SHIFT and banned[state.shift, shift]:
                continue
            target, price = _step(soft, contract, state, shift)
            if target not in states:
                states[target] = len(states)
                todo.append(target)
            yield states[state], states[target], shift, price


def _step(soft: SoftRules, contract: SoftContract, state: _State, shift: int) -> tuple[_State, int]:
    """Work a shift, or rest, for a day; return where that leads and what the runs pay."""
    prices, price = soft.prices, 0
    if state.work and shift != state.shift:
        price += prices.same * max(soft.same[state.shift].least - state.same, 0)
    if shift == NO_SHIFT:
        if state.work:
            price += prices.work * max(contract.work.least - state.work, 0)
        rest = state.rest + 1
        price += prices.rest * (rest > contract.rest.most)
        return _State(NO_SHIFT, 0, 0, min(rest, max(*contract.rest, 1))), price
    if state.rest:
        price += prices.rest * max(contract.rest.least - state.rest, 0)
    work = state.work + 1
    same = state.same + 1 if state.work and shift == state.shift else 1
    price += prices.work * (work > contract.work.most)
    price += prices.same * (same > soft.same[shift].most)
    kept = _State(shift, min(same, max(*soft.same[shift], 1)), min(work, max(*contract.work, 1)), 0)
    return kept, price
