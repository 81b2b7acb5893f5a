"""A thread of EDXL-RM messages: which message may follow which (rules 1 and 2).

A thread is opened by one message and holds everything that names it as origin. ``SentDateTime``
never orders: the order is that in which messages were taken. What a message answers must be of the
kind that it can answer; the table is :data:`ANSWERS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from passerelle.standards.rm.rules import Breach, Rule
from passerelle.standards.rm.tables import FIRST_OF_THREAD, MessageType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.standards.rm.values import Message

__all__ = ["ANSWERS", "Thread"]

_T = MessageType

ANSWERS: Final[dict[MessageType, frozenset[MessageType]]] = {
    _T.RESPONSE_TO_REQUEST_RESOURCE: frozenset({_T.REQUEST_RESOURCE}),
    _T.COMMIT_RESOURCE: frozenset({_T.REQUISITION_RESOURCE, _T.REQUEST_RESOURCE}),
    _T.RESPONSE_TO_REQUEST_INFORMATION: frozenset({_T.REQUEST_INFORMATION}),
    _T.RESPONSE_TO_REQUEST_QUOTE: frozenset({_T.REQUEST_QUOTE}),
    _T.RESPONSE_TO_REQUEST_RETURN: frozenset({_T.REQUEST_RETURN}),
    _T.RESPONSE_TO_REQUEST_EXTENDED_DEPLOYMENT_DURATION: frozenset(
        {_T.REQUEST_EXTENDED_DEPLOYMENT_DURATION}
    ),
    _T.REPORT_RESOURCE_DEPLOYMENT_STATUS: frozenset(
        {_T.REQUEST_RESOURCE_DEPLOYMENT_STATUS, _T.COMMIT_RESOURCE, _T.REQUISITION_RESOURCE}
    ),
}
"""For each message that answers: the messages it can answer. A recall may follow any of its own."""


@dataclass(frozen=True, slots=True)
class Thread:
    """Hold the messages of one thread in the order in which they were taken.

    Parameters
    ----------
    messages
        The messages; the first one opened the thread.
    """

    messages: tuple[Message, ...] = ()

    def breaches(self, message: Message) -> tuple[Breach, ...]:
        """Return what forbids a message to follow; empty when it may.

        Parameters
        ----------
        message
            The next message; its own rules hold already.
        """
        found = self._opening(message) if not self.messages else self._following(message)
        return tuple(found)

    def then(self, message: Message) -> Thread:
        """Return the thread with one message more.

        Raises
        ------
        ValueError
            When the message may not follow; ask :meth:`breaches` first.
        """
        breaches = self.breaches(message)
        if breaches:
            raise ValueError(f"Expected a message that may follow, got {breaches[0]}.")
        return Thread((*self.messages, message))

    def _opening(self, message: Message) -> Iterator[Breach]:
        if message.originating_id != message.id:
            yield Breach(Rule.THREAD, "OriginatingMessageID", message.id, message.originating_id)
        if message.preceding_id is not None:
            expected = "no earlier message in a new thread"
            yield Breach(Rule.PRECEDING, "PrecedingMessageID", expected, message.preceding_id)
        if message.recall is not None:
            recalled = message.recall.message_id
            yield Breach(Rule.PRECEDING, "MessageRecall", "an earlier message", recalled)

    def _following(self, message: Message) -> Iterator[Breach]:
        known = {one.id: one for one in self.messages}
        if message.id in known:
            yield Breach(Rule.THREAD, "MessageID", "an id not used in the thread", message.id)
        origin = self.messages[0].id
        if message.originating_id != origin:
            yield Breach(Rule.THREAD, "OriginatingMessageID", origin, message.originating_id)
        if message.type in FIRST_OF_THREAD and message.recall is None:
            expected = "a message that may follow in a thread"
            yield Breach(Rule.THREAD, "MessageContentType", expected, message.type)
        if message.recall is not None:
            yield from self._recall(message, known)
        if message.preceding_id is None:
            return
        preceding = known.get(message.preceding_id)
        if preceding is None:
            expected = "an earlier message of the thread"
            yield Breach(Rule.PRECEDING, "PrecedingMessageID", expected, message.preceding_id)
            return
        yield from _answered(message, preceding)

    def _recall(self, message: Message, known: dict[str, Message]) -> Iterator[Breach]:
        assert message.recall is not None
        recalled = known.get(message.recall.message_id)
        if recalled is None:
            expected, found = "an earlier message of the thread", message.recall.message_id
        elif recalled.type is not message.type:
            expected, found = f"a {message.type}, the kind that is replaced", str(recalled.type)
        else:
            return
        yield Breach(Rule.PRECEDING, "MessageRecall/RecallMessageID", expected, found)


def _answered(message: Message, preceding: Message) -> Iterator[Breach]:
    allowed = ANSWERS.get(message.type)
    if allowed is not None and preceding.type not in allowed:
        expected = "an answer to " + " or ".join(sorted(allowed))
        yield Breach(Rule.PRECEDING, "PrecedingMessageID", expected, str(preceding.type))
    lines = {line.id for line in preceding.lines}
    for number, line in enumerate(message.lines, start=1):
        if line.response is not None and line.response.line_id not in lines:
            path = f"ResourceInformation[{number}]/ResponseInformation"
            expected = f"a line of {preceding.id}"
            yield Breach(Rule.PRECEDING, path, expected, line.response.line_id)
