from dataclasses import replace
from datetime import UTC, datetime

import pytest

from passerelle.standards.rm import MessageType, Rule
from passerelle.standards.rm.lots import Event, event_of
from passerelle.standards.rm.tables import ScheduleType
from passerelle.standards.rm.thread import Thread
from passerelle.standards.rm.values import (
    Answer,
    Contact,
    Line,
    Message,
    Recall,
    RecallType,
    Response,
    Schedule,
)

SENT = datetime(2024, 4, 22, tzinfo=UTC)
T = MessageType


def message(
    kind: MessageType, id_: str, preceding: str | None = None, answers: str = ""
) -> Message:
    response = Response(answers, Answer.ACCEPT) if answers else None
    return Message(
        type=kind,
        id=id_,
        sent=SENT,
        originating_id="a",
        contacts=(Contact(description="office"),),
        lines=(Line("1", response=response),),
        preceding_id=preceding,
    )


REQUEST = message(T.REQUEST_RESOURCE, "a")
OFFER = message(T.RESPONSE_TO_REQUEST_RESOURCE, "b", "a", "1")
ORDER = message(T.REQUISITION_RESOURCE, "c", "b")
COMMIT = message(T.COMMIT_RESOURCE, "d", "c", "1")


def test_request_offer_order_commit_is_a_thread() -> None:
    thread = Thread().then(REQUEST).then(OFFER).then(ORDER).then(COMMIT)

    assert [one.id for one in thread.messages] == ["a", "b", "c", "d"]


def test_a_commitment_may_answer_a_request_directly() -> None:
    assert Thread().then(REQUEST).breaches(message(T.COMMIT_RESOURCE, "d", "a", "1")) == ()


@pytest.mark.parametrize(
    ("bad", "rule", "path", "found"),
    [
        (replace(OFFER, preceding_id="z"), Rule.PRECEDING, "PrecedingMessageID", "z"),
        (replace(OFFER, originating_id="z"), Rule.THREAD, "OriginatingMessageID", "z"),
        (replace(OFFER, id="a"), Rule.THREAD, "MessageID", "a"),
        (
            replace(OFFER, lines=(Line("1", response=Response("9", Answer.ACCEPT)),)),
            Rule.PRECEDING,
            "ResourceInformation[1]/ResponseInformation",
            "9",
        ),
        (
            replace(COMMIT, type=T.RESPONSE_TO_REQUEST_QUOTE, preceding_id="a"),
            Rule.PRECEDING,
            "PrecedingMessageID",
            "RequestResource",
        ),
        (replace(REQUEST, id="x"), Rule.THREAD, "MessageContentType", "RequestResource"),
        (
            replace(OFFER, recall=Recall("z", RecallType.CANCEL)),
            Rule.PRECEDING,
            "MessageRecall/RecallMessageID",
            "z",
        ),
        (
            replace(OFFER, recall=Recall("a", RecallType.CANCEL)),
            Rule.PRECEDING,
            "MessageRecall/RecallMessageID",
            "RequestResource",
        ),
    ],
)
def test_what_does_not_fit_the_thread_is_refused_by_rule(
    bad: Message, rule: Rule, path: str, found: str
) -> None:
    (breach,) = Thread().then(REQUEST).breaches(bad)

    assert (breach.rule, breach.path, breach.found) == (rule, path, found)


def test_a_thread_cannot_open_with_an_answer() -> None:
    assert {breach.rule for breach in Thread().breaches(OFFER)} == {Rule.THREAD, Rule.PRECEDING}


def test_a_recall_of_an_own_message_follows() -> None:
    recall = replace(OFFER, id="e", recall=Recall("b", RecallType.UPDATE))

    assert Thread().then(REQUEST).then(OFFER).breaches(recall) == ()


def test_reports_move_a_lot_only_when_they_report_a_movement() -> None:
    report = message(T.REPORT_RESOURCE_DEPLOYMENT_STATUS, "e")

    def moved(*kinds: ScheduleType) -> Event:
        return event_of(report, Line("1", schedules=tuple(Schedule(kind) for kind in kinds)))

    assert moved() is Event.INFORM
    assert moved(ScheduleType.CURRENT) is Event.INFORM
    assert moved(ScheduleType.ACTUAL_ARRIVAL) is Event.MOVE_OUT
    assert (
        moved(ScheduleType.ACTUAL_ARRIVAL, ScheduleType.ACTUAL_RETURN_DEPARTURE) is Event.MOVE_BACK
    )
    assert moved(ScheduleType.ACTUAL_RETURN_ARRIVAL) is Event.HOME


def test_only_commit_and_its_update_are_events_that_allocate() -> None:
    events = {
        event_of(
            replace(message(kind, "x", answers="1" if answer else ""), recall=recall),
            Line("1", response=answer),
        )
        for kind in MessageType
        for answer in (None, *(Response("1", one) for one in Answer))
        for recall in (None, *(Recall("y", one) for one in RecallType))
        if kind is not T.COMMIT_RESOURCE
    }

    assert not events & {Event.COMMIT, Event.COMMIT_UPDATE, Event.COMMIT_CANCEL}
