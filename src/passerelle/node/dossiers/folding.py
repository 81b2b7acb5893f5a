"""Fold a dossier from the record: open every act of the case, order the logs, apply.

A dossier about a person has a third log, the national one of this node: it holds in full all that this side
said, also what never left. The fold runs over the partner's entries and the own national ones.

The receipt time of an act is the earliest in a receipt that covers it; both nodes hold the same signed
receipts, hence the same instants and the same deadlines.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from passerelle.exchange.effects import Mark
from passerelle.exchange.errors import RemoteProtocolError
from passerelle.exchange.header import Status, parse_header
from passerelle.exchange.jcs import Limits, read
from passerelle.exchange.names import Origin
from passerelle.node.dossiers.kinds import is_sheltered, office_of
from passerelle.node.dossiers.paper import is_paper, paper_acts, proxy_of
from passerelle.node.dossiers.profiles import corridor_of_persons, needs_profile
from passerelle.node.dossiers.receipts import receipts_of
from passerelle.node.dossiers.said import Said
from passerelle.node.exchange import content, store
from passerelle.node.exchange.models import Entry
from passerelle.node.exchange.station import station
from passerelle.node.national.queries import entries_of_many
from passerelle.procedures.dossier import Procedure
from passerelle.procedures.engine import fold
from passerelle.procedures.loading import DEFINITIONS, definition
from passerelle.procedures.profile import Corridor as CorridorValue
from passerelle.procedures.profile import Suspension as SuspensionValue
from passerelle.procedures.rulepacks import rule_packs
from passerelle.procedures.sharing import home_side, shared_view
from passerelle.procedures.values import Act, Refusal

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from passerelle.exchange.header import Header
    from passerelle.node.dossiers.models import Corridor
    from passerelle.node.dossiers.receipts import Receipts
    from passerelle.node.exchange.station import Station
    from passerelle.node.national.queries import Opened
    from passerelle.procedures.definition import Definition
    from passerelle.procedures.dossier import Dossier

__all__ = ["Heard", "bind", "corridor_value", "fold_case", "hear", "hear_many"]

_LIMITS = Limits(length=262_144, depth=32, keys=20_000)


@dataclass(frozen=True, slots=True)
class Heard:
    """Hold what the record keeps of one dossier.

    Parameters
    ----------
    procedure
        Name of the procedure of the first act; empty when no act can be read.
    event
        Code of the event that the first act names.
    side
        Side of this node.
    acts
        Acts in the order of their logs, each said by the side whose log it stands in. On the side that
        holds what never leaves, the own ones come from the national log, in full.
    places
        Log and position by act id, of the acts that stand in a log between the nodes.
    n_closed
        Entries without an act to fold: erased, sealed to others, unreadable, or said in the name
        of the other side.
    peer
        Node of the other state; empty when the record holds nothing.
    n_lost
        National entries that do not open although the key of the dossier is there: altered.
    """

    procedure: str
    event: str
    side: str
    acts: tuple[Act, ...]
    places: Mapping[str, tuple[str, int]]
    n_closed: int
    peer: str = ""
    n_lost: int = 0


@dataclass(frozen=True, slots=True)
class _Found:
    """Hold one act as found: who wrote it, where, what it says."""

    is_own: bool
    place: tuple[str, int] | None
    said: Said
    act: Act
    is_covered: bool = True


def hear(case: str) -> Heard:
    """Open all acts of a dossier in the record."""
    return hear_many([case])[case]


def hear_many(cases: Collection[str]) -> dict[str, Heard]:
    """Open all acts of several dossiers in the record, with as many queries as for one."""
    node = station()
    entries: dict[str, list[Entry]] = {case: [] for case in cases}
    rows = Entry.objects.filter(case__in=cases).select_related("log", "body")
    for entry in rows.order_by("log_id", "idx"):
        entries[entry.case].append(entry)
    receipts = receipts_of({entry.log_id for found in entries.values() for entry in found})
    national = entries_of_many(node, cases)
    return {
        case: _heard(node, case, found, national[case], receipts) for case, found in entries.items()
    }


def _heard(
    node: Station,
    case: str,
    entries: list[Entry],
    national: list[Opened],
    receipts: Mapping[str, Receipts],
) -> Heard:
    peers = [one.peer for one in national[:1]] + [entry.log.peer_id for entry in entries[:1]]
    peer = peers[0] if peers else ""
    if is_paper(peer):
        return _on_paper(peer, national)
    n_entries = len(entries) + sum(not one.shared for one in national)
    found = _own_acts(node, entries, national, receipts)
    n_lost = len(national) - len(found) if node.keys.find(case) is not None else 0
    covered = {one.shared for one in national}
    found += _shared_acts(node, [one for one in entries if one.entry_id not in covered], receipts)
    if not found:
        return Heard("", "", "", (), {}, n_entries, peer, n_lost)
    first = min(found, key=lambda one: (one.act.issued, one.act.origin, one.act.index, one.act.sub))
    procedure = first.said.procedure
    sides = definition(procedure).sides
    other = sides[1] if first.said.side == sides[0] else sides[0]
    own = first.said.side if first.is_own else other
    speaker = {True: own, False: sides[1] if own == sides[0] else sides[0]}
    is_home = is_sheltered(procedure) and home_side(definition(procedure)) == own
    kept = [
        one
        for one in found
        if one.said.side == speaker[one.is_own]
        and one.said.procedure == procedure
        and (one.is_covered or not is_home)
    ]
    return Heard(
        procedure=procedure,
        event=first.said.event,
        side=own,
        acts=tuple(one.act for one in kept),
        places={one.act.id: one.place for one in kept if one.place is not None},
        n_closed=n_entries - len(kept),
        peer=peer,
        n_lost=n_lost,
    )


def _on_paper(peer: str, national: list[Opened]) -> Heard:
    """Return both voices of a dossier with a partner without a node; see :mod:`.paper`."""
    read_ones = [
        (one, said)
        for one in national
        if one.content is not None and (said := _read_said(one.content)) is not None
    ]
    acts = paper_acts(read_ones)
    own = [said for _, said in read_ones if not proxy_of(said.person)]
    if not own:
        return Heard("", "", "", (), {}, len(national), peer)
    first = own[0]
    n_closed = len(national) - len(acts)
    return Heard(first.procedure, first.event, first.side, tuple(acts), {}, n_closed, peer)


def _own_acts(
    node: Station,
    entries: list[Entry],
    national: list[Opened],
    receipts: Mapping[str, Receipts],
) -> list[_Found]:
    """Return the own acts of a dossier that has a national log, in full.

    What was shown to the partner takes the place of the entry as which it was shown; what stayed takes the
    place after the last own entry, ``sub`` giving the order among those.
    """
    shown = {entry.entry_id: entry for entry in entries}
    found, status = [], _status(node)
    for one in national:
        said = None if one.content is None else _read_said(one.content)
        entry = shown.get(one.shared)
        header = None if entry is None else _header(entry, status)
        if said is None or (one.shared and (entry is None or header is None)):
            continue
        if entry is not None and header is not None:
            received = receipts[entry.log_id].covering(entry.idx)
            act = _act(entry, header, said, received)
            found.append(_Found(True, (entry.log_id, entry.idx), said, act))
        else:
            found.append(_Found(True, None, said, _national_act(node, one, said)))
    return found


def _shared_acts(
    node: Station, entries: list[Entry], receipts: Mapping[str, Receipts]
) -> list[_Found]:
    """Return what stands in the logs between the nodes and not in the national one.

    An own act about a person that is not in the national log is no act of ours: what was shown to the
    partner later, or released past the dossier.
    """
    found, status = [], _status(node)
    for entry in entries:
        header = _header(entry, status)
        said = None if header is None else _said(node, entry, header)
        if header is None or said is None or said.procedure not in DEFINITIONS:
            continue
        if is_sheltered(said.procedure) and office_of(said.procedure) not in _offices(header):
            continue  # sealed to another part: the walls stand here too
        if is_sheltered(said.procedure) and header.att:
            continue  # an attachment has no place here (S12); what comes with one is no act
        received = receipts[entry.log_id].covering(entry.idx)
        is_own = entry.log.direction == "out"
        act = _act(entry, header, said, received)
        found.append(_Found(is_own, (entry.log_id, entry.idx), said, act, not is_own))
    return found


def bind(
    row: Corridor,
    procedure: str,
    side: str,
    *,
    at: datetime | None = None,
    related: tuple[Dossier, ...] = (),
) -> Procedure:
    """Bind a procedure to a corridor, with this node on ``side``.

    The side that holds what never leaves folds the whole procedure; the other its shared view.

    Parameters
    ----------
    row
        The corridor.
    procedure, side
        Name of the procedure, and our side in it.
    at
        When the dossier was opened: it stays under the profile in force then.
    related
        Other dossiers that rules must look at.

    Raises
    ------
    RefusedError
        With code ``procedure.unknown``.
    """
    found = _seen_from(procedure, side)
    parties = {side: row.own_state, found.other_side(side): row.peer_state}
    rules = rule_packs(row.own_state) if home_side(definition(procedure)) == side else ()
    return Procedure(found, corridor_value(row, procedure, at), parties, rules, related)


@cache
def _seen_from(procedure: str, side: str) -> Definition:
    found = definition(procedure)
    return found if home_side(found) in {side, ""} else shared_view(found)


def corridor_value(row: Corridor, procedure: str = "", at: datetime | None = None) -> CorridorValue:
    """Return a corridor as the value that the engine takes.

    Parameters
    ----------
    row
        The corridor.
    procedure
        Procedures on persons take the profile in force; others need none.
    at
        Instant that decides which profile was in force.
    """
    suspensions = tuple(
        SuspensionValue(one.started_at, one.ended_at) for one in row.suspensions.all()
    )
    if needs_profile(procedure):
        return corridor_of_persons(row, suspensions, at)
    return CorridorValue(
        row.code,
        (row.own_state, row.peer_state),
        active_from=row.active_from,
        active_to=row.active_to,
        suspensions=suspensions,
    )


def fold_case(
    case: str, row: Corridor, heard: Heard, *, related: tuple[Dossier, ...] = ()
) -> Dossier | Refusal:
    """Compute a dossier from what the record holds of it."""
    if not heard.acts:
        return Refusal("dossier.empty")
    at = min(act.at for act in heard.acts)
    bound = bind(row, heard.procedure, heard.side, at=at, related=related)
    return fold(case, bound, heard.acts)


def _header(entry: Entry, status: Status) -> Header | None:
    """Read a header; ``None`` for what cannot be read, or was meant as play by one and not by all."""
    if entry.mark != Mark.SOUND.value:
        return None
    if entry.log.final is not None and entry.idx >= entry.log.final:
        return None  # never held by both: the log was closed before it
    try:
        header = parse_header(bytes(entry.header))
    except RemoteProtocolError:
        return None
    return header if header.status is status else None


def _said(node: Station, entry: Entry, header: Header) -> Said | None:
    if header.body is None:
        return None
    plain, _ = content.open_body(node, entry, header)
    if plain is None:
        return None
    return _read_said(plain)


def _read_said(plain: bytes) -> Said | None:
    try:
        return Said.from_body(read(plain, _LIMITS))
    except RemoteProtocolError:
        return None


def _status(node: Station) -> Status:
    return Status.EXERCISE if node.identity.exercise else Status.ACTUAL


def _offices(header: Header) -> set[str]:
    return {header.from_office, header.to_office}


def _act(entry: Entry, header: Header, said: Said, received: datetime | None) -> Act:
    return Act(
        id=entry.entry_id,
        name=said.act,
        side=said.side,
        role=said.role,
        issued=header.issued,
        payload=said.payload,
        person=said.person,
        received=received,
        re=header.re,
        definition=said.definition,
        origin=str(replace(header.origin, epoch=1)),
        index=store.entries_before(entry.log) + header.index,
        seen=header.seen,
    )


def _national_act(node: Station, one: Opened, said: Said) -> Act:
    return Act(
        id=one.entry_id,
        name=said.act,
        side=said.side,
        role=said.role,
        issued=one.issued,
        payload=said.payload,
        person=said.person,
        re=one.re,
        definition=said.definition,
        origin=str(Origin(node.identity.node, one.peer)),
        index=one.after,
        sub=one.index + 1,
        seen=one.seen,
    )
