"""The database: one setting, two engines, and a check that it really keeps what it is given.

Durability follows section 14 of the exchange specification. A page server and a worker are two
writers, so SQLite runs with WAL only from 3.51.3 on, where the WAL-reset race is closed; older
libraries run with a rollback journal that is truncated, and ``synchronous = FULL``. What was asked
for is read back after connecting: a setting that did not take is a finding, not a surprise.

References
----------
.. [1] SQLite documentation, "Write-Ahead Logging", section 11, "The WAL-Reset Bug".
.. [2] PostgreSQL documentation, section 20.5, "Write Ahead Log".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from passerelle.node.sqlite_library import adopt_library

if TYPE_CHECKING:
    from pathlib import Path

    from django.db.backends.base.base import BaseDatabaseWrapper

__all__ = ["Finding", "connection_settings", "durability", "sqlite_journal"]

SQLITE_VERSION: Final = adopt_library()
"""Version of the SQLite library of this process."""

WAL_SAFE: Final = (3, 51, 3)
"""First SQLite library whose write-ahead log is safe with two writers."""


@dataclass(frozen=True, slots=True)
class Finding:
    """State one thing that was checked.

    Parameters
    ----------
    name
        What was looked at, for example ``sqlite.synchronous``.
    is_good
        Whether it is acceptable.
    found
        What was read back.
    expected
        What would be acceptable, and how to get there.
    """

    name: str
    is_good: bool
    found: str
    expected: str


def sqlite_journal(version: str = SQLITE_VERSION) -> str:
    """Return the journal mode that is durable with two writers: ``WAL`` or ``TRUNCATE``."""
    numbers = tuple(int(part) for part in version.split("."))
    return "WAL" if numbers >= WAL_SAFE else "TRUNCATE"


def connection_settings(url: str, data: Path, wait_s: int) -> dict[str, object]:
    """Turn a database address into Django's settings for it.

    Parameters
    ----------
    url
        ``sqlite:///PATH``, ``postgresql://[USER[:PASSWORD]@HOST[:PORT]]/NAME[?OPTION=VALUE]`` or
        empty for SQLite in the data folder. Parts that are left out of a PostgreSQL address come
        from the ``PG*`` variables. ``?prepare_threshold=0`` keeps plans from being kept by the
        server, for a pooler that does not know them.
    data
        The data folder.
    wait_s
        How long to wait for a locked SQLite database.
    """
    parts = urlsplit(url)
    if parts.scheme in {"postgres", "postgresql"}:
        options = dict(parse_qsl(parts.query))
        uses = options.pop("prepare_threshold", "2")
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.removeprefix("/")) or "passerelle",
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "OPTIONS": options
            | {
                "options": "-c synchronous_commit=on -c TimeZone=UTC",
                "prepare_threshold": int(uses) or None,
            },
        }
    path = unquote(parts.path.removeprefix("/")) if parts.path else ""
    return {
        "ENGINE": "passerelle.node.sqlite",
        "NAME": path or str(data / "passerelle.sqlite3"),
        "TEST": {"NAME": ":memory:"},
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": wait_s,
            "init_command": (
                f"PRAGMA journal_mode = {sqlite_journal()};"
                "PRAGMA synchronous = FULL;"
                "PRAGMA mmap_size = 0;"
                "PRAGMA cache_size = -65536;"
                "PRAGMA foreign_keys = ON;"
            ),
        },
    }


def durability(connection: BaseDatabaseWrapper) -> tuple[Finding, ...]:
    """Read back from a connection what decides whether a commit survives a power cut."""
    if connection.vendor == "sqlite":
        return _sqlite_findings(connection)
    return _postgresql_findings(connection)


def _sqlite_findings(connection: BaseDatabaseWrapper) -> tuple[Finding, ...]:
    def pragma(name: str) -> str:
        with connection.cursor() as cursor:
            row = cursor.execute(f"PRAGMA {name}").fetchone()
        return "" if row is None else str(row[0]).lower()

    journal, synchronous = pragma("journal_mode"), pragma("synchronous")
    accepted = {"truncate", "persist"} | ({"wal"} if sqlite_journal() == "WAL" else set())
    if synchronous == "3":
        accepted.add("delete")
    wait_ms = getattr(connection, "busy_wait_ms", 0) or int(pragma("busy_timeout") or 0)
    version = SQLITE_VERSION
    return (
        Finding("sqlite.version", True, version, "WAL from 3.51.3 on, else a rollback journal"),
        Finding(
            "sqlite.journal_mode",
            journal in accepted,
            journal,
            f"one of {', '.join(sorted(accepted))} with SQLite {version}",
        ),
        Finding(
            "sqlite.synchronous",
            synchronous in {"2", "3"},
            {"0": "off", "1": "normal", "2": "full", "3": "extra"}.get(synchronous, synchronous),
            "full or extra; remove any recipe that lowers it",
        ),
        Finding("sqlite.mmap_size", pragma("mmap_size") in {"0", ""}, pragma("mmap_size"), "0"),
        Finding("sqlite.foreign_keys", pragma("foreign_keys") == "1", pragma("foreign_keys"), "1"),
        Finding("sqlite.busy_timeout", wait_ms >= 1000, f"{wait_ms} ms", "1000 ms or more"),
        Finding(
            "sqlite.transactions",
            getattr(connection, "transaction_mode", None) == "IMMEDIATE",
            str(getattr(connection, "transaction_mode", None)),
            "IMMEDIATE",
        ),
    )


def _postgresql_findings(connection: BaseDatabaseWrapper) -> tuple[Finding, ...]:
    def shown(name: str) -> str:
        with connection.cursor() as cursor:
            cursor.execute(f"SHOW {name}")
            return str(cursor.fetchone()[0])

    commit, encoding = shown("synchronous_commit"), shown("server_encoding")
    return (
        Finding("postgresql.version", True, shown("server_version"), "14 or later"),
        Finding(
            "postgresql.encoding",
            encoding == "UTF8",
            encoding,
            "UTF8; names in Arabic would be lost. Make the database anew: createdb --encoding=UTF8 "
            "--template=template0",
        ),
        Finding("postgresql.fsync", shown("fsync") == "on", shown("fsync"), "on"),
        Finding(
            "postgresql.full_page_writes",
            shown("full_page_writes") == "on",
            shown("full_page_writes"),
            "on",
        ),
        Finding(
            "postgresql.synchronous_commit",
            commit in {"on", "remote_apply"},
            commit,
            "on or remote_apply, in this session",
        ),
    )
