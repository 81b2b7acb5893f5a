"""The keys of dossiers: one file of their own, outside the database and outside ordinary backups.

A body lies wrapped under the key of its dossier; the key lies here, wrapped under the node's storage
key. Destroying a key erases the content, in every backup of the database too, while every proof
still verifies. The file is SQLite with ``secure_delete``, also beside PostgreSQL, whose dead rows,
write-ahead log and replicas would keep the key.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from collections.abc import Set as AbstractSet
    from pathlib import Path

__all__ = ["KeyStore"]

_SET_UP: Final = (
    "PRAGMA journal_mode = TRUNCATE",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    "CREATE TABLE IF NOT EXISTS case_key (name TEXT PRIMARY KEY, wrapped BLOB, made_at REAL)",
)
_CACHED: Final = 4096


class KeyStore:
    """Keep dossier keys.

    Parameters
    ----------
    path
        The file.
    storage_key
        32 bytes that wrap every key.
    random_bytes
        Source of randomness.
    """

    def __init__(
        self, path: Path, storage_key: bytes, random_bytes: Callable[[int], bytes]
    ) -> None:
        self._path, self._aead, self._random = path, AESGCM(storage_key), random_bytes
        self._cache: dict[str, bytes] = {}
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._open() as database:
            for statement in _SET_UP:
                database.execute(statement)
        path.chmod(0o600)

    def key(self, case: str, now: float) -> bytes:
        """Return the key of a dossier; drawn and made durable when there is none.

        A dossier that was erased gets a new key when it is written to again; what lay under the
        old one stays unreadable.
        """
        return self.keys({case}, now)[case]

    def keys(self, cases: AbstractSet[str], now: float) -> dict[str, bytes]:
        """Return the keys of dossiers; those that are missing are made durable in one commit."""
        found = {case: self._cache[case] for case in cases if case in self._cache}
        unknown = sorted(cases - found.keys())
        if not unknown:
            return found
        with self._open() as database:
            missing = [case for case in unknown if not self._take(database, case, found)]
            database.executemany(
                "INSERT OR IGNORE INTO case_key VALUES (?, ?, ?)",
                [(case, self._wrapped(case), now) for case in missing],
            )
            for case in missing:
                self._take(database, case, found)
        self._remember(found)
        return found

    def find(self, case: str) -> bytes | None:
        """Return the key of a dossier, or ``None`` when there is none or it was destroyed."""
        if case in self._cache:
            return self._cache[case]
        found: dict[str, bytes] = {}
        with self._open() as database:
            self._take(database, case, found)
        self._remember(found)
        return found.get(case)

    def _take(self, database: sqlite3.Connection, case: str, into: dict[str, bytes]) -> bool:
        row = database.execute("SELECT wrapped FROM case_key WHERE name = ?", (case,)).fetchone()
        if row is not None:
            into[case] = self._aead.decrypt(row[0][:12], row[0][12:], case.encode())
        return row is not None

    def _wrapped(self, case: str) -> bytes:
        nonce = self._random(12)
        return nonce + self._aead.encrypt(nonce, self._random(32), case.encode())

    def _remember(self, found: dict[str, bytes]) -> None:
        """Keep keys that are durable; called after the commit."""
        if len(self._cache) + len(found) <= _CACHED:
            self._cache.update(found)

    def destroy(self, case: str) -> bool:
        """Destroy the key of a dossier; tell whether there was one."""
        self._cache.pop(case, None)
        with self._open() as database:
            return database.execute("DELETE FROM case_key WHERE name = ?", (case,)).rowcount == 1

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self._path, timeout=15)
        try:
            database.execute("PRAGMA synchronous = FULL")
            database.execute("PRAGMA secure_delete = ON")
            with database:
                yield database
        finally:
            database.close()
