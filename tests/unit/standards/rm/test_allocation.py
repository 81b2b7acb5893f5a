from functools import reduce

import pytest

from passerelle.standards.rm.allocation import Allocation, Lot
from passerelle.standards.rm.lots import TRANSITIONS, Event, LotState
from passerelle.standards.rm.rules import Breach, Rule

S, E = LotState, Event


def after(*events: tuple[Event, int | None]) -> Allocation:
    def step(state: Allocation, event: tuple[Event, int | None]) -> Allocation:
        found = state.then(*event)
        assert isinstance(found, Allocation), found
        return found

    return reduce(step, events, Allocation())


def lots(allocation: Allocation) -> dict[str, int]:
    return {
        lot.state.value + (f":{lot.reason}" if lot.reason else ""): lot.quantity
        for lot in allocation.lots
    }


@pytest.mark.parametrize("event", list(Event))
@pytest.mark.parametrize("state", list(LotState))
def test_every_state_and_event_is_taken_or_refused_as_the_table_says(
    state: LotState, event: Event
) -> None:
    before = Allocation((Lot(state, 10, before=S.DEPLOYED if state is S.RETURN_ASKED else None),))

    found = before.then(event, 10)

    if event is E.INFORM:
        assert found is before
    elif event is E.REQUEST:
        assert isinstance(found, Breach)
    elif event is E.REQUEST_UPDATE:
        asked_anew = {S.ASKED, S.DECLINED, S.LAPSED, S.CLOSED}
        assert isinstance(found, Allocation)
        assert found.quantity(S.ASKED) == (10 if state in asked_anew else 0)
    elif event in TRANSITIONS[state]:
        assert isinstance(found, Allocation)
        assert [lot.state for lot in found.lots] == [TRANSITIONS[state][event] or S.DEPLOYED]
        assert found.quantity() == 10
    elif event in {E.OFFER, E.OFFER_PROVISIONAL} and state in {
        S.OFFERED,
        S.OFFERED_PROVISIONAL,
        S.QUOTED,
    }:
        assert isinstance(found, Allocation)
        assert found.quantity() == 20  # a further offer beside the one that stands
    else:
        assert isinstance(found, Breach)
        assert found.rule is Rule.ALLOCATION


def test_a_partial_offer_splits_the_lot() -> None:
    assert lots(after((E.REQUEST, 12), (E.OFFER_PROVISIONAL, 10))) == {
        "asked": 2,
        "offered-provisional": 10,
    }


def test_what_is_ordered_and_not_committed_is_declined_as_unable_to_fill() -> None:
    found = after((E.REQUEST, 12), (E.OFFER, 12), (E.ORDER, 12), (E.COMMIT, 9))

    assert lots(found) == {"committed": 9, "declined:unable-to-fill": 3}
    assert found.allocated == 9


def test_a_provisional_commitment_allocates_nothing() -> None:
    found = after((E.REQUEST, 5), (E.OFFER, 5), (E.ORDER, 5), (E.COMMIT_PROVISIONAL, 5))

    assert found.allocated == 0
    assert found.lots == (Lot(S.ORDERED, 5, is_conditional=True),)


def test_more_than_was_ordered_cannot_be_committed() -> None:
    ordered = after((E.REQUEST, 5), (E.OFFER, 5), (E.ORDER, 5))

    assert ordered.then(E.COMMIT, 6) == Breach(Rule.ALLOCATION, "commit", "at most 5", "6")


def test_no_more_is_released_than_was_committed() -> None:
    committed = after((E.REQUEST, 5), (E.COMMIT, 4))

    assert committed.then(E.RELEASE, 5) == Breach(Rule.ALLOCATION, "release", "at most 4", "5")
    assert lots(after((E.REQUEST, 5), (E.COMMIT, 4), (E.RELEASE, 3))) == {
        "asked": 1,
        "committed": 1,
        "released": 3,
    }


def test_a_withdrawn_commitment_is_counted_as_such() -> None:
    found = after((E.REQUEST, 5), (E.COMMIT, 5), (E.COMMIT_CANCEL, None))

    assert lots(found) == {"declined:withdrawn-commitment": 5}


def test_a_commitment_can_be_replaced_by_another_quantity() -> None:
    less = after((E.REQUEST, 9), (E.COMMIT, 8), (E.COMMIT_UPDATE, 5))
    more = after((E.REQUEST, 9), (E.COMMIT, 8), (E.COMMIT_UPDATE, 9))

    assert lots(less) == {"asked": 1, "committed": 5, "declined:withdrawn-commitment": 3}
    assert lots(more) == {"committed": 9}


def test_a_declined_return_goes_back_to_the_state_before() -> None:
    out = ((E.REQUEST, 5), (E.COMMIT, 5), (E.MOVE_OUT, 3), (E.ASK_RETURN, None))

    assert after(*out).quantity(S.RETURN_ASKED) == 5
    assert lots(after(*out, (E.RETURN_DECLINE, None))) == {"committed": 2, "deployed": 3}


def test_a_late_answer_counts_and_is_marked() -> None:
    found = after((E.REQUEST, 5), (E.LAPSE, None), (E.OFFER, 4))

    assert found.lots == (Lot(S.OFFERED, 4, is_late=True), Lot(S.LAPSED, 1))


def test_a_changed_request_asks_the_difference_anew() -> None:
    found = after((E.REQUEST, 10), (E.OFFER, 4), (E.OFFER_DECLINE, 6), (E.REQUEST_UPDATE, 12))

    assert lots(found) == {"asked": 8, "offered": 4}


def test_the_way_home_ends_closed() -> None:
    way = (E.REQUEST, 2), (E.COMMIT, 2), (E.MOVE_OUT, 2), (E.ASK_RETURN, 2), (E.RETURN_ACCEPT, 2)

    assert lots(after(*way, (E.MOVE_BACK, 2), (E.HOME, 2))) == {"closed": 2}


def test_an_event_on_nothing_asked_is_refused() -> None:
    assert Allocation().then(E.ORDER, 1) == Breach(
        Rule.ALLOCATION, "order", "a line that can take it", "nothing asked"
    )
