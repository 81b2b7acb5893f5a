"""The states of a lot, the events that move it, and the whole table of both.

Source: the state table of the reference page on EDXL-RM. A message's line becomes an event in
:func:`event_of`; the passing of a date is an event of ours.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from passerelle.standards.rm.tables import MessageType, ScheduleType
from passerelle.standards.rm.values import Answer, RecallType

if TYPE_CHECKING:
    from passerelle.standards.rm.values import Line, Message

__all__ = ["ALLOCATED", "TRANSITIONS", "Event", "LotState", "event_of"]


class LotState(StrEnum):
    """How far a quantity has come."""

    ASKED = "asked"
    OFFERED = "offered"
    OFFERED_PROVISIONAL = "offered-provisional"
    QUOTED = "quoted"
    ORDERED = "ordered"
    COMMITTED = "committed"
    DEPLOYED = "deployed"
    EXTENSION_ASKED = "extension-asked"
    RETURN_ASKED = "return-asked"
    RELEASING = "releasing"
    RELEASED = "released"
    DECLINED = "declined"
    LAPSED = "lapsed"
    CLOSED = "closed"


class Event(StrEnum):
    """What can happen to a lot."""

    REQUEST = "request"
    REQUEST_UPDATE = "request-update"
    REQUEST_CANCEL = "request-cancel"
    OFFER = "offer"
    OFFER_PROVISIONAL = "offer-provisional"
    OFFER_DECLINE = "offer-decline"
    OFFER_UPDATE = "offer-update"
    OFFER_PROVISIONAL_UPDATE = "offer-provisional-update"
    OFFER_CANCEL = "offer-cancel"
    ASK_QUOTE = "ask-quote"
    QUOTE = "quote"
    QUOTE_DECLINE = "quote-decline"
    ORDER = "order"
    ORDER_CANCEL = "order-cancel"
    COMMIT = "commit"
    COMMIT_PROVISIONAL = "commit-provisional"
    COMMIT_DECLINE = "commit-decline"
    COMMIT_UPDATE = "commit-update"
    COMMIT_CANCEL = "commit-cancel"
    MOVE_OUT = "move-out"
    MOVE_BACK = "move-back"
    HOME = "home"
    RELEASE = "release"
    ASK_RETURN = "ask-return"
    RETURN_ACCEPT = "return-accept"
    RETURN_DECLINE = "return-decline"
    RETURN_PROVISIONAL = "return-provisional"
    ASK_EXTENSION = "ask-extension"
    EXTENSION_ACCEPT = "extension-accept"
    EXTENSION_DECLINE = "extension-decline"
    EXTENSION_PROVISIONAL = "extension-provisional"
    INFORM = "inform"
    LAPSE = "lapse"
    EVENT_OVER = "event-over"


ALLOCATED: Final = frozenset(
    {
        LotState.COMMITTED,
        LotState.DEPLOYED,
        LotState.EXTENSION_ASKED,
        LotState.RETURN_ASKED,
        LotState.RELEASING,
    }
)
"""States in which a quantity is allocated."""

_S, _E, _T = LotState, Event, MessageType

TRANSITIONS: Final[dict[LotState, dict[Event, LotState | None]]] = {
    # None: the state before the return or extension was asked.
    _S.ASKED: {
        _E.OFFER: _S.OFFERED,
        _E.OFFER_PROVISIONAL: _S.OFFERED_PROVISIONAL,
        _E.OFFER_DECLINE: _S.DECLINED,
        _E.COMMIT: _S.COMMITTED,
        _E.COMMIT_PROVISIONAL: _S.OFFERED_PROVISIONAL,
        _E.COMMIT_DECLINE: _S.DECLINED,
        _E.ORDER: _S.ORDERED,
        _E.REQUEST_UPDATE: _S.ASKED,
        _E.REQUEST_CANCEL: _S.CLOSED,
        _E.LAPSE: _S.LAPSED,
        _E.EVENT_OVER: _S.CLOSED,
    },
    _S.OFFERED: {
        _E.OFFER_UPDATE: _S.OFFERED,
        _E.OFFER_PROVISIONAL_UPDATE: _S.OFFERED_PROVISIONAL,
        _E.ASK_QUOTE: _S.OFFERED,
        _E.QUOTE: _S.QUOTED,
        _E.QUOTE_DECLINE: _S.OFFERED,
        _E.ORDER: _S.ORDERED,
        _E.OFFER_CANCEL: _S.DECLINED,
        _E.LAPSE: _S.LAPSED,
        _E.EVENT_OVER: _S.CLOSED,
    },
    _S.OFFERED_PROVISIONAL: {
        _E.OFFER_UPDATE: _S.OFFERED,
        _E.OFFER_PROVISIONAL_UPDATE: _S.OFFERED_PROVISIONAL,
        _E.ASK_QUOTE: _S.OFFERED_PROVISIONAL,
        _E.QUOTE: _S.QUOTED,
        _E.QUOTE_DECLINE: _S.OFFERED_PROVISIONAL,
        _E.ORDER: _S.ORDERED,
        _E.OFFER_CANCEL: _S.DECLINED,
        _E.LAPSE: _S.LAPSED,
        _E.EVENT_OVER: _S.CLOSED,
    },
    _S.QUOTED: {
        _E.OFFER_UPDATE: _S.OFFERED,
        _E.OFFER_PROVISIONAL_UPDATE: _S.OFFERED_PROVISIONAL,
        _E.ASK_QUOTE: _S.QUOTED,
        _E.QUOTE: _S.QUOTED,
        _E.QUOTE_DECLINE: _S.OFFERED,
        _E.ORDER: _S.ORDERED,
        _E.OFFER_CANCEL: _S.DECLINED,
        _E.LAPSE: _S.LAPSED,
        _E.EVENT_OVER: _S.CLOSED,
    },
    _S.ORDERED: {
        _E.COMMIT: _S.COMMITTED,
        _E.COMMIT_PROVISIONAL: _S.ORDERED,
        _E.COMMIT_DECLINE: _S.DECLINED,
        _E.ORDER_CANCEL: _S.CLOSED,
        _E.EVENT_OVER: _S.CLOSED,
    },
    _S.COMMITTED: {
        _E.COMMIT_UPDATE: _S.COMMITTED,
        _E.MOVE_OUT: _S.DEPLOYED,
        _E.RELEASE: _S.RELEASED,
        _E.ASK_RETURN: _S.RETURN_ASKED,
        _E.COMMIT_CANCEL: _S.DECLINED,
        _E.EVENT_OVER: _S.CLOSED,
    },
    _S.DEPLOYED: {
        _E.MOVE_OUT: _S.DEPLOYED,
        _E.ASK_EXTENSION: _S.EXTENSION_ASKED,
        _E.RELEASE: _S.RELEASED,
        _E.ASK_RETURN: _S.RETURN_ASKED,
    },
    _S.EXTENSION_ASKED: {
        _E.EXTENSION_ACCEPT: _S.DEPLOYED,
        _E.EXTENSION_DECLINE: _S.DEPLOYED,
        _E.EXTENSION_PROVISIONAL: _S.EXTENSION_ASKED,
        _E.RELEASE: _S.RELEASED,
    },
    _S.RETURN_ASKED: {
        _E.RETURN_ACCEPT: _S.RELEASING,
        _E.RETURN_DECLINE: None,
        _E.RETURN_PROVISIONAL: _S.RETURN_ASKED,
        _E.RELEASE: _S.RELEASED,
    },
    _S.RELEASING: {_E.RELEASE: _S.RELEASED, _E.MOVE_BACK: _S.RELEASED},
    _S.RELEASED: {_E.MOVE_BACK: _S.RELEASED, _E.HOME: _S.CLOSED, _E.EVENT_OVER: _S.CLOSED},
    _S.DECLINED: {
        _E.OFFER: _S.OFFERED,
        _E.OFFER_PROVISIONAL: _S.OFFERED_PROVISIONAL,
        _E.COMMIT: _S.COMMITTED,
        _E.REQUEST_UPDATE: _S.ASKED,
        _E.EVENT_OVER: _S.CLOSED,
    },
    _S.LAPSED: {
        _E.OFFER: _S.OFFERED,
        _E.OFFER_PROVISIONAL: _S.OFFERED_PROVISIONAL,
        _E.COMMIT: _S.COMMITTED,
        _E.REQUEST_UPDATE: _S.ASKED,
        _E.EVENT_OVER: _S.CLOSED,
    },
    _S.CLOSED: {},
}
"""Where each event leads from each state. :data:`Event.INFORM` changes nothing in any state."""


def event_of(message: Message, line: Line) -> Event:
    """Return what a line of a message does to its allocation.

    Parameters
    ----------
    message
        The message.
    line
        One of its lines.
    """
    if message.recall is not None:
        event = _RECALLED.get((message.type, message.recall.kind), Event.INFORM)
        provisional = line.response is not None and line.response.answer is Answer.PROVISIONAL
        return _E.OFFER_PROVISIONAL_UPDATE if event is _E.OFFER_UPDATE and provisional else event
    if message.type is MessageType.REPORT_RESOURCE_DEPLOYMENT_STATUS:
        return _movement(line)
    answer = line.response.answer if line.response else None
    return _EVENTS.get((message.type, answer), Event.INFORM)


_EVENTS: Final[dict[tuple[MessageType, Answer | None], Event]] = {
    (_T.REQUEST_RESOURCE, None): _E.REQUEST,
    (_T.OFFER_UNSOLICITED_RESOURCE, None): _E.OFFER,
    (_T.RESPONSE_TO_REQUEST_RESOURCE, Answer.ACCEPT): _E.OFFER,
    (_T.RESPONSE_TO_REQUEST_RESOURCE, Answer.PROVISIONAL): _E.OFFER_PROVISIONAL,
    (_T.RESPONSE_TO_REQUEST_RESOURCE, Answer.DECLINE): _E.OFFER_DECLINE,
    (_T.REQUEST_QUOTE, None): _E.ASK_QUOTE,
    (_T.RESPONSE_TO_REQUEST_QUOTE, Answer.ACCEPT): _E.QUOTE,
    (_T.RESPONSE_TO_REQUEST_QUOTE, Answer.PROVISIONAL): _E.QUOTE,
    (_T.RESPONSE_TO_REQUEST_QUOTE, Answer.DECLINE): _E.QUOTE_DECLINE,
    (_T.REQUISITION_RESOURCE, None): _E.ORDER,
    (_T.COMMIT_RESOURCE, Answer.ACCEPT): _E.COMMIT,
    (_T.COMMIT_RESOURCE, Answer.PROVISIONAL): _E.COMMIT_PROVISIONAL,
    (_T.COMMIT_RESOURCE, Answer.DECLINE): _E.COMMIT_DECLINE,
    (_T.RELEASE_RESOURCE, None): _E.RELEASE,
    (_T.REQUEST_RETURN, None): _E.ASK_RETURN,
    (_T.RESPONSE_TO_REQUEST_RETURN, Answer.ACCEPT): _E.RETURN_ACCEPT,
    (_T.RESPONSE_TO_REQUEST_RETURN, Answer.DECLINE): _E.RETURN_DECLINE,
    (_T.RESPONSE_TO_REQUEST_RETURN, Answer.PROVISIONAL): _E.RETURN_PROVISIONAL,
    (_T.REQUEST_EXTENDED_DEPLOYMENT_DURATION, None): _E.ASK_EXTENSION,
    (_T.RESPONSE_TO_REQUEST_EXTENDED_DEPLOYMENT_DURATION, Answer.ACCEPT): _E.EXTENSION_ACCEPT,
    (_T.RESPONSE_TO_REQUEST_EXTENDED_DEPLOYMENT_DURATION, Answer.DECLINE): _E.EXTENSION_DECLINE,
    (
        _T.RESPONSE_TO_REQUEST_EXTENDED_DEPLOYMENT_DURATION,
        Answer.PROVISIONAL,
    ): _E.EXTENSION_PROVISIONAL,
}
_RECALLED: Final[dict[tuple[MessageType, RecallType], Event]] = {
    (_T.REQUEST_RESOURCE, RecallType.UPDATE): _E.REQUEST_UPDATE,
    (_T.REQUEST_RESOURCE, RecallType.CANCEL): _E.REQUEST_CANCEL,
    (_T.RESPONSE_TO_REQUEST_RESOURCE, RecallType.UPDATE): _E.OFFER_UPDATE,
    (_T.OFFER_UNSOLICITED_RESOURCE, RecallType.UPDATE): _E.OFFER_UPDATE,
    (_T.RESPONSE_TO_REQUEST_RESOURCE, RecallType.CANCEL): _E.OFFER_CANCEL,
    (_T.OFFER_UNSOLICITED_RESOURCE, RecallType.CANCEL): _E.OFFER_CANCEL,
    (_T.REQUISITION_RESOURCE, RecallType.CANCEL): _E.ORDER_CANCEL,
    (_T.COMMIT_RESOURCE, RecallType.UPDATE): _E.COMMIT_UPDATE,
    (_T.COMMIT_RESOURCE, RecallType.CANCEL): _E.COMMIT_CANCEL,
}
_MOVEMENTS: Final = (
    ({ScheduleType.ACTUAL_RETURN_ARRIVAL}, _E.HOME),
    ({ScheduleType.ACTUAL_RETURN_DEPARTURE}, _E.MOVE_BACK),
    ({ScheduleType.ACTUAL_DEPARTURE, ScheduleType.ACTUAL_ARRIVAL}, _E.MOVE_OUT),
)


def _movement(line: Line) -> Event:
    kinds = {schedule.kind for schedule in line.schedules}
    return next((event for wanted, event in _MOVEMENTS if kinds & wanted), Event.INFORM)
