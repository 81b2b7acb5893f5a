"""The allocations of a whole thread: every request line with its lots, message by message.

A line of a later message belongs to a line of the first message through what it answers
(``PrecedingResourceInfoElementID``), or, where a message answers nothing, through the resource or line
that it names again. What belongs to no line, and what allocation forbids, is a breach; nothing is
guessed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from passerelle.standards.rm.allocation import Allocation
from passerelle.standards.rm.lots import Event, event_of
from passerelle.standards.rm.rules import Breach, Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.standards.rm.thread import Thread
    from passerelle.standards.rm.values import Line, Message

__all__ = ["Ledger", "read_ledger"]


@dataclass(frozen=True, slots=True)
class Ledger:
    """Hold the allocation of each line of a thread.

    Parameters
    ----------
    lines
        Allocation by id of the line in the first message.
    breaches
        What was refused on the way: message id and breach.
    """

    lines: Mapping[str, Allocation]
    breaches: tuple[tuple[str, Breach], ...] = ()

    @property
    def allocated(self) -> int:
        """Quantity that is allocated over all lines."""
        return sum(line.allocated for line in self.lines.values())


def read_ledger(thread: Thread) -> Ledger:
    """Fold a thread into the allocations of its lines.

    Parameters
    ----------
    thread
        The thread; its messages may follow one another.
    """
    fold = _Fold()
    for message in thread.messages:
        for number, line in enumerate(message.lines, start=1):
            fold.take(message, number, line)
    return Ledger(fold.lines, tuple(fold.breaches))


@dataclass(slots=True)
class _Fold:
    """Remember which line of which message belongs to which line of the first."""

    lines: dict[str, Allocation] = field(default_factory=dict)
    breaches: list[tuple[str, Breach]] = field(default_factory=list)
    by_line: dict[tuple[str, str], str] = field(default_factory=dict)
    by_name: dict[str, str] = field(default_factory=dict)

    def take(self, message: Message, number: int, line: Line) -> None:
        """Apply one line of a message."""
        path = f"ResourceInformation[{number}]"
        root = self._root(message, line)
        if root is None:
            expected = "a line or resource of the thread"
            self.breaches.append((message.id, Breach(Rule.PRECEDING, path, expected, line.id)))
            return
        self.by_line[message.id, line.id] = root
        self.by_name.setdefault(line.id, root)
        if line.resource is not None and line.resource.id:
            self.by_name.setdefault(line.resource.id, root)
        event, quantity = event_of(message, line), _quantity(line)
        before = self.lines.get(root, Allocation())
        after = before.then(event, quantity)
        if isinstance(after, Breach):
            self.breaches.append((message.id, after))
        else:
            self.lines[root] = after

    def _root(self, message: Message, line: Line) -> str | None:
        if line.response is not None and message.preceding_id is not None:
            return self.by_line.get((message.preceding_id, line.response.line_id))
        if message.id == message.originating_id:
            return line.id
        if event_of(message, line) is Event.REQUEST_UPDATE:
            return line.id  # an update may add lines
        names = (line.resource.id if line.resource else None, line.id)
        return next((self.by_name[name] for name in names if name in self.by_name), None)


def _quantity(line: Line) -> int | None:
    measured = None
    if line.assignment is not None and line.assignment.quantity is not None:
        measured = line.assignment.quantity.measured
    return None if measured is None else int(measured.amount)
