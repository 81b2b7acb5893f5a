"""The story as a thread: asked 10, offered 8, ordered 8, committed 8, released 3, extended 5."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from tests.unit.standards.rm.test_acts import ITEM, OFFER, PAYLOADS, header

from passerelle.standards.rm import MessageType, Rule
from passerelle.standards.rm.acts import message_of_act
from passerelle.standards.rm.ledger import read_ledger
from passerelle.standards.rm.lots import LotState
from passerelle.standards.rm.tables import ScheduleType
from passerelle.standards.rm.thread import Thread
from passerelle.standards.rm.values import Line, Message, Resource, Schedule

KNOWN = {"O1": OFFER, "C1": ITEM, "L1": {}}


def said(act: str, number: int, preceding: int | None, **changed: Any) -> Message:
    own = replace(
        header(act),
        message_id=f"e{number}",
        preceding_id=f"e{preceding}" if preceding else None,
        recalled_id=f"e{changed.pop('recalled', 0)}",
    )
    return message_of_act(act, {**PAYLOADS[act], **changed}, own, known=KNOWN)


REQUEST = said("request", 1, None)
OFFERED = said("offer", 2, 1)
ORDERED = said("accept", 3, 2)
COMMITTED = said("commit", 4, 3)
ARRIVED = Message(
    type=MessageType.REPORT_RESOURCE_DEPLOYMENT_STATUS,
    id="e5",
    sent=datetime(2024, 7, 20, tzinfo=UTC),
    originating_id="e1",
    contacts=COMMITTED.contacts,
    lines=(
        Line("1", resource=Resource(id="O1"), schedules=(Schedule(ScheduleType.ACTUAL_ARRIVAL),)),
    ),
)
RELEASED = said("release", 6, 4)


def quantities(*messages: Message) -> dict[str, int]:
    thread = Thread()
    for message in messages:
        thread = thread.then(message)
    ledger = read_ledger(thread)
    assert ledger.breaches == ()
    return {lot.state.value: lot.quantity for lot in ledger.lines["L1"].lots}


def test_the_story_moves_lots_from_asked_to_released() -> None:
    assert quantities(REQUEST) == {"asked": 10}
    assert quantities(REQUEST, OFFERED) == {"asked": 2, "offered": 8}
    assert quantities(REQUEST, OFFERED, ORDERED) == {"asked": 2, "ordered": 8}
    assert quantities(REQUEST, OFFERED, ORDERED, COMMITTED) == {"asked": 2, "committed": 8}
    whole = (REQUEST, OFFERED, ORDERED, COMMITTED, ARRIVED, RELEASED)
    assert quantities(*whole) == {"asked": 2, "deployed": 5, "released": 3}


def test_a_withdrawn_offer_is_declined() -> None:
    withdrawn = said("withdraw-offer", 3, 1, recalled=2)

    assert quantities(REQUEST, OFFERED, withdrawn) == {"asked": 2, "declined": 8}


def test_a_declined_line_is_declined() -> None:
    assert quantities(REQUEST, said("decline", 2, 1)) == {"declined": 10}


def test_an_order_for_more_than_is_offered_is_a_breach_and_changes_nothing() -> None:
    (line,) = ORDERED.lines
    assert line.assignment is not None
    assert line.assignment.quantity is not None
    assert line.assignment.quantity.measured is not None
    more = replace(
        line.assignment.quantity, measured=replace(line.assignment.quantity.measured, amount=11.0)
    )
    greedy = replace(
        ORDERED, lines=(replace(line, assignment=replace(line.assignment, quantity=more)),)
    )

    ledger = read_ledger(Thread((REQUEST, OFFERED, greedy)))

    assert [(name, breach.rule) for name, breach in ledger.breaches] == [("e3", Rule.ALLOCATION)]
    assert ledger.lines["L1"].quantity(LotState.OFFERED) == 8


def test_a_line_that_nobody_knows_is_a_breach() -> None:
    stranger = replace(RELEASED, lines=(replace(RELEASED.lines[0], id="X", resource=None),))

    ledger = read_ledger(Thread((REQUEST, stranger)))

    assert [breach.rule for _, breach in ledger.breaches] == [Rule.PRECEDING]
