"""Publish the own trust files anew before they expire, so that peers never find them stale.

Several workers may want it at once; a lock on a file lets one do it, and the others find it done.
"""

from __future__ import annotations

import fcntl
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from passerelle.exchange.card import parse_card
from passerelle.kernel.times import parse_instant
from passerelle.node.configuration import configuration
from passerelle.node.exchange import identity
from passerelle.node.exchange.rotation import promote
from passerelle.node.exchange.station import station
from passerelle.node.exchange.tls import own_pins

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

__all__ = ["renew"]

_LIFE: Final = timedelta(days=30)


def renew(now: datetime) -> bool:
    """Publish anew when half of the life of our timestamp is over, or settings changed the card.

    Returns whether it was done.
    """
    folder = station().folder
    passphrase = configuration().exchange_passphrase.get_secret_value()
    with (folder / "renewal.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        promote(folder, now, passphrase=passphrase)
    if not _is_due(folder, now):
        return False
    with (folder / "renewal.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_due(folder, now):
            return False
        endpoints, pins = _settled()
        identity.publish(
            folder, now, endpoints=endpoints, pins=pins, passphrase=passphrase, live=_LIFE
        )
    return True


def _settled() -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """Return the address that settings give, if they do, and the keys of our certificates."""
    endpoint = configuration().exchange_endpoint
    return ((endpoint,) if endpoint else None), own_pins()


def _is_due(folder: Path, now: datetime) -> bool:
    path = folder / "trust" / "timestamp.json"
    if not path.is_file():
        return False
    card, (endpoints, pins) = parse_card((folder / "trust" / "node.json").read_bytes()), _settled()
    if card.tls_spki != pins or endpoints not in {None, card.endpoints}:
        return True
    expires = parse_instant(json.loads(path.read_bytes())["signed"]["expires"])
    return now >= expires - _LIFE / 2
