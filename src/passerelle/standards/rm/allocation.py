"""Allocation: what a line of a request has become at one supplier (rule 8).

A line holds *lots*, each a quantity in a state. An event (a message's line, or the passing of a date)
takes a quantity of the lots that can take it and moves it; a partial event splits a lot. Three laws
hold whatever comes: no quantity is negative, no more is released than was committed, and only a
commitment brings a quantity into an allocated state. An event that no lot can take, or that asks for
more than there is, is a :class:`Breach` of rule 8, and nothing changes. States, events and the whole
table are in :mod:`lots`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from passerelle.standards.rm.lots import ALLOCATED, TRANSITIONS, Event, LotState
from passerelle.standards.rm.rules import Breach, Rule

__all__ = ["Allocation", "Lot"]

_S, _E = LotState, Event
_LATE: Final = frozenset({_S.DECLINED, _S.LAPSED})
_REST: Final = {_E.COMMIT: {_S.ORDERED: _S.DECLINED}}
_REOFFER: Final = {
    _E.OFFER: _S.OFFERED,
    _E.OFFER_PROVISIONAL: _S.OFFERED_PROVISIONAL,
}


@dataclass(frozen=True, slots=True)
class Lot:
    """Hold a quantity in a state.

    Parameters
    ----------
    state
        Its state.
    quantity
        How many, ``>= 1``.
    before
        State to which a declined return goes back.
    is_conditional
        Whether the supplier committed with a condition: nothing is allocated yet.
    is_late
        Whether it was offered or committed after a decline or a lapse.
    reason
        Why it is declined: ``unable-to-fill`` or ``withdrawn-commitment``; empty otherwise.
    """

    state: LotState
    quantity: int
    before: LotState | None = None
    is_conditional: bool = False
    is_late: bool = False
    reason: str = ""

    def __post_init__(self) -> None:
        if self.quantity < 1:
            raise ValueError(f"Expected quantity >= 1, got {self.quantity}.")


@dataclass(frozen=True, slots=True)
class Allocation:
    """Hold the lots of one line at one supplier.

    Parameters
    ----------
    lots
        The lots, merged and in order of state.
    """

    lots: tuple[Lot, ...] = ()

    def quantity(self, *states: LotState) -> int:
        """Return how many are in the states; in any when none is given."""
        return sum(lot.quantity for lot in self.lots if not states or lot.state in states)

    @property
    def allocated(self) -> int:
        """Quantity that is allocated."""
        return self.quantity(*ALLOCATED)

    def then(self, event: Event, quantity: int | None = None) -> Allocation | Breach:
        """Return the allocation after an event, or the breach of rule 8 that forbids it.

        Parameters
        ----------
        event
            What happened.
        quantity
            How many it concerns; all that can take it when ``None``.
        """
        if quantity is not None and quantity < 0:
            return _breach(event, "a quantity >= 0", quantity)
        if event is Event.INFORM:
            return self
        if event is Event.REQUEST:
            return self._requested(quantity or 0)
        if quantity is not None and event in _WHOLE:
            return _WHOLE[event](self, event, quantity)
        return self._taken(event, quantity)

    def _taken(self, event: Event, quantity: int | None) -> Allocation | Breach:
        takers = [lot for lot in self.lots if event in TRANSITIONS[lot.state]]
        available = sum(lot.quantity for lot in takers)
        if not takers:
            states = ", ".join(sorted({lot.state for lot in self.lots})) or "nothing asked"
            return _breach(event, "a line that can take it", states)
        if quantity is not None and quantity > available:
            return _breach(event, f"at most {available}", quantity)
        return _moved(self, event, takers, available if quantity is None else quantity)

    def _requested(self, quantity: int) -> Allocation | Breach:
        if self.lots:
            return _breach(Event.REQUEST, "a line asked once", self.quantity())
        return Allocation((Lot(LotState.ASKED, quantity),) if quantity else ())


def _request_changed(allocation: Allocation, _event: Event, quantity: int) -> Allocation | Breach:
    """Ask for another quantity: what is offered or further stays, the rest is asked anew."""
    open_states = {LotState.ASKED, LotState.DECLINED, LotState.LAPSED}
    kept = [lot for lot in allocation.lots if lot.state not in open_states]
    rest = quantity - sum(lot.quantity for lot in kept if lot.state is not LotState.CLOSED)
    return _merged([*kept, *([Lot(LotState.ASKED, rest)] if rest > 0 else [])])


def _offered(allocation: Allocation, event: Event, quantity: int) -> Allocation | Breach:
    """Offer: from what is asked, declined or lapsed; more than asked is an offer all the same."""
    takers = [lot for lot in allocation.lots if event in TRANSITIONS[lot.state]]
    standing = {LotState.OFFERED, LotState.OFFERED_PROVISIONAL, LotState.QUOTED}
    if not takers and allocation.lots and not allocation.quantity(*standing):
        return _breach(event, "a line that is asked", allocation.lots[0].state)
    available = sum(lot.quantity for lot in takers)
    moved = _moved(allocation, event, takers, min(quantity, available))
    more = quantity - available
    extra = [Lot(_REOFFER[event], more)] if more > 0 else []
    return _merged([*moved.lots, *extra])


def _replaced(allocation: Allocation, event: Event, quantity: int) -> Allocation | Breach:
    """Replace what stands (offers, or a commitment) by a new quantity in one lot."""
    takers = [lot for lot in allocation.lots if event in TRANSITIONS[lot.state]]
    if not takers:
        return _breach(event, "something that stands", "nothing")
    kept = [lot for lot in allocation.lots if lot not in takers]
    less = sum(lot.quantity for lot in takers) - quantity
    target = TRANSITIONS[takers[0].state][event]
    assert target is not None
    if quantity:
        kept.append(Lot(target, quantity))
    if less > 0 and event is Event.COMMIT_UPDATE:
        kept.append(Lot(LotState.DECLINED, less, reason="withdrawn-commitment"))
    elif less > 0:
        kept.append(Lot(LotState.ASKED, less))
    elif less < 0:
        kept = _less(kept, -less)
    return _merged(kept)


def _moved(allocation: Allocation, event: Event, takers: list[Lot], quantity: int) -> Allocation:
    kept = [lot for lot in allocation.lots if lot not in takers]
    for lot in sorted(takers, key=_on_time_first):
        taken = min(lot.quantity, quantity)
        quantity -= taken
        if taken:
            kept.append(_next(lot, event, taken))
        if lot.quantity > taken:
            kept.append(_left(lot, event, lot.quantity - taken))
    return _merged(kept)


_WHOLE: Final = {
    Event.REQUEST_UPDATE: _request_changed,
    Event.OFFER: _offered,
    Event.OFFER_PROVISIONAL: _offered,
    Event.OFFER_UPDATE: _replaced,
    Event.OFFER_PROVISIONAL_UPDATE: _replaced,
    Event.COMMIT_UPDATE: _replaced,
}
"""Events whose quantity is a new whole rather than a part of what is there."""


def _less(lots: list[Lot], quantity: int) -> list[Lot]:
    """Take up to ``quantity`` out of what is asked or declined: it is offered or committed now."""
    kept: list[Lot] = []
    for lot in lots:
        taken = min(quantity, lot.quantity) if lot.state in {_S.ASKED, *_LATE} else 0
        quantity -= taken
        if lot.quantity > taken:
            kept.append(replace(lot, quantity=lot.quantity - taken))
    return kept


def _next(lot: Lot, event: Event, quantity: int) -> Lot:
    state = TRANSITIONS[lot.state][event] or lot.before or LotState.DEPLOYED
    late = lot.is_late or (lot.state in _LATE and event in {*_REOFFER, Event.COMMIT})
    asks = event in {Event.ASK_RETURN, Event.ASK_EXTENSION}
    return Lot(
        state,
        quantity,
        before=lot.state if asks else (lot.before if state is lot.state else None),
        is_conditional=event is Event.COMMIT_PROVISIONAL and state is LotState.ORDERED,
        is_late=late and state is not LotState.ASKED,
        reason="withdrawn-commitment" if event is Event.COMMIT_CANCEL else "",
    )


def _left(lot: Lot, event: Event, quantity: int) -> Lot:
    """What a partial event leaves behind: ordered and not committed is declined, else unchanged."""
    state = _REST.get(event, {}).get(lot.state)
    if state is None:
        return replace(lot, quantity=quantity)
    return Lot(state, quantity, reason="unable-to-fill")


def _on_time_first(lot: Lot) -> tuple[bool, bool, int]:
    order = list(LotState).index(lot.state)
    return (lot.state in _LATE, lot.is_conditional, -order)


def _merged(lots: list[Lot]) -> Allocation:
    total: dict[Lot, int] = {}
    for lot in lots:
        key = replace(lot, quantity=1)
        total[key] = total.get(key, 0) + lot.quantity
    merged = [replace(lot, quantity=quantity) for lot, quantity in total.items()]
    order = list(LotState)
    return Allocation(tuple(sorted(merged, key=lambda lot: (order.index(lot.state), repr(lot)))))


def _breach(event: Event, expected: str, found: object) -> Breach:
    return Breach(Rule.ALLOCATION, event, expected, str(found))
