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

from cryptography.exceptions import InvalidTag
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
    old_storage_key
        The one before, while keys are being wrapped anew.
    """

    def __init__(
        self,
        path: Path,
        storage_key: bytes,
        random_bytes: Callable[[int], bytes],
        old_storage_key: bytes = b"",
    ) -> None:
        self._path, self._aead, self._random = path, AESGCM(storage_key), random_bytes
        self._old = AESGCM(old_storage_key) if old_storage_key else None
        self._cache: dict[str, bytes] = {}
        self._erased, self._seen = path.with_suffix(".erased"), 0
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
        self._forget_erased()
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
        self._forget_erased()
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
            into[case] = self._unwrap(case, row[0])
        return row is not None

    def _wrapped(self, case: str) -> bytes:
        nonce = self._random(12)
        return nonce + self._aead.encrypt(nonce, self._random(32), case.encode())

    def _remember(self, found: dict[str, bytes]) -> None:
        """Keep keys that are durable; called after the commit."""
        if len(self._cache) + len(found) <= _CACHED:
            self._cache.update(found)

    def wrap_anew(self) -> int:
        """Wrap every key under the storage key in use; return how many were under the one before."""
        count = 0
        with self._open() as database:
            rows = database.execute("SELECT name, wrapped FROM case_key").fetchall()
            for name, wrapped in rows:
                try:
                    self._aead.decrypt(wrapped[:12], wrapped[12:], name.encode())
                except InvalidTag:
                    nonce = self._random(12)
                    fresh = nonce + self._aead.encrypt(
                        nonce, self._unwrap(name, wrapped), name.encode()
                    )
                    database.execute(
                        "UPDATE case_key SET wrapped = ? WHERE name = ?", (fresh, name)
                    )
                    count += 1
        return count

    def _unwrap(self, name: str, wrapped: bytes) -> bytes:
        try:
            return self._aead.decrypt(wrapped[:12], wrapped[12:], name.encode())
        except InvalidTag:
            if self._old is None:
                raise
            return self._old.decrypt(wrapped[:12], wrapped[12:], name.encode())

    def destroy(self, case: str) -> bool:
        """Destroy the key of a dossier, in the memory of every process too; tell whether there was one."""
        with self._open() as database:
            count = database.execute("DELETE FROM case_key WHERE name = ?", (case,)).rowcount
        self._erased.touch(0o600)
        self._cache.pop(case, None)
        return count == 1

    def _forget_erased(self) -> None:
        """Forget what was read, when any process destroyed a key since."""
        try:
            changed = self._erased.stat().st_mtime_ns
        except FileNotFoundError:
            return
        if changed != self._seen:
            self._seen = changed
            self._cache.clear()

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
