"""The statements that every act passes, written out; the same for both databases.

The ORM spends more time on writing a statement than the database on carrying it out: 0.3 to 0.8 ms
each, and fifteen of them stood behind a push. What is called once a push, a batch or an act is
written here by hand; all else stays with the models. Names of tables and columns are those of
:mod:`.models`, and a test holds the two together.
"""

from __future__ import annotations

import json
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from django.db import connection

from passerelle.exchange.frame import receipt_bytes
from passerelle.exchange.note import Note
from passerelle.node.exchange.models import Cursor, Log

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from passerelle.exchange.effects import StoreReceipt
    from passerelle.exchange.sender import SenderState

__all__ = [
    "NewEntry",
    "add_checkpoint",
    "add_entries",
    "add_receipt",
    "checkpoint_of",
    "cursor_row",
    "entries_between",
    "heard",
    "leaves_between",
    "lengths_from",
    "lock_log_row",
    "log_row",
    "logs_of",
    "peer_row",
    "quota_row",
    "save_cursor",
    "save_tokens",
    "save_tree",
    "size_of",
    "together",
    "waiting_cursors",
]


class NewEntry(NamedTuple):
    """Hold an entry that is to be stored, and its wrapped body if there is one."""

    idx: int
    entry_id: str
    case: str
    kind: str
    mark: str
    header: bytes
    leaf: bytes
    wrapped: bytes | None


_LOG: Final = tuple(field.attname for field in Log._meta.concrete_fields)  # noqa: SLF001 - public by its docs
_LOCK_LOG: Final = f"UPDATE exchange_log SET size = size WHERE id = %s RETURNING {', '.join(_LOG)}"  # noqa: S608 - own columns
_READ_LOG: Final = f"SELECT {', '.join(_LOG)} FROM exchange_log WHERE id = %s"  # noqa: S608 - own columns
_CURSOR: Final = tuple(field.attname for field in Cursor._meta.concrete_fields)  # noqa: SLF001 - as above
_BOTH: Final = (
    f"SELECT {', '.join([f'c.{name}' for name in _CURSOR] + [f'l.{name}' for name in _LOG])}"  # noqa: S608 - own columns
    " FROM exchange_cursor c JOIN exchange_log l ON l.id = c.log_id"
)
_CURSOR_OF: Final = f"{_BOTH} WHERE c.log_id = %s"
_WAITING: Final = (
    f"{_BOTH} WHERE NOT l.closed AND (c.phase = 'stopped'"
    " OR (c.phase IN ('idle', 'signing', 'attempted') AND (c.next_due <= %s OR c.next_due > %s)"
    " AND (c.held < l.size OR c.cosigned < l.size"
    " OR (l.size > 0 AND ABS(%s - c.last_receipt) >= %s))))"
)
_QUOTA: Final = "SELECT agreement, tokens, tokens_at FROM exchange_peer WHERE node = %s"
_SAVE_TOKENS: Final = "UPDATE exchange_peer SET tokens = %s, tokens_at = %s WHERE node = %s"
_ADD_RECEIPT: Final = (
    "INSERT INTO exchange_cosignature (log_id, size, text, lines, time, ours)"
    " VALUES (%s, %s, %s, %s, %s, %s)"
)
_RECEIPTED: Final = "UPDATE exchange_log SET last_receipt = %s WHERE id = %s"
_HEARD: Final = (
    "UPDATE exchange_cursor SET tries = 0, next_due = 0.0 WHERE tries > 0"
    " AND log_id IN (SELECT id FROM exchange_log WHERE peer_id = %s)"
)
_ADD_CHECKPOINT: Final = (
    "INSERT INTO exchange_checkpointrow (log_id, size, note, at) VALUES (%s, %s, %s, %s)"
)
_CHECKPOINT: Final = "SELECT note FROM exchange_checkpointrow WHERE log_id = %s AND size = %s ORDER BY id DESC LIMIT 1"
_SAVE_CURSOR: Final = (
    "UPDATE exchange_cursor SET held = %s, cosigned = %s, phase = %s, attempts = %s,"
    " last_receipt = %s, tries = %s, next_due = %s WHERE log_id = %s AND lease_no = %s"
    " RETURNING log_id"
)
_PEER: Final = (
    "SELECT state, suite, agreement, card, versions, accepted_at, expires FROM exchange_peer"
    " WHERE node = %s"
)
_SAVE_TREE: Final = (
    "UPDATE exchange_log SET size = %s, tree = %s, root = %s, note = %s WHERE id = %s"
)
_ADD_ENTRY: Final = (
    "INSERT INTO exchange_entry"
    ' (log_id, idx, entry_id, "case", kind, mark, header, leaf, at)'
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_ADD_BODY: Final = (
    "INSERT INTO exchange_body (entry_id, wrapped)"
    " SELECT id, %s FROM exchange_entry WHERE log_id = %s AND idx = %s"
)
_ADD_COLUMNS: Final = (
    "WITH said AS (SELECT * FROM unnest(%(idx)b::bigint[], %(entry_id)b::text[], %(case)b::text[],"
    " %(kind)b::text[], %(mark)b::text[], %(header)b::bytea[], %(leaf)b::bytea[],"
    " %(wrapped)b::bytea[]) AS said (idx, entry_id, dossier, kind, mark, header, leaf, wrapped)),"
    ' added AS (INSERT INTO exchange_entry (log_id, idx, entry_id, "case", kind, mark, header, leaf, at)'
    " SELECT %(log)s, idx, entry_id, dossier, kind, mark, header, leaf, %(at)s FROM said ORDER BY idx"
    " RETURNING id, idx)"
    " INSERT INTO exchange_body (entry_id, wrapped) SELECT added.id, said.wrapped FROM added"
    " JOIN said ON said.idx = added.idx WHERE said.wrapped IS NOT NULL"
)
_LOGS: Final = (
    "SELECT origin, epoch, size, final FROM exchange_log WHERE origin LIKE %s OR origin LIKE %s"
)
_LENGTHS: Final = (
    "SELECT e.idx, LENGTH(e.header) + COALESCE(LENGTH(b.wrapped), 0) FROM exchange_entry e"
    " LEFT JOIN exchange_body b ON b.entry_id = e.id"
    " WHERE e.log_id = %s AND e.idx >= %s AND e.idx < %s ORDER BY e.idx"
)
_ENTRIES: Final = (
    'SELECT e.entry_id, e."case", e.header, b.wrapped FROM exchange_entry e'
    " LEFT JOIN exchange_body b ON b.entry_id = e.id"
    " WHERE e.log_id = %s AND e.idx >= %s AND e.idx < %s ORDER BY e.idx"
)
_LEAVES: Final = (
    "SELECT leaf FROM exchange_entry WHERE log_id = %s AND idx >= %s AND idx < %s ORDER BY idx"
)
_SIZE: Final = "SELECT size FROM exchange_log WHERE id = %s"


def peer_row(node: str) -> tuple[Any, ...] | None:
    """Return state, suite, agreement, card, versions, time of acceptance and expiry.

    The last four are as the database has them. Two peers or two states of trust never have them
    equal: a card names its node and keys.
    """
    rows = _fetch(_PEER, node)
    if not rows:
        return None
    state, suite, agreed, card, *rest = rows[0]
    return state, suite, _json(agreed), bytes(card), *rest


def lock_log_row(log_id: str) -> Log | None:
    """Lock a log until the transaction ends and return it; ``None`` when it is new."""
    rows = _fetch(_LOCK_LOG, log_id)
    return Log.from_db(connection.alias, list(_LOG), list(rows[0])) if rows else None


def logs_of(said: str, heard: str) -> list[tuple[str, int, int, int | None]]:
    """List origin, epoch, size and final size of the logs whose origins begin so."""
    return [
        (str(origin), int(epoch), int(size), None if final is None else int(final))
        for origin, epoch, size, final in _fetch(_LOGS, f"{said}%", f"{heard}%")
    ]


def log_row(log_id: str) -> Log | None:
    """Return a log as it is now; ``None`` when it is new."""
    rows = _fetch(_READ_LOG, log_id)
    return Log.from_db(connection.alias, list(_LOG), list(rows[0])) if rows else None


def cursor_row(log_id: str) -> Cursor:
    """Return where the writer stands with a log, and the log with it."""
    return _cursor(_fetch(_CURSOR_OF, log_id)[0])


def waiting_cursors(now: float, backoff: float, heartbeat: float) -> list[Cursor]:
    """List the cursors of open logs that have something to send or are stopped, with their logs.

    Parameters
    ----------
    now
        Unix seconds.
    backoff
        Whose turn lies further ahead than that was written by a clock that ran ahead.
    heartbeat
        Seconds after which a settled log asks for a receipt again; infinite for never.
    """
    return [_cursor(row) for row in _fetch(_WAITING, now, now + backoff, now, heartbeat)]


def _cursor(row: tuple[Any, ...]) -> Cursor:
    values = list(row)
    cursor = Cursor.from_db(connection.alias, list(_CURSOR), values[: len(_CURSOR)])
    cursor.attempts = _json(cursor.attempts)
    cursor.log = Log.from_db(connection.alias, list(_LOG), values[len(_CURSOR) :])
    return cursor


def size_of(log_id: str) -> int:
    """Return the number of entries of a log; 0 when there is none yet."""
    rows = _fetch(_SIZE, log_id)
    return int(rows[0][0]) if rows else 0


def save_tree(log: Log) -> None:
    """Keep size, compact range, root and note of a locked log."""
    _change(_SAVE_TREE, log.size, bytes(log.tree), log.root, bytes(log.note), log.id)


def quota_row(node: str) -> tuple[dict[str, Any], float, float]:
    """Return what was agreed with a peer, and the entries that it may still send."""
    ((agreed, tokens, tokens_at),) = _fetch(_QUOTA, node)
    return _json(agreed), float(tokens), float(tokens_at)


def save_tokens(node: str, tokens: float, at: float) -> None:
    """Keep the entries that a peer may still send."""
    _change(_SAVE_TOKENS, tokens, at, node)


def add_receipt(log_id: str, effect: StoreReceipt) -> None:
    """Insert a receipt, ours or the peer's; the log remembers the time of ours."""
    checkpoint = effect.checkpoint
    lines = receipt_bytes(effect.lines)
    _change(_ADD_RECEIPT, log_id, checkpoint.size, checkpoint.text, lines, effect.time, effect.ours)
    if effect.ours:
        _change(_RECEIPTED, effect.time, log_id)


def heard(peer: str) -> None:
    """Reset our own back-off towards a peer: whoever reaches us can be reached."""
    _change(_HEARD, peer)


def add_checkpoint(log_id: str, size: int, note: Note, at: datetime) -> None:
    """Insert a signed checkpoint."""
    stored_at = connection.ops.adapt_datetimefield_value(at)
    _change(_ADD_CHECKPOINT, log_id, size, note.encode(), stored_at)


def checkpoint_of(log_id: str, size: int) -> Note | None:
    """Return the newest checkpoint stored of a size; after a rotation of keys there are two."""
    rows = _fetch(_CHECKPOINT, log_id, size)
    return Note.parse(bytes(rows[0][0])) if rows else None


def save_cursor(log_id: str, state: SenderState, lease_no: int) -> bool:
    """Keep the writer's state if the lease is still ours; tell whether it was."""
    changed = _fetch(
        _SAVE_CURSOR,
        state.held,
        state.cosigned,
        state.phase.value,
        json.dumps([list(item) for item in state.attempts]),
        state.last_receipt,
        state.tries,
        state.next_due,
        log_id,
        lease_no,
    )
    return len(changed) == 1


def add_entries(log_id: str, entries: Sequence[NewEntry], at: datetime) -> None:
    """Insert entries of a log with their wrapped bodies."""
    if not entries:
        return
    if connection.vendor == "postgresql":
        _add_in_columns(log_id, entries, at)
        return
    stored_at = connection.ops.adapt_datetimefield_value(at)
    with connection.cursor() as cursor:
        cursor.executemany(_ADD_ENTRY, [(log_id, *entry[:7], stored_at) for entry in entries])
        bodies = [(entry.wrapped, log_id, entry.idx) for entry in entries if entry.wrapped]
        if bodies:
            cursor.executemany(_ADD_BODY, bodies)


def _add_in_columns(log_id: str, entries: Sequence[NewEntry], at: datetime) -> None:
    """Insert entries and bodies in one statement: a hundred rows cost one round and one plan."""
    columns = [list(column) for column in zip(*entries, strict=True)]
    values = {"log": log_id, "at": at} | dict(zip(NewEntry._fields, columns, strict=True))
    _execute(_ADD_COLUMNS, values)


def lengths_from(log_id: str, start: int, end: int) -> Sequence[tuple[int, int]]:
    """List index and bytes of header and wrapped body from ``start`` up to ``end``."""
    return [(int(index), int(size)) for index, size in _fetch(_LENGTHS, log_id, start, end)]


def entries_between(
    log_id: str, start: int, end: int
) -> Sequence[tuple[str, str, bytes, bytes | None]]:
    """List entry id, dossier, header and wrapped body from ``start`` up to ``end``."""
    return [
        (name, case, bytes(header), None if wrapped is None else bytes(wrapped))
        for name, case, header, wrapped in _fetch(_ENTRIES, log_id, start, end)
    ]


def leaves_between(log_id: str, start: int, end: int) -> list[bytes]:
    """List the leaf hashes from ``start`` up to ``end``."""
    return [bytes(leaf) for (leaf,) in _fetch(_LEAVES, log_id, start, end)]


def _json(found: Any) -> Any:  # Any: JSON, as text or read by the driver
    return json.loads(found) if isinstance(found, str | bytes) else found


_Value: TypeAlias = "str | bytes | int | float | datetime | None"


@contextmanager
def together() -> Iterator[None]:
    """Send the statements of the block without waiting for one answer after the other.

    Only statements of this module may stand in the block. What is fetched is waited for; a fault of
    any statement is raised at the end of the block at the latest. SQLite has nothing to wait for.
    """
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def _fetch(statement: str, *values: _Value) -> list[tuple[Any, ...]]:
    """Return the rows; Any: whatever the columns hold."""
    if connection.vendor == "postgresql":
        # At the beginning of a transaction, BEGIN and the statement go together.
        begins = connection.in_atomic_block and not _has_begun()
        with together() if begins else nullcontext():
            return list(_execute(statement, values).fetchall())
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _change(statement: str, *values: _Value) -> None:
    if connection.vendor == "postgresql":
        _execute(statement, values)
        return
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _has_begun() -> bool:
    """Tell whether the database was told of the present transaction."""
    connection.ensure_connection()
    return bool(connection.connection.info.transaction_status)


_GROWING: Final = frozenset({_CHECKPOINT, _LENGTHS, _ENTRIES, _LEAVES})
"""Statements over tables that grow: planned each time, for a plan made when they were small would read
them from end to end."""


def _execute(statement: str, values: Any) -> Any:  # Any: the driver is an optional extra
    """Execute with a cursor of the driver: values beside the statement, the plan kept by the server.

    Django's cursor writes values into the text, hexadecimal for bytes, and has every text planned.
    """
    import psycopg  # noqa: PLC0415 - optional extra

    connection.ensure_connection()
    with connection.wrap_database_errors:
        cursor = psycopg.Cursor(connection.connection)
        return cursor.execute(statement, values, prepare=statement not in _GROWING)
