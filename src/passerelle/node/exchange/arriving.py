"""Attachments that come over the wire: written as they come, made durable eight chunks at a time.

A chunk that was written and not yet counted is found again by reading it: it lies encrypted under a
key and a place of its own, so what opens there is what was checked when it came. After the end of a
process nothing is sent twice; after a power cut, up to seven chunks. What is complete is durable, and
only what is complete is named to those who ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.exchange.blob import CHUNK
from passerelle.node.exchange import blobs

if TYPE_CHECKING:
    from passerelle.exchange.blob import Upload
    from passerelle.node.exchange.models import Blob
    from passerelle.node.exchange.station import Station

__all__ = ["reached", "take"]

_TOGETHER: Final = 8
"""Chunks that are made durable by one sync."""

_KEPT: Final = 256
_REACHED: dict[bytes, int] = {}
"""Chunks written of attachments under way, by their wrapped keys: a place begun anew has another."""


def reached(node: Station, row: Blob) -> Upload:
    """Return how far an attachment has come, with what is written and not yet counted."""
    done = max(row.done, _REACHED.get(bytes(row.key), 0))
    while done * CHUNK < row.size and blobs.read_slot(node, row, done) is not None:
        done += 1
    found = blobs.follow(row, done)
    if found.complete and row.done < done:  # the counting was cut off
        blobs.count(node, row, done)
    return found


def take(node: Station, row: Blob, offset: int, chunk: bytes) -> Upload:
    """Check the next chunk and write it; durable with the eighth, and with the last.

    Raises
    ------
    FrameError, InconsistentError
        When it is not the next chunk, or not the one that the root names.
    """
    known = _REACHED.get(bytes(row.key), row.done)
    is_next = offset == known * CHUNK and known >= row.done
    before = blobs.follow(row, known) if is_next else reached(node, row)
    after = before.take(offset, chunk)
    blobs.write_slots(node, row, before.done, (chunk,))
    if after.complete or after.done - row.done >= _TOGETHER:
        blobs.count(node, row, after.done)
    if after.complete:
        _REACHED.pop(bytes(row.key), None)
        return after
    if len(_REACHED) >= _KEPT:
        _REACHED.clear()
    _REACHED[bytes(row.key)] = after.done
    return after
