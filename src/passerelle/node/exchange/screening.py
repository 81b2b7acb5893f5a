"""Answer what cannot be taken: an entry stored with a mark gets a ``refuse`` entry, and is refused once.

An entry that is unreadable, misplaced, beyond what was agreed or for an office nobody has stands in a
validly signed log, so it is stored and receipted, but nobody acts on it. Its writer is told by an
entry of our own log, which it must receipt: neither side can say later that it did not know. When a
peer's node refuses an act of ours so, an alarm is raised, and a person decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import Q

from passerelle.exchange.effects import Mark
from passerelle.exchange.errors import RemoteProtocolError
from passerelle.exchange.header import Header, Kind, parse_header
from passerelle.exchange.jcs import Limits, read
from passerelle.exchange.names import is_case
from passerelle.exchange.peer import PeerEvent
from passerelle.node.exchange import content, store
from passerelle.node.exchange.acts import NewAct, Release, release_act
from passerelle.node.exchange.models import Entry, Log, Projection
from passerelle.node.exchange.station import station

if TYPE_CHECKING:
    from passerelle.kernel.clock import Clock

__all__ = ["NAME", "refused_by_node", "screen"]

NAME: Final = "screening"
_MOST: Final = 100
_LIMITS: Final = Limits(length=1024, depth=2, keys=4)
_TAKEN: Final = (Mark.SOUND.value, Mark.ERASED.value)


def screen(clock: Clock) -> int:
    """Look once at what came since the last call; return how many refusals were said or heard."""
    given = dict(Projection.objects.filter(name=NAME).values_list("log_id", "next_idx"))
    return sum(
        _screen(log, given.get(log.id, 0), clock)
        for log in Log.objects.filter(direction="in").exclude(peer__state="suspended")
        if given.get(log.id, 0) < log.size
    )


@transaction.atomic
def _screen(log: Log, first: int, clock: Clock) -> int:
    Projection.objects.get_or_create(name=NAME, log=log)
    wanted = ~Q(mark__in=_TAKEN) | Q(kind=Kind.REFUSE.value)
    rows = Entry.objects.filter(wanted, log=log, idx__gte=first, idx__lt=log.size)
    found = list(rows.order_by("idx").select_related("body", "log")[:_MOST])
    until = found[-1].idx + 1 if len(found) == _MOST else log.size
    # The row is locked by moving it first; who comes too late moves nothing.
    here = Projection.objects.filter(name=NAME, log=log, next_idx=first)
    if not here.update(next_idx=until):
        return 0
    done = 0
    for entry in found:
        if entry.mark not in _TAKEN:
            if entry.kind == Kind.REFUSE.value:
                continue  # two nodes would refuse each other's refusals for ever
            if not _refuse(log.peer_id, entry, clock):
                Projection.objects.filter(name=NAME, log=log).update(next_idx=entry.idx)
                return done
            done += 1
        elif refused_by_node(entry):
            store.move_peer(log.peer_id, PeerEvent.TROUBLE, alarm="entry-refused")
            done += 1
    return done


def _refuse(peer: str, entry: Entry, clock: Clock) -> bool:
    """Say that an entry is refused; tell whether that could be said now."""
    record, header, ours = store.find_peer(peer), _header(entry), station().identity.offices
    card = record.trust.card if record else None
    theirs = [office.id for office in card.offices] if card else []
    if not theirs:
        return True  # nobody to tell
    act = NewAct(
        peer,
        Kind.REFUSE,
        entry.case if is_case(entry.case) else entry.entry_id[:32],
        {"refused": entry.mark},
        from_office=header.to_office if header and header.to_office in ours else min(ours),
        to_office=header.from_office if header and header.from_office in theirs else min(theirs),
        re=(entry.entry_id,),
    )
    return isinstance(release_act(act, clock=clock), Release)


def refused_by_node(entry: Entry) -> tuple[str, str] | None:
    """Return the entry that the other node refused unread, and why; ``None`` for any other entry."""
    if entry.mark != Mark.SOUND.value or entry.kind != Kind.REFUSE.value:
        return None
    header = _header(entry)
    if header is None or header.body is None or len(header.re) != 1:
        return None
    plain, _ = content.open_body(station(), entry, header)
    try:
        said = read(plain, _LIMITS) if plain is not None else None
    except RemoteProtocolError:
        return None
    reason = said.get("refused") if isinstance(said, dict) else None
    known = {mark.value for mark in Mark}
    return (header.re[0], reason) if isinstance(reason, str) and reason in known else None


def _header(entry: Entry) -> Header | None:
    try:
        return parse_header(bytes(entry.header))
    except RemoteProtocolError:
        return None
