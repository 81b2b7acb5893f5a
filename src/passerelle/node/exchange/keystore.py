"""The keys of dossiers: one file of their own, outside the database and outside ordinary backups.

A body lies wrapped under the key of its dossier; the key lies here, wrapped under the storage key of its
*part*: identification, judicial, and all other cooperation have keys apart (casework, section 1), so what
holds the key of one part opens nothing of another. Destroying a key erases the content, in every backup
of the database too, while every proof still verifies. The file is SQLite with ``secure_delete``, also
beside PostgreSQL, whose dead rows, write-ahead log and replicas would keep the key.
"""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

__all__ = ["PARTS", "KeyStore", "part_of"]

_GENERAL: Final = "cooperation"
PARTS: Final = (_GENERAL, "identification", "judicial")
"""Parts with keys of their own. The first holds everything without personal data, statistics too."""

_EACH_TIME: Final = (
    # Not kept in the file: without it a connection unlinks its journal, which a power cut may bring
    # back, and with it the state before a commit that was answered for.
    "PRAGMA journal_mode = TRUNCATE",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
)
_SET_UP: Final = (
    "CREATE TABLE IF NOT EXISTS case_key (name TEXT PRIMARY KEY, wrapped BLOB, made_at REAL)",
)
_ADD_PART: Final = "ALTER TABLE case_key ADD COLUMN part TEXT NOT NULL DEFAULT 'cooperation'"
_CACHED: Final = 4096


def part_of(office: str) -> str:
    """Return the part to which an office belongs."""
    return office if office in PARTS else _GENERAL


class KeyStore:
    """Keep dossier keys.

    Parameters
    ----------
    path
        The file.
    storage_key
        32 bytes; the wrapping key of each part is derived from them.
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
        self._path, self._random = path, random_bytes
        self._aeads = {part: AESGCM(_wrapping_key(storage_key, part)) for part in PARTS}
        self._olds = {
            part: AESGCM(_wrapping_key(old_storage_key, part)) for part in PARTS if old_storage_key
        }
        self._cache: dict[str, tuple[str, bytes]] = {}
        self._erased, self._seen = path.with_suffix(".erased"), 0
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._open() as database:
            for statement in _SET_UP:
                database.execute(statement)
            columns = {row[1] for row in database.execute("PRAGMA table_info(case_key)")}
            if "part" not in columns:
                database.execute(_ADD_PART)
        path.chmod(0o600)

    def key(self, case: str, now: float, part: str = _GENERAL) -> bytes:
        """Return the key of a dossier; drawn and made durable when there is none.

        A dossier that was erased gets a new key when it is written to again; what lay under the
        old one stays unreadable. The part is that of the first writing.
        """
        return self.keys({case: part}, now)[case]

    def keys(self, parts: Mapping[str, str], now: float) -> dict[str, bytes]:
        """Return the keys of dossiers, given with their parts; missing ones are made in one commit."""
        self._forget_erased()
        found = {case: self._cache[case] for case in parts if case in self._cache}
        unknown = sorted(parts.keys() - found.keys())
        if unknown:
            with self._open() as database:
                missing = [case for case in unknown if not self._take(database, case, found)]
                database.executemany(
                    "INSERT OR IGNORE INTO case_key (name, wrapped, made_at, part) VALUES (?, ?, ?, ?)",
                    [
                        (case, self._wrapped(case, parts[case]), now, parts[case])
                        for case in missing
                    ],
                )
                for case in missing:
                    self._take(database, case, found)
            self._remember(found)
        return {case: key for case, (_, key) in found.items()}

    def find(self, case: str, part: str | None = None) -> bytes | None:
        """Return the key of a dossier; ``None`` when there is none, or it is of another part."""
        self._forget_erased()
        found = {case: self._cache[case]} if case in self._cache else {}
        if not found:
            with self._open() as database:
                self._take(database, case, found)
            self._remember(found)
        kept, key = found.get(case, ("", None))
        return key if part is None or part == kept else None

    def fingerprint(self, case: str) -> str | None:
        """Return what names a key without telling it: SHA-256, for the act that erases."""
        found = self.find(case)
        if found is None:
            return None
        return hashlib.sha256(b"passerelle/key-name/v1\x00" + found).hexdigest()

    def _take(
        self, database: sqlite3.Connection, case: str, into: dict[str, tuple[str, bytes]]
    ) -> bool:
        row = database.execute(
            "SELECT wrapped, part FROM case_key WHERE name = ?", (case,)
        ).fetchone()
        if row is not None:
            into[case] = row[1], self._unwrap(case, row[0], row[1])
        return row is not None

    def _wrapped(self, case: str, part: str) -> bytes:
        nonce = self._random(12)
        return nonce + self._aeads[part].encrypt(nonce, self._random(32), case.encode())

    def _remember(self, found: Mapping[str, tuple[str, bytes]]) -> None:
        """Keep keys that are durable; called after the commit."""
        if len(self._cache) + len(found) <= _CACHED:
            self._cache.update(found)

    def wrap_anew(self) -> int:
        """Wrap every key under the storage key in use; return how many were under the one before."""
        count = 0
        with self._open() as database:
            rows = database.execute("SELECT name, wrapped, part FROM case_key").fetchall()
            for name, wrapped, part in rows:
                aead = self._aeads[part]
                try:
                    aead.decrypt(wrapped[:12], wrapped[12:], name.encode())
                except InvalidTag:
                    nonce, key = self._random(12), self._unwrap(name, wrapped, part)
                    fresh = nonce + aead.encrypt(nonce, key, name.encode())
                    database.execute(
                        "UPDATE case_key SET wrapped = ? WHERE name = ?", (fresh, name)
                    )
                    count += 1
        return count

    def _unwrap(self, name: str, wrapped: bytes, part: str) -> bytes:
        try:
            return self._aeads[part].decrypt(wrapped[:12], wrapped[12:], name.encode())
        except InvalidTag:
            if part not in self._olds:
                raise
            return self._olds[part].decrypt(wrapped[:12], wrapped[12:], name.encode())

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
            for statement in _EACH_TIME:
                database.execute(statement)
            with database:
                yield database
        finally:
            database.close()


def _wrapping_key(storage_key: bytes, part: str) -> bytes:
    """Derive the wrapping key of a part; the general one is the storage key, as it always was."""
    if part == _GENERAL:
        return storage_key
    info = f"passerelle/v1/part/{part}".encode()
    return HKDF(hashes.SHA256(), 32, salt=None, info=info).derive(storage_key)
