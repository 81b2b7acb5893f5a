"""Attachments: a tree over ciphertext chunks of 1 MiB, checked as they arrive, resumed where cut.

The header names the root. The list of chunk hashes comes first and must hash to the root; then
each chunk is checked on arrival, so that a lying sender costs at most one chunk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from passerelle.exchange.errors import FrameError, InconsistentError, LimitError
from passerelle.exchange.merkle import HASH_SIZE, leaf_hash, tree_root

__all__ = ["CHUNK", "Upload", "blob_leaves", "blob_root"]

CHUNK: Final = 1024 * 1024
"""Bytes of ciphertext a chunk."""


def blob_leaves(ciphertext: bytes) -> tuple[bytes, ...]:
    """Return the leaf hash of each chunk; an empty content is one empty chunk."""
    return tuple(
        leaf_hash(ciphertext[at : at + CHUNK]) for at in range(0, max(len(ciphertext), 1), CHUNK)
    )


def blob_root(ciphertext: bytes) -> str:
    """Return the root in hexadecimal, as the header names it."""
    return tree_root(blob_leaves(ciphertext)).hex()


@dataclass(frozen=True, slots=True)
class Upload:
    """Follow one attachment on its way in.

    Parameters
    ----------
    root
        Root named by a header, hexadecimal.
    size
        Ciphertext length in bytes.
    leaves
        Chunk hashes.
    done
        Number of chunks held, from the first one on.
    """

    root: str
    size: int
    leaves: tuple[bytes, ...]
    done: int = 0

    @classmethod
    def begin(cls, root: str, size: int, leaf_list: bytes, limit: int) -> Upload:
        """Take the list of chunk hashes, which must hash to the root.

        Raises
        ------
        LimitError
            When the size passes the agreed limit.
        FrameError
            When the list has another length than the size needs.
        InconsistentError
            When it does not hash to the root.
        """
        if not 0 <= size <= limit:
            raise LimitError(
                "Expected an attachment of at most {limit} bytes.",
                code="exchange.blob-size",
                limit=limit,
            )
        count = max(1, -(-size // CHUNK))
        if len(leaf_list) != count * HASH_SIZE:
            raise FrameError(
                "Expected {count} chunk hashes.", code="exchange.blob-leaves", count=count
            )
        leaves = tuple(leaf_list[i : i + HASH_SIZE] for i in range(0, len(leaf_list), HASH_SIZE))
        if tree_root(leaves).hex() != root:
            raise InconsistentError(
                "Expected chunk hashes that lead to the root.", code="exchange.blob-root"
            )
        return cls(root, size, leaves)

    @property
    def offset(self) -> int:
        """Bytes held: where the sender goes on."""
        return min(self.done * CHUNK, self.size)

    @property
    def complete(self) -> bool:
        """Whether every chunk is held."""
        return self.done == len(self.leaves)

    def take(self, offset: int, chunk: bytes) -> Upload:
        """Check the next chunk and count it.

        Raises
        ------
        FrameError
            When it is not the next one, or has the wrong length.
        InconsistentError
            When it is not the chunk that the root names.
        """
        if self.complete or offset != self.done * CHUNK:
            raise FrameError(
                "Expected a chunk at {offset}.", code="exchange.blob-offset", offset=self.offset
            )
        if len(chunk) != min(CHUNK, self.size - offset):
            raise FrameError("Expected a whole chunk.", code="exchange.blob-chunk")
        if leaf_hash(chunk) != self.leaves[self.done]:
            raise InconsistentError(
                "Expected the chunk that the root names.", code="exchange.blob-chunk"
            )
        return Upload(self.root, self.size, self.leaves, self.done + 1)
