"""Put the acts of two logs into the one order that both sides compute.

Each log is totally ordered by its writer. Across the logs the order is causal: an act stands after
everything its author held when signing (``seen``) and after what it answers (``re``). Acts that
crossed go by the priority that the procedure gives them, then by origin; never by a clock
(``exchange.md`` section 9, after Lamport, "Time, clocks, and the ordering of events", 1978: ours is a
two-part vector clock with a fixed rule for what is concurrent).

A national act, which only the side that said it holds, stands before whatever of the other side was not held
when it was said: as things happened there. It moves no shared act before another, so both sides still agree.

The order is a function of the *set* of acts alone: doubled, delayed or reordered delivery changes
nothing once the same entries are there. It is not prefix-stable: a late entry that crossed an earlier
one may take its place before it, on both sides alike. Hence the fold is taken anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from passerelle.procedures.definition import Definition
    from passerelle.procedures.values import Act

__all__ = ["merge"]

_LAST = 1_000


def merge(definition: Definition, acts: Iterable[Act]) -> tuple[Act, ...]:
    """Return the acts of one dossier, from either log and in any order, in the common order.

    Parameters
    ----------
    definition
        Gives the priority of acts that crossed; an act it does not know comes last.
    acts
        Entries of both logs; the same entry twice counts once.

    Returns
    -------
    tuple of Act
        The same for the same set of entries.
    """
    first, second = _logs(definition, acts)
    ordered: list[Act] = []
    a = b = 0
    while a < len(first) and b < len(second):
        if _goes_first(definition, first[a], second[b]):
            ordered.append(first[a])
            a += 1
        else:
            ordered.append(second[b])
            b += 1
    return (*ordered, *first[a:], *second[b:])


def _logs(definition: Definition, acts: Iterable[Act]) -> tuple[Sequence[Act], Sequence[Act]]:
    unique = {act.id: act for act in acts}
    one, other = definition.sides

    def log(side: str) -> list[Act]:
        entries = [act for act in unique.values() if act.side == side]
        return sorted(entries, key=lambda act: (act.index, act.sub, act.id))

    return log(one), log(other)


def _goes_first(definition: Definition, one: Act, other: Act) -> bool:
    """Tell whether ``one`` stands before ``other``, an entry of the other log."""
    other_knows = _place(one) < other.seen or one.id in other.re
    one_knows = _place(other) < one.seen or other.id in one.re
    if other_knows != one_knows:
        return other_knows
    if bool(one.sub) != bool(other.sub):
        return bool(one.sub)
    return _rank(definition, one) < _rank(definition, other)


def _place(act: Act) -> int:
    """Return from which size of its log on somebody knows an act.

    Nobody on the other side ever knows a national act, which follows the shared one at ``index``: only who
    has the next shared one stands after it.
    """
    return act.index + 1 if act.sub else act.index


def _rank(definition: Definition, act: Act) -> tuple[int, str, str]:
    rule = definition.acts.get(act.name)
    return (_LAST if rule is None else rule.priority, act.origin, act.side)
