"""What this process knows of its own node: folder, keys and key store, opened once."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.node.configuration import configuration
from passerelle.node.exchange import identity
from passerelle.node.exchange.keystore import KeyStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from passerelle.node.exchange.identity import Identity

__all__ = ["Station", "entered", "open_station", "station"]


@dataclass(frozen=True, slots=True)
class Station:
    """Hold the own side of the exchange.

    Parameters
    ----------
    folder
        ``exchange`` in the data folder.
    identity
        Keys of the node.
    keys
        Keys of the dossiers.
    """

    folder: Path
    identity: Identity
    keys: KeyStore


_ENTERED: ContextVar[Station | None] = ContextVar("station", default=None)


def station() -> Station:
    """Return the station of the node that this process has entered.

    Raises
    ------
    UnavailableError
        When the node has no keys yet.
    """
    found = _ENTERED.get()
    if found is not None:
        return found
    settings = configuration()
    return open_station(settings.data / "exchange", settings.exchange_passphrase.get_secret_value())


@contextmanager
def entered(other: Station) -> Iterator[Station]:
    """Act as another node while the block runs; for tests and for the scripted partners."""
    token = _ENTERED.set(other)
    try:
        yield other
    finally:
        _ENTERED.reset(token)


def open_station(folder: Path, passphrase: str = "") -> Station:
    """Open the keys in a folder; kept until they are rotated."""
    return _station(folder, identity.load(folder, passphrase))


_STATIONS: dict[tuple[Path, int], Station] = {}
"""Stations by folder and identity; an identity is the same object until its file changes."""


def _station(folder: Path, found: Identity) -> Station:
    kept = _STATIONS.get((folder, id(found)))
    if kept is None or kept.identity is not found:
        path = folder / "keys" / "dossiers.sqlite3"
        keys = KeyStore(path, found.storage, secrets.token_bytes, found.old_storage)
        kept = _STATIONS[folder, id(found)] = Station(folder, found, keys)
    return kept
