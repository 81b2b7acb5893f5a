"""Words for alarms of a peer, and for entries that a node refused unread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from passerelle.exchange.effects import Mark
from passerelle.exchange.header import Kind
from passerelle.node.exchange.models import Entry
from passerelle.node.exchange.screening import refused_by_node

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import Promise

__all__ = ["MARKS", "alarm_words", "refusal_words", "refused_by_peer"]

_MOST: Final = 200

MARKS: Final[Mapping[Mark, str | Promise]] = {
    Mark.SOUND: gettext_lazy("sound"),
    Mark.ERASED: gettext_lazy("content erased"),
    Mark.UNREADABLE: gettext_lazy("cannot be read"),
    Mark.MISPLACED: gettext_lazy("names another place"),
    Mark.NOT_UNDERSTOOD: gettext_lazy("needs a newer version"),
    Mark.NOT_AGREED: gettext_lazy("of a kind that was not agreed"),
    Mark.NO_OFFICE: gettext_lazy("from or for an office that nobody has"),
    Mark.BAD_SIGNOFF: gettext_lazy("with signatures of officers that are not good"),
}
_ALARMS: Final[Mapping[str, str | Promise]] = {
    "clock": gettext_lazy("Receipts were not believed: a clock is wrong. Set the clocks."),
    "entry-refused": gettext_lazy("Its node refused an act of ours unread: see what was agreed."),
    "epoch": gettext_lazy("It began a new log that does not continue what we hold."),
    "fork": gettext_lazy("It signed two different records of one size: it told two stories."),
    "inconsistent": gettext_lazy("What it sent contradicts what it signed."),
    "receipt-invalid": gettext_lazy("It answered with a receipt whose signatures are wrong."),
    "receiver-restored": gettext_lazy("It holds less than it had receipted: it lost entries."),
    "refused": gettext_lazy("It refused what we sent; both sides' bytes are kept."),
    "trust": gettext_lazy("Newer trust files of it were refused: compare the root in person."),
}


def alarm_words(code: str) -> str:
    """Say what an alarm means; the code itself when it is of a newer version."""
    return str(_ALARMS.get(code, code))


def refusal_words(entry: Entry) -> str:
    """Say that a node refused an entry unread, and why; empty when none did."""
    mark = Mark(entry.mark)
    if entry.log.direction == "in":
        if mark in {Mark.SOUND, Mark.ERASED}:
            return ""
        return _("It was not acted on (%(reason)s), and the partner is told so by an entry.") % {
            "reason": str(MARKS[mark])
        }
    reason = refused_by_peer(entry.log.peer_id).get(entry.entry_id)
    if reason is None:
        return ""
    return _("The partner's node refused it unread (%(reason)s).") % {"reason": reason}


def refused_by_peer(peer: str) -> dict[str, str]:
    """Name our entries that a peer's node refused unread, with the reason; the newest 200."""
    answers = Entry.objects.filter(kind=Kind.REFUSE.value, log__direction="in", log__peer=peer)
    found = (
        refused_by_node(one)
        for one in answers.select_related("log", "body").order_by("-id")[:_MOST]
    )
    return {entry: str(MARKS[Mark(reason)]) for entry, reason in filter(None, found)}
