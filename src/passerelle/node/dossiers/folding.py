"""Fold a dossier from the record: open every act of the case, order both logs, apply.

The receipt time of an act is the earliest in a receipt that covers it; both nodes hold the same signed
receipts, hence the same instants and the same deadlines.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from passerelle.exchange.effects import Mark
from passerelle.exchange.errors import RemoteProtocolError
from passerelle.exchange.header import Status, parse_header
from passerelle.exchange.jcs import Limits, read
from passerelle.node.dossiers.said import Said
from passerelle.node.exchange import content
from passerelle.node.exchange.models import Cosignature, Entry
from passerelle.node.exchange.station import station
from passerelle.procedures.dossier import Procedure
from passerelle.procedures.engine import fold
from passerelle.procedures.loading import DEFINITIONS, definition
from passerelle.procedures.profile import Corridor as CorridorValue
from passerelle.procedures.profile import Suspension as SuspensionValue
from passerelle.procedures.sharing import home_side, shared_view
from passerelle.procedures.values import Act, Refusal

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from passerelle.exchange.header import Header
    from passerelle.node.dossiers.models import Corridor
    from passerelle.node.exchange.station import Station
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
        Acts in the order of their logs, each said by the side whose log it stands in.
    places
        Log and position by act id.
    n_closed
        Entries without an act to fold: erased, sealed to others, unreadable, or said in the name
        of the other side.
    """

    procedure: str
    event: str
    side: str
    acts: tuple[Act, ...]
    places: Mapping[str, tuple[str, int]]
    n_closed: int


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
    receipts = _receipts({entry.log_id for found in entries.values() for entry in found})
    return {case: _heard(node, found, receipts) for case, found in entries.items()}


def _heard(node: Station, entries: list[Entry], receipts: Mapping[str, _Receipts]) -> Heard:
    status = Status.EXERCISE if node.identity.exercise else Status.ACTUAL
    found: list[tuple[Entry, Said, Act]] = []
    for entry in entries:
        header = _header(entry, status)
        said = None if header is None else _said(node, entry, header)
        if header is not None and said is not None and said.procedure in DEFINITIONS:
            received = receipts[entry.log_id].covering(entry.idx)
            found.append((entry, said, _act(entry, header, said, received)))
    if not found:
        return Heard("", "", "", (), {}, len(entries))
    first, opening, _ = min(found, key=lambda one: (one[2].issued, one[2].origin, one[2].index))
    sides = definition(opening.procedure).sides
    other = sides[1] if opening.side == sides[0] else sides[0]
    side = opening.side if first.log.direction == "out" else other
    speaker = {"out": side, "in": sides[1] if side == sides[0] else sides[0]}
    kept = [
        (entry, act)
        for entry, said, act in found
        if said.side == speaker[entry.log.direction] and said.procedure == opening.procedure
    ]
    return Heard(
        procedure=opening.procedure,
        event=opening.event,
        side=side,
        acts=tuple(act for _, act in kept),
        places={act.id: (entry.log_id, entry.idx) for entry, act in kept},
        n_closed=len(entries) - len(kept),
    )


def bind(row: Corridor, procedure: str, side: str) -> Procedure:
    """Bind a procedure to a corridor, with this node on ``side``.

    The side that holds what never leaves folds the whole procedure; the other its shared view.

    Raises
    ------
    RefusedError
        With code ``procedure.unknown``.
    """
    found = _seen_from(procedure, side)
    parties = {side: row.own_state, found.other_side(side): row.peer_state}
    return Procedure(found, corridor_value(row), parties)


@cache
def _seen_from(procedure: str, side: str) -> Definition:
    found = definition(procedure)
    return found if home_side(found) in {side, ""} else shared_view(found)


def corridor_value(row: Corridor) -> CorridorValue:
    """Return a corridor as the value that the engine takes."""
    return CorridorValue(
        row.code,
        (row.own_state, row.peer_state),
        active_from=row.active_from,
        active_to=row.active_to,
        suspensions=tuple(
            SuspensionValue(one.started_at, one.ended_at) for one in row.suspensions.all()
        ),
    )


def fold_case(case: str, row: Corridor, heard: Heard) -> Dossier | Refusal:
    """Compute a dossier from what the record holds of it."""
    if not heard.acts:
        return Refusal("dossier.empty")
    return fold(case, bind(row, heard.procedure, heard.side), heard.acts)


class _Receipts:
    """Receipts of one log: earliest time by size covered."""

    def __init__(self, rows: list[tuple[int, int]]) -> None:
        # From the largest size down, the earliest time among all that cover at least so much.
        self._sizes: list[int] = []
        self._times: list[int] = []
        earliest: int | None = None
        for size, time in sorted(rows, reverse=True):
            earliest = time if earliest is None else min(earliest, time)
            self._sizes.append(-size)
            self._times.append(earliest)

    def covering(self, index: int) -> datetime | None:
        """Return the earliest receipt time of the entry at ``index``."""
        place = bisect_right(self._sizes, -(index + 1)) - 1
        return datetime.fromtimestamp(self._times[place], UTC) if place >= 0 else None


def _receipts(logs: set[str]) -> dict[str, _Receipts]:
    rows: dict[str, list[tuple[int, int]]] = {log: [] for log in logs}
    for log, size, time in Cosignature.objects.filter(log_id__in=logs).values_list(
        "log_id", "size", "time"
    ):
        rows[log].append((size, time))
    return {log: _Receipts(found) for log, found in rows.items()}


def _header(entry: Entry, status: Status) -> Header | None:
    """Read a header; ``None`` for what cannot be read, or was meant as play by one and not by all."""
    if entry.mark != Mark.SOUND.value:
        return None
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
    try:
        return Said.from_body(read(plain, _LIMITS))
    except RemoteProtocolError:
        return None


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
        origin=str(header.origin),
        index=header.index,
        seen=header.seen,
    )
